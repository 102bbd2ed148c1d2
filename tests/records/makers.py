"""Makes questions, answers, ratings, sources, adapters and runs for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.adapters import Adapter, AdapterState, Evaluation, Outcome, Score, TrainingRun
from domain.collections import Collection
from domain.documents import Source, SourceState
from domain.jobs import Hold, JobKind, NewJob
from domain.questions import (
    Answer,
    AnswerKind,
    Audience,
    Citation,
    Difference,
    Message,
    Passage,
    Question,
    Rating,
    Sentence,
    Timings,
    Verdict,
)

NOW = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
THREAD = "slack:T1:C1:1.0"


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def question(n: int = 1, *, thread: str = THREAD, asked_by: str = "U1") -> Question:
    return Question(
        id=f"slack:T1:C1:{n}.0",
        text=f"How many days of leave are there? ({n})",
        asked_by=asked_by,
        asked_at=later(n),
        audience=Audience.of("everyone", "channel:C1"),
        history=(Message("user", "Hello"), Message("assistant", "Hello!")),
        thread=thread,
    )


def question_job(asked: Question) -> NewJob:
    """The job to answer a question that was asked in Slack."""
    return NewJob(
        kind=JobKind.QUESTION,
        key=asked.id,
        request=asked.thread,
        team=asked.id.split(":")[1],
        person=asked.asked_by,
        report=asked.thread,
        payload='{"version": 1}',
        created_at=asked.asked_at,
    )


def claim_of(asked: Question) -> tuple[Question, NewJob]:
    return asked, question_job(asked)


def source_job(n: int = 1, *, uri: str = "https://a.example/", team: str = "T1") -> NewJob:
    """The ``n``-th request to read ``uri``."""
    return NewJob(
        kind=JobKind.SOURCE,
        key=uri,
        request=f"request-{n}",
        team=team,
        person="U1",
        report=f"slack:{team}:C1:",
        payload='{"version": 1, "labels": ["everyone"]}',
        created_at=later(n),
    )


def hold(by: str = "p1", since: float = 100, minutes: float = 1) -> Hold:
    """A hold of the process ``by`` from ``since``, in minutes from ``NOW``, for some minutes."""
    return Hold(by, later(since), later(since + minutes))


PASSAGE = Passage(
    id="p1",
    source="/docs/leave.md",
    title="Leave",
    text="There are 30 days of leave.\n",
    score=0.1 + 0.2,
    similarity=-0.125,
    audience=Audience.of("person:U1", "everyone"),
)


def answer(to: Question, kind: AnswerKind = AnswerKind.ANSWERED) -> Answer:
    return Answer(
        id=to.answer_id,
        question_id=to.id,
        kind=kind,
        text=f"Thirty. To: {to.text}",
        citations=(Citation(1, "/docs/leave.md", "Leave", "30 days", "p1", (7, 11)),),
        passages=(PASSAGE, replace(PASSAGE, id="p2", audience=Audience.of())),
        model="Phi-3.5-mini-instruct",
        adapter="night-1",
        prompt_version="0a1b2c3d",
        timings=Timings(1.5, 2.25, 3.0, 0.1, 6.85),
        created_at=to.asked_at + timedelta(seconds=2),
        sentences=(Sentence(0, 7, supported=True), Sentence(8, 12, False, (Difference.NAME,))),
    )


def rating(
    of: Answer,
    by: str = "U2",
    verdict: Verdict = Verdict.UP,
    reason: str = "",
    correction: str = "",
) -> Rating:
    return Rating(of.id, by, verdict, of.created_at + timedelta(minutes=1), reason, correction)


def source(uri: str = "/docs/leave.md", state: SourceState = SourceState.INDEXED) -> Source:
    return Source(
        uri=uri,
        audience=Audience.of("everyone"),
        state=state,
        requested_by="U1",
        updated_at=NOW,
        title="Leave",
        checksum="abc",
        chunks=3,
        attempts=1,
        reason="",
        document=uri,
    )


def collection(uri: str = "/docs", next_at: datetime | None = NOW) -> Collection:
    return Collection(
        uri=uri,
        kind="folder",
        audience=Audience.of("everyone"),
        requested_by="U1",
        added_at=NOW,
        every=timedelta(minutes=15),
        next_at=next_at,
        report="slack:T1:C1:1.0",
    )


def adapter(name: str = "night-1", at: datetime = NOW) -> Adapter:
    return Adapter(
        name=name,
        base_model="Phi-3.5-mini-instruct",
        path=f"/home/phi3/adapters/{name}",
        sha256="0" * 64,
        state=AdapterState.TRAINED,
        run_id=f"run-{name}",
        created_at=at,
    )


def finished(run: TrainingRun, outcome: Outcome = Outcome.PROMOTED) -> TrainingRun:
    score = Score(agreement=0.4, f1=0.5, contained=1 / 3, cited=1.0, refused=0.0, characters=120.5)
    return replace(
        run,
        outcome=outcome,
        finished_at=run.started_at + timedelta(hours=1),
        reason="better",
        adapter="night-1",
        examples=12,
        report="/home/phi3/reports/1",
        evaluation=Evaluation(20, score, score, -0.01, 0.2, 0.9, True, "better by 0.1", safe=0.99),
    )
