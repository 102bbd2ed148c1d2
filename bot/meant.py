"""Whether a line in a thread is meant for the bot, though it does not mention it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from bot import manners
from bot.manners import Manner

_NAMED = re.compile(r"<@[^<>]+>|(?<!\w)@\w")
_ADDRESSED = re.compile(
    r"^(?:(?:ok|okay|hey|hi|no|yes|yeah|so|and|but|ja|nein|non|oui|no|sí|não)[ ,]+)?"
    r"(?P<name>[A-ZÀ-ÖØ-Þ][\w'-]+|[\u0900-\u097f]+|\w{1,6}さん)(?P<comma>[,:、]?)\s+"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_TELLS = (
    "explain|tell|say|list|show|give|check|look|find|summari[sz]e|translate|repeat|rephrase|search|"
    "link|name|share|point"
)
_ABOUT_ANSWER = re.compile(
    rf"\b(?:can|could|would|will) (?:you|u) (?:(?:please|pls|also|maybe) )?(?:{_TELLS})"
)
"""What people ask who talk to the bot. ``did you find`` is not of these."""

_WHOLE = 5
"""Words of a question that can be understood without what was said just before."""

_REPORTS = re.compile(r"(?:^|[.,;!] )(?:just )?[a-z]{3,}ed\b(?! for)|^\(.*\)$")
"""Begins with what was done, as in "tightened it, runs", or stands in brackets."""

_NO_NAMES = "thanks", "pleased", "greeting", "asks", "leads_on", "wants", "corrects", "reacts"
_MORE = "wants", "corrects"
_CALLED = re.compile(r"\b(?:bot|expert|phi-?3|assistant)\b")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a thread as people see it. ``person`` is an id; ``is_own``: the bot wrote it."""

    person: str
    text: str
    is_own: bool = False
    is_refusal: bool = False


def is_meant(line: Line, before: Sequence[Line], names: Collection[str] = ()) -> bool:
    """Whether ``line`` goes on from the bot's last answer, which ``before`` (oldest first) holds.

    It does if the bot spoke last, the line names nobody, and it reads like a question or a
    correction; of another person than the one who was answered only if it reads like a question for
    the documents. ``names`` are the first names of the people in the thread.
    """
    answer = _last_answer(before)
    if answer is None or _is_to_somebody(line.text, names):
        return False
    text = manners.folded(line.text)
    is_same = line.person == _answered(before[:answer])
    between = [one for one in before[answer + 1 :] if one.person != line.person]
    if any(manners.manner(one.text) is Manner.OTHER for one in between):
        return _comes_back(text, between[-1].text) if is_same else bool(_CALLED.search(text))
    if not is_same:
        return _asks_too(text)
    return _goes_on(text, refused=before[answer].is_refusal)


def _goes_on(text: str, *, refused: bool) -> bool:
    """Of the person who was answered, while nobody else says anything."""
    if manners.has_question_mark(text):
        return not _is_to_people(text)
    if manners.manner(text) is not Manner.OTHER or manners.has(text, "settled"):
        return False
    if manners.is_social(text) or (manners.has(text, "plan") and not manners.begins(text, "wants")):
        return False
    if manners.asks(text):
        return not _is_to_people(text)
    if manners.has(text, "thanks"):
        return False
    is_more = manners.begins(text, "leads_on") or any(map(partial(manners.has, text), _MORE))
    return is_more or refused or not (manners.begins(text, "reacts") or _REPORTS.search(text))


def _asks_too(text: str) -> bool:
    """Of somebody else, right after the bot answered the first person."""
    is_question = manners.has_question_mark(text) or (
        manners.asks(text) and len(text.split()) >= _WHOLE and not manners.has(text, "plan")
    )
    return is_question and not _is_to_people(text)


def _comes_back(text: str, last: str) -> bool:
    """Of the person who was answered, after others said something: a whole question of its own."""
    is_reply = manners.has_question_mark(last) or len(text.split()) < _WHOLE
    return not is_reply and manners.asks(text) and not _is_to_people(text)


def _is_to_people(text: str) -> bool:
    """Whether a question is one that only people can answer."""
    asked = manners.questions(text)
    if _ABOUT_ANSWER.search(asked) or manners.has(asked, "you_answer"):
        return False
    return manners.is_social(asked) or manners.has(asked, "you")


def _is_to_somebody(text: str, names: Collection[str]) -> bool:
    """Whether a line names a person as the one it is for."""
    if _NAMED.search(text):
        return True
    lowered = text.casefold()
    if any(re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", lowered) for name in names):
        return True
    found = _ADDRESSED.match(text.strip())
    if found is None:
        return False
    rest = manners.folded(found["rest"])
    if manners.begins(rest, "you") or manners.begins(rest, "us"):
        return True
    is_word = any(manners.begins(found["name"].casefold(), kind) for kind in _NO_NAMES)
    return bool(found["comma"]) and not is_word and len(rest.split()) >= _WHOLE - 2


def _last_answer(before: Sequence[Line]) -> int | None:
    """Where the bot spoke last; None if it did not speak yet."""
    return next((n for n in range(len(before) - 1, -1, -1) if before[n].is_own), None)


def _answered(before: Sequence[Line]) -> str:
    """Who spoke before the bot answered."""
    return next((line.person for line in reversed(before) if not line.is_own), "")
