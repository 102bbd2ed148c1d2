"""Ties an answer to the passages that it was made from, sentence by sentence.

The model is not asked to number its sources: small models invent numbers, and an invented number
looks like proof. Instead each sentence of the answer is compared with each sentence of the
passages that the model was shown, and only what they share counts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.questions import Citation, Passage

SUPPORT = 0.5
"""Share of a sentence's content words that a quote must hold to be cited for it."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*[.!?]*")
_WORD = re.compile(r"\w+")
_LINE = re.compile(r"^([ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+)?(.+)$", re.MULTILINE)
_MARKER = re.compile(r"\s*\[\d{1,2}\]")
_STOPWORDS = frozenset(
    "a an and are as at be been but by can do does for from had has have he her his how i if in is "
    "it its may no not of on or our she should so than that the their them there they this to was "
    "we were what when where which who will with would yes you your".split()
)


@dataclass(frozen=True, slots=True)
class _Span:
    text: str
    end: int
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Quote:
    """A sentence of a passage."""

    passage: Passage
    sentence: _Span

    def supports(self, claim: _Span) -> bool:
        numbers = {word for word in claim.words if word.isdecimal()}
        return _share(claim.words, self.sentence.words) >= SUPPORT and numbers <= content_words(
            self.passage.text
        )


def content_words(text: str) -> frozenset[str]:
    """The lower-cased words of ``text`` that carry meaning; all of its words if none does."""
    words = frozenset(word.lower() for word in _WORD.findall(text))
    return words - _STOPWORDS or words


def without_markers(text: str) -> str:
    """``text`` without ``[1]``-like numbers, which only this module may hand out."""
    return _MARKER.sub("", text).strip()


def cite(text: str, passages: Sequence[Passage], question: str = "") -> tuple[Citation, ...]:
    """The numbered sources of ``text``, numbered in order of first use.

    A sentence is supported by the passage sentence that shares the most of its content words, at
    least ``SUPPORT`` of them, and whose passage holds each of its numbers. Among equals the one
    closer to ``question`` wins, then the better passage. Where nothing supports any sentence, the
    nearest passage is given without a place in the text (no ``ends``): to look at, not as proof.
    """
    quotes = _quotes(passages)
    asked = content_words(question) if question else frozenset()
    found: dict[str, tuple[_Quote, list[int]]] = {}
    for claim in _sentences(text):
        best = _nearest(claim.words, quotes, asked)
        if best and best.supports(claim):
            found.setdefault(best.passage.id, (best, []))[1].append(claim.end)
    if not found and (best := _nearest(content_words(text), quotes, asked)):
        found[best.passage.id] = (best, [])
    return tuple(
        Citation(
            n,
            quote.passage.source,
            quote.passage.title,
            quote.sentence.text,
            quote.passage.id,
            tuple(ends),
        )
        for n, (quote, ends) in enumerate(found.values(), 1)
    )


def supported(text: str, passages: Sequence[Passage]) -> str:
    """``text`` without the sentences that no passage supports; ``Yes.`` needs no support.

    Lines and their list markers stay where anything of them does.
    """
    quotes = _quotes(passages)

    def stands(claim: _Span) -> bool:
        best = _nearest(claim.words, quotes)
        return claim.words <= _STOPWORDS or (best is not None and best.supports(claim))

    kept = []
    for marker, line in _LINE.findall(text):
        if text_message := " ".join(claim.text for claim in _sentences(line) if stands(claim)):
            kept.append(marker + text_message)
    return "\n".join(kept)


def _quotes(passages: Sequence[Passage]) -> list[_Quote]:
    return [
        _Quote(passage, sentence) for passage in passages for sentence in _sentences(passage.text)
    ]


def _nearest(
    words: frozenset[str], quotes: Sequence[_Quote], asked: frozenset[str] = frozenset()
) -> _Quote | None:
    """The quote that shares the most of ``words``; None where none shares any."""
    best = max(
        quotes,
        key=lambda quote: (
            _share(words, quote.sentence.words),
            _share(asked, quote.sentence.words),
        ),
        default=None,
    )
    return best if best and _share(words, best.sentence.words) else None


def numbered(text: str, citations: Iterable[Citation]) -> str:
    """``text`` with `` [n]`` behind each cited sentence."""
    marks = sorted(
        ((end, citation.n) for citation in citations for end in citation.ends), reverse=True
    )
    for end, n in marks:
        text = f"{text[:end]} [{n}]{text[end:]}"
    return text


def _sentences(text: str) -> list[_Span]:
    spans = []
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        if words := content_words(sentence):
            end = match.start() + len(match.group().rstrip())
            spans.append(_Span(sentence, end, words))
    return spans


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0
