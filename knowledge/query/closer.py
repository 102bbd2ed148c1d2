"""Looks more closely at the best candidates: at their parts, and at each of their words."""

from collections.abc import Sequence
from statistics import fmean

from domain.candidates import Ranked
from domain.embeddings import QuestionEmbedding
from knowledge.query.fusion import WORDS, best_first, scale
from knowledge.query.token_signs import compared

LOOKED_AT = 20
"""How many candidates are looked at. With 30 or 50 hardly more is found."""

_WINDOW = 0.5
"""The share of the best window in a candidate's similarity; its own has the rest."""

_TOKENS = 0.5
"""The weight of late interaction beside the score; from 0.3 to 0.6 hardly matter."""


class Closer:
    """Looks at the first of ``ranked``, of which ``tokens`` are the signs, for one question.

    Those without tokens, which an earlier version indexed, are taken as like the others' mean.
    """

    def __init__(
        self, question: QuestionEmbedding, ranked: Sequence[Ranked], tokens: Sequence[bytes]
    ) -> None:
        known = {one.key: its for one, its in zip(ranked, tokens, strict=False) if its}
        self._near = dict(zip(known, compared(question, list(known.values())), strict=True))
        self._has_words = bool(question.words)

    def by_windows(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        """A long passage is as near as its best part: that counts beside the whole.

        ``ranked`` must be those of before, as must they for ``by_tokens``.
        """
        if not self._near:
            return list(ranked)
        similarities = [one.candidate.similarity for one in ranked]
        range_ = max(similarities) - min(similarities) or 1.0
        weight = (1 - WORDS) * _WINDOW / range_
        return best_first(
            Ranked(one.score + weight * (near.window - one.candidate.similarity), one.candidate)
            if (near := self._near.get(one.key))
            else one
            for one in ranked
        )

    def by_tokens(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        """Late interaction: each word of the question is compared with each token of a passage.

        Only those that are looked at change places; the others stay behind them.
        """
        if not self._near or not self._has_words:
            return list(ranked)
        mean = fmean(one.words for one in self._near.values())
        looked_at, others = ranked[:LOOKED_AT], ranked[LOOKED_AT:]
        known = [self._near.get(one.key) for one in looked_at]
        near = scale([one.words if one else mean for one in known])
        before = scale([one.score for one in looked_at])
        ordered = best_first(
            Ranked((1 - _TOKENS) * score + _TOKENS * closeness, one.candidate)
            for one, score, closeness in zip(looked_at, before, near, strict=True)
        )
        last = min((one.score for one in looked_at), default=0.0)
        return [*ordered, *(Ranked(one.score - last, one.candidate) for one in others)]
