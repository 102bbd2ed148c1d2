"""A page as a tree, parsed as browsers parse it, and what is known of each of its elements."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

_DEEPEST = 250  # elements in each other; the parser's time grows with their square
_DEEPEST_STYLES = 10  # the parser repeats open ones in each paragraph
_MOST_ATTRIBUTES = 300  # of one element; the parser's time grows with their square
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^<>]*+)>")
_XML = re.compile(
    r"\A(?:\s*+<\?xml\b|[^<]{0,100}(?:<![^<>]{0,300}>\s*+)?<html\b[^<>]{0,300}?\bxmlns=)"
)
_CLOSED = re.compile(r"<([a-zA-Z][a-zA-Z0-9:-]*+)([^<>]*?)/>")
_VOID = frozenset(
    "area base br col embed frame hr img input link meta param source track wbr".split()
)
_STYLES = frozenset("b big code em font i nobr s small strike strong tt u".split())
_UNCOUNTED = frozenset(  # without an end, or ended by what follows
    "a area base body br col colgroup dd dt embed head hr html img input li link meta optgroup "
    "option p param rb rp rt source tbody td tfoot th thead title tr track wbr".split()
)
_META_CHARSET = re.compile(
    rb"<meta\b[^>]{0,500}?\bcharset\s*+=\s*+[\"']?+\s*+([\w.:-]{1,40}+)", re.IGNORECASE
)
_XML_CHARSET = re.compile(rb"<\?xml\b[^>]{0,200}?\bencoding\s*+=\s*+[\"']([\w.:-]{1,40}+)")
_PRESCANNED = 4_096  # bytes in which a page declares its encoding

CELLS = frozenset("cell gridcell columnheader rowheader".split())
"""Roles of cells in tables that are made of other elements than ``table``."""

HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = frozenset("ul ol dl pre blockquote".split())


@dataclass(slots=True)
class Measure:
    """What stands within an element, itself included: numbers of characters, and of elements."""

    text: int = 0
    linked: int = 0
    links: int = 0
    headings: int = 0
    tables: int = 0
    cells: int = 0
    headers: int = 0
    paragraphs: int = 0
    blocks: int = 0
    mains: int = 0
    roles: int = 0  # cells of tables that are made of other elements

    def add(self, other: "Measure") -> None:
        self.text += other.text
        self.linked += other.linked
        self.links += other.links
        self.headings += other.headings
        self.tables += other.tables
        self.cells += other.cells
        self.headers += other.headers
        self.paragraphs += other.paragraphs
        self.blocks += other.blocks
        self.mains += other.mains
        self.roles += other.roles

    @property
    def is_mostly_links(self) -> bool:
        return self.linked > 0.6 * self.text


def declared_charset(content: bytes) -> str:
    """The encoding that a page declares in itself; empty where it declares none."""
    beginning = content[:_PRESCANNED]
    found = _XML_CHARSET.match(beginning.lstrip()) or _META_CHARSET.search(beginning)
    return found[1].decode("ascii", "replace") if found else ""


def parsed(page: str) -> LexborNode:
    """The ``html`` element of a page. What is nested too deeply loses tags, and no text."""
    root = LexborHTMLParser(_bounded(_with_ends(page))).root
    if root is None:
        raise ValueError("no element")
    return root


def _with_ends(page: str) -> str:
    """``page`` with an end for each ``<script/>`` of XHTML, which would hold all that follows."""
    if not _XML.match(page):
        return page
    return _CLOSED.sub(
        lambda tag: tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>", page
    )


def children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def descendants(top: LexborNode) -> Iterator[LexborNode]:
    """The elements and texts within ``top``, in the order of the page."""
    node = top.first_child
    while node is not None:
        yield node
        following = node.first_child
        while following is None:
            following = node.next
            if following is None:
                node = node.parent
                if node is None or node.mem_id == top.mem_id:
                    return
        node = following


def attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def names(attributes: dict[str, str]) -> set[str]:
    """The words of an element's class and id."""
    return set(
        re.split(r"[\s_-]++", f"{attributes.get('class', '')} {attributes.get('id', '')}".lower())
    )


def is_main(tag: str, attributes: dict[str, str]) -> bool:
    return tag == "main" or attributes.get("role") == "main"


def is_hidden(attributes: dict[str, str]) -> bool:
    style = attributes.get("style", "")
    said = style.replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in said or "visibility:hidden" in said


def measured(top: LexborNode) -> dict[int, Measure]:
    """The measure of ``top`` and of each element within it, by its ``mem_id``."""
    found = {top.mem_id: Measure()}
    order: list[tuple[int, int]] = []
    links: set[int] = set()
    for node in descendants(top):
        parent = node.parent.mem_id if node.parent is not None else top.mem_id
        if node.is_text_node:
            size = len((node.text_content or "").strip())
            found[parent].text += size
            found[parent].linked += size if parent in links else 0
        elif node.is_element_node:
            tag = node.tag or ""
            if tag in ("script", "style", "noscript", "template"):
                found[node.mem_id] = Measure()  # what is in it counts for nothing else
                continue
            found[node.mem_id] = _own(node, tag)
            order.append((node.mem_id, parent))
            if tag == "a" or parent in links:
                links.add(node.mem_id)
    for node_id, parent in reversed(order):
        found[parent].add(found[node_id])
    return found


def absolute(address: str, target: str) -> str:
    """Where a link on the page at ``address`` leads; empty for what is no address."""
    try:
        joined = urljoin(address, target.strip())
        urlsplit(joined)
    except ValueError:
        return ""
    return joined


def _own(node: LexborNode, tag: str) -> Measure:
    return Measure(
        links=tag == "a",
        headings=tag in HEADINGS,
        tables=tag == "table",
        cells=tag in ("td", "th"),
        headers=tag in ("th", "caption", "thead"),
        roles=(node.attributes.get("role") or "") in CELLS,
        paragraphs=tag == "p",
        blocks=tag in _BLOCKS,
        mains=is_main(tag, {"role": node.attributes.get("role") or ""}),
    )


def _bounded(page: str) -> str:
    """``page`` without ``noscript``, and without tags that would keep the parser busy for long."""
    kept: list[str] = []
    at = depth = styles = 0
    has_no_end = False
    for tag in _TAG.finditer(page):
        if tag.start() < at:
            continue
        name, is_end = tag[2].lower(), bool(tag[1])
        end = tag.end()
        if name == "noscript" and not is_end and not has_no_end:
            closing = page.find("</noscript", end)
            has_no_end = closing < 0
            is_dropped, end = not has_no_end, end if has_no_end else closing
        elif name in _STYLES:
            styles = max(styles - 1, 0) if is_end else styles + 1
            is_dropped = styles + is_end > _DEEPEST_STYLES
        elif name in _UNCOUNTED:
            styles = 0 if name in ("td", "th", "body") else styles
            is_dropped = False
        else:
            is_dropped = depth + (not is_end) > _DEEPEST
            depth = max(depth - 1, 0) if is_end else depth + 1
        if is_dropped or (
            len(tag[3]) > _MOST_ATTRIBUTES and len(tag[3].split()) > _MOST_ATTRIBUTES
        ):
            kept.append(page[at : tag.start()])
            at = end
    return "".join([*kept, page[at:]])
