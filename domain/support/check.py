"""Finds for each sentence of an answer the passage that supports it, or why none does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.questions import Difference, Passage
from domain.support.apart import without_not_of_others
from domain.support.binding import is_of_another
from domain.support.candidates import FEW, Candidates, adds
from domain.support.cells import told_of
from domain.support.claims import says_something
from domain.support.compare import ENOUGH, differences
from domain.support.foreign import Foreign
from domain.support.halves import are_sentences, halves, stands_alone
from domain.support.piece import LONGEST, is_told
from domain.support.quote import Quote
from domain.support.rivals import Rivals
from domain.support.roles import is_done_by_another, is_unknown
from domain.support.sentences import Span, sentences
from domain.support.sources import Source, sources
from domain.support.statement import Statement, content_stems, keys, statement
from domain.support.tokens import tokens
from domain.support.within import is_within
from domain.support.yes_and_no import implied, says_yes_and_no

_OFTEN_RIGHT = frozenset((Difference.NUMBER, Difference.NAME, Difference.WORDS))
"""What differs only from each sentence, if the passage has all numbers, names and words."""

_IN_OTHER_WORDS = frozenset((Difference.NEGATION, Difference.WORDS))
"""What differs also where a No is told on in other words, as in ``No, we bring our own``."""

_ASKING = frozenset(
    "asks asked asking whether wonders wondered fragt fragte gefragt ob demandé preguntó".split()
)
"""Words of a sentence that tells of a question; ``Ask Ada`` does not."""

_LAST = " .!:;,"
"""Signs at the end of a sentence, of which a copy may have others."""

_PARTS = 4
"""The most parts of a sentence that are supported each by itself."""

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

    @property
    def compared(self) -> bool:
        """Whether it could be compared, which needs a language of the passages."""
        return Difference.LANGUAGE not in self.differs


class Checker:
    """Compares the sentences of answers with the passages that the model was shown."""

    def __init__(self, passages: Sequence[Passage], question: str = "") -> None:
        words = tokens(question)
        every = list(sources(passages, words))
        self._sources = [one for one in every if not one.is_question]
        self._questions = [one for one in every if one.is_question]
        self._common = every[0].shown.common if every else frozenset[str]()
        self._proper = every[0].shown.proper if every else frozenset[str]()
        self._asked = statement(words, self._common)
        self._candidates = Candidates(self._sources, self._asked)
        self._rivals = Rivals(self._sources, self._asked)
        self._foreign = Foreign(self._sources, question)
        self._places: dict[str, list[int]] = {}
        for at, source in enumerate(self._sources):
            self._places.setdefault(_folded(source.span.text), []).append(at)
        self._stems = self._asked.stems.union(*(one.stems_below for one in self._sources))
        self._parts: dict[str, tuple[Statement, Found]] = {}
        self._known: dict[str, Checked] = {}  # a model that repeats itself costs nothing more

    def check(self, text: str) -> list[Checked]:
        """The sentences of ``text`` in order, each with what supports it."""
        spans = sentences(text)
        for span in spans:
            if span.text not in self._known:
                self._known[span.text] = self._checked(span)
        told = [replace(self._known[span.text], span=span) for span in spans]
        told[1:] = [self._continued(one, before) for before, one in pairwise(told)]
        return [self._in_its_language(one, text) for one in told]

    def is_near(self, one: Checked) -> bool:
        """Whether a sentence that nothing supports is still all in one passage, and not denied.

        Of an answer that is only a number or a name, another one that stands nearer to the
        question's words makes it doubtful, not more: of 98 such right ones 8 were doubted so.
        """
        if not one.differs or not one.differs <= _OFTEN_RIGHT:
            return False
        claim = self._claim(one.span.text)
        is_doubtful = claim.stems and self._rivals.differences(claim)
        return not is_doubtful and is_within(claim, self._sources)

    def nearest_in(self, passage: Passage) -> Source | None:
        """The sentence of ``passage`` that has most of the question's words."""
        return max(
            (one for one in (*self._sources, *self._questions) if one.passage is passage),
            key=lambda source: (not source.is_question, len(self._asked.stems & source.stems_told)),
            default=None,
        )

    def _in_its_language(self, one: Checked, text: str) -> Checked:
        """Compares what is in another language than the passages by numbers and names alone."""
        if not one.is_claim or (one.supported and one.span.text.isascii()):
            return one
        found = self._foreign.compare(one.span.text, text, one.nearest, one.differs)
        return replace(one, nearest=found[0], differs=found[1]) if found else one

    def _continued(self, one: Checked, before: Checked) -> Checked:
        """A sentence of few words, such as ``It lasts 2 hours.``, told on from the one before."""
        source = before.nearest
        if one.differs != {Difference.WORDS} or not source or not before.supported:
            return one
        if source.is_row or source.is_question:
            return one
        claim = self._claim(one.span.text)
        at = self._sources.index(source)
        for near in (source, *self._sources[at + 1 : at + 2]):
            quote = replace(self._quote(near), is_continued=True)
            if (
                near.passage is not source.passage
                or near.is_row
                or near.is_code
                or differences(claim, quote)
            ):
                continue
            if not is_done_by_another(claim, [near.said]):
                return replace(one, nearest=near, differs=frozenset())
        return one

    def _checked(self, span: Span) -> Checked:
        claim = self._claim(span.text)
        if not says_something(span.text, claim):
            return Checked(span, None, frozenset(), is_claim=False)
        if asked := self._asked_in_passages(claim):
            return Checked(span, asked, frozenset())
        if copied := self._copied(span.text, claim):
            return Checked(span, *copied)
        found = self._best(claim, is_whole=True)
        if not found[1]:
            if says_yes_and_no(claim, self._asked):
                return Checked(span, found[0], frozenset({Difference.NEGATION}))
            if is_unknown(claim, self._stems):
                return Checked(span, found[0], frozenset({Difference.NAME}))
            return Checked(span, *(self._denied(span.text) or self._rivalled(claim, found)))
        found = self._by_parts(span.text, claim, found, _PARTS - 1) or found
        found = self._as_asked(claim, found)
        return Checked(span, *self._rivalled(claim, found))

    def _asked_in_passages(self, claim: Statement) -> Source | None:
        """The question of a passage that a claim tells of: ``Ben asked whether we ship today``."""
        if claim.lows.isdisjoint(_ASKING):
            return None
        return next(
            (one for one in self._questions if not differences(claim, self._quote(one))), None
        )

    def _copied(self, text: str, claim: Statement) -> Found | None:
        """The sentence that has the same words; one of few words has to answer the question."""
        for at in self._places.get(_folded(text), ()):
            found: Found = self._sources[at], frozenset()
            is_piece = len(claim.stems) <= FEW and len(claim.words) <= LONGEST
            if not is_piece or self._sources[at].is_code:
                return found
            if at in self._candidates.with_most(claim):
                return self._rivalled(claim, found)
        return None

    def _by_parts(self, text: str, claim: Statement, found: Found, more: int) -> Found | None:
        """What supports the first part of a sentence, if something supports each of its parts."""
        for part, joint, other in halves(text):
            (one, first), (rest, second) = map(self._part, (part, other))
            if first[1] or not (stands_alone(one) and stands_alone(rest)):
                continue
            if second[1] and more > 1:
                second = self._by_parts(other, rest, second, more - 1) or second
            if _is_of_other_row(first[0], second[0], rest):
                continue
            if _both(claim, found, first, second, apart=are_sentences(joint, one, rest)):
                return first
        return None

    def _part(self, text: str) -> tuple[Statement, Found]:
        """A part of a sentence with what supports it; it is needed for several ways to cut it."""
        if text not in self._parts:
            claim = self._claim(text)
            self._parts[text] = claim, self._best(claim)
        return self._parts[text]

    def _as_asked(self, claim: Statement, found: Found) -> Found:
        """What supports a Yes or No, if the rest of the claim has no number or name of its own."""
        if not found[1] or not found[1] <= _IN_OTHER_WORDS:
            return found
        said = implied(claim, self._asked)
        if not said:
            return found
        whole = statement(said, self._common, self._proper)
        if any(not value.loose for value in whole.values):
            return found  # what was asked is not what the passages say of such a number
        source, differs = self._best(whole)
        if not source or differs or (found[0] and source.passage is not found[0].passage):
            return found
        is_about_it = len(whole.stems & source.stems) >= ENOUGH * len(whole.stems)
        return (source, frozenset()) if is_about_it else found

    def _rivalled(self, claim: Statement, found: Found) -> Found:
        """What supports the claim, unless a number or name of it is told of another thing."""
        return (found[0], found[1] or self._rivals.differences(claim)) if found[0] else found

    def _denied(self, text: str) -> Found | None:
        """What denies a half of a sentence that is one of its own, although another supports it."""
        for part, joint, other in halves(text):
            both = self._part(part), self._part(other)
            if not are_sentences(joint, both[0][0], both[1][0]):
                continue
            for half, (source, differs) in both:
                shared = len(half.stems & source.stems) if source else 0
                if Difference.NEGATION in differs and 2 * shared >= len(half.stems):
                    return source, frozenset({Difference.NEGATION})
        return None

    def _claim(self, text: str) -> Statement:
        return statement(tokens(text), self._common, self._proper)

    def _best(self, claim: Statement, *, is_whole: bool = False) -> Found:
        """The sentence that supports the claim, or else the nearest with what differs."""
        near = self._candidates.near(claim)
        found: Found = None, frozenset({Difference.WORDS})
        for at in near:
            source = self._sources[at]
            read = told_of(source, claim, self._asked)
            quote = self._quote(read)
            differs = differences(claim, quote)
            if differs == {Difference.NEGATION} and is_whole:
                differs = _denied_apart(claim, read, quote)
            if source.is_row and claim.stems & source.shown.rows - source.stems:
                differs.add(Difference.WORDS)  # it says what another row says
            if not differs and source.question and not _has_own(claim, source):
                differs = {Difference.WORDS}  # it has nothing but what was asked
            if not differs and self._candidates.is_denied(claim, at):
                differs = {Difference.NEGATION}
            if differs == {Difference.NEGATION} and is_told(claim, read, self._asked):
                differs = set()
            if not differs and self._is_of_another(claim, at):
                differs = {Difference.NAME}
            if not differs:
                return source, frozenset()
            if found[0] is None or len(differs) < len(found[1]):
                found = source, frozenset(differs)
        for at in self._candidates.with_all(claim, near):
            source = self._sources[at]
            read = told_of(source, claim, self._asked)
            quote = self._quote(read)
            differs = differences(claim, quote)
            if differs == {Difference.NEGATION} and is_whole:
                differs = _denied_apart(claim, read, quote)
            if not differs and not self._candidates.is_denied(claim, at):
                return source, frozenset()
        for at in self._candidates.below(claim, near):
            source = self._sources[at]
            quote = self._quote(told_of(source, claim, self._asked))
            is_told_so = not differences(claim, quote)
            if is_told_so and not self._candidates.is_denied(claim, at):
                return source, frozenset()
        for one, other in self._candidates.together(claim, near):
            if not differences(claim, self._quote(one, other)):
                return one, frozenset()
        return found

    def _quote(self, source: Source, *others: Source) -> Quote:
        said = tuple(one.said for one in (source, *others))
        shown = source.shown
        units = shown.units if source.is_row else frozenset[str]()
        around = (*source.head, source.asked) if source.question else source.head
        return Quote(said, around, source.keys, shown.named, self._asked.values, units)

    def _is_of_another(self, claim: Statement, at: int) -> bool:
        """Whether a sentence beside says otherwise of a party or a name of the claim."""
        if is_done_by_another(claim, self._candidates.beside(at)):
            return True
        lacking = [
            name for name in claim.names if name.sure and not self._sources[at].said.names_it(name)
        ]
        return bool(lacking) and any(
            is_of_another(claim, one)
            for one in self._candidates.beside(at)
            if any(one.names_it(name) for name in lacking)
        )


def _denied_apart(claim: Statement, source: Source, quote: Quote) -> set[Difference]:
    """What differs from a sentence that denies the claim, without its nots of other things."""
    rest = without_not_of_others(claim, source)
    if rest and not differences(claim, replace(quote, sentences=(rest,))):
        return set()
    return {Difference.NEGATION}


def _folded(text: str) -> str:
    """A sentence as copies are compared: without its last sign, and in any case."""
    return " ".join(text.casefold().split()).rstrip(_LAST)


def _has_own(claim: Statement, source: Source) -> bool:
    """Whether a sentence below a question has anything of the claim itself."""
    said = source.said
    return (
        not claim.stems.isdisjoint(source.stems)
        or any(value.equals(its) for value in claim.values for its in said.values)
        or any(map(said.names_it, claim.names))
    )


def _is_of_other_row(one: Source | None, other: Source | None, rest: Statement) -> bool:
    """Whether the rest of a sentence goes on with another row of a table without naming it."""
    if not one or not other or one is other or not (one.is_row and other.is_row):
        return False
    named = rest.stems | rest.keys
    return named.isdisjoint(content_stems(other.label) | keys(other.label))


def _both(claim: Statement, found: Found, first: Found, second: Found, *, apart: bool) -> bool:
    """Whether both parts of a claim are supported, each by something of its own.

    What a sentence says otherwise to the claim as a whole, its halves do not change, except for a
    negation, which they may say twice. ``apart``: they are sentences of their own.
    """
    one, other = first[0], second[0]
    if first[1] or second[1] or not one or not other:
        return False
    if apart and one.passage is other.passage:
        return True
    if one is other:
        return one is not found[0] or found[1] == {Difference.NEGATION}
    return adds(claim, one.said, other.said) and adds(claim, other.said, one.said)
