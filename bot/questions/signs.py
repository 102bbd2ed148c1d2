"""What can be seen of a line in a thread that tells whether it is for the bot, as numbers.

These are: who wrote it and who spoke since the bot's last answer; what it looks like; what kinds of
words it has (``bot.questions.manners``); how many of its words others said before; and its words
themselves, alone and with those beside them. What each is worth is learned
(``bot.questions.learned``).
"""

import math
import re
from collections.abc import Iterator, Sequence

from bot.questions import manners
from bot.questions.lines import Line, asker, last_answer

_LONGEST = 2_000
"""Characters of a line that are looked at."""
_WORDS = 30
"""The words of a line that are looked at one by one."""
_STEM = 5
"""Letters by which words are compared, so that endings do not count."""
_SHORT = 3
_SIDE_BY_SIDE = 3
"""The most words that are looked at together."""
_CAP = 3
"""A count above this says nothing more."""

_QUOTE = "“"
"""Begins the name of a sign that is words of the line."""

_WORD = re.compile(r"[\w']+|[^\w\s]")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NOT_SAID = re.compile(r"\[\d+\]|<[^<>]*>")
"""Marks of sources, and links."""
_EMOJI_NAME = re.compile(r":[a-z0-9_+-]{1,60}:")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_SENTENCE_END = re.compile(r"[.!?]\s")
_TELLS = (
    "explain|tell|say|list|show|give|check|look|find|summari[sz]e|translate|repeat|rephrase|search|"
    "link|name|share|point|put|make|write|convert|format"
)
_ABOUT_ANSWER = re.compile(
    rf"\b(?:can|could|would|will) (?:you|u) (?:(?:please|pls|also|maybe) )?(?:{_TELLS})"
)
"""What people ask who talk to the bot. ``did you find`` is not of these."""


def signs(line: Line, before: Sequence[Line]) -> dict[str, float]:
    """Each sign of ``line`` that is not 0; ``before``, oldest first, has an answer of the bot."""
    at = last_answer(before)
    assert at is not None, "the bot answered"
    words = _words(line.text)
    found = _speakers(line, before, at) | _looks(line.text, words) | _kinds(line.text)
    found |= _said_before(line, before, at) | _numbers(line.text, before[at].text)
    found |= _together(found)
    found |= dict.fromkeys(_phrases(words), 1.0)
    return {name: float(value) for name, value in found.items() if value}


def is_phrase(name: str) -> bool:
    """Whether a sign is words of the line, and not what is found in any line."""
    return name.startswith(_QUOTE)


def is_to_people(text: str) -> bool:
    """Whether a question, of which ``text`` is folded, is one that only people can answer."""
    asked = manners.questions(text)
    if _ABOUT_ANSWER.search(asked) or manners.has(asked, "you_answer"):
        return False
    return manners.is_social(asked) or manners.laughs(text) or manners.has(asked, "you")


def needs_no_answer(text: str) -> bool:
    """Whether folded ``text`` is small talk, pleased, or what somebody does or has done."""
    is_doing = manners.has(text, "plan") or manners.begins(text, "doing")
    is_settled = manners.has(text, "settled") or manners.has(text, "thanks")
    is_pleased = manners.begins(text, "pleased", first=True) or manners.is_social(text)
    return is_settled or is_pleased or (is_doing and not manners.begins(text, "wants"))


def _speakers(line: Line, before: Sequence[Line], at: int) -> dict[str, float]:
    since = before[at + 1 :]
    others = [one for one in since if one.person != line.person]
    people = {one.person for one in before if not one.is_own} - {line.person}
    return {
        "is of who asked": line.person == asker(before[:at]),
        "others since": min(len(others), _CAP),
        "bot spoke last": not since,
        "goes on from own line": bool(since) and since[-1].person == line.person,
        "others asked last": bool(others) and manners.has_question_mark(others[-1].text),
        "spoke before": any(one.person == line.person for one in before[:at]),
        "was refused": before[at].is_refusal,
        "people": min(len(people), _CAP),
        "answers": min(sum(one.is_own for one in before), _CAP),
    }


def _looks(text: str, words: Sequence[str]) -> dict[str, float]:
    text = text[:_LONGEST]
    return {
        "length": math.log1p(len(words)),
        "is short": len(words) <= _SHORT,
        "question mark": _is_asked(text),
        "ends with question mark": text.rstrip().endswith(("?", "？", "؟")),
        "sentences": bool(_SENTENCE_END.search(text)),
        "exclamation mark": "!" in text,
        "emoji": bool(_EMOJI.search(text) or _EMOJI_NAME.search(text)),
        "dots": "..." in text or "…" in text,
        "digits": any(one.isdigit() for one in text),
    }


def _kinds(text: str) -> dict[str, float]:
    folded = manners.folded(text)
    return {
        "asks": manners.asks(folded),
        "is to people": is_to_people(folded),
        "needs no answer": needs_no_answer(folded),
        **{f"has {kind}": manners.has(folded, kind) for kind in manners.kinds()},
        **{f"begins {kind}": manners.begins(folded, kind) for kind in manners.kinds()},
    }


def _together(found: dict[str, float]) -> dict[str, float]:
    """What says more together than each alone."""
    same, last = found["is of who asked"], found["bot spoke last"]
    mark, asks = found["question mark"], found["asks"]
    told = 0.0 if asks else found["words of answer"]
    return {
        "same, question mark": same and mark,
        "same, asks": same and asks,
        "last, question mark": last and mark,
        "last, asks": last and asks,
        "same, last": same and last,
        "same, last, question mark": same and last and mark,
        "same, last, asks": same and last and asks,
        "same, last, short": same and last and found["is short"],
        "same, last, another number": same and last and found["another number"],
        "last, rephrases": last and found["has rephrases"],
        "words of answer, told": told,
        "same, last, words of answer, told": same and last and told,
        "not last, question mark": not last and mark,
        "others asked last, question mark": found["others asked last"] and mark,
    }


def _said_before(line: Line, before: Sequence[Line], at: int) -> dict[str, float]:
    """The share of the line's words that the answer, its question, and others since then have."""
    own = _stems(line.text)

    def share(lines: Sequence[Line]) -> float:
        return len(own & _stems(" ".join(one.text for one in lines))) / (len(own) + 1)

    others = [one for one in before[at + 1 :] if one.person != line.person]
    return {
        "words of answer": share(before[at : at + 1]),
        "words of question": share(before[max(0, at - 1) : at]),
        "words of others": share(others),
    }


def _numbers(text: str, answer: str) -> dict[str, float]:
    """Whether the line has numbers, and the answer others: who doubts it often says another."""
    own = set(_NUMBER.findall(text[:_LONGEST]))
    answered = set(_NUMBER.findall(_NOT_SAID.sub(" ", answer)))
    return {
        "number of answer": not own.isdisjoint(answered),
        "another number": bool(answered and own - answered),
        "number, none answered": bool(own and not answered),
    }


def _phrases(words: Sequence[str]) -> Iterator[str]:
    """Up to three words side by side, with the line's beginning and end; numbers are alike."""
    looked_at = [("#" if word.isdigit() else word) for word in words[:_WORDS]]
    marked = ["^", *looked_at, "$"]
    for first in range(len(marked)):
        for length in range(1, _SIDE_BY_SIDE + 1):
            if first + length <= len(marked):
                yield _QUOTE + " ".join(marked[first : first + length])


def _words(text: str) -> list[str]:
    plain = text[:_LONGEST].replace("’", "'").casefold()
    return _WORD.findall(_EMOJI_NAME.sub(" 🙂 ", plain))


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _words(text) if len(word) > 3}


def _is_asked(text: str) -> bool:
    return any(mark in text for mark in "?？؟")
