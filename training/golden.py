"""Asks the golden questions of the live model and of a candidate, which may unlearn none of them.

They are asked as people ask them: with the passages that the search finds on that night for what
all members may read, and with the same checks of the answer.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from domain.adapters import Check, Evaluation, Example, Origin
from domain.golden import Golden
from domain.prompt import REFUSAL
from domain.protocols import Generator
from domain.questions import Evidence, Message, Question
from domain.text import truncate
from training.as_people_ask import AsPeopleAsk
from training.progress import ProgressListener, TrainingProgress, ignore
from training.same.leaks import Trained
from training.secrets.finding import shown


@dataclass(frozen=True, slots=True)
class GoldenReply:
    """What the live model (``before``) and the candidate (``after``) answered.

    ``found`` are the sources that the search found; if there are none, no model was asked.
    """

    golden: Golden
    found: tuple[str, ...]
    before: str
    after: str

    @property
    def was_right(self) -> bool:
        return self.golden.is_right(self.before)

    @property
    def is_right(self) -> bool:
        return self.golden.is_right(self.after)

    @property
    def is_unlearned(self) -> bool:
        return self.was_right and not self.is_right


class GoldenSet:
    """The golden questions of one night, and how they are asked: ``at_once`` at a time."""

    def __init__(
        self,
        questions: Sequence[Golden] = (),
        asking: AsPeopleAsk | None = None,
        at_once: int = 4,
    ) -> None:
        self.questions, self._asking, self._at_once = questions, asking, at_once

    def ask(
        self,
        generator: Generator,
        live: str | None,
        candidate: str,
        progress: ProgressListener = ignore,
    ) -> tuple[GoldenReply, ...]:
        """Both models' answers, in the order of the questions.

        ``live`` None means the base model. Raises GenerationError, RetrievalError, and what
        ``progress`` raises.
        """

        asking = self._asking
        if not self.questions or asking is None:
            return ()

        def reply(golden: Golden) -> GoldenReply:
            question = asking.question(golden.question, golden.history)
            evidence = asking.search(question)
            before, after = (
                asking.answer(question, evidence, generator, adapter).text
                for adapter in (live, candidate)
            )
            return GoldenReply(golden, sources_of(evidence), before, after)

        replies: list[GoldenReply] = []
        total = len(self.questions)
        with ThreadPoolExecutor(self._at_once) as threads:
            coming = [threads.submit(reply, golden) for golden in self.questions]
            try:
                for each in coming:
                    replies.append(each.result())
                    progress(TrainingProgress("Golden questions", len(replies), total))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise
        return tuple(replies)


def same_as(questions: Sequence[Golden]) -> Callable[[Question], bool]:
    """Says whether a question means the same as a golden one, and so must not be trained on."""
    if not questions:
        return lambda _: False
    known = Trained(_row(one.question, one.history) for one in questions)
    return lambda question: known.resemble(_row(question.text, question.history))


def sources_of(evidence: Evidence) -> tuple[str, ...]:
    """The sources from which a model would be asked; none if it would not be."""
    found = (passage.source for passage in evidence.passages if evidence.sufficient)
    return tuple(dict.fromkeys(found))


def checked(evaluation: Evaluation, replies: Sequence[GoldenReply]) -> Evaluation:
    """The evaluation with one condition more: the candidate has unlearned no golden question."""
    if not replies:
        return evaluation
    unlearned = [one for one in replies if one.is_unlearned]
    check = Check("golden questions", not unlearned, _reason(unlearned) if unlearned else "")
    found = replace(evaluation, checks=(*evaluation.checks, check))
    if check.passed or not evaluation.passed:
        return found
    return replace(found, passed=False, reason=check.says)


def _reason(unlearned: Sequence[GoldenReply]) -> str:
    """In an admin's words alone: not everybody who reads it may read what models answered."""
    first, more = unlearned[0], len(unlearned) - 1
    asked, right = (
        truncate(" ".join(text.split()), 200)
        for text in (
            shown(first.golden.question),
            shown(first.golden.answer, first.golden.question),
        )
    )
    instead = "says that the documents do not" if first.after.startswith(REFUSAL) else "does not"
    others = {0: "", 1: "; one more golden question became wrong"}.get(
        more, f"; {more} more golden questions became wrong"
    )
    return (
        f"it answers the golden question “{asked}” wrong, which the live model answers right: it "
        f"should say “{right}”, and {instead}{others}"
    )


def _row(question: str, history: Sequence[Message]) -> Example:
    """A question without an answer, for comparing what is asked."""
    turns = (Message("system", ""), *history, Message("user", question))
    return Example("", question, turns, "", Origin.CORRECTION, "")
