"""Asks both models the held-back questions, through the server as people do, and scores them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from statistics import fmean

from domain.adapters import Example, Origin, Score
from domain.answering import is_refusal
from domain.citations import cite
from domain.markers import without_markers
from domain.prompt import REFUSAL
from domain.protocols import Generator
from training.agreement import contains, f1, says
from training.patient import whole_answer
from training.progress import ProgressListener, TrainingProgress, ignore


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """A model's answer and the accepted one. ``cited``: a passage that was shown supports it.

    ``liked``: the accepted answer is an older model's own, which somebody rated 👍; then it counts
    what both say in answer to ``question``.
    """

    text: str
    accepted: str
    cited: bool
    refused: bool
    liked: bool = False
    question: str = ""

    @property
    def f1(self) -> float:
        return f1(self.text, self.accepted)

    @property
    def contains(self) -> bool:
        return contains(self.text, self.accepted) or (self.liked and self.agreement >= 1)

    @property
    def agreement(self) -> float:
        """Agreement with the accepted answer, from 0 to 1: the mean of ``f1`` and ``contains``.

        With f1 alone, half of a right answer would count more than the whole of it within a long
        sentence. For a liked answer see `training.agreement.says`.
        """
        if self.liked:
            return says(self.text, self.accepted, self.question)
        return (self.f1 + contains(self.text, self.accepted)) / 2

    @property
    def wrongly_refused(self) -> bool:
        return self.refused and not is_refusal(self.accepted)


def score(replies: Sequence[ScoredAnswer]) -> Score:
    """The means over ``replies``; all are 0 if there are none."""
    if not replies:
        return Score(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Score(
        agreement=fmean(reply.agreement for reply in replies),
        f1=fmean(reply.f1 for reply in replies),
        contained=fmean(reply.contains for reply in replies),
        cited=fmean(reply.cited for reply in replies),
        refused=fmean(reply.refused for reply in replies),
        characters=fmean(len(reply.text) for reply in replies),
    )


def ask_all(
    generator: Generator,
    held_back: Sequence[Example],
    adapter: str | None,
    *,
    max_tokens: int,
    at_once: int = 4,
    progress: ProgressListener = ignore,
) -> list[ScoredAnswer]:
    """Asks each of the ``held_back`` questions, and returns the replies in the same order.

    ``adapter`` None means the base model. ``at_once`` questions are asked in parallel. Raises
    GenerationError.
    """
    with ThreadPoolExecutor(at_once) as threads:
        replies = [
            threads.submit(ask, generator, row, adapter, max_tokens=max_tokens) for row in held_back
        ]
        try:
            for done, reply in enumerate(as_completed(replies), 1):
                reply.result()
                progress(TrainingProgress("Comparing", done, len(replies)))
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    return [reply.result() for reply in replies]


def ask(
    generator: Generator, row: Example, adapter: str | None, *, max_tokens: int
) -> ScoredAnswer:
    """Asks one question, with the prompt as it was served. Raises GenerationError."""
    text = without_markers(whole_answer(generator, row.prompt, adapter, max_tokens), row.passages)
    refused = is_refusal(text)
    text = REFUSAL if refused else text
    cited = any(one.supports for one in cite(text, row.passages)) and not refused
    liked = row.origin is Origin.THUMB_UP
    return ScoredAnswer(text, row.completion, cited, refused, liked, row.question)
