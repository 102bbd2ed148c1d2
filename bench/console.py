"""How long the console's pages take when very many answers are stored, against an empty console."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import httpx

import migrations
from bench import Figure
from console.pages import PAGES
from records.answer_marks import of_source
from records.answers import Answers
from records.database import Database, url_of
from tests.console.running_console import running
from tests.records.makers import answer, question

_FILTERS = (
    "kind=refused",
    "rated=down",
    "unsupported=true",
    "adapter=night-7",
    "channel=T1/C7",
    "source=/docs/rare.md",
    "rated=down&kind=refused",
    "rated=up&channel=T1/C7&unsupported=true",
    "rated=down&unsupported=true&adapter=night-7&channel=T1/C8&kind=answered",
)
"""With several at once hardly anything, or nothing, is found."""

_KIND = "CASE WHEN n % 6 THEN 'answered' ELSE 'refused' END"
_MARKS = {
    f"'kind:' || {_KIND}": "1",
    "'place:T1/C' || (n % 50)": "1",
    "'adapter:night-' || (n % 40)": "1",
    "'rated:' || CASE WHEN n % 4 THEN 'up' ELSE 'down' END": "n % 3 = 0",
    "'unsupported'": "n % 7 = 0",
    f"'{of_source('/docs/leave.md')}'": "1",
    f"'{of_source('/docs/rare.md')}'": "n % 10007 = 0",
}
"""Each mark of the n-th answer, and the answers that have it."""

_ROUNDS = 40
_SECONDS_APART = 31
"""A million answers are then those of a year."""


def measure(folder: Path, count: int) -> list[Figure]:
    """Measures SQLite; each page in turn on both, so that other load falls on both alike."""
    with _console(folder / "full.db", count) as full, _console(folder / "empty.db", 1) as empty:
        figures = []
        pages = {f"page {page.title}": page.path for page in PAGES if page.is_listed}
        pages |= {f"page Answers with {query}": f"/answers?{query}" for query in _FILTERS}
        for name, path in pages.items():
            taken: dict[httpx.Client, list[float]] = {full: [], empty: []}
            for client in (full, empty):
                _seconds(client, path)  # what is kept for a while is kept now
            for _ in range(_ROUNDS):
                for client, seconds in taken.items():
                    seconds.append(_seconds(client, path))
            ours, other = (quantiles(each, n=20)[-1] * 1000 for each in taken.values())
            figures.append(
                Figure(
                    f"the console's {name} at {count:,} answers",
                    f"p95 {ours:.1f} ms",
                    f"with one answer {other:.1f} ms",
                    f"{ours / other:.1f} times",
                    "under 100 ms",
                )
            )
        return figures


@contextmanager
def _console(file: Path, count: int) -> Iterator[httpx.Client]:
    migrations.upgrade(url_of(file))
    with closing(Database(url_of(file))) as database:
        asked = question()
        Answers(database).ask(asked)
        Answers(database).record(answer(asked))
        _copy(file, count - 1)
        with running(database) as console, console.signed_in() as client:
            yield client


def _seconds(client: httpx.Client, path: str) -> float:
    begin = perf_counter()
    client.get(path).raise_for_status()
    return perf_counter() - begin


def _copy(file: Path, count: int) -> None:
    """Copies the one answer ``count`` times, up to now; a third are rated."""
    ago = f"({count} - n) * {_SECONDS_APART}"
    asked_at, answered_at = (
        f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || max(1, {ago} - {later}) || ' seconds')"
        "|| '000'"
        for later in ("0", "3 - n % 17")
    )
    key = "'slack:T1:C' || (n % 50) || ':' || (1700000000 + n) || '.000100'"
    copies = {
        "questions": {
            "id": key,
            "thread": key,
            "asked_by": "'U' || (n % 500)",
            "asked_at": asked_at,
            "reply": "'r' || n",
        },
        "answers": {
            "id": "'a' || n",
            "question_id": key,
            "created_at": answered_at,
            "kind": _KIND,
            "adapter": "'night-' || (n % 40)",
        },
    }
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?)"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table, changed in copies.items():
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(changed.get(name, f'one."{name}"') for name in names)
            connection.execute(
                f"{numbers} INSERT INTO {table} SELECT {values} "
                f"FROM numbers, (SELECT * FROM {table} LIMIT 1) one WHERE {count} > 0",
                [count],
            )
        for mark, has in _MARKS.items():
            connection.execute(
                f"{numbers} INSERT INTO answer_marks SELECT {mark}, {answered_at}, 'a' || n "
                f"FROM numbers WHERE {has} AND {count} > 0",
                [count],
            )
        connection.execute(
            f"{numbers} INSERT INTO rating_inputs (answer_id, by, kind, verdict, at, stands, "
            "waiting) SELECT 'a' || n, 'U' || (n % 700), 'button', "
            f"CASE WHEN n % 4 THEN 'up' ELSE 'down' END, {answered_at}, 1, 0 "
            f"FROM numbers WHERE n % 3 = 0 AND {count} > 0",
            [count],
        )
