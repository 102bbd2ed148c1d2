"""Looks more closely at the best candidates: at their parts, and at each of their words."""

from collections.abc import Sequence

from domain.candidates import Ranked
from domain.embeddings import QuestionEmbedding
from knowledge.query.fusion import WORDS, best_first, scale
from knowledge.query.token_signs import TokenSigns

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
        self._question = question
        known = {one.key: its for one, its in zip(ranked, tokens, strict=False) if its}
        self._known = {key: n for n, key in enumerate(known)}
        self._signs = TokenSigns(list(known.values()), len(question.vector)) if known else None

    def by_windows(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        """A long passage is as near as its best part: that counts beside the whole.

        ``ranked`` must be those of before, as must they for ``by_tokens``.
        """
        if self._signs is None:
            return list(ranked)
        best = self._signs.best_windows(self._question.vector)
        similarities = [one.candidate.similarity for one in ranked]
        range_ = max(similarities) - min(similarities) or 1.0
        weight = (1 - WORDS) * _WINDOW / range_
        return best_first(
            Ranked(one.score + weight * (near - one.candidate.similarity), one.candidate)
            if (near := self._of(one, best)) is not None
            else one
            for one in ranked
        )

    def by_tokens(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        """Late interaction: each word of the question is compared with each token of a passage.

        Only those that are looked at change places; the others stay behind them.
        """
        if self._signs is None or not self._question.words:
            return list(ranked)
        best = self._signs.best_words(self._question.words)
        mean = sum(best) / len(best)
        looked_at, others = ranked[:LOOKED_AT], ranked[LOOKED_AT:]
        known = [self._of(one, best) for one in looked_at]
        near = scale([mean if one is None else one for one in known])
        before = scale([one.score for one in looked_at])
        ordered = best_first(
            Ranked((1 - _TOKENS) * score + _TOKENS * closeness, one.candidate)
            for one, score, closeness in zip(looked_at, before, near, strict=True)
        )
        last = min((one.score for one in looked_at), default=0.0)
        return [*ordered, *(Ranked(one.score - last, one.candidate) for one in others)]

    def _of(self, ranked: Ranked, figures: Sequence[float]) -> float | None:
        n = self._known.get(ranked.key)
        return None if n is None else figures[n]
