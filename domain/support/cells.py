"""Which of the cells of a row that say yes or no are about what a claim names."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.support.sources import Source
from domain.support.statement import Statement
from domain.support.tokens import Token
from domain.support.vocabulary import stem

_COLON = Token(":", ":", opens=False, is_sign=True)


def told_of(source: Source, claim: Statement, asked: Statement) -> Source:
    """``source`` without the yes and no of columns that the claim names less than another one.

    What it names alike, the question decides. They stand behind the first cell, as one clause.
    """
    cells = _cells(source.words)
    if len(source.marked) < 2 or len(cells) <= max(source.marked):
        return source
    said, wanted = _stems(claim.words), _stems(asked.words)
    named = {at: (_share(cells[at], said), _share(cells[at], wanted)) for at in source.marked}
    most = max(named.values())
    kept = [at for at in sorted(named) if named[at] == most]
    others = [at for at in range(1, len(cells)) if at not in source.marked]
    if len(kept) == len(named):
        return source
    words = [*cells[0], *(word for at in kept for word in (_COLON, *cells[at][1:]))]
    words += [word for at in others for word in cells[at]]
    return replace(source, words=tuple(words))


def _cells(words: Sequence[Token]) -> list[Sequence[Token]]:
    """The cells of a row; all but the first begin with the sign between them."""
    ends = [at for at, word in enumerate(words) if word.text == ";"]
    return [words[start:end] for start, end in zip([0, *ends], [*ends, len(words)], strict=True)]


def _share(cell: Sequence[Token], said: frozenset[str]) -> float:
    """The share of the words of a column's name that are in ``said``."""
    name = _stems(cell)
    return len(name & said) / max(len(name), 1)


def _stems(words: Iterable[Token]) -> frozenset[str]:
    """The words, also those that bind others: ``full-time`` has two."""
    return frozenset(stem(word.low) for word in words if not word.is_sign and word.low != "not")
