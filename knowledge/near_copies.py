"""Tells versions of one text, such as the price lists of two years, from texts that are only alike.

Two documents are versions of one text if their titles are the same without dates and version marks,
most of their pairs of words are the same, and so are their codes. Pages of one template about two
offices or two errors have other titles or other codes, or differ in too much of what they say.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from heapq import nsmallest
from itertools import islice, pairwise

from domain.documents import VersionOf
from domain.words import apart, words
from knowledge.version_marks import MONTHS, STATES

SIZE = 64
"""How many pairs of words a sketch has: a likeness is then off by about 0.06 (one in sqrt(4 n))."""

ALIKE = 0.6
"""The likeness from which texts are versions: a notice of 20 words whose price changed has 0.8."""

ALIKE_CODES = 0.8
"""The share of codes in common from which texts are versions: a list of parts may get a new one."""

_LONGEST = 200_000
"""The most words of a text that are looked at: a long book."""

_YEAR = r"(?:19|20)\d\d"
_MARK = re.compile(
    rf"{_YEAR}|v\d+(?:\.\d+)*|\(\d\)|rev\.?\d*|q[1-4]|h[12]|kw\d+|fy\d+|"
    "version|revision|edition|" + "|".join([*STATES, *MONTHS])
)
"""Parts of a title that say which version it is, and not what it is about."""

_DATE = re.compile(
    rf"(?<!\d)(?:{_YEAR}[-._/][01]?\d(?:[-._/][0-3]?\d)?|[0-3]?\d[-./][01]?\d[-./](?:\d\d){{1,2}}|"
    rf"[01]?\d[-/][0-3]?\d[-/]{_YEAR})(?!\d)"
)
_NUMBERED = re.compile(r"\b(version|revision|rev\.?|edition|v)[ _-](\d+(?:\.\d+)*)")
_CODE = re.compile(r"(?!v\d|rev\d|q[1-4]|h[12]|kw\d|fy\d)[a-z]{1,4}[-_]?\d.*")
"""Such as ``e-2031`` or ``iso9001``: these say what a page is about, although they hold numbers."""

_IS_CODE = re.compile(
    rf"(?!{_YEAR}$)\d{{4,20}}|(?!\d{{1,20}}[^\W\d]{{1,3}}$|(?:[vq]|rev)\.?\d)"
    r"(?=\D{0,40}\d)(?=\d{0,40}[^\W\d])\w[\w/._-]{1,40}"
)

Sketch = tuple[int, ...]
"""The smallest hashes of a text's pairs of words, at most ``SIZE``, in order."""


def sketch(texts: Iterable[str]) -> Sketch:
    """A sketch of the document that consists of ``texts``; empty if there are no two words."""
    return tuple(nsmallest(SIZE, {_hash(pair) for pair in pairwise(_words(texts))}))


def codes(texts: Iterable[str]) -> Sketch:
    """A sketch of the codes in ``texts``, such as ``E-4032``, ``KX0050`` or ``77120``.

    Years are none, nor numbers with a unit, such as ``40km``, nor versions, such as ``v2.1``.
    """
    parts = (part.strip(".,;:!?()[]{}<>\"'") for text in texts for part in apart(text).split())
    found = {each for part in islice(parts, _LONGEST) if _IS_CODE.fullmatch(each := part.lower())}
    return tuple(nsmallest(SIZE, {_hash((code, "")) for code in found}))


def likeness(one: Sketch, other: Sketch) -> float:
    """The share of pairs of words that two texts have in common (Jaccard), estimated, 0 to 1.

    The smallest hashes of both together are a random sample of all their pairs.
    """
    sample = nsmallest(SIZE, {*one, *other})
    both = set(one) & set(other)
    return sum(pair in both for pair in sample) / len(sample) if sample else 0.0


def subject(title: str) -> str:
    """A title without what says which version it is: ``Price list 2025 (final)`` → ``price list``.

    Empty if nothing else is left, as of ``2025-03-01``: such documents have no known versions.
    """
    plain = _NUMBERED.sub(r"\1", _DATE.sub(" ", title.lower()))
    return " ".join(part for word in plain.split() for part in _parts(word.strip(",.;:")))


def version_of(
    document: str, title: str, texts: Iterable[str], about: Callable[[str], Sequence[VersionOf]]
) -> VersionOf:
    """What is to be stored of a document: of which family of versions it is.

    It joins the one of the most similar document, or else begins one of its own. ``about`` gives
    the known documents of a subject.
    """
    every = list(texts)
    named, made, has = subject(title), sketch(every), codes(every)
    known = [
        (likeness(made, other.sketch), other.family)
        for other in about(named)
        if other.document != document and _have_common(has, other.codes)
    ]
    best, family = max(known, default=(0.0, document))
    return VersionOf(document, named, family if best >= ALIKE else document, made, has)


def _have_common(one: Sketch, other: Sketch) -> bool:
    return one == other or likeness(one, other) >= ALIKE_CODES


def _parts(word: str) -> Iterator[str]:
    """What is left of a word of a title; a name of a file joins several by ``_`` or ``-``."""
    if _MARK.fullmatch(word) or _MARK.fullmatch(inner := word.strip("()[]")):
        return
    if _CODE.fullmatch(inner):
        yield inner
        return
    yield from (part for part in re.split("[-_]", inner) if part and not _MARK.fullmatch(part))


def _words(texts: Iterable[str]) -> Iterator[str]:
    left = _LONGEST
    for text in texts:
        for word in words(text):
            if not left:
                return
            left -= 1
            yield word.lower()


def _hash(pair: tuple[str, str]) -> int:
    """63 bits, so that SQL's integers can hold it."""
    digest = blake2b("\0".join(pair).encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
