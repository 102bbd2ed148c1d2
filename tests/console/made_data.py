"""Data as a team makes it, for pages to show; also text that tries to be more than text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.documents import SourceState
from domain.jobs import Hold
from domain.questions import AnswerKind, Audience, Verdict
from domain.ratings import InputKind, RatingInput
from records.answers import Answers
from records.database import Database
from records.jobs import Jobs
from records.ratings import Ratings
from records.sources import Sources
from tests.records.makers import answer, question, source, source_job

HOSTILE = """<script>alert(1)</script><img src=x onerror=alert(2)>"'{{ 7*7 }}${7*7}\u202eevil"""


def make_week(database: Database, now: datetime | None = None) -> None:
    """Thirty questions in the last days, their answers and ratings, sources and jobs."""
    now = now or datetime.now(UTC)
    answers, ratings, jobs = Answers(database), Ratings(database), Jobs(database)
    for n in range(1, 31):
        at = now - timedelta(hours=4 * n)
        asked = replace(
            question(n, thread=f"slack:T1:C1:{n}.0", asked_by=f"U{n % 5}"),
            asked_at=at,
            text=HOSTILE if n == 1 else f"How many days of leave are there? ({n})",
            audience=Audience.of("everyone"),
        )
        answers.ask(asked)
        kind = AnswerKind.REFUSED if n % 6 == 0 else AnswerKind.ANSWERED
        made = replace(answer(asked, kind), created_at=at + timedelta(seconds=n))
        answers.record(replace(made, text=HOSTILE) if n == 2 else made)
        if n % 2:
            verdict = Verdict.DOWN if n % 3 == 0 else Verdict.UP
            ratings.give(RatingInput(asked.answer_id, "U7", InputKind.BUTTON, verdict, at))
    for n in range(1, 8):
        state = SourceState.FAILED if n == 1 else SourceState.INDEXED
        made_source = source(f"https://docs.example/{n}", state)
        Sources(database).save(replace(made_source, title=HOSTILE if n == 2 else f"Page {n}"))
    [broken, *_] = jobs.add([source_job(n, uri=f"https://docs.example/{n}") for n in range(1, 4)])
    hold = Hold("p1", now, now + timedelta(minutes=1))
    taken = jobs.take(broken, hold)
    assert taken
    jobs.give_up(taken, now, f"The page is not there. {HOSTILE}")
