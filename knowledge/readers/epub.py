"""Reads books in EPUB: the chapters in the order of the book."""

import posixpath
from urllib.parse import unquote

from lxml import etree

from domain.blocks import Block, Content, Heading, Paragraph
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers import kinds
from knowledge.readers.base import File, ReadPart
from knowledge.readers.clean import line
from knowledge.readers.zipped import PASSWORD, Zipped

_WHAT = "EPUB book"
_CONTAINER = "META-INF/container.xml"
_RIGHTS = ("META-INF/rights.xml", "META-INF/sinf.xml")
_PAGES = ("application/xhtml+xml", kinds.HTML)
_CHAPTERS = 2_000
_NAMED = 5  # chapters that could not be read which a note names


def read(file: File, read_part: ReadPart) -> Content:
    """The chapters that the book's spine names. Books with protected text are unreadable."""
    with Zipped(file.content, _WHAT) as parts:
        if any(name in parts for name in _RIGHTS):
            raise UnreadableSource(PASSWORD)
        path = _package_path(parts)
        package = parts.xml(path)
        blocks: list[Block] = []
        notes: list[str] = []
        failed = 0
        names = _names(parts, package, path)
        for chapter in _chapters(package, path)[:_CHAPTERS]:
            try:
                page = File(parts.read(chapter), posixpath.basename(chapter), kind=kinds.HTML)
                content = read_part(page)
            except EmptySource:
                continue
            except IngestError as e:
                failed += 1
                if failed <= _NAMED:
                    notes.append(f"not read: {posixpath.basename(chapter)}: {e.public}")
                continue
            blocks += _headed(content, names.get(chapter, ""), _title(package))
    if failed > _NAMED:
        notes.append(f"{failed - _NAMED} more chapters could not be read")
    if not blocks and failed:
        raise UnreadableSource("; ".join(notes))
    if not blocks:
        raise EmptySource("its chapters hold no text")
    return Content(tuple(blocks), _title(package), tuple(notes))


def _headed(content: Content, name: str, title: str) -> tuple[Block, ...]:
    """A chapter under its name in the table of contents, where it has no heading of its own."""
    blocks = content.blocks
    name = name or content.title
    if not blocks or name in ("", title) or any(isinstance(block, Heading) for block in blocks):
        return blocks
    first = blocks[0]
    if isinstance(first, Paragraph) and first.text == name:
        blocks = blocks[1:]
    return (Heading(name, 1), *blocks)


def _names(parts: Zipped, package: etree._Element, path: str) -> dict[str, str]:
    """The chapters' names by their paths, from either kind of table of contents."""
    found: dict[str, str] = {}
    for item in package.iterfind("{*}manifest/{*}item"):
        is_nav = "nav" in item.get("properties", "").split()
        if not is_nav and item.get("media-type") != "application/x-dtbncx+xml":
            continue
        contents = _path(path, item.get("href", ""))
        root = parts.xml_if_any(contents)
        for each in () if root is None else root.iter("{*}navPoint", "{*}a"):
            target = each.find("{*}content")
            address = each.get("href", "") if target is None else target.get("src", "")
            label = each.find("{*}navLabel")
            text = line("".join((each if label is None else label).itertext()))
            if text and address and "#" not in address:
                found.setdefault(_path(contents, address), text)
    return found


def _package_path(parts: Zipped) -> str:
    """Where the book says what is in it."""
    root = parts.xml_if_any(_CONTAINER)
    if root is not None:
        for each in root.iter("{*}rootfile"):
            if (path := each.get("full-path", "")) in parts:
                return path
    found = next((name for name in parts.names if name.endswith(".opf")), "")
    if not found:
        raise UnreadableSource(f"it is no readable {_WHAT}, or a damaged one", "no package")
    return found


def _chapters(package: etree._Element, path: str) -> list[str]:
    """The paths of the chapters within the archive; the table of contents is left out."""
    items = {
        each.get("id", ""): each
        for each in package.iterfind("{*}manifest/{*}item")
        if each.get("media-type") in _PAGES and "nav" not in each.get("properties", "").split()
    }
    named = [each.get("idref", "") for each in package.iterfind("{*}spine/{*}itemref")]
    chosen = [items[name] for name in dict.fromkeys(named) if name in items] or list(items.values())
    return [_path(path, each.get("href", "")) for each in chosen]


def _path(beside: str, address: str) -> str:
    """The path within the archive that an address in the part ``beside`` leads to."""
    folder = posixpath.dirname(beside)
    return posixpath.normpath(posixpath.join(folder, unquote(address.partition("#")[0])))


def _title(package: etree._Element) -> str:
    return line(package.findtext("{*}metadata/{*}title") or "")
