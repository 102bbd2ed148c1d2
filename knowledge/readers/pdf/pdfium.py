"""PDFium, which parses PDF files: opens a document and gives what stands on each of its pages."""

import math
import re
from collections import Counter
from ctypes import c_double, c_int, create_string_buffer
from itertools import islice
from typing import Any

import pypdfium2.raw as api
from pypdfium2 import PdfDocument, PdfiumError

from domain.errors import UnreadableSource
from knowledge.readers.base import parsing
from knowledge.readers.pdf.fields import comments_of, fields_of, links_of
from knowledge.readers.pdf.frame import Frame, Sides, turned
from knowledge.readers.pdf.page import Page, Rule, Word

_CHARACTERS = 100_000  # of one page; the fullest of real ones hold some 15,000
_OBJECTS = 20_000  # drawings and pictures of one page that are looked at
_SEGMENTS = 20_000  # of those drawings
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|sfbx", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|menlo|typewriter|cmtt|sftt", re.IGNORECASE)
_FORCE_BOLD = 1 << 18  # in the PDF standard's table of font flags
_BULLETS = dict.fromkeys(map(ord, "\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf06c\uf06e\uf0e0"), "•")
"""Signs of Word's symbol fonts, which PDFs hold under numbers of the private area."""
_SCANNED = 0.5  # the share of a page that one picture covers where the page is a scan
_SEEN = 0.05  # the share of a page from which on a picture may hold text
_DRAWN = 20  # drawings from which on a page may hold text as outlines
_RUBBISH = 0.3  # the share of unknown characters from which on a page's text is none
_FEW = 100  # characters that a scanning program may stamp on a scan
_RIGHT_TO_LEFT = (("\u0590", "\u08ff"), ("\ufb1d", "\ufdff"), ("\ufe70", "\ufefc"))
_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "\xad"}  # the first two: PDFium's, at a line's end


def open_document(content: bytes) -> PdfDocument:
    """Opens a PDF, also an encrypted one that needs no password. Raises UnreadableSource."""
    with parsing("PDF", PdfiumError):
        try:
            document = PdfDocument(content)
        except PdfiumError as e:
            if e.err_code == api.FPDF_ERR_PASSWORD:
                raise UnreadableSource("it is protected by a password: save it without") from e
            raise
        if document.get_formtype() != api.FORMTYPE_NONE:
            document.init_forms()
    return document


def read_page(document: PdfDocument, index: int) -> Page:
    """The page ``index``, counted from 0. Raises PdfiumError where it is damaged."""
    page = document[index]
    try:
        return _read(document, page, index + 1)
    finally:
        page.close()


def _read(document: PdfDocument, page: Any, number: int) -> Page:
    found = page.get_textpage()
    try:
        pieces = _Pieces(found).read()
    finally:
        found.close()
    lengths: Counter[int] = Counter()
    for quarter, word in pieces:
        lengths[quarter] += len(word.text)
    main = lengths.most_common(1)[0][0] if lengths else 0
    frame = Frame(page.get_bbox(), main)
    words = _seen([word for quarter, word in pieces if quarter == main], frame)
    aside = [
        " ".join(word.text for quarter, word in pieces if quarter == other)
        for other in lengths
        if other != main
    ]
    rules, pictures, drawings = _drawn(page, frame)
    length = sum(len(word.text) for word in words)
    has_no_words = is_rubbish(words)
    has_pictures = pictures > _SEEN or (drawings > _DRAWN and not words)
    is_picture = has_no_words or (length < _FEW and pictures > _SCANNED)
    return Page(
        number,
        frame.width,
        frame.height,
        [] if has_no_words else words,
        rules,
        fields_of(document, page, frame),
        links_of(document, page, frame),
        comments_of(page),
        [] if has_no_words else aside,
        is_picture or (not words and has_pictures),
    )


def is_rubbish(words: list[Word]) -> bool:
    """Whether too many letters are unknown: some files do not say which their glyphs stand for."""
    text = "".join(word.text for word in words)
    unknown = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text)
    return unknown > len(text) * _RUBBISH


def _seen(words: list[Word], frame: Frame) -> list[Word]:
    """``words`` with places from the page's corner, without those that stand outside of it."""
    left, top, _, _ = turned(frame.sides, frame.quarter)
    kept = []
    for w in words:
        x0, x1, base = w.x0 - left, w.x1 - left, w.base - top
        if x1 > 0 and x0 < frame.width and base > 0 and base - w.size < frame.height:
            kept.append(Word(w.text, x0, x1, base, w.size, w.is_bold, w.is_mono, w.is_spaced))
    return kept


class _Pieces:
    """The words of a page in the order in which they were drawn, with their quarter turns.

    A word ends at a blank, where the letters jump, and where they are raised or get smaller.
    """

    def __init__(self, text: Any) -> None:
        self._text = text
        self._rect = api.FS_RECTF()
        self._matrix = api.FS_MATRIX()
        self._font = create_string_buffer(200)
        self._flags = c_int()
        self._x, self._y = c_double(), c_double()
        self._styles: dict[bytes, tuple[bool, bool]] = {}
        self._found: list[tuple[int, Word]] = []
        self._letters: list[str] = []

    def read(self) -> list[tuple[int, Word]]:
        raw, rect = self._text.raw, self._rect
        code_of, box_of = api.FPDFText_GetUnicode, api.FPDFText_GetLooseCharBox
        start, box, is_spaced, quarter = 0, (0.0, 0.0, 0.0, 0.0), True, 0
        last: Sides | None = None
        high = ""
        for i in range(min(self._text.count_chars(), _CHARACTERS)):
            code = code_of(raw, i)
            if 0xD800 <= code < 0xDC00:
                high = chr(code)
                continue
            letter = _HYPHENS.get(code) or (chr(code) if code else "\ufffd")
            if 0xDC00 <= code < 0xE000:
                letter = (
                    (high + letter).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                )
            if letter.isspace():
                self._end(start, box, quarter, is_spaced)
                is_spaced = True
                continue
            box_of(raw, i, rect)
            sides = (rect.left, rect.bottom, rect.right, rect.top)
            if self._letters:
                here = turned(sides, quarter)
                # PDFium gives the letters of a ligature one box.
                if sides != last and not _follows(box, here, letter):
                    self._end(start, box, quarter, is_spaced)
                    is_spaced = here[0] - box[2] > 0.15 * (box[3] - box[1]) or here[0] < box[0]
                else:
                    box = (min(box[0], here[0]), box[1], max(box[2], here[2]), box[3])
            last = sides
            if not self._letters:
                start, quarter = i, self._quarter(i)
                box = turned(sides, quarter)
            self._letters.append(letter)
        self._end(start, box, quarter, is_spaced)
        return self._found

    def _quarter(self, index: int) -> int:
        api.FPDFText_GetMatrix(self._text, index, self._matrix)
        angle = math.atan2(self._matrix.b, self._matrix.a)
        return round(angle / (math.pi / 2)) % 4

    def _end(self, start: int, box: Sides, quarter: int, is_spaced: bool) -> None:
        if not self._letters:
            return
        text = "".join(self._letters).translate(_BULLETS)
        self._letters.clear()
        api.FPDFText_GetMatrix(self._text, start, self._matrix)
        scale = math.hypot(self._matrix.c, self._matrix.d)
        size = api.FPDFText_GetFontSize(self._text, start) * scale
        api.FPDFText_GetCharOrigin(self._text, start, self._x, self._y)
        x, y = self._x.value, self._y.value
        base = turned((x, y, x, y), quarter)[1]
        if not (0 < size < 10_000 and all(map(math.isfinite, (*box, base)))):
            return
        is_bold, is_mono = self._style(start)
        word = Word(text, box[0], box[2], base, size, is_bold, is_mono, is_spaced)
        self._found.append((quarter, word))

    def _style(self, index: int) -> tuple[bool, bool]:
        api.FPDFText_GetFontInfo(self._text, index, self._font, len(self._font), self._flags)
        name = self._font.value
        if name not in self._styles:
            font = name.decode("utf-8", "replace")
            is_bold = bool(_BOLD.search(font)) or bool(self._flags.value & _FORCE_BOLD)
            self._styles[name] = is_bold, bool(_MONO.search(font))
        return self._styles[name]


def _follows(box: Sides, here: Sides, letter: str) -> bool:
    """Whether the letter at ``here`` goes on with the word in ``box``."""
    height = max(box[3] - box[1], 0.1)
    if abs(here[3] - box[3]) > 0.1 * height or abs(here[1] - box[1]) > 0.25 * height:
        return False
    if any(first <= letter <= last for first, last in _RIGHT_TO_LEFT):
        return -0.6 * height < box[0] - here[2] < 0.6 * height
    return -0.6 * height < here[0] - box[2] < 0.6 * height


def _drawn(page: Any, frame: Frame) -> tuple[list[Rule], float, int]:
    """The straight lines, the share of the page that its largest picture covers, and how many
    drawings there are.
    """
    rules: list[Rule] = []
    largest, drawings, left = 0.0, 0, _SEGMENTS
    area = max(frame.width * frame.height, 1.0)
    kinds = [api.FPDF_PAGEOBJ_PATH, api.FPDF_PAGEOBJ_IMAGE]
    for each in islice(page.get_objects(filter=kinds, max_depth=5), _OBJECTS):
        if each.type == api.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = each.get_bounds()
            largest = max(largest, (x1 - x0) * (y1 - y0) / area)
            continue
        drawings += 1
        count = min(api.FPDFPath_CountSegments(each), left)
        left -= count
        rules += _rules(each, count, frame)
    return rules, largest, drawings


def _rules(path: Any, count: int, frame: Frame) -> list[Rule]:
    """The level and upright lines of a path; those of a thin filled box are one line."""
    matrix = path.get_matrix()
    holder = path.container
    while holder is not None:
        matrix = matrix.multiply(holder.get_matrix())
        holder = holder.container
    found: list[Rule] = []
    first = last = (0.0, 0.0)
    x, y = api.c_float(), api.c_float()
    for i in range(count):
        segment = api.FPDFPath_GetPathSegment(path, i)
        api.FPDFPathSegment_GetPoint(segment, x, y)
        here = matrix.on_point(x.value, y.value)
        kind = api.FPDFPathSegment_GetType(segment)
        if kind == api.FPDF_SEGMENT_MOVETO:
            first = here
        elif kind == api.FPDF_SEGMENT_LINETO:
            found += _rule(last, here, frame)
        if api.FPDFPathSegment_GetClose(segment):
            found += _rule(here, first, frame)
        last = here
    return found


def _rule(start: tuple[float, float], end: tuple[float, float], frame: Frame) -> list[Rule]:
    sides = (
        min(start[0], end[0]),
        min(start[1], end[1]),
        max(start[0], end[0]),
        max(start[1], end[1]),
    )
    if not all(map(math.isfinite, sides)):
        return []
    box = frame.box(sides)
    width, height = box.x1 - box.x0, box.y1 - box.y0
    if height <= 1 and width > 4:
        return [Rule(box.x0, box.y0, box.x1, box.y0)]
    if width <= 1 and height > 4:
        return [Rule(box.x0, box.y0, box.x0, box.y1)]
    return []
