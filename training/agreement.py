"""How far a model's answer agrees with the accepted one: by words, or by what both say.

An accepted answer that an expert or a corrector wrote is compared word by word. One that is an
older model's own, and that somebody rated 👍, is not: the same model would match it word for word,
and a right but shorter answer badly. There it counts whether the answer says what the liked one
says beyond the question: one of its numbers or names if it has any, else half of its other words.
So a shorter right answer loses nothing, and a fragment such as "days" wins nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from domain.questions import Audience, Difference, Passage
from domain.support.check import Checker
from domain.support.sentences import sentences
from domain.support.statement import Statement, statement
from domain.support.tokens import tokens
from domain.support.value import Value

_ENOUGH = 0.5
"""The share of a liked answer's words, beyond the question's, that says as much as all of them."""

_NO_WORD = re.compile(r"\W+")
_ARTICLES = frozenset(("a", "an", "the"))
_YES, _NO = frozenset(("yes", "ja", "oui", "sí")), frozenset(("no", "nein", "non"))


def words(text: str) -> list[str]:
    """The words as SQuAD counts them: lower case, no punctuation, no articles."""
    return [word for word in _NO_WORD.sub(" ", text).lower().split() if word not in _ARTICLES]


def f1(text: str, accepted: str) -> float:
    """Word overlap from 0 to 1: the harmonic mean of precision and recall over single words."""
    got, wanted = Counter(words(text)), Counter(words(accepted))
    if not got or not wanted:
        return float(got == wanted)
    same = (got & wanted).total()
    return 2 * same / (got.total() + wanted.total())


def contains(text: str, accepted: str) -> bool:
    """Whether ``text`` contains all words of ``accepted``, one after the other."""
    wanted = words(accepted)
    return not wanted or f" {' '.join(wanted)} " in f" {' '.join(words(text))} "


@lru_cache(maxsize=2_000)  # the report and the gate ask several times
def says(text: str, liked: str, question: str) -> float:
    """How far ``text`` says what ``liked`` says in answer to ``question``, from 0 to 1."""
    got = words(text)
    if not got:
        return 0.0
    if got == words(liked):
        return 1.0
    if _denies(text, liked, question):
        return 0.0
    asked = _statements(question)
    told, wanted = _statements(text), _statements(liked)
    if facts := list(_facts(wanted, asked)):
        return float(any(_has(told, fact, asked) for fact in facts))
    beyond = _stems(wanted) - _stems(asked)
    if not beyond:
        return _polarity_agrees(got, words(liked), told, wanted)
    return min(1.0, len(beyond & _stems(told)) / len(beyond) / _ENOUGH)


def _denies(text: str, liked: str, question: str) -> bool:
    written = Passage("", "", "", liked, 0.0, 0.0, Audience.of())
    checked = Checker((written,), question).check(text)
    return any(Difference.NEGATION in one.differs for one in checked) or (
        _polarity(words(text)) * _polarity(words(liked)) < 0
    )


def _polarity(found: Sequence[str]) -> int:
    """1 if it begins with yes, -1 with no, else 0."""
    first = found[0] if found else ""
    return (first in _YES) - (first in _NO)


def _polarity_agrees(
    got: Sequence[str],
    liked: Sequence[str],
    told: Sequence[Statement],
    wanted: Sequence[Statement],
) -> float:
    """For a liked answer in the question's own words: the same yes or no, or the same words."""
    if _polarity(got) and _polarity(got) == _polarity(liked):
        return 1.0
    all_of_it = _stems(wanted)
    return len(all_of_it & _stems(told)) / len(all_of_it) if all_of_it else 0.0


def _statements(text: str) -> list[Statement]:
    return [statement(tokens(one.text)) for one in sentences(text)]


def _stems(said: Sequence[Statement]) -> frozenset[str]:
    named = frozenset(name.key for one in said for name in one.names)
    return named.union(*(one.stems for one in said))


def _facts(liked: Sequence[Statement], asked: Sequence[Statement]) -> Iterator[Value | str]:
    """The numbers and the names of a liked answer that are not in the question."""
    known = [value for one in asked for value in one.values]
    keys = frozenset[str]().union(*(one.keys for one in asked))
    for one in liked:
        for value in one.values:
            if not value.loose and not any(value.equals(other) for other in known):
                yield value
        yield from (name.key for name in one.names if name.key not in keys)


def _has(told: Sequence[Statement], fact: Value | str, asked: Sequence[Statement]) -> bool:
    """Whether the answer has a fact; of a number also the unit, unless the question has it."""
    if isinstance(fact, str):
        return any(fact in one.keys for one in told)
    units = frozenset[str]().union(*(one.units for one in asked))
    return any(
        value.equals(fact) and (bool(value.measures) or not fact.measures or bool(units))
        for one in told
        for value in one.values
        if not value.loose
    )
