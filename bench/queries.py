"""How long the database queries of each event take, when it contains very many answers."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import Column, Connection, Integer, MetaData, Table, select

import migrations
from bench import Figure
from domain.jobs import Hold
from domain.questions import Question, Verdict
from domain.ratings import InputKind, RatingInput
from records.adapters import Adapters
from records.answers import Answers
from records.columns import ExactText, UtcTime
from records.database import Database, url_of
from records.jobs import Jobs
from records.questions import Questions
from records.ratings import Ratings
from records.retention import Retention
from records.sources import Sources
from records.tables import answers, questions, rating_inputs
from tests.records.databases import postgres_schema
from tests.records.makers import (
    NOW,
    PASSAGE,
    adapter,
    answer,
    claim_of,
    later,
    question,
    rating,
    source,
)

_ROUNDS = 200
_RATED = 5
"""One answer in this many is rated."""

_THREAD = 4
"""The number of questions in one thread."""

_EXPIRED = 10
"""The number of questions that expire in each round."""

_OLDEST, _LATEST = later(-1_000_000), later(1_000_000_000)
_CHUNK = 50_000
_TEXT = "The frame warranty is ten years from the day of delivery. " * 17

_copies = Table(
    "copies",
    MetaData(),
    Column("number", Integer),
    *(Column(name, ExactText) for name in ("question", "answer", "thread", "by", "reply")),
    Column("at", UtcTime),
    prefixes=["TEMPORARY"],
)
_COPIED: tuple[tuple[Table, dict[str, str]], ...] = (
    (
        questions,
        {
            "id": "question",
            "thread": "thread",
            "asked_by": "by",
            "asked_at": "at",
            "reply": "reply",
        },
    ),
    (answers, {"id": "answer", "question_id": "question", "created_at": "at"}),
    (rating_inputs, {"answer_id": "answer", "by": "by", "at": "at"}),
)

Event = Callable[[int], object]


def measure(folder: Path, count: int, postgres: str) -> list[Figure]:
    """Measures SQLite, and PostgreSQL at the URL ``postgres`` if that is not empty."""
    url = url_of(folder / "bench.db")
    migrations.upgrade(url)
    figures = [_measure("SQLite", url, count)]
    if postgres:
        with postgres_schema(postgres) as schema:
            migrations.upgrade(schema)
            figures.append(_measure("PostgreSQL", schema, count))
    return figures


def _measure(name: str, url: str, count: int) -> Figure:
    with closing(Database(url)) as db:
        _fill(db, count)
        chance = Random(7)
        taken = {
            event: sorted(
                _seconds(lambda: call(chance.randrange(count)))  # noqa: B023
                for _ in range(_ROUNDS)
            )
            for event, call in _events(db, count).items()
        }
    p95 = {event: quantiles(seconds, n=20)[-1] * 1000 for event, seconds in taken.items()}
    slowest = sorted(p95, key=lambda event: -p95[event])[:3]
    middle = median(median(seconds) for seconds in taken.values()) * 1000
    return Figure(
        f"each event's queries at {count:,} answers, {name}",
        f"median {middle:.1f} ms",
        "p95 of the slowest: " + ", ".join(f"{each} {p95[each]:.1f}" for each in slowest),
        f"p95 {p95[slowest[0]]:.1f} ms",
        "p95 under 20 ms",
    )


def _events(db: Database, count: int) -> dict[str, Event]:
    """The queries of each event; each is called with the number of a stored answer."""
    numbers = iter(range(count, 2**31))
    kept, asked, given = Answers(db), Questions(db), Ratings(db)

    def ask(_: int) -> Question:
        new = _question(next(numbers))
        kept.ask(new)
        return new

    unanswered = [ask(0) for _ in range(_ROUNDS)]
    work = Jobs(db)

    def record(_: int) -> None:
        kept.record(replace(answer(unanswered.pop()), passages=(PASSAGE,) * 5))

    def queue(_: int) -> None:
        new = _question(next(numbers))
        asked.claim([claim_of(new)])

    def take(_: int) -> None:
        [first] = work.due("T1", _LATEST, limit=1)
        taken = work.take(first.id, Hold("bench", _LATEST, _LATEST + timedelta(minutes=1)))
        assert taken
        work.finish(taken, _LATEST)

    def rate(n: int) -> None:
        given.rate(rating(answer(_question(n)), "U7"))

    rounds = iter(range(1, 2**31))

    def expire(_: int) -> None:
        before = _OLDEST + timedelta(minutes=_EXPIRED * next(rounds))
        Retention(db).delete_questions(before, lambda _: None)

    return {
        "ask": ask,
        "answer_to": lambda n: kept.answer_to(_question(n).id),
        "record": record,
        "claim": queue,
        "take and finish a job": take,
        "reply_of": lambda n: asked.reply_of(_question(n).id),
        "set_reply": lambda n: asked.set_reply(_question(n).id, f"reply-{n}"),
        "answer_at": lambda n: asked.answer_at(f"reply-{n}"),
        "history": lambda n: kept.history(_question(n).thread, _question(n).asked_at),
        "question_of": lambda n: kept.question_of(_question(n).answer_id),
        "rate": rate,
        "ratings of": lambda n: given.of(_question(n).answer_id),
        "give an input": lambda n: given.give(
            RatingInput(_question(n).answer_id, "U7", InputKind.BUTTON, Verdict.UP, NOW)
        ),
        "recent": lambda _: kept.recent(),
        "last_rated_at": lambda _: given.last_rated_at(),
        "live adapter": lambda _: Adapters(db).live(),
        "source": lambda n: Sources(db).find(f"/docs/{n % 100}.md"),
        "sources under": lambda n: Sources(db).under(f"/docs/{n % 100}"),
        "retention": expire,
    }


def _question(n: int) -> Question:
    return question(n, thread=f"slack:T1:C1:{n // _THREAD}.5", asked_by=f"U{n % 500}")


def _fill(db: Database, count: int) -> None:
    """Fills the database with copies of one question and answer; some are rated."""
    template = _question(-1)
    Answers(db).ask(template)
    passages = tuple(replace(PASSAGE, text=f"{n} " + _TEXT) for n in range(2))
    Answers(db).record(replace(answer(template), passages=passages))
    Ratings(db).rate(rating(answer(template), "U1"))
    for n in range(100):
        Sources(db).save(source(f"/docs/{n}.md"))
    for n in range(10):
        Adapters(db).add(adapter(f"night-{n}", later(n)))
        Adapters(db).promote(f"night-{n}", later(n))
    for n in range(_EXPIRED * _ROUNDS):
        old = replace(_question(-2 - n), asked_at=_OLDEST + timedelta(minutes=n))
        Answers(db).ask(old)
    for start in range(0, count, _CHUNK):
        with db.session(long=True) as connection:
            _copies.create(connection)
            rows = [_copy(n) for n in range(start, min(start + _CHUNK, count))]
            connection.execute(_copies.insert(), rows)
            for table, changed in _COPIED:
                _insert_copies(connection, table, changed, template)
            _copies.drop(connection)
    with db.session(long=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


def _copy(n: int) -> dict[str, object]:
    new = _question(n)
    return {
        "number": n,
        "question": new.id,
        "answer": new.answer_id,
        "thread": new.thread,
        "by": new.asked_by,
        "at": new.asked_at,
        "reply": f"reply-{n}",
    }


def _insert_copies(
    connection: Connection, table: Table, changed: dict[str, str], template: Question
) -> None:
    """Inserts rows that are like the template's except for the columns of ``_copy``."""
    key = "answer_id" if table is rating_inputs else "id"
    value = template.id if table is questions else template.answer_id
    columns = [
        _copies.c[changed[column.name]].label(column.name) if column.name in changed else column
        for column in table.columns
    ]
    query = select(*columns).select_from(table.join(_copies, table.c[key] == value))
    if table is rating_inputs:
        query = query.where(_copies.c.number % _RATED == 0)
    connection.execute(table.insert().from_select([one.name for one in table.columns], query))


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began
