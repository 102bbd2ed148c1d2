"""Whether another number or name of the passages stands nearer to a claim's words than its own.

A claim can have a number that the passages have, and tell it of the wrong thing. So the words
around it, the nearest most, are looked for around each place of that number, and around each of its
rivals: the numbers of the same dimension that the claim does not have. Names and parties are told
apart in the same way. A word that is in few sentences counts more than one that is in many.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import log

from domain.questions import Difference
from domain.support.places import MOST, PlacedSentence, number_keys
from domain.support.sources import Source
from domain.support.statement import LIGHT, Statement, content_stems, subject_stems
from domain.support.units import UNITS
from domain.support.value import Measure, Value

_NUMBER, _NAME, _PARTY = 0.2, 0.4, 0.3
"""By how much of the claim's words a rival has to be nearer."""

_FARTHEST, _SUBJECT, _HEADING, _BESIDE, _ASKED = 0.4, 0.7, 0.5, 0.2, 0.15
"""What counts a word that is far off in the sentence, of what ``it`` stands for, of the heading, of
the next sentence, and of the question."""

_LABEL = 0.9
"""What counts a word of the first cell of a row, of which all its cells are told."""

_FEW = 4
"""How many places of an item, and of its rivals, are compared: the nearest to its words."""

_SEVERAL = 2
"""So many numbers that one sentence has in the claim's order are told of no other thing."""

_RATE = 2
"""How many tokens behind a number ``an hour`` begins that it is counted by."""

_Place = tuple[int, int]
"""A sentence, and a token of it."""


class Rivals:
    """The sentences of the passages, in which the words around numbers and names are looked for."""

    def __init__(self, sources: Sequence[Source], asked: Statement) -> None:
        self._sources = sources
        self._asked = asked.stems

    def differences(self, claim: Statement) -> frozenset[Difference]:
        """Whether a number or name of the claim is told of what a rival is told of."""
        said = PlacedSentence(claim)
        if any(self._numbers(said)):
            return frozenset((Difference.NUMBER,))
        if any(self._names(said)):
            return frozenset((Difference.NAME,))
        return frozenset()

    def _numbers(self, claim: PlacedSentence) -> Iterator[bool]:
        strict = [value for value in claim.said.values if not value.loose]
        told = self._tell_all(strict)
        for value in strict[:MOST]:
            words = self._words(claim, frozenset((value.at,)), frozenset(number_keys(value)))
            equal, rivals = list[tuple[int, Value]](), list[tuple[int, Value]]()
            for n, sentence in enumerate(self._sentences):
                for its in sentence.said.values:
                    if value.equals(its):
                        equal.append((n, its))
                    elif (
                        _is_rival(value, its)
                        and self._sources[n].passage.id not in told
                        and not any(map(its.equals, strict))
                    ):
                        rivals.append((n, its))
            each = rate(claim.said, value)
            if each and self._have(each, rivals) and not self._tell(each, equal):
                yield True
            rivals = self._like(claim.said, value, equal, rivals)
            own, others = ([(n, its.at) for n, its in some] for some in (equal, rivals))
            yield self._is_nearer(words, own, self._of_it(claim.said, own, others), _NUMBER)

    def _tell_all(self, values: Sequence[Value]) -> frozenset[str]:
        """The passages with a sentence that has all of several numbers, in the claim's order."""
        if len(values) < _SEVERAL:
            return frozenset()
        return frozenset(
            source.passage.id
            for source, one in zip(self._sources, self._sentences, strict=True)
            if _has_in_order(one.said, values)
        )

    def _like(
        self,
        claim: Statement,
        value: Value,
        own: Sequence[tuple[int, Value]],
        others: list[tuple[int, Value]],
    ) -> list[tuple[int, Value]]:
        """The others that are a limit, or so much an hour, if the number is one here and there."""
        if value.bound and any(its.bound == value.bound for _, its in own):
            others = [(n, its) for n, its in others if its.bound]
        each = rate(claim, value)
        if each and self._have(each, own):
            others = [(n, its) for n, its in others if rate(self._sentences[n].said, its)]
        return others

    def _have(self, each: frozenset[Measure], places: Sequence[tuple[int, Value]]) -> bool:
        return any(rate(self._sentences[n].said, its) == each for n, its in places)

    def _tell(self, each: frozenset[Measure], places: Sequence[tuple[int, Value]]) -> bool:
        """Whether a sentence of the places has ``each``, also of a number that leaves it out."""
        return any(
            UNITS.get(word.low) in each for n, _ in places for word in self._sentences[n].said.words
        )

    def _names(self, claim: PlacedSentence) -> Iterator[bool]:
        told = frozenset(filter(None, claim.keys))
        items = [(one, _NAME) for one in claim.names] + [(one, _PARTY) for one in claim.parties]
        for item, least in items[:MOST]:
            keys = frozenset(claim.keys[at] for at in item)
            words = self._words(claim, item, keys)
            own, others = list[_Place](), list[_Place]()
            for n, sentence in enumerate(self._sentences):
                own += [(n, at) for key in keys for at in sentence.places.get(key, ())]
                others += [
                    (n, min(rival))
                    for rival in (*sentence.names, *sentence.parties)
                    if told.isdisjoint(sentence.keys[at] for at in rival)
                ]
            yield self._is_nearer(words, own, others, least)

    def _is_nearer(
        self,
        words: Mapping[str, float],
        own: Sequence[_Place],
        others: Sequence[_Place],
        least: float,
    ) -> bool:
        """Whether one of the others is nearer to ``words`` than each place of its own."""
        own, others = self._nearest(words, own), self._nearest(words, others)
        return bool(own) and all(
            any(self._lead(words, other, one) > least for other in others) for one in own
        )

    def _of_it(
        self, claim: Statement, own: Sequence[_Place], others: Sequence[_Place]
    ) -> list[_Place]:
        """The others without those of which the sentences lack what the claim begins with.

        If a sentence has it with the claim's number, others are of another thing.
        """
        subject = frozenset(subject_stems(claim))
        told = [place for place in own if subject <= self._sentences[place[0]].places.keys()]
        if not subject or not told:
            return list(others)
        return [
            (n, at)
            for n, at in others
            if not subject.isdisjoint(
                {
                    *self._sentences[n].places,
                    *self._sentences[n].headings,
                    *self._sentences[n].subject,
                }
            )
        ]

    def _nearest(self, words: Mapping[str, float], places: Sequence[_Place]) -> list[_Place]:
        def score(place: _Place) -> float:
            return sum(weight * self._nearness(key, *place) for key, weight in words.items())

        return sorted(places, key=score, reverse=True)[:_FEW]

    def _lead(self, words: Mapping[str, float], other: _Place, own: _Place) -> float:
        """How much more of ``words`` stands around ``other``, as a share.

        What a sentence says before both is said of both.
        """
        total, lead = sum(words.values()), 0.0
        for key, weight in words.items():
            places = self._sentences[own[0]].places.get(key, ())
            if own[0] == other[0] and places and max(places) < min(own[1], other[1]):
                continue
            lead += weight * (self._nearness(key, *other) - self._nearness(key, *own))
        return lead / total if total else 0.0

    def _words(
        self, claim: PlacedSentence, item: frozenset[int], keys: frozenset[str]
    ) -> Mapping[str, float]:
        """The words around an item that the passages have, each with its weight."""
        around = dict.fromkeys(self._asked - claim.said.stems, _ASKED) | claim.around(item)
        return {
            key: near * log(1 + len(self._sentences) / self._count[key])
            for key, near in around.items()
            if key in self._count and key not in keys and key not in LIGHT
        }

    def _nearness(self, key: str, n: int, at: int) -> float:
        sentence = self._sentences[n]
        near = 0.0
        if places := sentence.places.get(key):
            near = max(_FARTHEST, *(sentence.nearness(at, place) for place in places))
        if key in sentence.subject:
            near = max(near, _SUBJECT)
        if key in self._labels[n]:
            near = max(near, _LABEL)
        if key in sentence.headings:
            near = max(near, _HEADING)
        return max(near, _BESIDE) if near < _BESIDE and self._is_beside(key, n) else near

    def _is_beside(self, key: str, n: int) -> bool:
        source = self._sources[n]
        return not source.is_row and any(
            key in self._sentences[at].places and self._sources[at].passage is source.passage
            for at in (n - 1, n + 1)
            if 0 <= at < len(self._sources)
        )

    @cached_property
    def _sentences(self) -> list[PlacedSentence]:
        return [
            PlacedSentence(
                source.said,
                source.stems_above,
                content_stems(source.subject),
            )
            for source in self._sources
        ]

    @cached_property
    def _labels(self) -> list[frozenset[str]]:
        return [content_stems(source.label) for source in self._sources]

    @cached_property
    def _count(self) -> Counter[str]:
        """In how many sentences each word is."""
        return Counter(
            key for one in self._sentences for key in {*one.places, *one.headings, *one.subject}
        )


def _has_in_order(said: Statement, values: Sequence[Value]) -> bool:
    """Whether a sentence has all the numbers, one after the other."""
    its = iter(said.values)
    return all(any(value.equals(other) for other in its) for value in values)


def _is_rival(value: Value, other: Value) -> bool:
    return bool(value.scales & other.scales) and not other.loose


def rate(said: Statement, value: Value) -> frozenset[Measure]:
    """What a number is counted by, as the hour of ``£58 an hour``; empty if there is nothing."""
    behind = range(value.at + 1, value.at + 1 + _RATE)
    return frozenset[Measure]().union(
        *(its.measures for its in said.values if its.loose and its.at in behind)
    )
