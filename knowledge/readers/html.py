"""Reads pages: what a person reads there, also by a click on a tab or a folded part."""

from selectolax.lexbor import LexborNode

from domain.blocks import Content
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers.base import File, parsing
from knowledge.readers.decoding import decoded
from knowledge.readers.html_blocks import Blocks
from knowledge.readers.html_page import Page
from knowledge.readers.html_tree import declared_charset, parsed
from knowledge.readers.page_checks import problem, refresh_target
from knowledge.readers.page_problems import LEADS_ON


def read(file: File) -> Content:
    """What the page ``file`` says. Raises UnreadableSource and EmptySource.

    Relative links lead on from ``file.address``; without it only whole addresses are shown. With
    it, a login, an error and the like that came instead of the page are refused.
    """
    text = text_of(file)
    with parsing("page"):
        root = parsed(text)
        content = content_of(root, file.address)
        if file.address and (why := problem(root, content, text, file.address)):
            onwards = refresh_target(root, file.address) if why == LEADS_ON else ""
            raise UnreadableSource(why, onwards)
    return _not_empty(content)


def text_of(file: File) -> str:
    return decoded(file.content, file.charset or declared_charset(file.content))


def read_text(text: str, address: str = "") -> Content:
    """What the page or the part of a page in ``text`` says. Raises as `read` does."""
    with parsing("page"):
        return _not_empty(content_of(parsed(text), address))


def content_of(root: LexborNode, address: str) -> Content:
    """What the page ``root`` says, which may be nothing."""
    page = Page(root, address)
    blocks = Blocks(page)
    for part in page.parts():
        blocks.read(part)
    return Content(blocks.finished(), page.title)


def _not_empty(content: Content) -> Content:
    if not content.blocks:
        raise EmptySource("it holds no text")
    return content
