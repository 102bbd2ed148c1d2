"""Finds the sentences of passages that a claim is compared with: the nearest, and pairs of them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from domain.support.compare import is_borrowed
from domain.support.negation import is_turned
from domain.support.sources import Source
from domain.support.statement import LIGHT, Statement

_TRIED = 12
"""The most sentences of passages that a claim is compared with in full."""

_SHARE = 2
"""A sentence with all numbers and names must have one of so many content words of the claim."""

_PAIRED = 3
_APART = 4
"""How far apart two sentences may stand that are compared together."""

FEW = 2
"""A claim with so few content words is understood with the question."""


_IT = frozenset(("it", "them"))


class Candidates:
    """The sentences of the passages, of which those that could support a claim are chosen."""

    def __init__(self, sources: Sequence[Source], asked: Statement) -> None:
        self._sources = sources
        self._asked = asked
        self._count = Counter(each for source in sources for each in source.stems_told)

    def near(self, claim: Statement) -> list[int]:
        """The sentences that have most of the claim's words; of these, those with its first word.

        A claim of hardly more than a number or a name is understood with the question. Numbers and
        names do not count: they are what is then compared.
        """
        wanted = self._wanted(claim)
        near = self.with_most(claim)
        if not near:
            return [
                at
                for at in range(len(self._sources))
                if self._has_names(claim, at) or self._has_numbers(claim, at)
            ][:_TRIED]
        subject = next((each for each in claim.stem_at if each in wanted), "")
        named = [at for at in near if self._has_names(claim, at)]
        if not any(not value.loose for value in claim.values):
            near = self._rarest(wanted, near)
        near = named or near
        near = [at for at in near if subject in self._sources[at].stems_told] or near
        asked = self._asked.stems
        return sorted(near, key=lambda at: -len(asked & self._sources[at].stems))[:_TRIED]

    def with_most(self, claim: Statement) -> list[int]:
        """The sentences that have most of the claim's words; none if none has any of them."""
        wanted = self._wanted(claim)
        scores = [len(wanted & source.stems_told) for source in self._sources]
        top = max(scores, default=0)
        is_found = top or not claim.stems
        return [at for at, score in enumerate(scores) if score == top] if is_found else []

    def _wanted(self, claim: Statement) -> frozenset[str]:
        """The words that are looked for; a claim of few is understood with the question."""
        wanted = claim.stems
        if len(wanted) <= FEW:
            wanted |= self._asked.stems
        return wanted - LIGHT or wanted

    def _rarest(self, wanted: frozenset[str], near: Sequence[int]) -> list[int]:
        """Those whose words of the claim are in the fewest other sentences."""
        weights = [
            sum(1 / self._count[each] for each in wanted & self._sources[at].stems_told)
            for at in near
        ]
        most = max(weights, default=0.0)
        return [at for at, weight in zip(near, weights, strict=True) if weight > most - 0.01]

    def _has_names(self, claim: Statement, at: int) -> bool:
        sure = [name for name in claim.names if name.sure]
        source = self._sources[at]
        return (
            bool(sure)
            and any(sure[0].text in word.text for word in source.words)  # said costs more
            and all(source.said.names_it(name) for name in sure)
        )

    def _has_numbers(self, claim: Statement, at: int) -> bool:
        """Whether a sentence has all numbers of a claim, which are several, as two dates are."""
        told = [value for value in claim.values if not value.loose]
        its = self._sources[at].said.values
        return len(told) > 1 and all(any(one.equals(value) for value in its) for one in told)

    def with_all(self, claim: Statement, near: Sequence[int]) -> Iterator[int]:
        """Sentences with one word less that have all numbers and names, and are about the same.

        They are not about the same if what is nearer has a number or a name of its own instead.
        """
        strict = [value for value in claim.values if not value.loose]
        if not near or not (strict or any(name.sure for name in claim.names)):
            return
        nearer = [self._sources[at].said for at in near]
        most = len(claim.stems & self._sources[near[0]].stems)
        is_certain = bool(strict) and len(strict) + len(claim.names) > 1
        least: float = max(0 if is_certain else 1, most - 1)
        telling = claim.stems - LIGHT or claim.stems
        if len(telling) > 1:
            least = max(least, len(telling) / _SHARE)
        found = [
            at
            for at, source in enumerate(self._sources)
            if at not in near and len(claim.stems & source.stems_below) >= least
        ]
        for at in found[:_TRIED]:
            said = self._sources[at].said
            if self._is_other_row(claim, at, near):
                continue
            has_values = all(any(one.equals(its) for its in said.values) for one in strict)
            if not has_values or not all(said.names_it(name) for name in claim.names):
                continue
            if not any(is_borrowed(claim, (said, other)) for other in nearer):
                yield at

    def below(self, claim: Statement, near: Sequence[int]) -> Iterator[int]:
        """Sentences with all numbers, of something that is named above them: ``It costs £6,900``.

        What they are told of is in a heading, or in the sentence before, so others may have more of
        the claim's words.
        """
        strict = [value for value in claim.values if not value.loose]
        least = max(1.0, len(claim.stems - LIGHT or claim.stems) / _SHARE)
        for at, source in enumerate(self._sources):
            if not strict or at in near:
                continue
            if not all(any(one.equals(its) for its in source.said.values) for one in strict):
                continue
            had = claim.stems & source.stems_below
            is_named = any(one.names_it(name) for name in claim.names for one in source.head)
            if (is_named or had - source.stems) and len(had) >= least:
                yield at

    def _is_other_row(self, claim: Statement, at: int, near: Sequence[int]) -> bool:
        """Whether a nearer row of the passage has a word of the claim instead of this row."""
        row = self._sources[at]
        others = (self._sources[one] for one in near)
        return row.is_row and any(
            one.is_row and one.passage is row.passage and not claim.stems & one.stems <= row.stems
            for one in others
        )

    def together(self, claim: Statement, near: Sequence[int]) -> Iterator[tuple[Source, Source]]:
        """The two sentences of one passage that have most of the claim; several if as much."""
        pairs = list(self._pairs(claim, near))
        had = [len(claim.stems & (one.stems | other.stems)) for one, other in pairs]
        most = max(had, default=0)
        for pair, each in zip(pairs, had, strict=True):
            if each == most:
                yield pair

    def _pairs(self, claim: Statement, near: Sequence[int]) -> Iterator[tuple[Source, Source]]:
        """Two sentences of one passage that have more of the claim than either alone."""
        for at in near[:_PAIRED]:
            one = self._sources[at]
            others = self._sources[max(0, at - _APART) : at + _APART + 1]
            for other in others:
                if other is one or other.passage is not one.passage:
                    continue
                if one.subject and one.subject not in (
                    other.subject,
                    other.words[: len(one.subject)],
                ):
                    continue
                if not (other.is_row and one.is_row) and adds(claim, one.said, other.said):
                    yield one, other

    def beside(self, at: int) -> Iterator[Statement]:
        """The sentences of the passage around the one at ``at``, and that one first."""
        source = self._sources[at]
        yield source.said
        for one in self._sources[max(0, at - _APART) : at + _APART + 1]:
            if one is not source and one.passage is source.passage and not one.is_row:
                yield one.said

    def is_denied(self, claim: Statement, at: int) -> bool:
        """Whether a sentence beside denies what the claim says more than the one at ``at``."""
        source = self._sources[at]
        more = claim.stems.difference(source.stems, *(head.stems for head in source.head))
        beside = self._sources[max(0, at - _APART) : at + _APART + 1] if more else []
        if not source.said.lows.isdisjoint(_IT):
            beside = [one for one in beside if one is not self._sources[at - 1]]
        return any(
            other.passage is source.passage
            and not (other.is_row and source.is_row)
            and not more.isdisjoint(other.stems)
            and (other.subject or len(claim.stems & other.stems) > 1)
            and is_turned(claim, (source.said, other.said))
            for other in beside
        )


def adds(claim: Statement, one: Statement, other: Statement) -> bool:
    """Whether ``other`` has something of the claim that ``one`` lacks."""
    if (claim.stems & other.stems) - one.stems:
        return True
    if any(other.names_it(name) and not one.names_it(name) for name in claim.names):
        return True
    return any(value.equals(its) for value in claim.values for its in other.values)
