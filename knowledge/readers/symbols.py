"""The characters that Word takes from fonts of pictures, as the letters that they look like."""

import re

_PRIVATE = re.compile(r"[\uf000-\uf0ff]")
_PRIVATE_START = 0xF000
_WINGDINGS = dict(
    zip(
        b"\x28\x2a\x4a\x4c\x6c\x6e\x6f\x71\x77\x78\xa7\xa8\xd8\xdf\xe0\xe1\xe2\xe8\xf0\xfb\xfc\xfd\xfe",
        "☎✉☺☹●■☐❑◆☒▪☐➢←→↑↓→⇨✗✓☒☑",
        strict=True,
    )
)
_SYMBOL = dict(
    zip(
        b"abgdezhqiklmnxpro stufcyw"
        b"ABGDEZHQIKLMNXPRSTUFCYW"
        b"\xa3\xa5\xb0\xb1\xb3\xb4\xb7\xb8\xb9\xbb\xae\xac\xd1\xd6\xd7\xe5",
        "αβγδεζηθικλμνξπρο στυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΠΡΣΤΥΦΧΨΩ≤∞°±≥×•÷≠≈→←∇√·∑",
        strict=True,
    )
)
_FONTS = {"wingdings": _WINGDINGS, "symbol": _SYMBOL}


def symbol(code: str, font: str) -> str:
    """The character with a hexadecimal ``code`` in ``font``; empty where nothing looks like it."""
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    table = _FONTS.get(font.lower())
    if table is None:
        is_letter = (
            value < _PRIVATE_START and chr(value).isprintable() if value < 0x110000 else False
        )
        return chr(value) if is_letter else ""
    return table.get(value % 0x100, "")


def without_private(text: str, font: str | None) -> str:
    """``text`` in which the characters of such fonts are letters, or are gone."""
    if not _PRIVATE.search(text):
        return text
    return _PRIVATE.sub(lambda match: symbol(f"{ord(match[0]):x}", font or ""), text)
