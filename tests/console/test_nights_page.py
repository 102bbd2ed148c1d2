"""The page Nights: what nights decided is seen, and what answers is changed once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from console.curve import curve_of
from console.needs.nights import NightNeeds
from domain.adapters import (
    AdapterState,
    Check,
    Evaluation,
    Outcome,
    Score,
    TrainingRun,
)
from domain.console import ConsoleRole
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.database import Database
from records.runs import Runs
from tests.console.browsers import look_at, signed_in_page
from tests.console.made_data import HOSTILE
from tests.console.running_console import RunningConsole, post, running
from tests.records.makers import adapter

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def score(value: float) -> Score:
    return Score(value, value, value, 0.9, 0.1, 40.0)


def night(n: int, outcome: Outcome, live: float = 0.5, candidate: float = 0.6) -> TrainingRun:
    at = NOW + timedelta(days=n)
    checks = (Check("better", outcome is Outcome.PROMOTED, "It is not better."),)
    compared = Evaluation(
        42, score(live), score(candidate), 0.01, 0.2, 0.95, outcome is Outcome.PROMOTED, "It is.",
        candidate - live, 0, checks,
    )  # fmt: skip
    reason = f"It answers better. {HOSTILE}"
    return TrainingRun(
        f"night-{n}", outcome, at, at, at, reason, f"night-{n}", 120, "", compared, {"too long": 3}
    )


def keep(database: Database, *nights: TrainingRun) -> None:
    for one in nights:
        Runs(database).begin(one.id, one.started_at)
        Runs(database).finish(one)
        Adapters(database).add(adapter(one.id, one.started_at))


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Iterator[RunningConsole]:
    """Two nights, of which the first one's adapter is live; both have a page of their own."""
    page = tmp_path / "report.html"
    page.write_text("<style>p { color: red }</style><p>The night's own page</p>", "utf-8")
    keep(database, night(1, Outcome.PROMOTED), night(2, Outcome.REJECTED, 0.6, 0.55))
    Adapters(database).promote("night-1", NOW)
    needs = NightNeeds(AdapterChanges(database, lambda _: None), lambda _: page)
    with running(database, nights=needs) as started:
        yield started


def live(database: Database) -> str | None:
    return Adapters(database).live_name()


@pytest.mark.slow
def test_each_night_is_shown_with_its_decision(two: RunningConsole) -> None:
    with two.signed_in(ConsoleRole.READER) as client:
        listed, one = client.get("/nights").text, client.get("/nights/night-2").text
        assert client.get("/nights/night-9").status_code == 404
    assert listed.count("<circle") == 2
    for text in ("rejected", "-0.050", "It is not better.", "too long", "0.55"):
        assert text in one
    for page in (listed, one):
        assert "<script>alert" not in page
        assert "\u202e" not in page
    assert "Roll back" not in listed


@pytest.mark.slow
def test_an_admin_rolls_back_once(two: RunningConsole) -> None:
    database = two.database
    keep(database, night(3, Outcome.PROMOTED))
    with two.signed_in() as client:
        wanted = {"do": "promote", "adapter": "night-3", "seen": "night-1", "request": "1" * 8}
        assert "night-3 answers" in post(client, "/nights/adapters", **wanted).text
        assert live(database) == "night-3"
        back = {"do": "rollback", "seen": "night-3", "request": "2" * 8}
        for _ in range(2):  # the button is pressed twice
            post(client, "/nights/adapters", **back)
            assert live(database) == "night-1"
        # Another admin's page still showed night-3.
        late = post(client, "/nights/adapters", **back | {"request": "3" * 8})
        assert "Nothing was changed" in late.text
        assert live(database) == "night-1"
    did = [entry.did for entry in two.parts.audit.latest(9)]
    assert "rolled back" in did


@pytest.mark.slow
def test_an_adapter_that_cannot_be_loaded_does_not_answer(database: Database) -> None:
    from domain.errors import Phi3Error

    def refuse(_: object) -> None:
        raise Phi3Error("Its files are damaged.")

    keep(database, night(1, Outcome.REJECTED))
    Adapters(database).add(replace(adapter("night-5", NOW), state=AdapterState.HELD))
    needs = NightNeeds(AdapterChanges(database, refuse), lambda _: None)
    with running(database, nights=needs) as console, console.signed_in() as client:
        wanted = {"do": "approve", "adapter": "night-5", "request": "1" * 8}
        assert "Its files are damaged." in post(client, "/nights/adapters", **wanted).text
    assert live(database) is None


@pytest.mark.slow
def test_nights_are_held_and_let_go(two: RunningConsole) -> None:
    with two.signed_in() as client:
        held = post(client, "/nights/adapters", do="hold", seen="night-1", request="4" * 8).text
        assert "On hold since" in held
        let = post(client, "/nights/adapters", do="lift", seen="night-1", request="5" * 8).text
        assert "They promote what is better." in let
        assert post(client, "/nights/adapters", do="delete", request="6" * 8).status_code == 422


@pytest.mark.slow
def test_only_admins_decide_and_open_the_report(two: RunningConsole) -> None:
    with two.signed_in(ConsoleRole.EDITOR) as client:
        form = {"do": "rollback", "seen": "night-1", "request": "7" * 8}
        assert post(client, "/nights/adapters", **form).status_code == 403
        assert client.get("/nights/night-1/report").status_code == 403
    with two.signed_in() as client:
        shown = client.get("/nights/night-1/report")
    assert "The night's own page" in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "script-src" not in shown.headers["content-security-policy"]
    assert live(two.database) == "night-1"


def test_a_curve_needs_two_nights() -> None:
    assert curve_of([night(1, Outcome.PROMOTED)]) is None
    flat = curve_of([night(n, Outcome.REJECTED, 0.5, 0.5) for n in (2, 1)])
    assert flat
    assert [point.run for point in flat.points] == ["night-1", "night-2"]
    assert flat.points[0].y == flat.points[1].y


@pytest.mark.slow
@pytest.mark.browser
def test_a_night_is_rolled_back_in_a_browser(
    two: RunningConsole, browser: Browser, pictures: Path
) -> None:
    with signed_in_page(two, browser) as page:
        page.get_by_role("link", name="Nights").click()
        look_at(page, pictures, "nights")
        page.get_by_role("link", name="21 November 2026").click()
        look_at(page, pictures, "night")
        page.get_by_role("link", name="The whole report").click()
        expect(page.get_by_text("The night's own page")).to_have_css("color", "rgb(255, 0, 0)")
        page.goto(f"{two.url}/nights")
        page.get_by_role("button", name="Roll back").click()
        expect(page.get_by_text("the model as it was installed answers")).to_be_visible()
    assert live(two.database) is None
