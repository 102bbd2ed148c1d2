"""Helpers for texts: whether one is blank, and how to shorten it."""

import unicodedata

_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers of Hangul and the empty Braille pattern: Unicode calls them letters and symbols."""


def is_blank(text: str) -> bool:
    """Whether ``text`` has only invisible characters: spaces, controls, zero-width ones, marks."""
    return all(
        character in _INVISIBLE or unicodedata.category(character)[0] in "ZCM" for character in text
    )


def truncate(text: str, room: int, note: str = " …") -> str:
    """``text``, shortened to at most ``room`` characters; a shortened text ends with ``note``."""
    return text if len(text) <= room else text[: max(room - len(note), 0)].rstrip() + note
