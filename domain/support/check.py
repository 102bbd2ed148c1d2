"""Finds for each sentence of an answer the passage that supports it, or why none does."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from domain.questions import Difference, Passage
from domain.support.compare import Quote, differences, is_borrowed
from domain.support.negation import is_turned
from domain.support.sentences import Span, sentences
from domain.support.sources import Source, sources
from domain.support.statement import Statement, statement
from domain.support.tokens import tokens

_TRIED = 12
"""The most sentences of passages that a claim is compared with in full."""

_PAIRED = 3
_APART = 4
"""How far apart two sentences may stand that are compared together."""

_FEW = 2
"""A claim with so few content words is understood with the question."""

_YES_AND_NO = frozenset("yes no ja nein oui non sí".split())
_SAYS_NOTHING = re.compile(
    r"(?:sure|of course|certainly|thank|let me know|feel free|(?:i )?hope (?:this|that)"
    r"|if you have (?:any )?(?:other|more|further)|the (?:documents?|passages?) (?:do|does) not)\b"
)
_JOINT = re.compile(
    r"[;,:] (?:and |but |while |whereas |or |und |aber )?|"
    r" (?:and|but|while|whereas|und|aber) "
)
_JOINTS = 8
_LONGEST_JOINED = 600
"""No sentence that a person would read is longer; one is a list, and its halves say no more."""

Found = tuple[Source | None, frozenset[Difference]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence of an answer with the passage's sentence that is nearest to it, if any is near.

    ``differs`` is empty if that sentence supports it. ``is_claim`` is false for what says nothing
    about the subject, such as ``Yes.``; that needs no support.
    """

    span: Span
    nearest: Source | None
    differs: frozenset[Difference]
    is_claim: bool = True

    @property
    def supported(self) -> bool:
        return not self.differs


class Checker:
    """Compares the sentences of answers with the passages that the model was shown."""

    def __init__(self, passages: Sequence[Passage], question: str = "") -> None:
        words = tokens(question)
        self._sources = list(sources(passages, words))
        self._common = self._sources[0].shown.common if self._sources else frozenset[str]()
        self._asked = statement(words, self._common)
        self._known: dict[str, Checked] = {}  # a model that repeats itself costs nothing more

    def check(self, text: str) -> list[Checked]:
        """The sentences of ``text`` in order, each with what supports it."""
        spans = sentences(text)
        for span in spans:
            if span.text not in self._known:
                self._known[span.text] = self._checked(span)
        return [replace(self._known[span.text], span=span) for span in spans]

    def nearest_in(self, passage: Passage) -> Source | None:
        """The sentence of ``passage`` that has most of the question's words."""
        return max(
            (source for source in self._sources if source.passage is passage),
            key=lambda source: len(self._asked.stems & source.stems),
            default=None,
        )

    def _checked(self, span: Span) -> Checked:
        claim = self._claim(span.text)
        if not _says_something(span.text, claim):
            return Checked(span, None, frozenset(), is_claim=False)
        found = self._best(claim)
        if found[1]:
            for part, other in _halves(span.text):
                first, second = self._best(self._claim(part)), self._best(self._claim(other))
                if _both(claim, found, first, second):
                    return Checked(span, *first)
        return Checked(span, *found)

    def _claim(self, text: str) -> Statement:
        return statement(tokens(text), self._common)

    def _best(self, claim: Statement) -> Found:
        """The sentence that supports the claim, or else the nearest with what differs."""
        near = self._near(claim)
        found: Found = None, frozenset({Difference.WORDS})
        for at in near:
            source = self._sources[at]
            differs = differences(claim, Quote((source.said,), source.head, source.keys))
            if not differs and self._is_denied(claim, at):
                differs = {Difference.NEGATION}
            if not differs:
                return source, frozenset()
            if found[0] is None or len(differs) < len(found[1]):
                found = source, frozenset(differs)
        for at in self._with_all(claim, near):
            source = self._sources[at]
            if not differences(claim, Quote((source.said,), source.head, source.keys)):
                return source, frozenset()
        for one, other in self._together(claim, near):
            if not differences(claim, Quote((one.said, other.said), one.head, one.keys)):
                return one, frozenset()
        return found

    def _is_denied(self, claim: Statement, at: int) -> bool:
        """Whether a sentence beside denies what the claim says more than the one at ``at``."""
        source = self._sources[at]
        more = claim.stems.difference(source.stems, *(head.stems for head in source.head))
        beside = self._sources[max(0, at - _APART) : at + _APART + 1] if more else []
        return any(
            other.passage is source.passage
            and not (other.is_row and source.is_row)
            and not more.isdisjoint(other.stems)
            and is_turned(claim, (source.said, other.said))
            for other in beside
        )

    def _near(self, claim: Statement) -> list[int]:
        """The sentences that have most of the claim's words; of these, those with its first word.

        A claim of hardly more than a number or a name is understood with the question. Numbers and
        names do not count: they are what is then compared.
        """
        wanted = claim.stems
        if len(wanted) <= _FEW:
            wanted |= self._asked.stems
        scores = [
            (len(wanted & source.stems), len(self._asked.stems & source.stems))
            for source in self._sources
        ]
        top = max((score for score, _ in scores), default=0)
        if not top and claim.stems:
            return []
        near = [at for at, (score, _) in enumerate(scores) if score == top]
        subject = next((each for each in claim.stem_at if each), "")
        named = [at for at in near if self._has_names(claim, at)]
        near = named or [at for at in near if subject in self._sources[at].stems] or near
        return sorted(near, key=lambda at: -scores[at][1])[:_TRIED]

    def _has_names(self, claim: Statement, at: int) -> bool:
        sure = [name for name in claim.names if name.sure]
        return bool(sure) and all(self._sources[at].said.names_it(name) for name in sure)

    def _with_all(self, claim: Statement, near: Sequence[int]) -> Iterator[int]:
        """Sentences with one word less that have all numbers and names, and are about the same.

        They are not about the same if what is nearer has a number or a name of its own instead.
        """
        strict = [value for value in claim.values if not value.loose]
        if not near or not (strict or any(name.sure for name in claim.names)):
            return
        nearer = [self._sources[at].said for at in near]
        least = max(1, len(claim.stems & self._sources[near[0]].stems) - 1)
        found = [
            at
            for at, source in enumerate(self._sources)
            if at not in near and len(claim.stems & source.stems) >= least
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

    def _is_other_row(self, claim: Statement, at: int, near: Sequence[int]) -> bool:
        """Whether a nearer row of the passage has a word of the claim instead of this row."""
        row = self._sources[at]
        others = (self._sources[one] for one in near)
        return row.is_row and any(
            one.is_row and one.passage is row.passage and not claim.stems & one.stems <= row.stems
            for one in others
        )

    def _together(self, claim: Statement, near: Sequence[int]) -> Iterator[tuple[Source, Source]]:
        """Two sentences of one passage that have more of the claim than either alone."""
        for at in near[:_PAIRED]:
            one = self._sources[at]
            others = self._sources[max(0, at - _APART) : at + _APART + 1]
            for other in others:
                if other is one or other.passage is not one.passage:
                    continue
                if not (other.is_row and one.is_row) and _adds(claim, one.said, other.said):
                    yield one, other


def _both(claim: Statement, found: Found, first: Found, second: Found) -> bool:
    """Whether both parts of a claim are supported, neither by what is said of another thing.

    What a sentence says otherwise to the claim as a whole, its halves do not change, except for a
    negation, which they may say twice.
    """
    one, other = first[0], second[0]
    if first[1] or second[1] or not one or not other:
        return False
    if one is other:
        return one is not found[0] or found[1] == {Difference.NEGATION}
    if not _adds(claim, one.said, other.said) or not _adds(claim, other.said, one.said):
        return False
    return not is_borrowed(claim, (one.said, other.said))


def _adds(claim: Statement, one: Statement, other: Statement) -> bool:
    """Whether ``other`` has something of the claim that ``one`` lacks."""
    if (claim.stems & other.stems) - one.stems:
        return True
    if any(other.names_it(name) and not one.names_it(name) for name in claim.names):
        return True
    return any(value.equals(its) for value in claim.values for its in other.values)


def _says_something(text: str, claim: Statement) -> bool:
    """Whether a sentence says anything that a passage could support."""
    lows = {word.low for word in claim.words if not word.is_sign}
    if lows <= _YES_AND_NO or text.endswith("?") or text.startswith("```"):
        return False
    strict = claim.names or any(not value.loose for value in claim.values)
    if not strict and (text.endswith(":") or _SAYS_NOTHING.match(text.casefold())):
        return False
    return bool(strict or claim.stems) or any(one.negations for one in claim.clauses)


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """The two parts of a sentence at each place where it could say two things."""
    joints = _JOINT.finditer(text) if len(text) <= _LONGEST_JOINED else ()
    for found in islice(joints, _JOINTS):
        first, second = text[: found.start()], text[found.end() :]
        if first.strip() and second.strip():
            yield first, second
