import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from records.database import Database
from records.questions import Questions
from tests.records.makers import claim_of, question
from tests.records.story import STEPS, state

ENDLESS = """
import sys
from records.database import Database
from records.questions import Questions
from records.answers import Answers
from tests.records.makers import answer, claim_of, question
db = Database(sys.argv[1])
for n in range(10**6):
    Questions(db).claim([claim_of(question(n))])
    Answers(db).record(answer(question(n)))
    print(n, flush=True)
"""


def cut_off(url: str, stride: int) -> list[dict[str, int]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.records.story", url, str(stride)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(results: list[dict[str, int]]) -> None:
    """For a kill at any line: all acknowledged steps are stored, no step is half done, and doing
    the rest again leads to the same state."""
    assert results[-1] == {
        "killed": False,
        "line": results[-1]["line"],
        "acknowledged": len(STEPS),
        "left": len(STEPS),
        "whole": True,
    }
    assert len(results) > 10
    for one in results:
        assert one["left"] in (one["acknowledged"], one["acknowledged"] + 1), one
        assert one["whole"], one


@pytest.mark.slow
def test_each_step_can_be_repeated(db: Database) -> None:
    """This happens after a kill or a lost connection between a commit and its acknowledgement."""
    for step in STEPS:
        step(db)
        before = state(db)
        step(db)
        assert state(db) == before


@pytest.mark.slow
def test_writes_survive_a_kill_at_any_line(url: str) -> None:
    check(cut_off(url, stride=101))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_writes_survive_a_kill_at_every_19th_line(url: str) -> None:
    check(cut_off(url, stride=19))


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 40])
def test_writer_killed_during_its_work_has_lost_nothing(url: str, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, url], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        for _ in range(after):
            writer.stdout.readline()
        writer.kill()
        acknowledged = after + len(writer.stdout.readlines())
    with closing(Database(url)) as db:
        Questions(db).claim([claim_of(question(10**7))])
        kept = [one.id for one in Questions(db).unfinished()]
    assert kept[:acknowledged] == [question(n).id for n in range(acknowledged)]
    assert len(kept) <= acknowledged + 2
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
