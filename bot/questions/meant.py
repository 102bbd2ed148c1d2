"""Whether a line in a thread is meant for the bot, though it does not mention it."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from logging import getLogger

from bot.questions import manners
from bot.questions.learned import weights_for
from bot.questions.lines import Line, asker, last_answer
from bot.questions.manners import Manner
from bot.questions.signs import is_to_people, needs_no_answer, signs
from domain.embeddings import Vector
from domain.errors import RetrievalError
from domain.function_words import ENGLISH, STOPWORDS

log = getLogger(__name__)

Meaning = Callable[[str], Mapping[str, Vector]]
"""Gives the vectors of a text, of length 1, by the names of their models: of those that are at
hand, none or several. Raises RetrievalError.
"""

_WORD = re.compile(r"\w+")
_NAMED = re.compile(r"<@[^<>]+>|(?<!\w)@\w")
_ADDRESSED = re.compile(
    r"^(?:(?:ok|okay|hey|hi|no|yes|yeah|so|and|but|ja|nein|non|oui|no|sí|não)[ ,]+)?"
    r"(?P<name>[A-ZÀ-ÖØ-Þ][\w'-]+|[\u0900-\u097f]+|\w{1,6}(?:さん|くん|ちゃん|様))(?P<comma>[,:、]?)(?:\s+|(?<=、))"
    r"(?P<rest>.*)",
    re.DOTALL,
)

_FEW = 5
"""Words of small talk that is nothing else."""
_WHOLE = 5
"""Words of a question that can be understood without what was said just before."""

_HONORIFICS = "さん", "くん", "ちゃん", "様"


def is_meant(
    line: Line,
    before: Sequence[Line],
    names: Collection[str] = (),
    meaning: Meaning | None = None,
) -> bool:
    """Whether ``line`` goes on from the bot's last answer, which ``before`` (oldest first) holds.

    What no rule decides is weighed as was learned, by all that is known of the line
    (``bot.questions.signs``). ``names`` are the first names of the people in the thread. Without
    ``meaning``, or if that fails, words alone are weighed.
    """
    by_rule = decided(line, before, names)
    if by_rule is not None:
        return by_rule
    vectors = _vectors(line.text, meaning)
    return weights_for(vectors).sum(signs(line, before), vectors) > 0


def decided(line: Line, before: Sequence[Line], names: Collection[str] = ()) -> bool | None:
    """Whether a line is meant, if a rule says so; None if none does.

    Never meant is a line in a thread where the bot did not answer, one that names somebody, one
    that asks who of those who are there does something, and one that is only thanks, a greeting,
    emoji or a few words of small talk. Always meant is what the same person says next after a
    refusal, unless that needs no answer: most say it in other words.
    """
    at, text = last_answer(before), manners.folded(line.text)
    if at is None or manners.manner(line.text) is not Manner.OTHER:
        return False
    is_small_talk = len(text.split()) <= _FEW and manners.is_social(text)
    if is_small_talk or _asks_who_here(text) or _is_to_somebody(line.text, names, before):
        return False
    is_next = at == len(before) - 1 and line.person == asker(before)
    if is_next and before[at].is_refusal and not (needs_no_answer(text) or is_to_people(text)):
        return True
    return None


def _vectors(text: str, meaning: Meaning | None) -> Mapping[str, Vector]:
    """Empty if there is none."""
    try:
        return meaning(text) if meaning else {}
    except RetrievalError as error:
        log.warning("A line of a thread is judged by its words alone: %s", error)
        return {}


def _asks_who_here(text: str) -> bool:
    """Whether folded ``text`` asks who does something on a day, or who of all who are there."""
    if not manners.begins(text, "who", first=True) or manners.has(text, "each_day"):
        return False
    return manners.has(text, "today") or manners.has(text, "all_here")


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
