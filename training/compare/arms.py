"""Asks the same questions in four ways: with and without passages, with and without an adapter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter

from domain.answering import is_refusal
from domain.fitting import recent
from domain.markers import without_markers
from domain.prompt import REFUSAL, render_closed_book
from domain.protocols import Generator
from domain.questions import AnswerKind, Evidence, Message, Question
from domain.right import is_right
from training.as_people_ask import AsPeopleAsk
from training.evaluation import ScoredAnswer
from training.patient import whole_answer


class Arm(StrEnum):
    """A way to answer. Without passages a model answers from what it knows."""

    BASE = "base"
    RAG = "RAG"
    TUNED = "fine-tuned"
    BOTH = "RAG + fine-tuned"

    @property
    def is_tuned(self) -> bool:
        return self in (Arm.TUNED, Arm.BOTH)

    @property
    def searches(self) -> bool:
        return self in (Arm.RAG, Arm.BOTH)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its right answer; ``liked`` is as in `training.evaluation.ScoredAnswer`."""

    question: str
    right_answer: str
    history: tuple[Message, ...] = ()
    liked: bool = False


@dataclass(frozen=True, slots=True)
class ArmAnswer:
    """An answer, and how long it took in seconds, with its search. A refusal is without titles."""

    text: str
    seconds: float
    f1: float
    contained: bool
    refused: bool
    right: bool


class Arms:
    """Asks in each of the ``arms``; several threads may use it at once.

    ``adapter`` is that of the tuned arms.
    """

    def __init__(
        self, asking: AsPeopleAsk, generator: Generator, arms: Sequence[Arm], adapter: str | None
    ) -> None:
        self._asking, self._generator, self._adapter = asking, generator, adapter
        self.arms = arms

    def ask(self, case: Case, turn: int) -> Mapping[Arm, ArmAnswer]:
        """The answers to a question, one after the other, so that noise hits all arms alike.

        ``turn`` is the number of the question: each begins with another arm. Both arms that search
        get the same passages. Raises GenerationError and RetrievalError.
        """
        question = self._asking.question(case.question, case.history)
        began = perf_counter()
        evidence = self._asking.search(question)
        searching = perf_counter() - began
        first = turn % len(self.arms)
        return {
            arm: self._answer(case, question, evidence if arm.searches else None, arm, searching)
            for arm in (*self.arms[first:], *self.arms[:first])
        }

    def _answer(
        self,
        case: Case,
        question: Question,
        evidence: Evidence | None,
        arm: Arm,
        searching: float,
    ) -> ArmAnswer:
        adapter = self._adapter if arm.is_tuned else None
        began = perf_counter()
        if evidence is None:
            text, refused = self._closed_book(question, adapter)
        else:
            answer = self._asking.answer(question, evidence, self._generator, adapter)
            text, refused = answer.text, answer.kind is AnswerKind.REFUSED
            began -= searching
        seconds = perf_counter() - began
        text = REFUSAL if refused else text
        scored = ScoredAnswer(text, case.right_answer, False, refused, case.liked)
        is_right_answer = scored.contains or is_right(text, case.right_answer, case.question)
        return ArmAnswer(text, seconds, scored.f1, scored.contains, refused, is_right_answer)

    def _closed_book(self, question: Question, adapter: str | None) -> tuple[str, bool]:
        prompt = render_closed_book(question.text, recent(question.history, self._asking.budget))
        said = whole_answer(self._generator, prompt, adapter, self._asking.max_tokens)
        text = without_markers(said, ())
        return text, is_refusal(text)
