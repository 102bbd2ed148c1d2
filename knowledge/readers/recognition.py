"""Recognizes the kind of a file by its content; its name and its sender only break ties.

Raises UnsupportedSource for what is not read. Its message names the kind, so that reports can count
the files of each.
"""

import re
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import PurePath

from domain.errors import UnreadableSource
from knowledge.readers import kinds, ole, unread
from knowledge.readers.base import PARSER_ERRORS, File
from knowledge.readers.decoding import decoded
from knowledge.readers.zipped import ENCRYPTED, PASSWORD, READ_METHODS

BEGINNING = 4_096
"""Bytes that are looked at for signs of a kind."""

_MOST_NAMES = 20_000  # members of an archive whose names are looked at

_TOLD_BY_BYTES = frozenset(
    {
        *(kinds.PDF, kinds.DOCX, kinds.PPTX, kinds.XLSX, kinds.XLS, kinds.ODT, kinds.ODP),
        *(kinds.ODS, kinds.MSG, kinds.EPUB, kinds.ZIP, kinds.TAR, kinds.GZIP),
    }
)

_ALIASES = {
    "application/xhtml+xml": kinds.HTML,
    "text/x-markdown": kinds.MARKDOWN,
    "text/x-web-markdown": kinds.MARKDOWN,
    "text/prs.fallenstein.rst": kinds.RST,
    "text/x-yaml": kinds.YAML,
    "application/x-yaml": kinds.YAML,
    "text/yaml": kinds.YAML,
    "text/json": kinds.JSON,
    "application/x-ndjson": kinds.JSON_LINES,
    "application/x-jsonlines": kinds.JSON_LINES,
    "application/csv": kinds.CSV,
    "application/ics": kinds.CALENDAR,
    "text/x-vcard": kinds.CONTACTS,
}

_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_HTML_TAG = re.compile(
    rb"\A(?:<\?xml[^>]*+>|<!--.{0,2000}?-->|\s)*+<(?:!doctype\s++html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_MAIL_HEADER = re.compile(
    rb"^(?:from|to|cc|subject|date|received|return-path|delivered-to|message-id|mime-version|"
    rb"content-type|reply-to|sender|in-reply-to|references):",
    re.IGNORECASE | re.MULTILINE,
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TYPES = "[content_types].xml"
_LONGEST_TYPES = 1_000_000
_MAIN_TYPE = re.compile(
    rb"\b(wordprocessingml|ms-word|presentationml|ms-powerpoint|spreadsheetml|ms-excel)"
    rb"\.[A-Za-z.]{1,40}\.main\b"
)
_OFFICE = (
    ({"word", "wordprocessingml", "ms-word"}, kinds.DOCX),
    ({"ppt", "presentationml", "ms-powerpoint"}, kinds.PPTX),
    ({"xl", "spreadsheetml", "ms-excel"}, kinds.XLSX),
)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": kinds.ODT,
    b"application/vnd.oasis.opendocument.presentation": kinds.ODP,
    b"application/vnd.oasis.opendocument.spreadsheet": kinds.ODS,
    b"application/epub+zip": kinds.EPUB,
}


def recognized(file: File) -> str:
    """The kind of ``file``, one of `kinds`. Raises UnsupportedSource and UnreadableSource."""
    suffix = PurePath(file.name).suffix.lower()
    if kind := _by_bytes(file.content):
        return _of_package(kind, suffix) if kind in (kinds.ZIP, unread.OTHER_OFFICE) else kind
    by_name = kinds.SUFFIXES.get(suffix, "")
    if by_name in _TOLD_BY_BYTES:
        if b"\0" in file.content[:BEGINNING] or not file.content.strip():
            raise UnreadableSource(f"it is no {suffix} file, or a damaged one")
        by_name = ""
    if suffix in unread.BY_SUFFIX:
        raise unread.refusal(unread.BY_SUFFIX[suffix])
    declared = declared_kind(file.kind)
    beginning = file.content[:BEGINNING]
    if by_name in ("", kinds.HTML, kinds.TEXT) and _HTML_TAG.match(_without_bom(beginning)):
        return kinds.HTML
    if not by_name and not declared:
        return _by_text(file.content, is_known=suffix in kinds.SUFFIXES)
    # Many servers send Markdown as plain text, and anything as a stream of octets.
    return by_name if by_name and declared in ("", kinds.TEXT) else declared or by_name


def declared_kind(content_type: str) -> str:
    """The kind that a sender declares, if it is one of `kinds`; else an empty text."""
    declared = content_type.split(";")[0].strip().lower()
    declared = _ALIASES.get(declared, declared)
    return (
        declared if declared in kinds.SUFFIXES.values() and declared not in _TOLD_BY_BYTES else ""
    )


def refuse_declared(content_type: str, _url: str = "") -> None:
    """Raises UnsupportedSource for what a server says is nothing to read, before it is loaded."""
    what = {
        "image": unread.PICTURES,
        "audio": unread.SOUNDS,
        "video": unread.FILMS,
        "font": unread.FONTS,
    }.get(content_type.partition("/")[0].strip().lower())
    if what:
        raise unread.refusal(what)


def refuse_beginning(beginning: bytes, name: str) -> None:
    """Raises UnsupportedSource if the first bytes of a file tell that it is not read.

    So large files of such kinds need not be read to their end.
    """
    # What is packed is told by its parts; what is empty fails.
    if beginning.strip() and not beginning.startswith((b"PK", ole.SIGN)):
        with suppress(UnreadableSource):
            recognized(File(beginning[:BEGINNING], name))


def _by_bytes(content: bytes) -> str:
    beginning = content[:BEGINNING]
    if b"%PDF-" in beginning[:1024]:
        return kinds.PDF
    if beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(content)
    if beginning.startswith(ole.SIGN):
        return _of_ole2(content)
    if beginning.startswith(_PACKED):
        return kinds.GZIP
    if beginning[257:262] == b"ustar":
        return kinds.TAR
    for sign, what in unread.SIGNS:
        if beginning.startswith(sign) and (len(sign) > 2 or b"\0" in beginning):
            raise unread.refusal(what)
    if beginning[4:8] == b"ftyp":
        raise unread.refusal(unread.FILMS)
    if beginning.startswith(b"RIFF") and beginning[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        of = {b"WEBP": unread.PICTURES, b"WAVE": unread.SOUNDS, b"AVI ": unread.FILMS}
        raise unread.refusal(of[beginning[8:12]])
    return ""


def _of_zip(content: bytes) -> str:
    """The kind of an archive; OTHER_OFFICE for a document that no reader takes."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            first = parts.infolist()[:_MOST_NAMES]
            named = {part.filename.replace("\\", "/").lower(): part for part in first}
            mimetype = _beginning(parts, named.get("mimetype"), 100)
            if kind := _OPEN_DOCUMENT.get(mimetype.strip().removesuffix(b"-template")):
                return kind
            if mimetype.startswith(b"application/vnd.oasis.opendocument."):
                return unread.OTHER_OFFICE
            if _TYPES not in named:
                return kinds.ZIP
            folders = {name.partition("/")[0] for name in named}
            if kind := next((kind for names, kind in _OFFICE if folders & names), ""):
                return kind
            main = _MAIN_TYPE.search(_beginning(parts, named[_TYPES], _LONGEST_TYPES))
            wanted = {main[1].decode()} if main else set()
            return next((kind for names, kind in _OFFICE if wanted & names), unread.OTHER_OFFICE)
    except PARSER_ERRORS as e:
        raise UnreadableSource(ole.DAMAGED, f"{type(e).__name__}: {e}") from e


def _of_package(kind: str, suffix: str) -> str:
    """An archive, unless its name tells that it is something else that is packed."""
    if what := unread.PACKAGES.get(suffix) or unread.BY_SUFFIX.get(suffix):
        raise unread.refusal(what)
    if kind == kinds.ZIP or suffix == ".zip":
        return kinds.ZIP
    if kinds.SUFFIXES.get(suffix) in _TOLD_BY_BYTES:
        raise UnreadableSource(f"it is no {suffix} file, or a damaged one")
    raise unread.refusal(kind)


def _beginning(parts: zipfile.ZipFile, part: zipfile.ZipInfo | None, size: int) -> bytes:
    """The first bytes of a part; none of one that only its reader should open, and says why not."""
    if part is None or part.flag_bits & ENCRYPTED or part.compress_type not in READ_METHODS:
        return b""
    with parts.open(part) as opened:
        return opened.read(size)


def _of_ole2(content: bytes) -> str:
    streams = ole.main_streams(content)
    if "encryptedpackage" in streams:
        raise UnreadableSource(PASSWORD)
    if "__properties_version1.0" in streams:
        return kinds.MSG
    if streams & {"workbook", "book"}:
        return kinds.XLS
    if "worddocument" in streams:
        raise unread.refusal("old Word files (.doc): save them as .docx")
    if "powerpoint document" in streams:
        raise unread.refusal("old PowerPoint files (.ppt): save them as .pptx")
    raise unread.refusal("files of an old Office format")


def _by_text(content: bytes, *, is_known: bool) -> str:
    """What has no ending that says more. Unless the ending ``is_known``, it may be anything."""
    text = _without_bom(content[:BEGINNING])
    if text.startswith(b"From ") and len(_MAIL_HEADER.findall(text)) > 1:
        return kinds.MBOX
    first, _, _ = text.partition(b"\n")
    if _MAIL_HEADER.match(first) and len(_MAIL_HEADER.findall(text)) > 2:
        return kinds.EML
    if not is_known:
        try:
            decoded(content)
        except UnreadableSource as e:
            raise unread.refusal(unread.UNKNOWN) from e
    return kinds.TEXT


def _without_bom(beginning: bytes) -> bytes:
    for bom in _BOMS:
        if beginning.startswith(bom):
            return beginning[len(bom) :].replace(b"\0", b"")
    return beginning
