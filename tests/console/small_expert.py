"""An expert of one document: the real answerer over a fixed passage and a model that waits."""

import threading
import time
from collections.abc import Iterator, Sequence

from console.needs.asking import AskingNeeds
from domain.answering import Answerer
from domain.errors import GenerationError
from domain.questions import Audience, Evidence, Message, Passage, Question
from domain.trials import Chosen
from knowledge.query.explained import Explained
from knowledge.query.steps import Done, Step
from records.answers import Answers
from records.database import Database

PASSAGE = Passage(
    "p1",
    "https://docs.example/leave",
    "Leave",
    "Everybody has 25 days of leave in a year. Ask your manager two weeks before.",
    0.9,
    0.8,
    Audience.everyone(),
)


class SmallExpert:
    """``pieces`` are what the model says; it goes on after the first one once ``may_go_on``.

    ``pause`` is how many seconds each piece takes, and ``wrote`` are those that it computed.
    """

    def __init__(self, database: Database) -> None:
        self.pieces = ["Everybody has ", "25 days of leave."]
        self.passages = (PASSAGE,)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.fails = False
        self.pause = 0.0
        self.wrote: list[str] = []
        self.prompts: list[Sequence[Message]] = []
        answerer = Answerer(
            self, self, Answers(database), lambda _: Chosen(None), budget=2_000, max_tokens=100
        )
        self.needs = AskingNeeds(answerer.answer, self.explain)

    @property
    def model(self) -> str:
        return "small"

    def search(self, question: Question, k: int | None = None) -> Evidence:
        allowed = [one for one in self.passages if question.audience.may_read(one.audience)]
        return Evidence(tuple(allowed), sufficient=True)

    def explain(self, question: Question) -> Explained:
        ordered = Done(Step.CODES, order=(PASSAGE.key,), orders=True)
        steps = (Done(Step.SPELLING, "days of leave"), ordered)
        return Explained(self.search(question), steps)

    def stream(
        self, prompt: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        self.prompts.append(prompt)
        if self.fails:
            raise GenerationError("The model broke.")
        for piece in self.pieces:
            time.sleep(self.pause)
            self.wrote.append(piece)
            yield piece
            self.may_go_on.wait(60)
