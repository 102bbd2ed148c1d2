"""Reads plain text: paragraphs between blank lines, lists, and lines that stay as they are."""

import re
from collections.abc import Iterator

from domain.blocks import Block, Code, Content, Heading, Item, ItemList, Paragraph
from domain.errors import EmptySource
from knowledge.readers.base import File
from knowledge.readers.clean import clean, line, lines
from knowledge.readers.decoding import decoded

_ITEM = re.compile(r"([ \t]{0,40})(?:([-*•‣–])|(\(?[0-9]{1,3}[.)]|[a-z][.)]))[ \t]++(\S.*+)")
_UNDERLINE = re.compile(r"(=|-|~|\*)\1{2,}+[ \t]*+")
_HEADING = 100  # characters
_ALIGNED = re.compile(r"\S(?:\t| {3,})\S")
_INDENT = 4  # blanks


def read(file: File) -> Content:
    """What the text in ``file`` says. Raises UnreadableSource and EmptySource."""
    return read_text(clean(decoded(file.content, file.charset)))


def read_text(text: str) -> Content:
    """The blocks of ``text``, which is clean. Raises EmptySource."""
    blocks = tuple(_blocks(text))
    if not blocks:
        raise EmptySource("it holds no text")
    title = blocks[0].text if isinstance(blocks[0], Heading) and blocks[0].level == 1 else ""
    return Content(blocks, title)


def _blocks(text: str) -> Iterator[Block]:
    for part in _parts(text):
        if _is_underlined(part):
            yield Heading(line(part[0]), 1 if part[1].startswith(("=", "*")) else 2)
            part = part[2:]
        if part:
            yield from _block(part)


def _parts(text: str) -> Iterator[list[str]]:
    """The lines between blank lines."""
    part: list[str] = []
    for each in text.split("\n"):
        if each.strip():
            part.append(each)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _is_underlined(part: list[str]) -> bool:
    if len(part) < 2 or not _UNDERLINE.fullmatch(part[1]):
        return False
    return len(part[0]) <= _HEADING and any(map(str.isalnum, part[0]))


def _block(part: list[str]) -> Iterator[Block]:
    first = next((n for n, each in enumerate(part) if _ITEM.fullmatch(each)), len(part))
    items = sum(1 for each in part if _ITEM.fullmatch(each))
    if items > 1 or (items and not first):
        if first:
            yield Paragraph(line(" ".join(part[:first])))
        yield _list(part[first:])
    elif len(part) > 1 and _is_laid_out(part):
        yield Code(lines("\n".join(part)))
    else:
        yield Paragraph(line(" ".join(part)))


def _is_laid_out(part: list[str]) -> bool:
    """Whether the lines are code, or columns beside each other, rather than sentences."""
    indented = sum(each.startswith((" " * _INDENT, "\t")) for each in part)
    aligned = sum(1 for each in part if _ALIGNED.search(each))
    return 2 * max(indented, aligned) > len(part)


def _list(part: list[str]) -> ItemList:
    """Items, each with the lines that go on below it; their indents say how deep they are."""
    items: list[Item] = []
    indents: list[int] = []
    for each in part:
        found = _ITEM.fullmatch(each)
        if not found:
            last = items.pop()
            items.append(Item(f"{last.text} {line(each)}", last.depth, last.mark))
            continue
        indent = len(found[1].expandtabs(_INDENT))
        while indents and indents[-1] > indent:
            indents.pop()
        if not indents or indents[-1] < indent:
            indents.append(indent)
        items.append(Item(line(found[4]), len(indents) - 1, found[3] or "-"))
    return ItemList(tuple(items))
