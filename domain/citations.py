"""Finds for each sentence of an answer the passage that supports it.

The model is not asked to number its sources: small models invent numbers, and an invented number
looks like proof. Instead each sentence of the answer is compared with each sentence of the
passages that the model was shown, and only what they share counts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.questions import Citation, Passage
from domain.text import code_spans, span_at

SUPPORT = 0.5
"""A quote supports a sentence if it has at least this share of the sentence's content words."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*[.!?]*")
_WORD = re.compile(r"\w+")
_LINE = re.compile(r"^([ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+)?(.+)$", re.MULTILINE)
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
    """A sentence of a passage, and the content words of all of that passage."""

    passage: Passage
    sentence: _Span
    passage_words: frozenset[str]

    def supports(self, claim: _Span) -> bool:
        numbers = {word for word in claim.words if word.isdecimal()}
        return _share(claim.words, self.sentence.words) >= SUPPORT and numbers <= self.passage_words


def content_words(text: str) -> frozenset[str]:
    """The lower-cased words of ``text`` that carry meaning; all of its words if none does."""
    words = frozenset(word.lower() for word in _WORD.findall(text))
    return words - _STOPWORDS or words


def cite(text: str, passages: Sequence[Passage], question: str = "") -> tuple[Citation, ...]:
    """The numbered sources of ``text``, in order of first use.

    A sentence is supported by the passage sentence that has the most of its content words, if that
    has at least ``SUPPORT`` of them and its passage has all of its numbers. If several have as
    many, the one closest to ``question`` is taken, then the one of the better passage. If no
    sentence is supported, the nearest passage is returned without ``ends``, for people to look at.
    """
    quotes = _quotes(passages)
    asked = content_words(question) if question else frozenset()
    spans = code_spans(text)
    found: dict[str, tuple[_Quote, list[int]]] = {}
    for claim in _sentences(text):
        best = _nearest(claim.words, quotes, asked)
        if best and best.supports(claim):
            ends = found.setdefault(best.passage.id, (best, []))[1]
            # A number inside code would look like a part of the code.
            around = span_at(spans, claim.end - 1)
            end = around.end if around else claim.end
            if ends[-1:] != [end] and (around is None or around.is_closed):
                ends.append(end)
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
            quote.passage.where,
            quote.passage.newer,
        )
        for n, (quote, ends) in enumerate(found.values(), 1)
    )


def supported(text: str, passages: Sequence[Passage]) -> str:
    """``text`` without the sentences that no passage supports; ``Yes.`` needs no support.

    A line with a supported sentence keeps its list marker; other lines are removed.
    """
    quotes = _quotes(passages)

    def stands(claim: _Span) -> bool:
        best = _nearest(claim.words, quotes)
        return claim.words <= _STOPWORDS or (best is not None and best.supports(claim))

    kept = []
    for marker, line in _LINE.findall(text):
        if said := " ".join(claim.text for claim in _sentences(line) if stands(claim)):
            kept.append(marker + said)
    return "\n".join(kept)


def _quotes(passages: Sequence[Passage]) -> list[_Quote]:
    """The sentences of ``passages``; of several with the same words only the first."""
    quotes: dict[frozenset[str], _Quote] = {}
    for passage in passages:
        words = content_words(passage.text)
        for sentence in _sentences(passage.text):
            quotes.setdefault(sentence.words, _Quote(passage, sentence, words))
    return list(quotes.values())


def _nearest(
    words: frozenset[str], quotes: Sequence[_Quote], asked: frozenset[str] = frozenset()
) -> _Quote | None:
    """The quote that has the most of ``words``; None if none has any."""
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
    """``text`` with `` [n]`` after each cited sentence."""
    marks = sorted((end, citation.n) for citation in citations for end in citation.ends)
    pieces: list[str] = []
    start = 0
    for end, n in marks:
        pieces += (text[start:end], f" [{n}]")
        start = end
    return "".join([*pieces, text[start:]])


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
