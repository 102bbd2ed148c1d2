"""Pages that are pictures: their text is recognized where an engine is installed.

The engine is the extra ``ocr`` of this program. A full page took 9 to 53 seconds of one processor,
so of a long scan only the first pages are read.
"""

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from time import monotonic
from typing import Any

from pypdfium2 import PdfDocument

from knowledge.readers.pdf.page import Page, Word

SECONDS = 40.0
"""After so long no further page of a document is begun. A document has 180 in all."""

_ENGINE = "rapidocr_onnxruntime"
_SCALE = 3.0  # dots a point
_LONGEST = 2_800.0  # dots of a page's longer side
_EDGE = 960  # dots of the smaller picture in which lines are looked for
_CERTAIN = 0.6  # from 0 to 1; what is less certain is left out
_LARGE = 1.6  # times the usual size, from which on words are larger
_LETTERS = 0.75  # times the height of a line


class Recognition:
    """Reads the pages of one document that are pictures, and keeps which it did not read."""

    def __init__(self, document: PdfDocument, *, seconds: float = SECONDS) -> None:
        self._document = document
        self._seconds = seconds
        self._end = 0.0
        self._slowest = 0.0
        self._engine: Any = None
        self._unread: list[int] = []
        self._late: list[int] = []

    def read(self, page: Page) -> Page:
        """``page`` with the words that were recognized; as it was where none were."""
        if self._engine is None and find_spec(_ENGINE):
            self._engine = _engine()
            self._end = monotonic() + self._seconds
        if self._engine is None:
            self._unread.append(page.number)
            return page
        begun = monotonic()
        if begun + self._slowest > self._end:
            self._late.append(page.number)
            return page
        recognized = self._recognized(page)
        self._slowest = max(self._slowest, monotonic() - begun)
        return recognized

    def _recognized(self, page: Page) -> Page:
        source = self._document[page.number - 1]
        try:
            width, height = source.get_size()
            scale = min(_SCALE, _LONGEST / max(width, height, 1.0))
            picture = source.render(scale=scale).to_numpy()
            found, _ = self._engine(picture, use_cls=False)
        finally:
            source.close()
        words = _of_usual_size([word for each in found or () for word in _words(each, scale)])
        return Page(page.number, width, height, words, [], [], [], page.comments)

    def notes(self, count: int) -> list[str]:
        """What people should know of it; the document has ``count`` pages."""
        notes = []
        if self._unread:
            which = f"{len(self._unread)} of {count} pages hold"
            notes.append(f"{which} no text: they are scans, and need text recognition")
        if self._late:
            which = f"{len(self._late)} of {count} pages, from page {self._late[0]} on,"
            notes.append(f"{which} are pictures and were not read: it would take too long")
        return notes


def _engine() -> Any:
    return import_module(_ENGINE).RapidOCR(
        intra_op_num_threads=1,
        inter_op_num_threads=1,
        use_cls=False,
        det_limit_side_len=_EDGE,
        det_limit_type="max",
        max_side_len=_LONGEST,
    )


def _of_usual_size(words: list[Word]) -> list[Word]:
    """``words`` with one size but for clearly larger ones: heights of lines are inexact."""
    usual = median(word.size for word in words) if words else 1.0
    return [word if word.size > _LARGE * usual else replace(word, size=usual) for word in words]


def _words(found: Any, scale: float) -> list[Word]:
    """A recognized line as words: their places are shares of the line's width."""
    corners, text, certainty = found
    text = str(text).strip()
    if float(certainty) < _CERTAIN or not text:
        return []
    xs, ys = [float(x) / scale for x, _ in corners], [float(y) / scale for _, y in corners]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    size = round(max(_LETTERS * (y1 - y0), 1.0))
    letter = (x1 - x0) / len(text)
    words, at = [], 0
    for part in text.split():
        start = text.index(part, at)
        at = start + len(part)
        base = y1 - 0.2 * (y1 - y0)
        words.append(Word(part, x0 + start * letter, x0 + at * letter, base, float(size)))
    return words
