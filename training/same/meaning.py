"""What a question asks, without how it is said: questions with equal meanings are the same.

Its parts are what is asked for (a person, a time, whether something is allowed, …), what is
negated, and the numbers, names and other words that carry meaning, each in its base form.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from domain.content_words import content_words
from domain.function_words import ENGLISH
from domain.languages import function_words_of, language
from domain.questions import Question
from domain.support.function_words import FUNCTION_WORDS, VERBS
from domain.support.scripts import is_negated
from domain.support.tokens import LONGEST, tokens
from domain.support.units import NUMBERS
from domain.words import apart, folded, words
from training.same.base_forms import base_form, foreign_base_form
from training.same.filler import without_filler
from training.same.other_languages import (
    foreign_kind_of,
    languages_with_words,
    unspaced_kind_of,
)
from training.same.question_words import Kind, kind_of, may, must

_READ = 4 * LONGEST
"""How many characters of a question are looked at."""

_EDGES = re.compile(r"\A[^\w$€£¥°%-]+|(?<=[\w%°])[^\w$€£¥°%]+\Z|\A[^\w$€£¥°%]+\Z")
"""Signs around a word, as ``¿`` and ``🙏``."""

_SPELT = {
    "whats": "what is", "wheres": "where is", "whos": "who is", "hows": "how is",
    "whens": "when is", "dont": "do not", "doesnt": "does not", "cant": "can not",
    "isnt": "is not", "arent": "are not", "wont": "will not", "didnt": "did not",
    "im": "i am", "gonna": "going to", "wanna": "want to", "gotta": "got to", "u": "you",
    "ur": "your", "r": "are", "wat": "what", "wher": "where", "e-mail": "email",
    "mails": "mail", "photos": "photo",
}  # fmt: skip

# Words of the language that a question may turn on.
_TELLING = frozenset(
    "off out down above below before after inside outside except only least less latest later "
    "earlier earliest minimum maximum most more last first fine document documents handbook "
    "people person self case ban note order way both either between during under over until "
    "without against up".split()
)
_DROPPED = (
    FUNCTION_WORDS.difference(_TELLING)
    | frozenset(
        "would like want wants know need needs get got ok okay hi us let try trying sure exist "
        "exists available usually currently want thing something someone somebody anyone anybody "
        "everybody everyone colleague supposed kind sort type question s d ll ve re m t".split()
    )
) - frozenset(("get", "got", "available"))
_NEGATING = frozenset(
    "not no never without none nobody nothing nor cannot lacking lack nicht kein keine keinen "
    "keinem keiner ohne nie niemals pas jamais sans aucun aucune ne sin nunca ningún ninguna "
    "senza mai nessun nessuna não sem nenhum niet geen zonder nooit bez nigdy inte utan ikke uden "
    "uten değil olmadan без не нет tidak tanpa δεν χωρίς".split()
)
_FORBIDDING = frozenset("forbidden prohibited banned verboten interdit prohibido".split())
_NEUTRAL = (" whether or not ", " or not ", " why not ")
_BEFORE = frozenset("before after above below over under inside outside between except".split())

_UNSAID = {
    Kind.WHO: "contact phone ask talk speak turn responsible charg handl deal person pleas",
    Kind.WHERE: "find locat keep locatio address whereabout get",
    Kind.WHEN: "date day time happen hour",
    Kind.WHY: "reason",
    Kind.HOW: "go about way procedur process step",
    Kind.HOW_LONG: "last time duration long",
    Kind.HOW_MANY: "number get",
    Kind.HOW_MUCH: "cost amount much price",
    Kind.MUST: "require",
    Kind.MAY: "allow permit possible permissible acceptabl",
}
"""What such a question says by its question word already."""

_TIMES = frozenset(("deadlin", "expir", "date"))
_PRICES = frozenset(("cost",))
_PLACES = frozenset(("address", "location", "whereabout"))
_NO_PLACES = frozenset(("email", "send", "ip", "web", "url"))
_PAYING = (" i have to pay", " i pay", " we pay", " you pay", " we have to pay", " i need to pay")

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is asked. ``words`` are those that carry meaning, ``extra`` what changes it: ``not``."""

    kind: Kind
    words: Words
    extra: Words = frozenset()

    @property
    def key(self) -> str:
        said = (*sorted(self.extra), "|", *sorted(self.words))
        return " ".join((str(self.kind), *said))


@lru_cache(maxsize=16_384)
def meaning(text: str) -> Meaning:
    """What a question asks, however it is worded."""
    plain = without_filler(_plain(text))
    lang = _language(plain)
    if lang not in ("", "English"):
        return _foreign(plain, lang)
    for phrase in _NEUTRAL:
        plain = plain.replace(phrase, " ")
    asked, rest = kind_of(plain)
    found, extra = _content(rest, is_turned=asked.is_yes_or_no)
    kind, found = _told_by_nouns(asked, found, rest)
    unsaid = _unsaid()[kind]
    extra |= _modality(kind, plain)
    kept = frozenset(word for word in found if word not in unsaid) or frozenset(found)
    if not kept and kind is Kind.WHAT:
        kept = content_words(text)
    return Meaning(kind, kept, extra)


def group_of(question: Question) -> str:
    """An id that questions share if they mean the same, also by what was asked before them."""
    asked = meaning(question.text)
    before = [turn.content for turn in question.history if turn.role == "user"]
    known = frozenset[str]().union(*(meaning(text).words for text in before))
    key = f"{asked.key} | {' '.join(sorted(known))}"
    return sha256(key.encode(errors="surrogatepass")).hexdigest()[:16]


def _plain(text: str) -> str:
    """``text`` in lower case with one blank between its words, and without signs."""
    parts = [text[at : at + LONGEST] for at in range(0, min(len(text), _READ), LONGEST)]
    found = (token.low for part in parts for token in tokens(part) if not token.is_sign)
    said = (low if low.isalnum() else _EDGES.sub("", low) for low in found)
    return f" {' '.join(_SPELT.get(low, low) for low in said if low)} "


def _language(plain: str) -> str:
    """The language, or the script, of a question; of few words, what its question word is of."""
    found = language(plain)
    if found or (plain.isascii() and " " not in plain.strip()):
        return found
    if kind_of(plain)[0] is not Kind.WHAT or " what " in plain or " which " in plain:
        return ""
    first = plain.split()[:1]
    return next(
        (
            each
            for each in languages_with_words()
            if first and (known := foreign_kind_of(f" {first[0]} ", each)) and known
        ),
        "",
    )


def _content(text: str, *, is_turned: bool) -> tuple[set[str], Words]:
    """The words that carry meaning, and what of them is negated or bound: ``before lunch``.

    ``is_turned``: a not in front only says that a yes is expected, as in ``Can't I …?``.
    """
    found, extra = set[str](), set[str]()
    lows = text.split()
    has_both = "from" in lows and "to" in lows
    bound = ""
    for at, low in enumerate(lows):
        if low in _NEGATING:
            if not (is_turned and at == 1):
                bound = "not"
            continue
        if low in _FORBIDDING:
            extra.add("not")
            continue
        if low in _BEFORE or (has_both and low in ("from", "to")):
            bound = f"{bound} {low}".strip()
            continue
        is_pronoun = low == "one" and (at == 0 or lows[at - 1] in VERBS)
        if low in _DROPPED and (low not in NUMBERS or is_pronoun):
            continue
        word = _number(low) or base_form(low)
        found.add(word)
        if bound:
            extra.add(f"{bound} {word}")
            bound = ""
    if bound:
        extra.add(bound)
    return found, frozenset(extra)


def _number(low: str) -> str:
    if low in NUMBERS:
        return f"{NUMBERS[low]:g}"
    return low if low[:1].isdigit() else ""


def _told_by_nouns(kind: Kind, found: set[str], text: str) -> tuple[Kind, set[str]]:
    """What is asked for by a noun: ``the deadline``, ``the price``, ``the address``."""
    if kind is Kind.WHAT:
        if found & _TIMES:
            kind = Kind.WHEN
        elif "period" in found:
            kind = Kind.HOW_LONG
        elif found & _PRICES and len(found) > 1:
            kind = Kind.HOW_MUCH
        elif found & _PLACES and not found & _NO_PLACES and len(found) > 1:
            kind = Kind.WHERE
        elif {"number", "of"} <= set(text.split()):
            kind = Kind.HOW_MANY
    if kind is Kind.HOW_MUCH and any(phrase in text for phrase in _PAYING):
        found = found - {base_form("pay")} or found
    return kind, found


def _modality(kind: Kind, text: str) -> Words:
    """``When can I …`` and ``When must I …`` are different, and so is how much one can or must."""
    if kind in (Kind.WHEN, Kind.WHAT):
        return frozenset(["may"]) if may(text) else frozenset()
    is_open = kind in (Kind.WHO, Kind.HOW_LONG, Kind.HOW_MANY, Kind.HOW_MUCH)
    return frozenset(["must"]) if is_open and must(text) and not may(text) else frozenset()


def _foreign(text: str, lang: str) -> Meaning:
    if apart(text) != text:
        kind, rest = unspaced_kind_of("".join(text.split())) or (Kind.WHAT, text)
        found = content_words(rest) - ENGLISH
        return Meaning(kind, found, frozenset(["not"] if is_negated(text) else []))
    kind, rest = foreign_kind_of(text, lang) or (Kind.WHAT, text)
    known, said, turned, bound = function_words_of(lang), set[str](), set[str](), ""
    for low in rest.split():
        if low in _NEGATING:
            bound = "not"
            continue
        if low in known or folded(low) in known:
            continue
        word = low if low[:1].isdigit() else foreign_base_form(folded(low), lang)
        said.add(word)
        if bound:
            turned.add(f"{bound} {word}")
            bound = ""
    if bound:
        turned.add(bound)
    return Meaning(kind, frozenset(said) or frozenset(words(text)), frozenset(turned))


@lru_cache(maxsize=1)
def _unsaid() -> dict[Kind, Words]:
    return {
        kind: frozenset(_UNSAID.get(kind, "").split())
        | {base_form(word) for word in _UNSAID.get(kind, "").split()}
        for kind in Kind
    }
