"""Failed questions for tests of gaps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.questions import Answer, AnswerKind, Audience, Passage, Question, Rating, Verdict
from records.answers import Answers
from records.database import Database
from records.questions import Questions
from records.ratings import Ratings
from tests.records.makers import answer

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def asked(
    n: int,
    text: str,
    person: str = "U1",
    channel: str = "C1",
    at: datetime = NOW,
    team: str = "T1",
) -> Question:
    """The ``n``-th question, an hour before ``at`` and ``n`` minutes."""
    public = channel in ("C1", "C2")
    name = f"slack:{team}:{channel}:{n}.0" if team else f"cli:{n}"
    label = f"person:{team}:{person}" if channel[0] == "D" else f"channel:{team}:{channel}"
    return Question(
        name,
        text,
        person,
        at - timedelta(hours=1) + timedelta(minutes=n),
        Audience.of("everyone", f"team:{team}", label, public=public),
        thread=name,
    )


def refuse(database: Database, *questions: Question) -> None:
    """Stores the questions with refusals."""
    for one in questions:
        keep(database, one, AnswerKind.REFUSED)


def keep(
    database: Database, question: Question, kind: AnswerKind, passages: tuple[Passage, ...] = ()
) -> Answer:
    """Stores a question and an answer to it; its message is the question's."""
    log, made = Answers(database), answer(question, kind)
    log.ask(question)
    passages = passages or made.passages
    stored = log.record(replace(made, passages=passages, citations=(), sentences=()))
    if question.id.startswith("slack:"):
        Questions(database).set_reply(question.id, f"{question.id}1")
    return stored


def rate_down(database: Database, question: Question, by: str = "U2", reason: str = "") -> None:
    stored = keep(database, question, AnswerKind.ANSWERED)
    at = question.asked_at + timedelta(minutes=5)
    Ratings(database).rate(Rating(stored.id, by, Verdict.DOWN, at, reason))
