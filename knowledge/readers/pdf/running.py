"""Lines that stand at the head or foot of many pages are given once, page numbers not at all."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from knowledge.readers.pdf.layout import Line, Part

_EDGE = 0.13  # of a page's height, at its head and at its foot
_HEIGHT = 4.0  # points by which the same line may stand higher or lower
_APART = 2  # pages: left and right ones may differ
_LINES = 3  # at each edge
_DIGITS = re.compile(r"\d+")
_WORD = r"(?:page|seite|p\.|s\.|pg\.?|página|pagina|стр\.?)"
_OF = r"(?: ?(?:of|/|von|de|sur|из) ?\d{1,4})?"
_PAGE_NUMBER = re.compile(
    rf"[-–—|( ]{{0,4}}(?:{_WORD} ?)?\d{{1,4}}{_OF}[-–—|) ]{{0,4}}", re.IGNORECASE
)
_NUMBERED = re.compile(rf"(?:[-·|,–—•] ?)?\b{_WORD} ?\d{{1,4}}{_OF}(?: ?[-·|])?", re.IGNORECASE)
_NAMED = re.compile(_WORD, re.IGNORECASE)
_BARE = re.compile(r"^\d{1,4} (?:[|·–—-] )?|(?: [|·–—-])? \d{1,4}$")
_ROMAN = re.compile(r"[ivxl]{1,6}")


def without_running(
    pages: Sequence[Sequence[Part]], body: float
) -> tuple[list[list[Part]], list[Line]]:
    """``pages`` without what repeats at their edges, and each such line once.

    ``body`` is the size of the document's usual text: larger lines are headings, unless the
    same ones stand on every second page at least.
    """
    groups: dict[tuple[str, bool], list[Line]] = defaultdict(list)
    for parts in pages:
        for line, is_top in _edges(parts):
            groups[_DIGITS.sub("#", line.text), is_top].append(line)
    dropped: set[int] = set()
    once: dict[str, Line] = {}
    for lines in (each for found in groups.values() for each in _level(found)):
        text = lines[0].text
        if _PAGE_NUMBER.fullmatch(text) or _ROMAN.fullmatch(text):
            dropped |= {id(line) for line in lines if _is_number(line, len(pages))}
        elif _is_running(lines, len(pages), body) or (len(pages) == 1 and _NUMBERED.search(text)):
            dropped |= {id(line) for line in lines}
            bare = _NUMBERED.sub(" ", text).strip()
            text = _BARE.sub("", text).strip() if _varies(lines) and bare == text else bare
            once.setdefault(text, replace(lines[0], text=text))
    kept = [[part for part in parts if id(part) not in dropped] for parts in pages]
    return kept, [line for text, line in once.items() if any(map(str.isalnum, text))]


def _edges(parts: Sequence[Part]) -> list[tuple[Line, bool]]:
    lines = sorted((part for part in parts if isinstance(part, Line)), key=lambda line: line.base)
    top = [(line, True) for line in lines[:_LINES] if line.base < _EDGE * line.height]
    bottom = [(line, False) for line in lines[-_LINES:] if line.base > (1 - _EDGE) * line.height]
    return top + bottom


def _level(lines: Sequence[Line]) -> list[list[Line]]:
    """``lines`` by the height at which they stand on their pages."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: each.base):
        if found and line.base - found[-1][0].base < _HEIGHT:
            found[-1].append(line)
        else:
            found.append([line])
    return [sorted(each, key=lambda line: line.page) for each in found]


def _is_number(line: Line, pages: int) -> bool:
    """Whether a line that is but a number is the page's: alone at the edge."""
    return bool(_NAMED.search(line.text)) or pages > 1 or line.text == "1"


def _varies(lines: Sequence[Line]) -> bool:
    return len({line.text for line in lines}) > 1


def _is_running(lines: Sequence[Line], pages: int, body: float) -> bool:
    on = {line.page for line in lines}
    if len(on) < max(2, min(3, pages)) or (_varies(lines) and not _count_pages(lines)):
        return False
    if any(b - a > _APART for a, b in pairwise(sorted(on))) and 2 * len(on) < pages:
        return False
    if max(line.size for line in lines) <= 1.15 * body:
        return True
    # "Step 1", "Step 2" in large letters are headings, each of another page.
    is_named = _varies(lines) and not _NUMBERED.search(lines[0].text)
    return not is_named and 2 * len(on) >= pages


def _count_pages(lines: Sequence[Line]) -> bool:
    """Whether the numbers in which ``lines`` differ are those of their pages."""
    numbers = [[int(n[:9]) for n in _DIGITS.findall(line.text)] for line in lines]
    for column in zip(*numbers, strict=False):
        distances = {n - line.page for n, line in zip(column, lines, strict=True)}
        if len(set(column)) > 1 and len(distances) > 1:
            return False
    return True
