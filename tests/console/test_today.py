"""The page Today: figures of the last days, and the one thing to do next."""

from datetime import UTC, datetime, timedelta

import pytest

from console.day_figures import DayFigures
from console.needs.today import RoleState, TodayNeeds
from console.next_step import steps
from domain.adapters import Outcome, TrainingRun
from domain.jobs import JobState
from domain.open_work import OpenWork
from domain.weeks import Day, DayInNumbers, Latency
from records.database import Database
from tests.console.made_data import HOSTILE, make_week
from tests.console.running_console import RunningConsole, running

WELL = [RoleState("serve", True, "")]
NOTHING = OpenWork({}, 3, 0, 0, 0)
NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
FAILED_NIGHT = TrainingRun("r1", Outcome.FAILED, NOW, NOW, NOW, "The disk is full.")


def test_today_shows_the_figures_of_a_week(busy: RunningConsole) -> None:
    with busy.signed_in() as client:
        shown = client.get("/").text
    assert ">30<" in shown  # questions
    assert "Thumbs up, of 15" in shown
    assert "67%" in shown  # 10 of 15 are 👍
    assert "17%" in shown  # 5 of 30 were refused


def test_without_documents_the_next_thing_is_to_add_some(console: RunningConsole) -> None:
    with console.signed_in() as client:
        shown = client.get("/").text
    assert '>Next: <a href="/sources">Add the first documents</a>' in shown


@pytest.mark.parametrize(
    ("roles", "work", "night", "first"),
    [
        ([RoleState("serve", False, "")], OpenWork({}, 0, 9, 9, 9), FAILED_NIGHT, "Start phi3 ser"),
        (WELL, OpenWork({}, 0, 1, 0, 0), None, "Add the first documents"),
        (
            WELL,
            OpenWork({JobState.QUARANTINED: 1}, 3, 1, 1, 0),
            FAILED_NIGHT,
            "Look at 1 given-up job",
        ),
        (WELL, OpenWork({JobState.WAITING: 4}, 3, 2, 1, 0), FAILED_NIGHT, "Look at 2 sources"),
        (WELL, OpenWork({}, 3, 0, 5, 0), FAILED_NIGHT, "Look why the last night failed"),
        (WELL, OpenWork({}, 3, 0, 5, 0), None, "Close 5 gaps"),
    ],
)
def test_the_most_urgent_thing_comes_first(
    roles: list[RoleState], work: OpenWork, night: TrainingRun | None, first: str
) -> None:
    assert steps(roles, work, night)[0].do.startswith(first)


def test_nothing_is_to_be_done_while_all_is_well() -> None:
    assert steps(WELL, NOTHING, None) == []


@pytest.mark.slow
def test_what_does_not_run_is_told(database: Database) -> None:
    off = TodayNeeds(roles=lambda: [RoleState("bot", False, HOSTILE)])
    make_week(database)
    with running(database, today=off) as console, console.signed_in() as client:
        shown = client.get("/").text
    assert "Next: Start phi3 bot" in " ".join(shown.split())
    assert "does not run" in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


class CountedDays:
    """Days that are all alike, and remember how often each was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []

    def of(self, since: datetime, until: datetime) -> DayInNumbers:
        self.asked.append((since, until))
        return DayInNumbers(since, Day(), 0, 0, Latency())


def test_a_day_begins_at_midnight_where_the_team_is_also_when_the_clocks_change() -> None:
    days = CountedDays()
    DayFigures(days, "Europe/Berlin").last(3, NOW)
    hours = [(until - since) / timedelta(hours=1) for since, until in days.asked]
    assert [since.isoformat() for since, _ in days.asked] == [
        "2026-03-29T22:00:00+00:00",
        "2026-03-28T23:00:00+00:00",
        "2026-03-27T23:00:00+00:00",
    ]
    assert hours == [24, 23, 24]


def test_days_are_not_counted_anew_for_each_look() -> None:
    days = CountedDays()
    figures = DayFigures(days, "UTC")
    assert figures.last(7, NOW) == figures.last(7, NOW)
    assert len(days.asked) == 7
    figures.last(7, NOW + timedelta(days=1))
    assert len(days.asked) == 8
