"""Whether a line in a thread is meant for the bot, though it does not mention it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.questions import manners
from bot.questions.manners import Manner
from domain.function_words import ENGLISH, STOPWORDS

_WORD = re.compile(r"\w+")
_NAMED = re.compile(r"<@[^<>]+>|(?<!\w)@\w")
_ADDRESSED = re.compile(
    r"^(?:(?:ok|okay|hey|hi|no|yes|yeah|so|and|but|ja|nein|non|oui|no|sí|não)[ ,]+)?"
    r"(?P<name>[A-ZÀ-ÖØ-Þ][\w'-]+|[\u0900-\u097f]+|\w{1,6}(?:さん|くん|ちゃん|様))(?P<comma>[,:、]?)(?:\s+|(?<=、))"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_TELLS = (
    "explain|tell|say|list|show|give|check|look|find|summari[sz]e|translate|repeat|rephrase|search|"
    "link|name|share|point|put|make|write|convert|format"
)
_ABOUT_ANSWER = re.compile(
    rf"\b(?:can|could|would|will) (?:you|u) (?:(?:please|pls|also|maybe) )?(?:{_TELLS})"
)
"""What people ask who talk to the bot. ``did you find`` is not of these."""

_SHORT = 40
_WHOLE = 5
"""Words of a question that can be understood without what was said just before."""

_HONORIFICS = "さん", "くん", "ちゃん", "様"


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
    if answer is None or _is_to_somebody(line.text, names, before):
        return False
    text = manners.folded(line.text)
    is_same = line.person == _answered(before[:answer])
    between = [one for one in before[answer + 1 :] if one.person != line.person]
    if any(manners.manner(one.text) is Manner.OTHER for one in between):
        return _comes_back(text, between[-1].text, is_same=is_same)
    if not is_same:
        return _asks_too(text)
    return _goes_on(text, refused=before[answer].is_refusal)


def _goes_on(text: str, *, refused: bool) -> bool:
    """Of the person who was answered, while nobody else says anything."""
    if manners.has_question_mark(text) or manners.begins(text, "asks", first=True):
        return not _is_to_people(text)
    if manners.begins(text, "leads_on", first=True) and manners.asks(text):
        return not _is_to_people(text)
    if _needs_no_answer(text):
        return False
    if manners.asks(text):
        return not _is_to_people(text)
    if manners.has(text, "thanks") or manners.begins(text, "reacts", first=True):
        return False
    if manners.begins(text, "leads_on") or manners.begins(text, "objects"):
        return True
    is_pleased = manners.begins(text, "pleased", first=True)
    is_more = manners.has(text, "wants") or manners.has(text, "corrects")
    is_other_word = refused and not is_pleased
    return is_more or is_other_word or (_is_fragment(text) and not is_pleased)


def _needs_no_answer(text: str) -> bool:
    """Whether it is thanks, small talk, or what somebody does or has done."""
    is_plan = manners.has(text, "plan") or manners.begins(text, "doing")
    return (
        manners.manner(text) is not Manner.OTHER
        or manners.has(text, "settled")
        or manners.is_social(text)
        or (is_plan and not manners.begins(text, "wants"))
    )


def _asks_too(text: str) -> bool:
    """Of somebody else, right after the bot answered the first person."""
    is_whole = _length(text) >= _WHOLE or manners.begins(text, "leads_on", first=True)
    is_question = manners.has_question_mark(text) or (manners.asks(text) and is_whole)
    return is_question and not _is_to_people(text)


def _comes_back(text: str, last: str, *, is_same: bool) -> bool:
    """After others said something: a whole question of its own, which is no answer to ``last``.

    Of the person who was answered (``is_same``) a short one, too.
    """
    if not manners.has_question_mark(text) and _needs_no_answer(text):
        return False
    begins = manners.begins(text, "asks", first=True)
    is_clear = manners.has_question_mark(text) and begins
    is_whole = _length(text) >= (_WHOLE - 2 if is_same and is_clear else _WHOLE)
    is_of_people = _is_to_people(text) or manners.has(text, "them")
    is_wish = is_same and manners.begins(text, "wants", first=True)
    asks = begins or manners.has_question_mark(text) or manners.has(text, "asks_within") or is_wish
    return not manners.has_question_mark(last) and is_whole and asks and not is_of_people


def _length(text: str) -> int:
    """Its words; of writing without blanks half of its characters."""
    return max(len(text.split()), sum(not one.isascii() for one in text if one > "\u2e80") // 2)


def _is_fragment(text: str) -> bool:
    """Whether it is a few words that only name something, as in ``second dog``."""
    is_short = len(text.split()) < _WHOLE and len(text) < _SHORT
    return is_short and not manners.has(text, "says")


def _is_to_people(text: str) -> bool:
    """Whether a question is one that only people can answer."""
    asked = manners.questions(text)
    if _ABOUT_ANSWER.search(asked) or manners.has(asked, "you_answer"):
        return False
    return manners.is_social(asked) or manners.laughs(text) or manners.has(asked, "you")


def _is_to_somebody(text: str, names: Collection[str], before: Sequence[Line]) -> bool:
    """Whether a line names a person as the one it is for."""
    if _NAMED.search(text):
        return True
    # "Will" and "May" are names too, but in a line mostly words.
    called = {name.casefold() for name in names} - STOPWORDS
    if not called.isdisjoint(_WORD.findall(text.casefold())):
        return True
    found = _ADDRESSED.match(text.strip())
    if found is None:
        return False
    rest, name = manners.folded(found["rest"]), found["name"].casefold()
    if found["name"].endswith(_HONORIFICS):
        return True
    if manners.is_known(name) or name in ENGLISH:
        return False
    if manners.begins(rest, "you") or manners.begins(rest, "us"):
        return True
    # What was spoken of before is a topic, and no name.
    if any(name in line.text.casefold() for line in before):
        return False
    is_asked = manners.has_question_mark(rest) and manners.begins(rest, "asks", first=True)
    return len(rest.split()) >= _WHOLE - 2 and (bool(found["comma"]) or is_asked)


def _last_answer(before: Sequence[Line]) -> int | None:
    """Where the bot spoke last; None if it did not speak yet."""
    return next((n for n in range(len(before) - 1, -1, -1) if before[n].is_own), None)


def _answered(before: Sequence[Line]) -> str:
    """Who spoke before the bot answered."""
    return next((line.person for line in reversed(before) if not line.is_own), "")
