"""Turns what a format holds as text into plain text: what a person would type to search for it."""

import re
import unicodedata

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
# Nobody sees these, and a word that holds one is not found: the soft hyphen, the spaces and joiners
# without width, the marks for the direction of writing, the byte order mark. The joiners U+200C
# and U+200D stay: some languages spell with them.
_UNSEEN = (0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))  # Unicode's category Cc
_BREAKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"
_IN_A_LINE = {
    **dict.fromkeys((*_UNSEEN, *_CONTROLS)),
    **_LIGATURES,
    **dict.fromkeys(map(ord, _BREAKS), " "),
}
_IN_CODE = {code: to for code, to in _IN_A_LINE.items() if chr(code) not in "\t\n"}
_IN_CODE |= {ord(each): "\n" for each in "\v\f\x85"}
_POWER = re.compile(r"[-+−]?[0-9]{1,9}")


def line(text: str) -> str:
    """``text`` in one line, composed (NFC), without what nobody sees, with single blanks."""
    return " ".join(_composed(text).translate(_IN_A_LINE).split())


def lines(text: str) -> str:
    """``text`` with its lines and indents, as code needs them; blank lines around it are gone."""
    kept = _composed(text.replace("\r\n", "\n").replace("\r", "\n")).translate(_IN_CODE)
    whole = [each.rstrip() for each in kept.split("\n")]
    return "\n".join(whole).strip("\n")


def raised(text: str, before: str) -> str:
    """Raised digits behind ``before`` as a power, as in ``10^6``; all else as it is (``4th``)."""
    is_power = before[-1:].isalnum() or before[-1:] in (")", "]")
    return f"^{text.strip()}" if is_power and _POWER.fullmatch(text.strip()) else text


def _composed(text: str) -> str:
    # Halves of a character that is kept in two parts can be written nowhere.
    return unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
