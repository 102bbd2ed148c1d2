"""Pages that are pictures: their text is recognised where an engine is installed.

The engine is the extra ``ocr`` of this program: ``rapidocr-onnxruntime``.
"""

from importlib.util import find_spec
from typing import Any

from pypdfium2 import PdfDocument

from knowledge.readers.pdf.page import Page

SECONDS = 40.0
"""For the recognition of all pages of a document, less than its reader has."""

_PAGES = 40  # of one document
_SCALE = 2.0  # 144 dots an inch
_MOST_POINTS = 2_500.0  # of a page's longer edge, in the picture
_CERTAIN = 0.5  # from 0 to 1: what is less certain is left out


class Recognition:
    """Reads the pages of one document that are pictures, and says which it did not read."""

    def __init__(self, document: PdfDocument) -> None:
        self._document = document
        self._engine: Any = None
        self._end = 0.0
        self._read: list[int] = []
        self._left: list[int] = []

    def read(self, page: Page) -> Page:
        """``page`` with the words that were recognised; as it was where there is no engine."""
        if find_spec("rapidocr_onnxruntime") is None:
            self._left.append(page.number)
            return page
        raise NotImplementedError

    def notes(self, count: int) -> list[str]:
        """What people should know of it: how many of ``count`` pages hold no text."""
        if not self._left:
            return []
        which = f"{len(self._left)} of {count} pages hold" if count > 1 else "its page holds"
        return [f"{which} no text that can be read: they are pictures and need text recognition"]
