"""A sequence of database calls that can be killed at any line.

Run as a program, it forks one child for each line and kills the child there. For each it prints, as
JSON, how many steps were acknowledged, the state after the kill, and the state after the remaining
steps are done again.

    python -m tests.records.story URL STRIDE
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Column, Table, select

import records
from domain.collections import CollectionProgress, Trouble, after_failure, after_reading
from domain.documents import SourceState
from domain.gaps import Closing, FailedQuestion, Gap, GapQuestion
from domain.jobs import Job
from domain.questions import Audience, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from records.adapters import Adapters
from records.answers import Answers
from records.collections import Collections
from records.database import Database
from records.forgetting import Forgetting
from records.gaps import Gaps
from records.jobs import Jobs
from records.questions import Questions
from records.ratings import Ratings
from records.runs import Runs
from records.sources import Sources
from records.tables import jobs, metadata
from tests.records.databases import empty
from tests.records.makers import (
    NOW,
    adapter,
    answer,
    claim_of,
    collection,
    finished,
    hold,
    later,
    question,
    rating,
    source,
    source_job,
)

GAP = Gap("g1", "T1", later(20))
IN_GAP = GapQuestion(
    "g1", FailedQuestion(question(), is_refused=True, failed_at=later(1)), "k", "m", [1.0, 0.5]
)
Step = Callable[[Database], object]

DOCS = collection()
WAITING = RatingInput(
    answer(question()).id, "U2", InputKind.THUMB_UP, Verdict.UP, later(10), waiting=True
)


def claim(db: Database) -> None:
    Questions(db).claim([claim_of(question())])


def job(db: Database, n: int) -> Job:
    return Jobs(db).of_request(f"request-{n}")[0]


STEPS: tuple[Step, ...] = (
    claim,
    lambda db: Answers(db).record(answer(question())),
    lambda db: Questions(db).set_reply(question().id, "slack:T1:C1:7.7"),
    lambda db: Jobs(db).add([source_job(1), source_job(2)]),
    lambda db: Jobs(db).take(job(db, 1).id, hold()),
    lambda db: Jobs(db).fail(job(db, 1), later(101), "It broke.", timedelta(minutes=1)),
    lambda db: Jobs(db).take(job(db, 1).id, hold(since=103)),
    lambda db: Jobs(db).finish(job(db, 1), later(104)),
    lambda db: Jobs(db).take(job(db, 2).id, hold("p2")),
    lambda db: Jobs(db).due("T1", later(103)),
    lambda db: Ratings(db).rate(rating(answer(question()))),
    lambda db: Ratings(db).rate(
        replace(rating(answer(question()), verdict=Verdict.DOWN), rated_at=later(9))
    ),
    lambda db: Ratings(db).give(WAITING),
    lambda db: Ratings(db).decide(WAITING.answer_id, "U2", counts=True),
    lambda db: Ratings(db).correct(Correction(WAITING.answer_id, "U2", later(8), "31 days")),
    lambda db: Ratings(db).take_back(WAITING.answer_id, "U2", later(30)),
    lambda db: Sources(db).save(source(state=SourceState.REQUESTED)),
    lambda db: Sources(db).save(source()),
    lambda db: Collections(db).add(DOCS),
    lambda db: Collections(db).add(replace(DOCS, audience=Audience.of("team:T1"))),
    lambda db: Collections(db).show_progress(CollectionProgress("/docs", NOW, later(1), 1, 9)),
    lambda db: Collections(db).record(DOCS, after_failure(DOCS, later(1), "Away.")),
    lambda db: Collections(db).told("/docs", Trouble.FAILING),
    lambda db: Collections(db).make_due("/docs", later(2)),
    lambda db: Collections(db).record(DOCS, after_reading(DOCS, later(3), "c1")),
    lambda db: Collections(db).withdraw("/docs", Audience.of("team:T1")),
    lambda db: Gaps(db).keep([GAP], [IN_GAP], [], later(20)),
    lambda db: Gaps(db).telling("g1", "U1"),
    lambda db: Gaps(db).told("g1", "U1", later(21)),
    lambda db: Gaps(db).close("g1", Closing.ANSWERED, "U1", "", later(22), [source_job(9)]),
    lambda db: Adapters(db).add(adapter("a")),
    lambda db: Adapters(db).add(adapter("b", later(1))),
    lambda db: Adapters(db).add(adapter("c", later(2))),
    lambda db: Adapters(db).promote("a", later(10)),
    lambda db: Adapters(db).promote("b", later(11)),
    lambda db: Runs(db).begin("run-1", NOW),
    lambda db: Runs(db).heartbeat("run-1", later(5)),
    lambda db: Runs(db).finish(finished(Runs(db).latest()[0])),
    lambda db: Adapters(db).reject("c"),
    lambda db: Forgetting(db).delete_person("U1"),
)


PACKAGE = str(Path(records.__file__).parent)


def tell(db: Database, start: int = 0, done: Callable[[int], object] = lambda _: None) -> None:
    for n, step in enumerate(STEPS[start:], start):
        step(db)
        done(n + 1)


def state(db: Database) -> str:
    """Every row of every table, without the job ids that the database assigns."""
    with db.reading() as connection:
        rows = {
            table.name: sorted(map(repr, connection.execute(select(*_own_columns(table)))))
            for table in metadata.sorted_tables
        }
    return json.dumps(rows)


def _own_columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if column is not jobs.c.id]


def states(db: Database) -> list[str]:
    """The state before the first step and after each one."""
    seen = [state(db)]
    tell(db, done=lambda _: seen.append(state(db)))
    return seen


def at_line(number: int, then: Callable[[], object]) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that calls ``then`` at the ``number``-th executed line of records/."""
    left = number

    def trace(frame: FrameType, what: str, _: object) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if what == "line":
            left -= 1
            if left == 0:
                then()
        return trace

    return trace


def killed_at(url: str, number: int) -> tuple[bool, int]:
    """Runs the steps in a child until its ``number``-th line; returns what it had printed."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        sys.settrace(at_line(number, lambda: os.kill(os.getpid(), signal.SIGKILL)))
        tell(Database(url), done=lambda n: os.write(writing, bytes([n])))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as text_message:
        acknowledged = text_message.read()
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status), len(acknowledged)


def main(url: str, stride: int) -> None:
    db = Database(url)
    known, number, killed = states(db), 1, True
    while killed:
        empty(db)
        db.close()  # No connection may be shared with the child.
        killed, acknowledged = killed_at(url, number)
        left = state(db)
        tell(db, start=acknowledged)
        outcome = {
            "killed": killed,
            "line": number,
            "acknowledged": acknowledged,
            "left": known.index(left) if left in known else None,
            "whole": state(db) == known[-1],
        }
        print(json.dumps(outcome))  # noqa: T201
        number += stride
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
