"""Turns a file's bytes into a Markdown document, according to the media type."""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from logging import NullHandler, getLogger
from pathlib import PurePath
from urllib.parse import unquote, urlsplit
from xml.parsers.expat import ExpatError

import mammoth
from bs4 import BeautifulSoup
from markdownify import markdownify
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from domain.documents import Document
from domain.errors import EmptySource, UnreadableSource, UnsupportedSource
from knowledge.chunk import headings, plain_line

EXTRACTOR = "extract-2"
"""A part of each source's checksum. Raise it with each change in how documents are read."""

MARKDOWN, TEXT, HTML, PDF = "text/markdown", "text/plain", "text/html", "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_SUFFIXES = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": TEXT,
    ".text": TEXT,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".pdf": PDF,
    ".docx": DOCX,
}
_ALIASES = {"application/xhtml+xml": HTML, "text/x-markdown": MARKDOWN}
READABLE = "Markdown, text, HTML, PDF and Word (.docx)"

_UNPACKED = 400_000_000  # bytes with pictures; a Word file that is larger is an attack
_PART = 1_000_000  # a part of a Word file with more bytes than this must not be larger than
_RATIO = 150  # times its compressed size; in Word's own files, tables too, it is 10 to 40 times
_CLUTTER = ["script", "style", "nav", "footer", "aside", "noscript", "template", "form", "button"]
_CLUTTER += ["iframe", "svg", "[role=navigation]", "[hidden]"]
_FRONT_LINE = re.compile(r"^---[ \t\r]*+$", re.MULTILINE)
_FRONT_TITLE = re.compile(r"^title:(.*)$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*+\n){2,}")
_TITLE_READ = 10_000  # the most characters of a title that are read
_CONTROL = (*range(0x20), *range(0x7F, 0xA0))  # Unicode's category Cc
_WITHOUT_CONTROLS = dict.fromkeys(code for code in _CONTROL if chr(code) not in "\n\t")
_CONTROLS = 0.01  # a file with a larger share of control characters is not text

# On broken files the parsers raise many built-in exceptions.
PARSER_ERRORS = (
    PyPdfError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ExpatError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)

getLogger("pypdf").addHandler(NullHandler())  # or its warnings go to stderr


def media_type(name: str) -> str:
    """The media type of a file's name or a URL's path. Raises UnsupportedSource."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in _SUFFIXES:
        kind = f"{suffix} files are" if suffix else "a file without an extension is"
        raise UnsupportedSource(f"{kind} not read; {READABLE} are")
    return _SUFFIXES[suffix]


def media_type_of_response(content_type: str, url: str) -> str:
    """The media type by the server's header, or by the URL if the header says nothing useful."""
    declared = content_type.split(";")[0].strip().lower()
    declared = _ALIASES.get(declared, declared)
    by_name = _SUFFIXES.get(PurePath(unquote(urlsplit(url).path)).suffix.lower())
    # Many servers send Markdown as text/plain, and anything else as application/octet-stream.
    if by_name and declared in ("", "application/octet-stream", TEXT):
        return by_name
    if declared in _SUFFIXES.values():
        return declared
    raise UnsupportedSource(f"{declared or 'content without a type'} is not read; {READABLE} are")


def extract(content: bytes, kind: str, source: str) -> Document:
    """Reads ``content``, of the media type ``kind``, as a document.

    Its title is that of the front matter, or the first heading, or the source's name. Raises
    UnreadableSource, EmptySource and UnsupportedSource.
    """
    if not content:
        raise EmptySource("it is empty")
    if kind not in _READERS:
        raise UnsupportedSource(f"{kind} is not read; {READABLE} are")
    title, text = _READERS[kind](content)
    text = _clean(text)
    if not any(character.isalnum() for character in text):
        scan = " (a scan? its pages need text recognition first)" if kind == PDF else ""
        raise EmptySource(f"it holds no text{scan}")
    first = next((wording for _, _, wording in headings(text) if wording), "")
    return Document(source, _line(title or first or _name(source)), text)


def _read_text(content: bytes) -> tuple[str, str]:
    return "", _decoded(content)


def _read_markdown(content: bytes) -> tuple[str, str]:
    text = _decoded(content)
    opening = _FRONT_LINE.match(text)
    closing = _FRONT_LINE.search(text, opening.end() + 1) if opening else None
    if not (opening and closing):
        return "", text
    title = _FRONT_TITLE.search(text, opening.end(), closing.start())
    return _unquoted(title[1].strip()) if title else "", text[closing.end() :]


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _read_html(content: bytes) -> tuple[str, str]:
    with _parser("page"):
        page = BeautifulSoup(content, "html.parser")
        for clutter in page.select(", ".join(_CLUTTER)):
            clutter.decompose()
        title = page.title.get_text(" ", strip=True) if page.title else ""
        body = page.find("main") or page.body or page
        text = markdownify(str(body), heading_style="ATX", strip=["img", "title"])
    return "" if any(True for _ in headings(text)) else title, text


def _read_pdf(content: bytes) -> tuple[str, str]:
    with _parser("PDF"):
        pdf = PdfReader(BytesIO(content))
        if pdf.is_encrypted and not pdf.decrypt(""):
            raise UnreadableSource("it is protected by a password")
        return "", "\n\n".join(page.extract_text() for page in pdf.pages)


def _read_docx(content: bytes) -> tuple[str, str]:
    with _parser("Word file"):
        with zipfile.ZipFile(BytesIO(content)) as parts:
            sizes = [(part.file_size, part.compress_size) for part in parts.infolist()]
        if sum(size for size, _ in sizes) > _UNPACKED or any(
            size > _PART and size > _RATIO * packed for size, packed in sizes
        ):
            raise UnreadableSource("it unpacks to far more than its size, which is not allowed")
        page = mammoth.convert_to_html(
            BytesIO(content), convert_image=mammoth.images.img_element(lambda _: {"src": ""})
        )
        return "", markdownify(page.value, heading_style="ATX", strip=["img", "a"])


_READERS: dict[str, Callable[[bytes], tuple[str, str]]] = {
    MARKDOWN: _read_markdown,
    TEXT: _read_text,
    HTML: _read_html,
    PDF: _read_pdf,
    DOCX: _read_docx,
}


@contextmanager
def _parser(what: str) -> Iterator[None]:
    try:
        yield
    except PARSER_ERRORS as e:
        raise UnreadableSource(f"it is not a readable {what}, or it is damaged") from e


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = sum(text.count(chr(code)) for code in _CONTROL if chr(code) not in "\t\n\r\f")
        if "\0" not in text and controls <= len(text) * _CONTROLS:
            return text
    raise UnreadableSource("it is not text, although its name says so")


def _clean(text: str) -> str:
    """``text`` with normal line ends, without control characters and unpaired surrogates."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    whole = lines.encode("utf-8", "replace").decode()
    kept = whole.translate(_WITHOUT_CONTROLS)
    return _BLANK_LINES.sub("\n\n", kept).strip()


def _name(source: str) -> str:
    address = urlsplit(source) if "://" in source else None
    path = unquote(address.path) if address else source
    return PurePath(path).stem or (address.netloc if address else source)


def _line(title: str) -> str:
    return plain_line(_clean(title[:_TITLE_READ]))
