"""What a line of a thread is by its words: thanks, a plan, a question, a correction.

The words are in ``manners.toml``, of English, German, French, Spanish, Portuguese, Hindi and
Japanese. A line of another language is known by its question mark alone.
"""

import re
import tomllib
import unicodedata
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path

_LONGEST = 2_000
"""Characters of a line that are looked at: thanks and plans are shorter."""

_BY_RULE = "who", "today", "each_day", "all_here"
"""Kinds that say together that only people who are there can answer."""
_EMOJI_NAME = re.compile(r":[a-z0-9_+'-]{1,60}:")
_DRAWN_OUT = re.compile(r"([a-jl-vx-z])\1{2,}")
"""``yesss``; but not ``kkk`` and ``www``, which are laughs."""
_SWAPPED = {
    word[:n] + word[n + 1] + word[n] + word[n + 2 :]: word
    for word in ("what", "when", "where", "which", "could", "should", "does", "how", "why")
    for n in range(len(word) - 1)
}
"""Question words with two letters swapped, the commonest typing error."""
_LAUGHS = re.compile("[😂🤣😅😜🙈😆😝😄😁🤪🍺🍻🍕🥐]")
_SENTENCE_END = re.compile(r"(?<=[.!?؟।。\n])")
_CLAUSES = re.compile(r"[.,;:!…–।。、]\s*|\s-\s|\n")
_FILLER = re.compile(
    r"(?:(?:ok|okay|k|and|but|so|or|then|also|well|hm+|oh|ah|sorry|thanks|thx|ty|great|good|cool|"
    r"right|hey|yes|yeah|und|aber|oder|dann|et|mais|ou|alors|donc|y|e|pero|o|entonces|mas|então|aur|"
    r"to|और|तो)\b[ ,]*)+"
)


class Manner(Enum):
    """What a whole line is. NOTHING has no words, such as an emoji alone."""

    THANKS = auto()
    GREETING = auto()
    NOTHING = auto()
    OTHER = auto()


def manner(text: str) -> Manner:
    """What all of a line is; OTHER as soon as it says anything besides."""
    line = _DRAWN_OUT.sub(r"\1", folded(text))
    if not _letters(line):
        return Manner.NOTHING
    if not _letters(_without(line, "greeting")):
        return Manner.GREETING
    if "?" not in line and not _letters(_without(line, "thanks", "pleased")):
        return Manner.THANKS
    return Manner.OTHER


def folded(text: str) -> str:
    """``text`` in lower case with plain apostrophes, without names of emoji and double blanks.

    A question word at its beginning is spelt right.
    """
    short = unicodedata.normalize("NFKC", text[:_LONGEST]).replace("’", "'").casefold()
    words = _EMOJI_NAME.sub(" ", short).split()
    return " ".join([*(_SWAPPED.get(word, word) for word in words[:2]), *words[2:]])


def kinds() -> tuple[str, ...]:
    """The kinds of words that are weighed; by others a rule decides."""
    return tuple(kind for kind in _tables() if kind not in _BY_RULE)


# Each of the following expects a folded line.


def has(line: str, kind: str) -> bool:
    """Whether one of the words of a kind, a table of ``manners.toml``, is in the line."""
    return any(words.search(line) for words in _words(kind))


def begins(line: str, kind: str, *, first: bool = False) -> bool:
    """Whether a clause of the line, or only the ``first``, begins with one of these words.

    Words such as "ok", "and" and "thanks" may stand before it.
    """
    whole, parts = _words(kind)
    clauses = [clause.strip() for clause in _CLAUSES.split(line) if clause.strip()]
    clauses = clauses[:1] if first else clauses
    clauses += [bare for clause in clauses if (bare := _FILLER.sub("", clause, count=1)) != clause]
    return any(whole.match(clause) for clause in clauses) or bool(parts.search(line))


def wants_summary(line: str) -> bool:
    """Whether it asks for a summary of what was written, and of nothing else."""
    if not has(line, "summary"):
        return False
    return not _letters(_without(line, "summary", "thread", "around", "thanks", "greeting"))


def is_known(word: str) -> bool:
    """Whether a word is one of those of any kind, and so no name."""
    return any(whole.fullmatch(word) for whole, _ in map(_words, _tables()))


def is_social(line: str) -> bool:
    return has(line, "social") or laughs(line)


def laughs(line: str) -> bool:
    return bool(_LAUGHS.search(line))


def has_question_mark(line: str) -> bool:
    return "?" in line or "؟" in line


def asks(line: str) -> bool:
    """Whether it reads like a question, also without a question mark."""
    return has_question_mark(line) or begins(line, "asks") or has(line, "asks_within")


def questions(line: str) -> str:
    """Its sentences that end with a question mark; all of it if none does."""
    asked = [one for one in _SENTENCE_END.split(line) if one.endswith(("?", "؟"))]
    return " ".join(asked) or line


@lru_cache
def _words(kind: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The words of a kind as a pattern of whole words, and as one of parts of words."""
    table = _tables()[kind]
    whole = {
        word
        for language, words in table.items()
        if language != "parts"
        for word in words.split(";")
    }
    # The longest come first, so that a match covers as much as it can.
    joined = "|".join(map(re.escape, sorted(whole, key=len, reverse=True)))
    parts = "|".join(map(re.escape, table["parts"].split(";"))) if "parts" in table else "(?!)"
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)"), re.compile(parts)


@lru_cache
def _tables() -> dict[str, dict[str, str]]:
    text = Path(__file__).with_name("manners.toml").read_text(encoding="utf-8")
    return tomllib.loads(unicodedata.normalize("NFKC", text))


def _letters(line: str) -> str:
    """Its letters and digits: nothing for a line of emoji and signs."""
    return "".join(one for one in line if one.isalnum())


def _without(line: str, *kinds: str) -> str:
    for kind in kinds:
        for words in _words(kind):
            line = words.sub(" ", line)
    return line
