"""Folders and homes in which the commands of pages run."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.adapters import Check, Evaluation, Outcome, Score
from records.adapters import Adapters
from records.database import Database, url_of
from records.jobs import Jobs
from records.runs import Runs
from tests.cli.test_adapters import made
from tests.docs.transcripts import Shell
from tests.records.makers import hold, later, source_job

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
SCORE = Score(agreement=0.45, f1=0.4, contained=0.5, cited=0.9, refused=0.1, characters=30.0)
EVALUATION = Evaluation(
    questions=40,
    live=SCORE,
    candidate=SCORE,
    low=-0.02,
    high=0.02,
    sure=0.5,
    passed=True,
    reason="it is better",
    checks=(Check("better", True, ""),),
)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def new_shell(folder: Path, server: str) -> Shell:
    """A folder with the examples, and an empty home."""
    (folder / "examples").symlink_to(ROOT / "examples")
    return Shell(folder, {"PHI3_HOME": str(folder / "home"), "PHI3_SERVER_URL": server})


def read_shell(folder: Path, read: Path, server: str) -> Shell:
    """A folder with the examples, and a copy of the home ``read``."""
    shutil.copytree(read, folder / "home")
    return new_shell(folder, server)


def add_trouble(folder: Path) -> None:
    """What the page of symptoms tells of: damaged documents, a job that was given up, old tables.

    ``folder`` has a home.
    """
    handbook = folder / "examples" / "handbook"
    documents, rooms = folder / "documents", folder / "rooms"
    documents.mkdir()
    (documents / "cut.pdf").write_bytes((handbook / "workshop-safety.pdf").read_bytes()[:3000])
    (documents / "empty.md").touch()
    (documents / "lunch.md").write_text("# Lunch\n\nOn Fridays there is pike.\n")
    rooms.mkdir()
    for n in (1, 2, 3):
        (rooms / f"{n}.md").write_text(f"# Room {n}\n\nRoom {n} is on floor {n}.\n")
    for name, version in (("older", "0030"), ("newer", "9999")):
        shutil.copytree(folder / "home", folder / name)
        with closing(sqlite3.connect(folder / name / "phi3.db")) as file, file:
            file.execute("UPDATE alembic_version SET version_num = ?", (version,))
    with closing(Database(url_of(folder / "home" / "phi3.db"))) as db:
        jobs = Jobs(db)
        [job_id] = jobs.add([source_job(1, uri="https://example.com/huge.pdf")])
        job = jobs.take(job_id, hold())
        assert job
        jobs.give_up(job, later(101), "it takes too much memory")


def add_nights(home: Path) -> None:
    """Two nights, of which the second made the adapter ``night-1``, and held it."""
    adapter = made(home, "night-1")
    with closing(Database(url_of(home / "phi3.db"))) as db:
        Adapters(db).add(adapter)
        for n, outcome in enumerate((Outcome.SKIPPED, Outcome.HELD)):
            run = Runs(db).begin(f"run-{n}", NOW + timedelta(days=n))
            is_new = outcome is Outcome.HELD
            ended = replace(
                run,
                outcome=outcome,
                finished_at=NOW + timedelta(days=n, minutes=9),
                reason="nights are on hold" if is_new else "3 to train on, 40 are needed",
                adapter=adapter.name if is_new else None,
                evaluation=EVALUATION if is_new else None,
            )
            Runs(db).finish(ended)
