"""A sentence by the places of its words, numbers, names and parties, and how near they stand."""

from dataclasses import dataclass
from functools import cached_property

from domain.support.parties import BODIES
from domain.support.statement import Statement
from domain.support.value import Value
from domain.support.vocabulary import stem

MOST = 12
"""How many items of a claim, words around each, and places of a word are looked at."""

_STEP, _CLAUSE = 0.85, 0.5
"""What each word, and each clause, between leaves of a word."""


@dataclass(frozen=True)
class PlacedSentence:
    """A sentence by the places of its words, numbers and names."""

    said: Statement
    headings: frozenset[str] = frozenset()
    subject: frozenset[str] = frozenset()

    @cached_property
    def keys(self) -> list[str]:
        """What each token is compared by; empty for function words."""
        keys = list(self.said.stem_at)
        for name in self.said.names:
            keys[name.at] = stem(name.key) if len(name.key) > 1 else name.key
        return keys

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each word and each number stands."""
        found: dict[str, list[int]] = {}
        for at, key in enumerate(self.keys):
            if key:
                found.setdefault(key, []).append(at)
        for value in self.said.values:
            for key in number_keys(value):
                found.setdefault(key, []).append(value.at)
        return {key: places[:MOST] for key, places in found.items()}

    @cached_property
    def order(self) -> list[tuple[int, int]]:
        """For each token, how many content words stand before it, and the number of its clause."""
        clauses = [n for n, one in enumerate(self.said.clauses) for _ in range(one.start, one.end)]
        numbers = {value.at for value in self.said.values}
        order, before = [], 0
        for at, (key, clause) in enumerate(zip(self.keys, clauses, strict=True)):
            order.append((before, clause))
            before += bool(key) or at in numbers
        return order

    @cached_property
    def names(self) -> list[frozenset[int]]:
        """The places of each name that is sure; a full name is one."""
        found: list[frozenset[int]] = []
        for name in self.said.names:
            if name.sure and found and name.at - 1 in found[-1]:
                found[-1] |= {name.at}
            elif name.sure:
                found.append(frozenset((name.at,)))
        return found

    @cached_property
    def parties(self) -> list[frozenset[int]]:
        named = frozenset[int]().union(*self.names)
        return [
            frozenset((at,))
            for at, word in enumerate(self.said.words)
            if at not in named and self.keys[at] and word.low.removesuffix("s") in BODIES
        ]

    def nearness(self, at: int, other: int) -> float:
        (one, clause), (two, its_clause) = self.order[at], self.order[other]
        words, clauses = max(0, abs(one - two) - 1), min(2, abs(clause - its_clause))
        return _STEP**words * _CLAUSE**clauses

    def around(self, item: frozenset[int]) -> dict[str, float]:
        """The words around an item, each with how near it is."""
        at = min(item)
        near = {
            key: max(self.nearness(at, place) for place in places)
            for key, places in self.places.items()
            if item.isdisjoint(places)
        }
        return dict(sorted(near.items(), key=lambda one: -one[1])[:MOST])


def number_keys(value: Value) -> list[str]:
    """What a number is compared by as a word around others: the 5 of ``line 5``."""
    if value.loose:
        return []
    measures = [f"{kind} {amount:g}" for kind, amount in value.measures]
    return measures or [f"number {one:g}" for one in value.raw]
