"""The process is killed between closing a gap and telling people: each is told exactly once."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.gaps.finding import GapFinder
from domain.gaps import Closing
from domain.jobs import JobKind
from records.database import Database
from records.gaps import Gaps
from tests.bot.gap_makers import asked, refuse
from tests.bot.gap_victim import ANSWER, POINTS, script
from tests.bot.running_bot import build, end_leases, is_idle
from tests.knowledge.doubles import WordEmbedder
from tests.slack_double import SlackDouble


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
def test_each_person_is_told_exactly_once(
    slack: SlackDouble, database_file: Path, database: Database, point: str, when: str
) -> None:
    question = "How do I get a new laptop?"
    people = ("U2", "U3")
    refuse(
        database,
        *(
            asked(n, question, person=person, at=datetime.now(UTC))
            for n, person in enumerate(people)
        ),
    )
    gaps = Gaps(database)
    GapFinder(gaps, WordEmbedder).refresh("T1")
    (gap,) = gaps.all("T1")
    victim = (sys.executable, "-m", "tests.bot.gap_victim")
    killed = subprocess.run((*victim, slack.url, str(database_file), gap, point, when), timeout=240)
    assert killed.returncode == -9

    end_leases(database)
    running = build(slack, script(), database)
    # Whoever pressed saw that nothing was stored, and presses again.
    running.bot.gaps.closing.close(gap, Closing.ANSWERED, "U1")

    def is_done() -> bool:
        if is_idle(running.bot.runner):
            running.resume_now()
        return not running.open_jobs(JobKind.GAP)

    slack.wait_for(is_done)
    told = sorted(one.channel for one in slack.public() if ANSWER in one.words)
    assert told == ["D2", "D3"]
    closed_at = gaps.all("T1")[gap].closed_at
    assert closed_at
    assert gaps.told_since(gap, closed_at) == len(people)
    running.bot.close(0)
