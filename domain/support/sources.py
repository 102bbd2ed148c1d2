"""The sentences of a passage, each with what stands above it: title, headings, heads of tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise, takewhile

from domain.questions import Passage
from domain.support.asked_above import BETWEEN, read_as_answers
from domain.support.function_words import VERBS
from domain.support.lines import Line, is_label, written
from domain.support.sentences import Span
from domain.support.statement import Statement, content_stems, keys, statement
from domain.support.tokens import Token, tokens
from domain.support.values import bare_units

_PRONOUNS = frozenset(
    "it they he she this these both sie er es dies diese il elle ils elles".split()
)
_SHORT = 8
"""How many words has a line at most that gives all numbers their unit."""

SUBJECT = 5
"""With how many of its first words a sentence says what the next one calls ``it``."""


@dataclass(frozen=True)
class ShownPassage:
    """A passage that the model was shown, with what its sentences are understood with.

    ``common`` are the words that the passages and the question write without a capital, ``proper``
    those that their sentences write with one alone, also where none is due. ``keys``
    are all words of the passage, its title and the question; ``keys_around`` are those without the
    rows and the items of lists, of which each is about something else. ``rows`` are the content
    words that only rows have; ``named`` are the pairs of words with capitals, such as full names.
    ``units`` are the dimensions that a line such as ``Prices in euros`` gives all rows.
    """

    passage: Passage
    title: tuple[Token, ...]
    keys: frozenset[str]
    keys_around: frozenset[str]
    rows: frozenset[str]
    named: frozenset[tuple[str, str]]
    common: frozenset[str]
    proper: frozenset[str]
    units: frozenset[str]


@dataclass(frozen=True)
class Source:
    """A sentence of a passage; it is taken apart only when a claim is compared with it.

    ``words`` are those of the sentence when it is read alone: a row of a table has the names of its
    columns, and a Yes or No what was asked. ``stems`` are its content words. ``subject`` is how the
    sentence before begins, if this one begins with a pronoun, or the heading, if this one has no
    content words. ``question`` is the one above it. What ``is_question`` says nothing itself.
    """

    shown: ShownPassage
    span: Span
    words: tuple[Token, ...]
    heading: tuple[Token, ...]
    subject: tuple[Token, ...]
    stems: frozenset[str]
    is_row: bool
    is_item: bool
    question: tuple[Token, ...] = ()
    is_question: bool = False
    is_code: bool = False
    marked: frozenset[int] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        """The words that may be told of it: not those of the other rows."""
        return self.shown.keys_around if self.is_row or self.is_item else self.shown.keys

    @property
    def passage(self) -> Passage:
        return self.shown.passage

    @property
    def label(self) -> Sequence[Token]:
        """The first cell of a row; nothing of other lines."""
        if not self.is_row:
            return ()
        return tuple(takewhile(lambda word: word.text != ";", self.words))

    @cached_property
    def stems_told(self) -> frozenset[str]:
        """Its content words with those of what its ``it`` stands for, and of its question."""
        if not (self.subject or self.question):
            return self.stems
        return self.stems | content_stems(self.subject) | content_stems(self.question)

    @cached_property
    def stems_below(self) -> frozenset[str]:
        """Its content words with those of the heading above it and of what ``it`` stands for."""
        return self.stems_told | content_stems(self.heading)

    @cached_property
    def stems_above(self) -> frozenset[str]:
        """The content words of the passage's title, and of the heading and the question above."""
        return frozenset[str]().union(
            *map(content_stems, (self.shown.title, self.heading, self.question))
        )

    @cached_property
    def said(self) -> Statement:
        said = statement(self.words, self.shown.common, self.shown.proper)
        return replace(said, subject=content_stems(self.subject)) if self.subject else said

    @cached_property
    def head(self) -> tuple[Statement, ...]:
        """The passage's title, the heading above the sentence, and what its ``it`` stands for."""
        return tuple(
            statement(words, self.shown.common)
            for words in (self.shown.title, self.heading, self.subject)
        )

    @cached_property
    def asked(self) -> Statement:
        """The question above it, taken apart."""
        return statement(self.question, self.shown.common)


def sources(passages: Sequence[Passage], asked: Sequence[Token]) -> Iterator[Source]:
    """The sentences of the passages, in order; what only names the lines below it is none."""
    texts = [written(passage.text) for passage in passages]
    every = [asked, *(line.words for lines in texts for line in lines)]
    common = frozenset(word.low for words in every for word in words if word.text[:1].islower())
    proper = frozenset(
        word.low
        for line in chain.from_iterable(texts)
        if not (line.is_heading or line.is_row)
        for word in line.words
        if not word.opens and word.text[0].isupper()
    )
    proper -= common
    titles = [tuple(tokens(passage.title)) for passage in passages]
    written_keys = [[line.keys for line in lines] for lines in texts]
    shown_keys = frozenset[str]().union(*map(keys, titles), *chain.from_iterable(written_keys))
    only_asked = keys(asked) - shown_keys  # other words are of the passages that have them
    for passage, title, lines, words in zip(passages, titles, texts, written_keys, strict=True):
        open_to_all = only_asked | keys(title)
        known = open_to_all.union(*words)
        open_to_all = open_to_all.union(
            *(each for line, each in zip(lines, words, strict=True) if _is_around(line))
        )
        rows = _words_of_rows(title, lines)
        named = frozenset(pair for line in lines for pair in line.named)
        units = frozenset[str]().union(
            *(_units_of_all(line.words) for line in lines if not line.is_row)
        )
        shown = ShownPassage(passage, title, known, open_to_all, rows, named, common, proper, units)
        heading: tuple[Token, ...] = ()
        subject: tuple[Token, ...] = ()
        named_last = tuple(tokens(passage.title.rpartition(BETWEEN)[2]))
        read = read_as_answers(passage, lines)
        for line, below, (said, question) in zip(lines, [*lines[1:], None], read, strict=False):
            if line.is_heading:
                heading = line.words
            is_told_on = bool(line.words) and line.words[0].low in _PRONOUNS
            if not is_told_on:
                subject = ()
            if not (below and is_label(line, below)):
                yield Source(
                    shown,
                    line.span,
                    said,
                    heading,
                    subject or (() if line.stems or question else heading or named_last),
                    line.stems if said is line.words else content_stems(said),
                    line.is_row,
                    line.is_item,
                    question,
                    line.is_question,
                    line.is_code,
                    line.marked,
                )
            if not is_told_on:
                subject = _subject(line.words)


def _subject(words: Sequence[Token]) -> tuple[Token, ...]:
    """What a sentence begins with, up to a verb that is known for one."""
    first = words[:SUBJECT]
    end = next((at for at, word in enumerate(first) if at and word.low in VERBS), len(first))
    return tuple(first[:end])


def _is_around(line: Line) -> bool:
    """Whether what a line says may be told of all: it is no row and no item of a list."""
    return not (line.is_row or line.is_item)


def _units_of_all(words: Sequence[Token]) -> frozenset[str]:
    """The dimension of a line such as ``Prices in euros``."""
    behind = [word for before, word in pairwise(words) if before.low == "in"]
    return bare_units(behind) if len(words) <= _SHORT else frozenset()


def _words_of_rows(title: Sequence[Token], lines: Sequence[Line]) -> frozenset[str]:
    """The content words that only rows have."""
    found = frozenset[str]().union(*(one.stems for one in lines if one.is_row))
    if found:
        around = (line.stems for line in lines if _is_around(line))
        found = found.difference(content_stems(title), *around)
    return found
