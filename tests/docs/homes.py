"""Folders and homes in which the commands of pages run."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from records.database import Database, url_of
from records.jobs import Jobs
from tests.docs.transcripts import Shell
from tests.records.makers import hold, later, source_job

ROOT = Path(__file__).parents[2]


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
