"""Removes source numbers that the model wrote into an answer: `[1]`, `[1, 2]`, `[Passage 2]`.

Only `domain.numbering` may write such numbers. Text that only looks like them stays: code, links,
numbers that the passages have in brackets at the same place, and intervals such as "a value in
[1, 2]".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.content_words import content_words
from domain.markdown import code_spans, span_at
from domain.questions import Passage

# [1], [1, 2], [1-3], [^1], [Passage 2], 【1†source】: one or several in a row.
_SEVERAL = r"\^?[1-9]\d?(?:[ ]{0,2}(?:[,;&–-]|and)[ ]{0,2}\^?[1-9]\d?){0,20}"
_BRACKETS = (
    rf"(?:\[[ ]?(?:(?:passages?|sources?|documents?)[ ])?(?:{_SEVERAL}|\^?\d{{1,2}})[ ]?\](?!\()"
    r"|【\d{1,2}[^【】\n]{0,40}】|［\d{1,2}］)"
)
_MARKER = re.compile(rf"{_BRACKETS}(?:[ \t]*{_BRACKETS})*", re.IGNORECASE)
_GLUED = re.compile(r"(?<![\w.)\]])[\w.)\]]++\Z")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\w++")
_BLANKS = re.compile(r"[ \t]*+")
_AROUND = 60  # how many characters before and after a marker are read

_INTERVAL = re.compile(r"\[[ ]?([1-9]\d?)[ ]{0,2}[,;–-][ ]{0,2}([1-9]\d?)[ ]?\]")
_NAMES_INTERVAL = frozenset("range ranges interval intervals between within ∈".split())
_SIGNS = "\"'`*_([{,:;=.!?)"
# "as described in [1, 2]" cites; "a value in [1, 2]" does not.
_CITING = frozenset(
    "as described stated found shown given explained mentioned listed noted seen documented said "
    "written defined specified discussed outlined detailed reported information details see look "
    "sources passages documents".split()
)


@dataclass(frozen=True, slots=True)
class _Marker:
    """Text that looks like source numbers; ``before`` is the word directly before it.

    ``around`` are the words before and behind it, with blanks and signs between.
    """

    start: int
    end: int
    text: str
    before: str
    around: tuple[str, str]


def without_markers(text: str, passages: Sequence[Passage] = ()) -> str:
    """``text`` without ``[1]``-like source numbers.

    Code and links do not change. A number directly after a word, as in ``argv[1]``, stays too,
    unless ``passages`` contain that word but never with the number. So do several numbers in
    brackets that a passage contains in the same way, a single one that a passage has between the
    same two words, and an interval that is named as one.
    """
    spans = code_spans(text)
    theirs = [marker for passage in passages for marker in _markers(passage.text)]
    glued = {marker.before + marker.text for marker in theirs if marker.before}
    between = {(marker.text, marker.around) for marker in theirs if all(marker.around)}
    several = {_folded(marker.text) for marker in theirs} - {""}
    prose = frozenset[str]().union(*(content_words(passage.text) for passage in passages))
    kept: list[str] = []
    end = 0
    for marker in _markers(text):
        word = marker.before
        is_code = word and (word + marker.text in glued or word.lower() not in prose)
        is_theirs = _folded(marker.text) in several or (marker.text, marker.around) in between
        if is_code or is_theirs or span_at(spans, marker.start):
            continue
        start = marker.start + _length_of_interval(text, marker)
        before = text[end:start].rstrip(" \t")
        kept.append(before)
        end = marker.end
        if (not before or before.endswith("\n")) and (blanks := _BLANKS.match(text, end)):
            end = blanks.end()
    left = "".join([*kept, text[end:]]).rstrip()
    first = left.lstrip()
    # Code at the beginning keeps its indentation.
    code = span_at(code_spans(left), len(left) - len(first))
    return left.lstrip("\n") if code and code.is_block else first


def _markers(text: str) -> Iterator[_Marker]:
    for found in _MARKER.finditer(text):
        start, end = found.span()
        word = _GLUED.search(text[max(0, start - _AROUND) : start]) if found[0][0] == "[" else None
        yield _Marker(start, end, found[0], word[0] if word else "", _around(text, start, end))


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """The last word before and the first word behind, in lower case; empty where there is none."""
    before = _WORD.findall(text[max(0, start - _AROUND) : start].lower())
    behind = _WORD.search(text[end : end + _AROUND].lower())
    return "".join(before[-1:]), behind[0] if behind else ""


def _folded(marker: str) -> str:
    """``marker`` without spaces if it is one pair of brackets with several numbers; else empty."""
    is_list = marker.count("[") == 1 and len(_NUMBER.findall(marker)) > 1
    return "".join(marker.split()) if is_list else ""


def _length_of_interval(text: str, marker: _Marker) -> int:
    """The length of the interval at the beginning of ``marker``; 0 if there is none."""
    found = _INTERVAL.match(marker.text)
    if not found or int(found[1]) >= int(found[2]):
        return 0
    before = text[max(0, marker.start - _AROUND) : marker.start].lower().split()[-2:]
    behind = text[marker.start + found.end() :][:_AROUND].lower().split()[:1]
    *others, last = [word.strip(_SIGNS) for word in ["", *before]]
    names = {last, *(word.strip(_SIGNS) for word in behind)}
    is_within = last == "in" and others[-1] not in _CITING
    return found.end() if is_within or not names.isdisjoint(_NAMES_INTERVAL) else 0
