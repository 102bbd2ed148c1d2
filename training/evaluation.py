"""Asks both models the held-back questions, through the server as people do, and scores them."""

import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from statistics import fmean

from domain.adapters import Example, Origin, Score
from domain.answering import is_refusal
from domain.citations import cite, content_words
from domain.markers import without_markers
from domain.prompt import REFUSAL
from domain.protocols import Generator
from training.patient import whole_answer
from training.progress import ProgressListener, TrainingProgress, ignore

_NO_WORD = re.compile(r"\W+")
_ARTICLES = frozenset(("a", "an", "the"))


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """A model's answer and the accepted one. ``cited``: a passage that was shown supports it.

    ``liked``: the accepted answer is an older model's own, which somebody rated 👍. The same model
    would match it word for word, and a right but shorter answer would match badly. So the two are
    then compared by the words of the shorter one.
    """

    text: str
    accepted: str
    cited: bool
    refused: bool
    liked: bool = False

    @property
    def f1(self) -> float:
        return (overlap if self.liked else f1)(self.text, self.accepted)

    @property
    def contains(self) -> bool:
        is_whole = contains(self.text, self.accepted)
        return is_whole or (
            self.liked and bool(words(self.text)) and contains(self.accepted, self.text)
        )

    @property
    def agreement(self) -> float:
        """Agreement with the accepted answer, from 0 to 1: the mean of ``f1`` and ``contains``.

        With f1 alone, half of a right answer would count more than the whole of it within a long
        sentence. For a liked answer it is only the overlap.
        """
        return self.f1 if self.liked else (self.f1 + self.contains) / 2

    @property
    def wrongly_refused(self) -> bool:
        return self.refused and not is_refusal(self.accepted)


def words(text: str) -> list[str]:
    """The words as SQuAD counts them: lower case, no punctuation, no articles."""
    return [word for word in _NO_WORD.sub(" ", text).lower().split() if word not in _ARTICLES]


def f1(text: str, accepted: str) -> float:
    """Word overlap from 0 to 1: the harmonic mean of precision and recall over single words."""
    got, wanted = Counter(words(text)), Counter(words(accepted))
    if not got or not wanted:
        return float(got == wanted)
    same = (got & wanted).total()
    return 2 * same / (got.total() + wanted.total())


def overlap(text: str, accepted: str) -> float:
    """The share of the shorter text's content words that the longer one contains, from 0 to 1."""
    got, wanted = (content_words(" ".join(words(each))) for each in (text, accepted))
    return len(got & wanted) / min(len(got), len(wanted)) if got and wanted else 0.0


def contains(text: str, accepted: str) -> bool:
    """Whether ``text`` contains all words of ``accepted``, one after the other."""
    wanted = words(accepted)
    return not wanted or f" {' '.join(wanted)} " in f" {' '.join(words(text))} "


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
    return ScoredAnswer(text, row.completion, cited, refused, row.origin is Origin.THUMB_UP)
