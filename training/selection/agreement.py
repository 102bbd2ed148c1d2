"""Decides whether corrections of one answer say the same, and which one most people gave.

Words are not enough for that: "may" and "may not", "2 years" and "10 years" share nearly all of
them. Where it is not certain that two say the same, they count as different: then each waits for
somebody who says the same as it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.content_words import content_words
from domain.corrected import says
from domain.support.polarity import negations
from domain.support.tokens import tokens
from domain.words import words

_MOST = 16
"""How many different wordings of one answer's corrections are compared with each other."""

_SHARED = 0.5
"""Two texts of which the shorter shares fewer of its words with the other do not say the same."""

_NOT = frozenset(
    "not no never none nobody nothing nor neither without cannot except unless "
    "nicht kein keine keinen keinem keiner nie niemals ohne ne pas jamais sans no nunca sin".split()
)


@dataclass(frozen=True, slots=True)
class Said:
    """A correction's text, who wrote it, and when, as a number that grows with time."""

    text: str
    by: str
    at: float


def groups(said: Sequence[Said], question: str) -> list[list[Said]]:
    """The corrections that say the same, those of most people first, then the latest.

    Within a group they are in order of time.
    """
    same: dict[tuple[str, ...], list[Said]] = {}
    for one in sorted(said, key=lambda one: (one.at, one.by)):
        same.setdefault(_words(one.text), []).append(one)
    worded = sorted(same.values(), key=_weight, reverse=True)
    found: list[list[Said]] = []
    for some in worded[:_MOST]:
        group = next(
            (one for one in found if same_opinion(one[0].text, some[0].text, question)), None
        )
        if group is None:
            found.append(list(some))
        else:
            group += some
    ordered = [sorted(group, key=lambda one: (one.at, one.by)) for group in found]
    return sorted(ordered, key=_weight, reverse=True) + worded[_MOST:]


def same_opinion(one: str, other: str, question: str) -> bool:
    """Whether two answers to a question say the same: each of them says what the other does.

    Negation, numbers, units and names are compared strictly.
    """
    if _words(one) == _words(other):
        return True
    mine, its = _numbers(one), _numbers(other)
    if _denials(one) % 2 != _denials(other) % 2 or (mine and its and mine != its):
        return False
    ours, theirs = content_words(one), content_words(other)
    if len(ours & theirs) < _SHARED * min(len(ours), len(theirs)):
        return False
    return says(one, other, question) and says(other, one, question)


def _weight(group: Sequence[Said]) -> tuple[int, float]:
    return len({one.by for one in group}), max(one.at for one in group)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words(text))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in _words(text) if any(map(str.isdigit, word)))


def _denials(text: str) -> int:
    """How often a text denies; "not later than" counts here, since "later than" is another."""
    plain = text.replace("’", "'").casefold()
    simple = sum(word in _NOT for word in words(plain)) + plain.count("n't")
    return simple or len(negations(tokens(text)))
