"""The sentences of a passage that a claim is compared with."""

from dataclasses import dataclass

from domain.support.statement import Statement
from domain.support.value import Value


@dataclass(frozen=True, slots=True)
class Quote:
    """What a claim is compared with: one sentence of a passage or two, and what is around them.

    ``context`` are the title and the headings; ``keys`` all words of the passage and the question;
    ``named`` the pairs of words with capitals of the passage;
    ``asked`` the numbers of the question; ``units`` the dimensions that bare numbers may have.
    ``is_continued``: the claim goes on with what another one was supported for.
    """

    sentences: tuple[Statement, ...]
    context: tuple[Statement, ...]
    keys: frozenset[str]
    named: frozenset[tuple[str, str]] = frozenset()
    asked: tuple[Value, ...] = ()
    units: frozenset[str] = frozenset()
    is_continued: bool = False

    @property
    def stems(self) -> frozenset[str]:
        return frozenset[str]().union(*(one.stems for one in (*self.sentences, *self.context)))

    @property
    def values(self) -> list[Value]:
        return [value for one in self.sentences for value in one.values]
