"""Finds gaps: groups the questions that failed lately, and keeps old groups as they are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from domain.embeddings import Vector
from domain.gaps import (
    RECENT,
    FailedQuestion,
    Gap,
    GapQuestion,
    GapState,
    gap_id_of,
    same_words,
)
from domain.protocols import Embedder
from domain.questions import Question
from knowledge.alike import centre, groups, near_enough
from records.gaps import Gaps

_AT_ONCE = 256
"""The most questions that are embedded in one call."""


class GapFinder:
    """``embedder`` gives the embedding model that answers now."""

    def __init__(self, gaps: Gaps, embedder: Callable[[], Embedder]) -> None:
        self._gaps = gaps
        self._embedder = embedder

    def refresh(self, team: str, now: datetime | None = None) -> None:
        """Puts what failed lately into gaps. Raises DatabaseUnavailable and RetrievalError.

        A question with the words of another is in its gap; others join the gap that means about the
        same, or make new ones with each other.
        """
        now = now or datetime.now(UTC)
        since = now - RECENT
        failed = self._gaps.failed(team, since)
        known = self._gaps.questions(team)
        is_open = {gap.id for gap in self._gaps.all(team).values() if gap.state is GapState.OPEN}
        gone = _no_longer((one for one in known if one.gap in is_open), failed, since)
        kept = [one for one in known if one.question.id not in gone]
        placed = {one.question.id: one for one in kept}
        fresh = [one for one in failed if one.question.id not in placed]
        # What was rated again may open its gap again.
        again = [
            replace(old, failed=one)
            for one in failed
            if (old := placed.get(one.question.id)) and old.failed != one
        ]
        new, found = self._placed(fresh, kept, team, now) if fresh else ([], [])
        if fresh or again or gone:
            self._gaps.keep(new, [*found, *again], gone, now)

    def _placed(
        self, fresh: Sequence[FailedQuestion], kept: Sequence[GapQuestion], team: str, now: datetime
    ) -> tuple[list[Gap], list[GapQuestion]]:
        """New gaps, and each fresh question in one."""
        embedder = self._embedder()
        model = embedder.model
        # Questions of another model's vectors are embedded again, as long as they matter.
        old = [one for one in kept if one.model != model and one.failed.failed_at >= now - RECENT]
        texts = {same_words(one.question.text): one.question.text for one in reversed(fresh)}
        vectors = _embedded(texts | {one.key: one.question.text for one in old}, embedder)
        renewed = [replace(one, model=model, vector=vectors[one.key]) for one in old]
        members = _members([*(one for one in kept if one.model == model), *renewed])

        gap_of = {one.key: one.gap for one in kept}
        keys = sorted(set(texts) - set(gap_of))
        centres = [centre(each) for each in members.values()]
        numbers = groups([vectors[key] for key in keys], centres, near_enough(embedder))
        together = defaultdict[int, list[Question]](list)
        number_of = dict(zip(keys, numbers, strict=True))
        for each in fresh:
            if (number := number_of.get(same_words(each.question.text))) is not None:
                together[number].append(each.question)
        made = {
            number: Gap(gap_id_of(some), team, now)
            for number, some in together.items()
            if number >= len(members)
        }
        names = dict(enumerate(members)) | {number: gap.id for number, gap in made.items()}
        gap_of |= {key: names[number] for key, number in number_of.items()}
        found = [
            GapQuestion(gap_of[key], each, key, model, vectors[key])
            for each in fresh
            for key in (same_words(each.question.text),)
        ]
        return list(made.values()), [*found, *renewed]


def _members(questions: Iterable[GapQuestion]) -> dict[str, list[Vector]]:
    """The vectors of each gap; one that several questions share counts once."""
    found = defaultdict[str, dict[str, Vector]](dict)
    for one in questions:
        found[one.gap][one.key] = one.vector
    return {gap: list(found[gap].values()) for gap in sorted(found)}


def _embedded(texts: dict[str, str], embedder: Embedder) -> dict[str, Vector]:
    """The vector of each text, by its key; in one order, whatever that of the texts is."""
    keys = sorted(texts)
    vectors: list[Vector] = []
    for start in range(0, len(keys), _AT_ONCE):
        some = [texts[key] for key in keys[start : start + _AT_ONCE]]
        vectors += [one.vector for one in embedder.embed_passages(some)]
    return dict(zip(keys, vectors, strict=True))


def _no_longer(
    known: Iterable[GapQuestion], failed: Iterable[FailedQuestion], since: datetime
) -> frozenset[str]:
    """The questions that are answered by now, or whose words changed, unless people were told."""
    fails = {one.question.id for one in failed}
    return frozenset(
        one.question.id
        for one in known
        if one.question.asked_at >= since and one.told_at is None
        if one.question.id not in fails or one.key != same_words(one.question.text)
    )
