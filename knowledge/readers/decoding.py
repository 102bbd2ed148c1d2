"""Turns bytes into text, whatever encoding they are in."""

import codecs
import re
import unicodedata
from collections.abc import Sequence

import chardet

from domain.errors import UnreadableSource

_NO_TEXT = "it is not text, whatever its name says"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# As browsers read these names: https://encoding.spec.whatwg.org/#names-and-labels
_AS_BROWSERS_DO = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "tis-620": "cp874",
}
_SAYS_NOTHING = ("ascii", "utf-8")  # where a byte is wrong in them
_NOT_OF_TEXTS = ("idna", "punycode", "utf-7", "unicode_escape", "raw_unicode_escape")
_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2")
_OLD_LATIN = ("cp850", "cp852", "mac-roman")  # of MS-DOS and old Macs
_OTHER_ALPHABETS = (
    *("cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic"),
    *("cp1253", "iso8859-7", "cp1255", "iso8859-8", "cp1256", "iso8859-6", "cp874"),
    *("cp932", "shift_jis_2004", "euc_jis_2004", "gb18030", "big5hkscs", "cp949", "euc_kr"),
)
_ASCII = re.compile(r"[\x00-\x7f]++")
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")  # of ISO-2022-JP, which mail in Japanese uses
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}+")
_HIGH_LINE = re.compile(rb"[^\n\x80-\xff]{0,200}+[\x80-\xff][^\n]*+")
# What stands within a word: letters in the old encodings; quotes and dashes, but for the
# apostrophe (92), in those of Windows.
_OLD_INNER = re.compile(rb"(?<=[a-zA-Z])[\x80-\x91\x93-\x9f](?=[a-zA-Z])")
_NEW_INNER = re.compile(rb"(?<=[a-zA-Z])[\xa0-\xff](?=[a-zA-Z])")
_NOT_OF_WINDOWS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_SAMPLE = 100_000  # bytes or characters that are looked at to tell one encoding from another
_CONTROL_SHARE = 0.01  # of control characters, from which on a text is none
_STRAY = 0.01  # of NULs, up to which they are damage in a text of single bytes
_DAMAGED = 0.05  # the share of wrong bytes from which on an encoding is not the right one
_CONTROLS = [code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r\f"]


def decoded(content: bytes, charset: str = "") -> str:
    """The text that ``content`` is, without a byte order mark.

    ``charset`` is what its sender calls the encoding; senders err, so bytes that are UTF-8 are read
    as that. A byte that is wrong in an encoding becomes U+FFFD. Raises UnreadableSource where the
    bytes are no text.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _text(content[len(mark) :].decode(encoding, "replace"))
    if b"\0" in content:
        return _without_stray_nuls(content) or _text(_in_wide_characters(content))
    if _ESCAPES.search(content) and not _HIGH.search(content):
        return _text(content.decode("iso2022_jp_ext", "replace"))
    try:
        return _text(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    declared = _known(charset)
    if declared in _SAYS_NOTHING or (declared == "cp1252" and _has_other_letters(_sample(content))):
        declared = ""
    text = content.decode(declared, "replace") if declared else ""
    if not text or text.count("\ufffd") > len(text) * _DAMAGED:
        text = _mostly_utf_8(content) or content.decode(_detected(content), "replace")
    if text.count("\ufffd") > max(len(text) * _DAMAGED, 1):
        raise UnreadableSource(_NO_TEXT)
    return _text(text)


def _known(charset: str) -> str:
    """Python's name of the encoding that is called ``charset``; empty for one that it lacks."""
    try:
        found = codecs.lookup(charset.strip(" \t\n\"'").removeprefix("x-"))
        b"a".decode(found.name)
    except (LookupError, ValueError):  # unknown; from bytes to bytes; with a NUL
        return ""
    return "" if found.name in _NOT_OF_TEXTS else _AS_BROWSERS_DO.get(found.name, found.name)


def _text(text: str) -> str:
    """``text`` itself; raises UnreadableSource where it holds what no text holds."""
    controls = sum(text.count(chr(code)) for code in _CONTROLS)
    if text.count("\0") or controls > max(len(text) * _CONTROL_SHARE, 1):
        raise UnreadableSource(_NO_TEXT)
    return text


def _without_stray_nuls(content: bytes) -> str:
    """UTF-8 in which a program left a few NULs; empty for anything else, such as UTF-16."""
    if content.count(0) > max(len(content) * _STRAY, 1):
        return ""
    try:
        return _text(content.replace(b"\0", b"").decode("utf-8"))
    except (UnicodeDecodeError, UnreadableSource):
        return ""


def _in_wide_characters(content: bytes) -> str:
    """Text in UTF-32 or UTF-16 without a mark; with NULs where ``content`` is something else.

    The right order of bytes gives few different rows of Unicode's table, of 256 characters each:
    the wrong one gives as many as the text has letters.
    """
    found: list[tuple[int, str]] = []
    for width, encoding in ((4, "utf-32-le"), (4, "utf-32-be"), (2, "utf-16-le"), (2, "utf-16-be")):
        if width == 4 and len(content) % 4:
            continue
        try:
            text = content[: len(content) // width * width].decode(encoding)
        except UnicodeDecodeError:
            continue
        if width == 4:
            return text
        sample = text[:_SAMPLE]
        if all(unicodedata.category(each) not in ("Cn", "Co") for each in sample):
            found.append((len({ord(each) >> 8 for each in sample}), text))
    return min(found)[1] if found else "\0"


def _mostly_utf_8(content: bytes) -> str:
    """UTF-8 in which fewer characters are damaged than are whole; else nothing.

    Lines in which none is whole were added in an old encoding, as to a log, and are read in that.
    """
    text = content.decode("utf-8", "replace")
    if not _is_rather_whole(text):
        return ""
    lines = content.split(b"\n")
    texts = [line.decode("utf-8", "replace") for line in lines]
    old = [n for n, line in enumerate(texts) if "\ufffd" in line and not _whole(line)]
    if not old:
        return text
    encoding = _detected(b"\n".join(lines[n] for n in old))
    for n in old:
        texts[n] = lines[n].decode(encoding, "replace")
    return "\n".join(texts)


def _is_rather_whole(text: str) -> bool:
    return _whole(text) >= text.count("\ufffd")


def _whole(text: str) -> int:
    """How many characters of ``text`` are neither ASCII nor damaged."""
    return len(text) - text.count("\ufffd") - sum(map(len, _ASCII.findall(text)))


def _detected(content: bytes) -> str:
    """The encoding of ``content``, which is not ASCII and in none of Unicode's."""
    sample = _sample(content)
    if _has_other_letters(sample):
        return _of(_OTHER_ALPHABETS, sample)
    is_old = len(_OLD_INNER.findall(sample)) > len(_NEW_INNER.findall(sample))
    if is_old or len(_NOT_OF_WINDOWS.findall(sample)) > len(_HIGH.findall(sample)) * _DAMAGED:
        return _of(_OLD_LATIN, sample)
    return _of(_LATIN, sample)


def _sample(content: bytes) -> bytes:
    """Lines of ``content`` that are not ASCII."""
    return b"\n".join(_HIGH_LINE.findall(content[: 20 * _SAMPLE]))[:_SAMPLE]


def _has_other_letters(sample: bytes) -> bool:
    """Whether whole words of ``sample`` are not ASCII, as in alphabets other than the Latin one."""
    return 2 * sum(map(len, _HIGH_RUN.findall(sample))) >= len(_HIGH.findall(sample))


def _of(encodings: Sequence[str], sample: bytes) -> str:
    """The likeliest one of ``encodings``; the first where none is likely."""
    found = chardet.detect(sample, include_encodings=encodings, no_match_encoding=encodings[0])
    return found["encoding"] or encodings[0]
