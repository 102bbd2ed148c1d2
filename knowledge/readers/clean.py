"""Turns what a format holds as text into plain text: what a person would type to search for it."""

import re
import unicodedata

_LIGATURES = dict(enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"), 0xFB00))
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
_IN_CODE |= {ord(each): "\n" for each in "\v\x85\u2028\u2029"} | {ord("\f"): "\n\n"}
_MARKS = 30  # combining marks in a row; Unicode's stream-safe text format has no more
_POWER = re.compile(r"[-+−]?[0-9]{1,9}")


def line(text: str) -> str:
    """``text`` in one line, composed (NFC), without what nobody sees, with single blanks."""
    return " ".join(_composed(text.translate(_IN_A_LINE)).split())


def clean(text: str) -> str:
    """``text``, composed, without what nobody sees, with ``\\n`` as its line ends."""
    return _composed(text.replace("\r\n", "\n").replace("\r", "\n").translate(_IN_CODE))


def lines(text: str) -> str:
    """``text`` with its lines and indents, as code needs them; blank lines around it are gone."""
    whole = [each.rstrip() for each in clean(text).split("\n")]
    return "\n".join(whole).strip("\n")


def raised(text: str, before: str) -> str:
    """Raised digits behind ``before`` as a power, as in ``10^6``; all else as it is (``4th``)."""
    is_power = before[-1:].isalnum() or before[-1:] in (")", "]")
    return f"^{text.strip()}" if is_power and _POWER.fullmatch(text.strip()) else text


def _composed(text: str) -> str:
    if text.isascii():
        return text
    # Two halves are one character; a single one can be written nowhere.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    if unicodedata.is_normalized("NFC", whole):
        return whole
    return unicodedata.normalize("NFC", _with_few_marks(whole))


def _with_few_marks(text: str) -> str:
    """``text`` with at most ``_MARKS`` combining marks in a row: to sort n takes n * n steps."""
    kept: list[str] = []
    row = 0
    for character in text:
        row = row + 1 if unicodedata.combining(character) else 0
        if row <= _MARKS:
            kept.append(character)
    return "".join(kept)
