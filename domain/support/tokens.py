"""The words of a sentence, with the signs between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from domain.support.units import MONEY, NUMBERS

LONGEST = 2_000
"""The most characters of one sentence that are compared."""

# Words, numbers with what stands inside of them, addresses, and signs that part clauses.
_TOKEN = re.compile(
    r"[^\s,;:=!?()\[\]{}\"“”„«»|`*…–—]++(?:[:,](?=\d)(?<=\d[:,])[^\s,;:=!?()\[\]{}\"“”„«»|`*…–—]++"
    r"|:(?=//)[^\s()\"“”|`*]++)*+"
    r"|[,;:=|!?()\[\]\"“”„«»–—]"
)
_SIGNS = frozenset(',;:=|!?()[]"“”„«»–—')
_OPENING = frozenset(':="“„«([|;')
_PLUS = re.compile(r"(?<=\d)\+(?=\s|$)")
_NOT = re.compile(r"(?<=\w)n[’'´]t\b")
_ELIDED = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)[’'](?=\w\w)", re.IGNORECASE)
_ENDINGS = tuple(mark + end for mark in "'’" for end in ("s", "re", "ve", "ll", "d", "m"))
# Verbs of two words that one word says too.
_PARTICLE_VERBS = {
    "turned down": "refused",
    "turn down": "refuse",
    "turned away": "refused",
    "turns away": "refuses",
    "turn away": "refuse",
    "apart from": "except",
    "other than": "except",
    "per cent": "percent",
    "pour cent": "percent",
    "por ciento": "percent",
    "aside from": "except",
    "with the exception of": "except",
    "nobody but": "nobody except",
    "no one but": "nobody except",
    "nothing but": "nothing except",
    "paid back": "reimbursed",
    "pay back": "reimburse",
    "called off": "cancelled",
    "handed in": "submitted",
    "hand in": "submit",
    "filled in": "completed",
    "fill in": "complete",
    "filled out": "completed",
    "fill out": "complete",
    "carried out": "done",
    "thrown away": "discarded",
    "throw away": "discard",
    "thrown out": "discarded",
    "left out": "omitted",
    "leave out": "omit",
    "put off": "postponed",
    "taken out": "removed",
    "carried over": "transferred",
    "carry over": "transfer",
    "rolled over": "transferred",
    "roll over": "transfer",
    "prior to": "before",
    "and nobody else": "only",
    "and no one else": "only",
    "and nothing else": "only",
    "nobody else may": "only",
    "no one else may": "only",
    "nothing else may": "only",
    "for nothing": "for free",
    "at present": "currently",
    "by hand": "manually",
    "no one": "nobody",
    "every other": "every second",
    "leave it": "keep it",
    "leave them": "keep them",
}
_AGED = re.compile(r"\b(under|over)-(\d+)s\b", re.IGNORECASE)
_PARTICLES = frozenset(" " + pair.split()[1] for pair in _PARTICLE_VERBS)
_PARTICLE_VERB = re.compile(rf"\b(?:{'|'.join(_PARTICLE_VERBS)})\b(?!(?<=down) to )", re.IGNORECASE)
_LESS = re.compile(r"\bminus (?=\d)")
_APOSTROPHES = frozenset("'’´")
_TRIMMED = ".'’‘_~-/†‡"
_NUMBERS_JOINED = re.compile(r"(?<=\d)[-‐‑](?=\d)")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}-\d{4}")
_WORDS_JOINED = re.compile(r"[-‐‑/]")
_MINUS = re.compile(r"[-−]\d")
_LIMIT = re.compile(r"[<>≤≥](?=[-−]?\d)")
_BEFORE_NUMBERS = frozenset("<>≤≥+±≈~#§№×")
_MARKED = re.compile(r"\A[+±≈~#§№×]++(?=\d)")
"""What stands before a number and does not change it."""

_KEY = "\u20e3"
_KEYCAP = re.compile(rf"\d\ufe0f?{_KEY}")
"""The mark of an item in a list, as chats show it."""

_SAME_SIGNS = str.maketrans("،؛؟٪٫٬।॥", ",;?%.,..")
_COMPARING = {"<=": "≤", ">=": "≥", "=>": "→", "->": "→"}
_COMPARED = re.compile("|".join(_COMPARING))


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign. ``opens``: it may have a capital because it stands first."""

    text: str
    low: str
    opens: bool
    is_sign: bool = False


def tokens(text: str) -> list[Token]:
    """The tokens of one sentence; ``don't`` is two, ``14-day`` too, and ``AB-12`` is one."""
    plain = normalize("NFC", text[:LONGEST])
    if not plain.isascii():
        plain = plain.translate(_SAME_SIGNS)
    if _KEY in plain:
        plain = _KEYCAP.sub("", plain)
    if ">" in plain or "<" in plain:
        plain = _COMPARED.sub(lambda found: _COMPARING[found[0]], plain)
    plain = plain.replace("cannot", "can not").replace("Cannot", "Can not")
    if "s" in plain and "-" in plain:
        plain = _AGED.sub(r"\1 \2", plain)
    if "+" in plain:
        plain = _PLUS.sub(" or more", plain)
    if "minus " in plain:
        plain = _LESS.sub("-", plain)
    if not _APOSTROPHES.isdisjoint(plain):
        plain = _NOT.sub(" not", plain)
        plain = _ELIDED.sub(lambda found: found[0][:-1] + "e ", plain)
    if any(particle in plain for particle in _PARTICLES):
        plain = _PARTICLE_VERB.sub(lambda found: _PARTICLE_VERBS[found[0].lower()], plain)
    found: list[Token] = []
    opens = True
    for match in _TOKEN.finditer(plain):
        text = match.group()
        if text in _SIGNS:
            found.append(Token(text, text, opens, is_sign=True))
            opens = opens or text in _OPENING
            continue
        if text.isalpha():
            found.append(Token(text, text.casefold(), opens))
            opens = False
            continue
        for n, part in enumerate(_parts(text)):
            found.append(Token(part, part.casefold(), opens and n == 0))
            opens = False
    return found


def _parts(text: str) -> Iterator[str]:
    """A range such as ``9-17`` is two numbers; ``part-time`` is two words, a code is one."""
    if text[0] in _BEFORE_NUMBERS:
        if _LIMIT.match(text):
            yield text[0]
            yield from _parts(text[1:])
            return
        text = _MARKED.sub("", text)
    if _MINUS.match(text):
        yield "-" + text[1:].rstrip(_TRIMMED)
        return
    is_code = text[:1] != "_" and "_" in text  # "pt_", but not "_word_"
    text = text.strip(_TRIMMED.replace("_", "") if is_code else _TRIMMED)
    for ending in _ENDINGS:
        text = text.removesuffix(ending)
    if not text:
        return
    if "://" in text or "@" in text or _DATE.fullmatch(text):
        yield text
        return
    for piece in _numbers_apart(text) if text[0].isdigit() else [text]:
        if ("-" not in piece and "/" not in piece) or piece.casefold() in NUMBERS:
            yield piece
            continue
        parts = [part for part in _WORDS_JOINED.split(piece) if part]
        is_amount = piece[0].isdigit() or piece[0] in MONEY
        is_measure = is_amount and len(parts) > 1 and parts[-1].isalpha()
        if (all(part.isalpha() for part in parts) and "/" not in piece) or is_measure:
            yield from parts
        else:
            yield piece


def _numbers_apart(text: str) -> list[str]:
    """The numbers of ``100-200``, with a dash between them, so that they are not read as one."""
    return _NUMBERS_JOINED.sub(" – ", text).replace("×", " × ").split()
