"""Compares a sentence in another language than the passages by what both languages write alike.

Words of two languages cannot be compared, and neither can those of Japanese, Chinese, Korean and
Thai, which only a dictionary could cut. What is left are numbers with their units, codes and names.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from domain.languages import function_words_of, language
from domain.questions import Difference, Passage
from domain.support.alike import ForeignClaim, Read
from domain.support.names import is_code, key
from domain.support.nots import are_known
from domain.support.scripts import is_cut, shared, spaced
from domain.support.sources import Source
from domain.support.statement import Statement, statement
from domain.support.tokens import tokens

Found = tuple[Source | None, frozenset[Difference]]

_SAME = 0.85
"""The share of the pairs of letters that a sentence without blanks needs, to say the same."""

_NOT_COMPARED = frozenset((Difference.LANGUAGE,))


class Foreign:
    """The sentences of the passages, as they are compared with those of another language."""

    def __init__(self, sources: Sequence[Source], question: str) -> None:
        self._sources = sources
        self._question = question
        self._read: dict[int, Read] = {}
        self._languages: dict[str, str] = {}

    def compare(
        self, sentence: str, answer: str, nearest: Source | None, differs: frozenset[Difference]
    ) -> Found | None:
        """What supports ``sentence``, or why nothing does; None if its words can be compared.

        ``nearest`` and ``differs`` are what a comparison of its words found.
        """
        spoken = self._language_of(sentence, answer) if self._sources else ""
        if not differs and not is_cut(spoken):
            return None if _is_read(sentence, spoken, nearest) else (nearest, _NOT_COMPARED)
        apart = [one for one in self._passages if spoken and self._is_apart(spoken, one)]
        if not apart:
            return None
        is_near = nearest is not None and not any(nearest.passage is one for one in apart)
        if is_near and Difference.WORDS not in differs:
            return None  # a passage of its own language says otherwise
        places = [
            at
            for at, source in enumerate(self._sources)
            if any(source.passage is one for one in apart)
        ]
        near = nearest or self._sources[places[0]]
        if not _is_read(sentence, spoken, nearest):
            return near, _NOT_COMPARED
        claim = self._claim(sentence, spoken, places)
        if missing := frozenset(self._missing(claim, places)):
            return near, missing
        if not claim.has_any:
            found = self._alike(claim, places) if is_cut(spoken) else None
        else:
            found = None if claim.doubtful else self._with_all(claim, apart, places)
        return (found, frozenset()) if found else (near, _NOT_COMPARED)

    def _claim(self, sentence: str, spoken: str, places: Sequence[int]) -> ForeignClaim:
        said = statement(tokens(spaced(sentence)))
        its = function_words_of(spoken)  # such as the Portuguese "dos", which is no number there
        values = tuple(
            one for one in said.values if not one.loose and said.words[one.at].low not in its
        )
        codes = frozenset(one.key for one in said.names if _is_code(one.text))
        known = frozenset[str]().union(*(self._of(at).sure_names for at in places))
        capitals = [
            "" if word.is_sign or not word.text[0].isupper() else key(word.text)
            for word in said.words
        ]
        names = (frozenset(capitals) & known) - codes
        if is_cut(spoken):  # a Latin word is a name there
            latin = (one for one in said.words if one.text.isascii() and one.text[0].isupper())
            at_numbers = {said.words[value.at].text for value in said.values}
            codes |= {key(one.text) for one in latin if one.text not in at_numbers}
        sure = frozenset(
            one.key
            for one in said.names
            if one.sure and (spoken != "German" or _has_title(said, one.at))
        )
        beside = {
            capitals[at + step]
            for at, one in enumerate(capitals)
            if one in names
            for step in (-1, 1)
            if 0 <= at + step < len(capitals)
        }
        every = frozenset[str]().union(*(self._of(at).keys for at in places))
        return ForeignClaim(
            Read(sentence, said), values, codes, names, (sure | beside) - codes - every - {""}
        )

    def _missing(self, claim: ForeignClaim, places: Sequence[int]) -> Iterator[Difference]:
        every = [self._of(at) for at in places]
        if not all(any(one.has(value) for one in every) for value in claim.values):
            yield Difference.NUMBER
        if not all(any(code in one.keys for one in every) for code in claim.codes):
            yield Difference.NAME

    def _with_all(
        self, claim: ForeignClaim, passages: Sequence[Passage], places: Sequence[int]
    ) -> Source | None:
        """The sentence with most of the claim, of a passage that has all of it."""
        for passage in passages:
            if not are_known(self._language(f"{passage.title}\n{passage.text}") or "English"):
                continue
            own = [at for at in places if self._sources[at].passage is passage]
            read = [self._of(at) for at in own]
            names = claim.codes | claim.names
            if not own or not names <= frozenset[str]().union(*(one.keys for one in read)):
                continue
            if not all(any(one.has(value) for one in read) for value in claim.values):
                continue
            best = max(own, key=lambda at: claim.count(self._of(at)))
            source = self._of(best)
            if source.is_negated == claim.read.is_negated and not any(
                map(source.turns, claim.values)
            ):
                return self._sources[best]
        return None

    def _alike(self, claim: ForeignClaim, places: Sequence[int]) -> Source | None:
        """The sentence of the same language that has most of the claim's pairs of letters."""
        best = max(places, key=lambda at: shared(claim.read.text, self._of(at).text))
        its = self._of(best)
        is_same = shared(claim.read.text, its.text) >= _SAME
        return self._sources[best] if is_same and its.is_negated == claim.read.is_negated else None

    def _of(self, at: int) -> Read:
        if at not in self._read:
            source = self._sources[at]
            text = source.span.text
            plain = spaced(text)
            said = source.said if plain == text else statement(tokens(plain), source.shown.common)
            self._read[at] = Read(text, said, source.head)
        return self._read[at]

    def _language_of(self, sentence: str, answer: str) -> str:
        """The language of a sentence, if need be by the whole answer or the question."""
        if known := self._language(sentence) or self._language(answer):
            return known
        known = self._language(f"{self._question}\n{answer}")
        has_its = not function_words_of(known).isdisjoint(one.low for one in tokens(sentence))
        return known if has_its else ""

    def _is_apart(self, spoken: str, passage: Passage) -> bool:
        """Whether words of that language cannot be compared with those of ``passage``."""
        its = self._language(f"{passage.title}\n{passage.text}") or self._joint
        return is_cut(spoken) or its not in ("", spoken)

    @cached_property
    def _passages(self) -> list[Passage]:
        return list({id(one.passage): one.passage for one in self._sources}.values())

    @cached_property
    def _joint(self) -> str:
        """The one language of the passages; a table alone may have no word that tells it."""
        found = {self._language(f"{one.title}\n{one.text}") for one in self._passages} - {""}
        if not found:
            return self._language("\n".join(one.text for one in self._passages))
        return found.pop() if len(found) == 1 else ""

    def _language(self, text: str) -> str:
        if text not in self._languages:
            self._languages[text] = language(text)
        return self._languages[text]


def _is_read(sentence: str, spoken: str, nearest: Source | None) -> bool:
    """Whether a not would be seen; what stands in a passage word for word needs no reading."""
    is_copied = nearest is not None and " ".join(sentence.split()) in nearest.span.text
    return not spoken or are_known(spoken) or is_copied


def _is_code(text: str) -> bool:
    return is_code(text) or "@" in text or "://" in text


def _has_title(said: Statement, at: int) -> bool:
    """Whether a German noun, which all have capitals, is surely a name."""
    return at > 0 and said.words[at - 1].low in ("herr", "frau")
