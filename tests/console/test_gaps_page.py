"""The page Gaps, over the real finder: what was not answered is seen, and ended once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cli.console_gaps import gap_needs
from cli.settings import Settings
from cli.wiring import Container
from domain.console import ConsoleRole
from domain.gaps import Gap, GapState
from domain.jobs import JobKind, JobState
from domain.questions import AnswerKind, Audience
from records.answers import Answers
from records.gaps import Gaps
from records.jobs import Jobs
from tests.console.browsers import look_at, signed_in_page
from tests.console.running_console import RunningConsole, post, running, seen_on
from tests.records.makers import answer, question

ASKED = ["How much does the gym cost?", "What does the gym cost?", "Where do I park my bicycle?"]


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    with Container(Settings(_env_file=None, home=tmp_path / "home")) as made:
        yield made


@pytest.fixture
def asked(container: Container) -> Iterator[RunningConsole]:
    """Three questions in a public channel that were refused, and one in a private one."""
    now = datetime.now(UTC)
    answers = Answers(container.database)
    for n, text in enumerate([*ASKED, "Who gets the secret bonus?"]):
        place = "C9" if n == 3 else "C1"
        audience = Audience.of(f"channel:T1:{place}", public=n < 3)
        one = replace(
            question(n, asked_by=f"U{n}"),
            id=f"slack:T1:{place}:{n}.1",
            thread=f"slack:T1:{place}:{n}.1",
            text=text,
            asked_at=now - timedelta(hours=n),
            audience=audience,
        )
        answers.ask(one)
        answers.record(replace(answer(one, AnswerKind.REFUSED), created_at=one.asked_at))
    with running(container.database, gaps=gap_needs(container)) as started:
        yield started


def largest(container: Container) -> Gap:
    """The gap of the gym."""
    records = Gaps(container.database)
    found = records.all("T1")
    return max(found.values(), key=lambda gap: len(records.questions_of(gap.id)))


@pytest.mark.slow
def test_what_failed_is_in_gaps_without_what_one_may_not_see(
    asked: RunningConsole, container: Container
) -> None:
    with asked.signed_in(ConsoleRole.EDITOR) as client:
        assert "Nothing was left unanswered" in client.get("/gaps").text
        listed = post(client, "/gaps/refresh", "/gaps").text
        assert "gym" in listed
        assert "bicycle" in listed
        assert "Asked in private" in listed
        assert "secret bonus" not in listed
        shown = client.get(f"/gaps/{largest(container).id}").text
        assert all(text in shown for text in ASKED[:2])
        assert client.get("/gaps/g0000000000000000").status_code == 404
    assert len(Gaps(container.database).all("T1")) == 3


@pytest.mark.slow
def test_a_gap_is_closed_once_and_its_askers_are_told_by_the_bot(
    asked: RunningConsole, container: Container
) -> None:
    with asked.signed_in() as one, asked.signed_in() as other:
        post(one, "/gaps/refresh", "/gaps")
        path = f"/gaps/{largest(container).id}"
        seen = seen_on(one, path)
        assert "The gap is closed." in post(one, path, do="answered", seen=seen).text
        late = post(other, path, do="dismiss", seen=seen)
    assert late.status_code == 409
    assert largest(container).state is GapState.CLOSED
    jobs = Jobs(container.database).in_states([JobState.WAITING])
    assert [(job.kind, job.key, job.team) for job in jobs] == [
        (JobKind.GAP, largest(container).id, "T1")
    ]
    did = [entry.did for entry in asked.parts.audit.latest(9)]
    assert did.count("closed gap") == 1
    assert "dismissed gap" not in did


@pytest.mark.slow
def test_a_gap_waits_for_its_document(asked: RunningConsole, container: Container) -> None:
    with asked.signed_in(ConsoleRole.EDITOR) as client:
        post(client, "/gaps/refresh", "/gaps")
        path = f"/gaps/{largest(container).id}"
        seen = seen_on(client, path)
        assert "Write the address" in post(client, path, do="wait", address=" ", seen=seen).text
        vague = post(client, path, do="wait", address="the wiki's page on the gym", seen=seen)
        assert "Write the address" in vague.text
        assert largest(container).awaited == ""
        copied = "https://Docs.example/gym?utm_source=mail#hours"
        said = post(client, path, do="wait", address=copied, seen=seen)
        assert "https://docs.example/gym" in said.text
        assert largest(container).awaited == "https://docs.example/gym"
        assert "https://docs.example/gym" in client.get("/gaps").text
        assert "dismissed" in post(client, path, do="dismiss", seen=seen_on(client, path)).text
    assert largest(container).state is GapState.DISMISSED


@pytest.mark.slow
def test_of_two_who_name_a_document_the_second_is_told_and_loses_no_word(
    asked: RunningConsole, container: Container
) -> None:
    with asked.signed_in() as one, asked.signed_in() as other:
        post(one, "/gaps/refresh", "/gaps")
        path = f"/gaps/{largest(container).id}"
        seen = seen_on(other, path)
        post(one, path, do="wait", address="https://docs.example/gym", seen=seen)
        late = post(other, path, do="wait", address="https://docs.example/<b>", seen=seen)
        assert late.status_code == 409
        assert "Somebody changed this gap" in late.text
        assert "https://docs.example/&lt;b&gt;" in late.text
        assert largest(container).awaited == "https://docs.example/gym"
        seen = seen_on(other, path)
        post(other, path, do="wait", address="https://docs.example/other", seen=seen)
    assert largest(container).awaited == "https://docs.example/other"


@pytest.mark.slow
def test_readers_end_no_gap(asked: RunningConsole, container: Container) -> None:
    with asked.signed_in() as client:
        post(client, "/gaps/refresh", "/gaps")
    gap = largest(container)
    with asked.signed_in(ConsoleRole.READER) as client:
        assert client.get(f"/gaps/{gap.id}").status_code == 200
        assert post(client, f"/gaps/{gap.id}", do="answered", seen="").status_code == 403
        assert post(client, "/gaps/refresh").status_code == 403
    assert largest(container).state is GapState.OPEN


@pytest.mark.slow
@pytest.mark.browser
def test_a_gap_is_closed_in_a_browser(
    asked: RunningConsole, container: Container, browser: Browser, pictures: Path
) -> None:
    with signed_in_page(asked, browser) as page:
        page.get_by_role("link", name="Gaps").click()
        page.get_by_role("button", name="Look for new ones").click()
        expect(page.get_by_role("table")).to_contain_text("gym")
        look_at(page, pictures, "gaps")
        page.get_by_role("link", name="gym").click()
        look_at(page, pictures, "gap")
        late = page.context.new_page()
        late.goto(page.url)
        page.get_by_role("button", name="It is answered by now").click()
        expect(page.get_by_text("The gap is closed.")).to_be_visible()
        late.get_by_label("A document will say it").fill("https://docs.example/gym")
        late.get_by_role("button", name="Wait for it").click()
        expect(late.get_by_text("https://docs.example/gym")).to_be_visible()
        look_at(late, pictures, "gap-late")
        late.get_by_role("link", name="Back to the page").click()
        expect(late.get_by_text("What closed it")).to_be_visible()
    assert largest(container).state is GapState.CLOSED
