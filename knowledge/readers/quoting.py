"""The text of a mail as blocks, and which of them it quotes from earlier mails."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from domain.blocks import Block, Item, ItemList, Paragraph
from knowledge.readers.clean import clean, line

# Only the beginnings of lines are looked at: lines of mails are short, unless somebody attacks.
_LOOKED_AT = 300
_MARK = re.compile(r"(?: {0,3}>)+ ?")
_ITEM = re.compile(r"\s{0,20}([-*•·]|\d{1,3}[.)])\s{1,20}(?=\S)")
_OPENING = re.compile(
    r"(?:-{2,20}+\s{0,5}+(?:original(?: message|nachricht)?|ursprüngliche nachricht|"
    r"message d'origine|mensaje original|forwarded message|weitergeleitete nachricht)\s{0,5}+--"
    r"|(?:von|from|de|van|da):\s.)",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\*?(?:sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden|to|an|à|para|aan|"
    r"subject|betreff|objet|asunto|oggetto|onderwerp)\*?:\s",
    re.IGNORECASE,
)
_DAYS = ("on ", "am ", "le ", "el ", "op ", "il ")
_WROTE = ("wrote", "schrieb", "a écrit", "escribió", "schreef", "ha scritto")
_SIGNATURE = ("--", "-- ")


@dataclass(frozen=True, slots=True)
class Written:
    """``text`` is the block's, for comparison with other mails."""

    block: Block
    text: str
    is_quoted: bool


def written(text: str) -> tuple[Written, ...]:
    """Paragraphs and lists of a mail's ``text``, in its order, without the marks of quotations."""
    found = []
    for is_quoted, lines in groupby(_marked(text), key=lambda each: each[0]):
        for block in _blocks([words for _, words in lines]):
            said = line(
                block.text
                if isinstance(block, Paragraph)
                else " ".join(item.text for item in block.items)
            )
            found.append(Written(block, said, is_quoted))
    return tuple(found)


def unfolded(text: str) -> str:
    """Text in ``format=flowed``: a line that ends in a blank goes on in the next one."""
    pieces: list[str] = []
    goes_on = False
    for each in text.split("\n"):
        if pieces and not (goes_on and not each.startswith(">")):
            pieces.append("\n")
        pieces.append(each)
        goes_on = each.endswith(" ") and each not in _SIGNATURE
    return "".join(pieces)


def _marked(text: str) -> Iterator[tuple[bool, str]]:
    """Each line, and whether it is a quotation."""
    lines = clean(text).split("\n")
    is_below = False  # the rest is an earlier mail that bears no marks
    for number, each in enumerate(lines):
        beginning = each[:_LOOKED_AT]
        mark = _MARK.match(beginning)
        if not mark and not is_below:
            is_below = _opens(beginning, lines[number + 1 : number + 5])
        introduces = _introduces(lines, number) if not mark else False
        words = each[mark.end() :] if mark else each
        if words.strip() not in _SIGNATURE:
            yield bool(mark) or is_below or introduces, words


def _opens(beginning: str, following: list[str]) -> bool:
    """Whether a line is the first of an earlier mail, as Outlook puts it below an answer."""
    if not _OPENING.match(beginning.lstrip()):
        return False
    is_line = beginning.lstrip().startswith("-")
    return is_line or any(_FIELD.match(each[:_LOOKED_AT].lstrip()) for each in following)


def _introduces(lines: list[str], number: int) -> bool:
    """Whether a line says who wrote what is quoted below; mails fold it into two lines."""
    for first, end in ((number, number + 1), (number, number + 2), (number - 1, number + 1)):
        if first < 0:
            continue
        said = " ".join(each[:_LOOKED_AT].strip() for each in lines[first:end]).lower()
        is_said = said.startswith(_DAYS) and said.endswith(":")
        if is_said and any(word in said for word in _WROTE):
            below = next((each for each in lines[end : end + 3] if each.strip()), "")
            return _MARK.match(below[:_LOOKED_AT]) is not None
    return False


def _blocks(lines: list[str]) -> Iterator[Paragraph | ItemList]:
    for is_blank, group in groupby(lines, key=lambda each: not each.strip()):
        if not is_blank:
            yield from _paragraphs(list(group))


def _paragraphs(lines: list[str]) -> Iterator[Paragraph | ItemList]:
    """Lines without a blank one between them: a paragraph, and the items below it."""
    words: list[str] = []
    items: list[list[str]] = []
    marks: list[str] = []
    for each in lines:
        mark = _ITEM.match(each[:_LOOKED_AT])
        if mark:
            items.append([each[mark.end() :]])
            marks.append(mark[1] if mark[1][0].isdigit() else "-")
        elif items:
            items[-1].append(each)
        else:
            words.append(each)
    if text := line(" ".join(words)):
        yield Paragraph(text)
    if found := [(line(" ".join(item)), mark) for item, mark in zip(items, marks, strict=True)]:
        yield ItemList(tuple(Item(text, 0, mark) for text, mark in found if text))
