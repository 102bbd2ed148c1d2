"""Has models answer questions as people's are answered: searched, generated, and then checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from domain.answering import ESTIMATES, Answerer
from domain.errors import EmptyAnswer
from domain.fitting import BUDGET
from domain.prompt import PROMPT_VERSION
from domain.protocols import Generator, Retriever, TokenCounter
from domain.questions import Answer, AnswerKind, Audience, Evidence, Message, Question
from domain.trials import Chosen
from domain.unrecorded import NullAnswerLog
from training.patient import PatientGenerator


@dataclass(frozen=True, slots=True)
class AsPeopleAsk:
    """What an answer needs besides a model; several threads may use it at once.

    ``budget`` and ``max_tokens``, both in tokens, are those that people's questions are answered
    with; ``audience`` is whose documents are used.

    A refusal stays one, also of a small model, in whose place people are quoted the best passage:
    a quotation says what the search found, and nothing of the model that is asked.
    """

    retriever: Retriever
    audience: Audience
    counter: TokenCounter = ESTIMATES
    budget: int = BUDGET
    max_tokens: int = 256
    show_unsupported: bool = False

    def question(self, text: str, history: Sequence[Message] = ()) -> Question:
        name = f"test:{uuid4().hex}"
        return Question(name, text, "", datetime.now(UTC), self.audience, tuple(history))

    def search(self, question: Question) -> Evidence:
        """Raises RetrievalError."""
        return self.retriever.search(question)

    def answer(
        self, question: Question, evidence: Evidence, generator: Generator, adapter: str | None
    ) -> Answer:
        """A model's answer from what was found; its text is empty if the model wrote nothing.

        Nothing is recorded. ``adapter`` None means the base model. Raises GenerationError.
        """
        answerer = Answerer(
            _Found(evidence),
            PatientGenerator(generator),
            NullAnswerLog(),
            lambda _: Chosen(adapter),
            budget=self.budget,
            max_tokens=self.max_tokens,
            counter=self.counter,
            show_unsupported=self.show_unsupported,
        )
        try:
            return answerer.make(question)
        except EmptyAnswer:
            return Answer.of(question, AnswerKind.ANSWERED, "", evidence.passages, PROMPT_VERSION)


class _Found:
    """Implements Retriever by what was found already."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def search(self, question: Question, k: int | None = None) -> Evidence:  # noqa: ARG002
        return self._evidence
