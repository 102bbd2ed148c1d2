"""Helpers for texts: whether one is blank, how to shorten it, and how to make it harmless."""

import unicodedata

_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers of Hangul and the empty Braille pattern: Unicode calls them letters and symbols."""

_KEPT = frozenset("\n\t\u200c\u200d\u200e\u200f")
"""Line ends, and what joins or separates letters in Hindi, Arabic or emoji."""


_HIDDEN = frozenset(("Cc", "Cf", "Cs"))
"""Controls, formats and lone surrogates, which no file accepts."""


def is_blank(text: str) -> bool:
    """Whether ``text`` has only invisible characters: spaces, controls, zero-width ones, marks."""
    return all(
        character in _INVISIBLE or unicodedata.category(character)[0] in "ZCM" for character in text
    )


def truncate(text: str, room: int, note: str = " …") -> str:
    """``text``, shortened to at most ``room`` characters; a shortened text ends with ``note``."""
    return text if len(text) <= room else text[: max(room - len(note), 0)].rstrip() + note


def visible(text: str) -> str:
    """``text`` without control characters, and without what hides or reorders characters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        sign for sign in text if sign in _KEPT or unicodedata.category(sign) not in _HIDDEN
    )
