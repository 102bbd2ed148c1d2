"""Looks more closely at the best candidates: at their parts, and at each of their words."""

from collections.abc import Sequence
from dataclasses import replace

from domain.candidates import Candidate
from domain.embeddings import QuestionEmbedding
from knowledge.query.fusion import WORDS, best_first, scale
from knowledge.query.token_signs import TokenSigns

LOOKED_AT = 30
"""How many candidates are looked at. With 20 or 50 as much is found."""

_WINDOW = 0.5
"""The share of the best window in a candidate's similarity; its own has the rest."""

_TOKENS = 0.5
"""The weight of late interaction beside the score; from 0.3 to 0.6 hardly matter."""


class Closer:
    """Looks at ``candidates``, in their order, for one question.

    Those without tokens, which an earlier version indexed, are taken as like the others' mean.
    """

    def __init__(self, question: QuestionEmbedding, candidates: Sequence[Candidate]) -> None:
        self._question = question
        with_tokens = [one for one in candidates[:LOOKED_AT] if one.tokens]
        self._known = {one.key: n for n, one in enumerate(with_tokens)}
        self._signs = TokenSigns(with_tokens, len(question.vector)) if with_tokens else None

    def by_windows(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """A long passage is as near as its best part: that counts beside the whole.

        ``candidates`` must be those of before, as must they for ``by_tokens``.
        """
        if self._signs is None:
            return list(candidates)
        best = self._signs.best_windows(self._question.vector)
        similarities = [one.similarity for one in candidates]
        range_ = max(similarities) - min(similarities) or 1.0
        changed = [
            replace(one, score=one.score + (1 - WORDS) * _WINDOW * (near - one.similarity) / range_)
            if (near := self._of(one, best)) is not None
            else one
            for one in candidates
        ]
        return best_first(changed)

    def by_tokens(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Late interaction: each word of the question is compared with each token of a passage.

        Only those that are looked at change places; the others stay behind them.
        """
        if self._signs is None or not self._question.words:
            return list(candidates)
        best = self._signs.best_words(self._question.words)
        mean = sum(best) / len(best)
        looked_at, others = candidates[:LOOKED_AT], candidates[LOOKED_AT:]
        known = [self._of(one, best) for one in looked_at]
        near = scale([mean if one is None else one for one in known])
        before = scale([one.score for one in looked_at])
        ordered = best_first(
            replace(one, score=(1 - _TOKENS) * score + _TOKENS * closeness)
            for one, score, closeness in zip(looked_at, before, near, strict=True)
        )
        last = min((one.score for one in looked_at), default=0.0)
        return [*ordered, *(replace(one, score=one.score - last) for one in others)]

    def _of(self, candidate: Candidate, figures: Sequence[float]) -> float | None:
        n = self._known.get(candidate.key)
        return None if n is None else figures[n]
