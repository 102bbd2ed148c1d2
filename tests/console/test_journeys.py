"""What an admin does in a real browser, from the first page to what it leaves in the database."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from cli.console_parts import console_parts
from cli.settings import Settings
from cli.wiring import Container
from console.parts import Address
from domain.jobs import JobState
from records.consent import Consent
from records.jobs import Jobs
from records.person_data import PersonData
from tests.console.browsers import check_axe, signed_in_page
from tests.console.made_data import make_week
from tests.console.running_console import RunningConsole, serving_parts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def container(tmp_path: Path, template: Path) -> Iterator[Container]:
    (tmp_path / "phi3.db").write_bytes(template.read_bytes())
    with Container(Settings(_env_file=None, home=tmp_path)) as built:
        make_week(built.database)
        yield built


@pytest.fixture
def real(container: Container) -> Iterator[RunningConsole]:
    """A console with everything that `phi3 console` gives it."""
    with serving_parts(
        lambda url: replace(console_parts(container, Address(url)), admins_read_all=True)
    ) as started:
        yield started


def test_a_person_is_looked_at_kept_out_exported_and_forgotten(
    real: RunningConsole, browser: Browser
) -> None:
    with signed_in_page(real, browser) as page:
        page.get_by_role("link", name="People").click()
        page.get_by_label("The person's id in Slack").fill("U1")
        page.get_by_role("button", name="Look").click()
        page.get_by_role("button", name="Keep out of training").click()
        assert "U1 is kept out of training" in page.get_by_role("status").inner_text()
        assert Consent(real.database).kept_out() == {"U1"}
        with page.expect_download() as started:
            page.get_by_role("button", name="Export as JSON").click()
        found = json.loads(Path(started.value.path()).read_text())
        assert len(found["questions"]) == PersonData(real.database).in_numbers("U1").questions == 6
        page.get_by_role("link", name="Forget U1").click()
        page.get_by_label("Write the id again").fill("U2")
        page.get_by_role("button", name="Forget this person for ever").click()
        assert page.get_by_role("alert").is_visible()
        check_axe(page)
        page.get_by_label("Write the id again").fill("U1")
        page.get_by_role("button", name="Forget this person for ever").click()
        assert "Deleted: 6 questions" in page.get_by_role("status").inner_text()
        page.get_by_role("link", name="Audit log").click()
        assert page.get_by_role("cell", name="forgot a person").is_visible()
    assert PersonData(real.database).in_numbers("U1").is_nothing
    assert all(entry.to != "U1" for entry in real.parts.audit.latest(50))


def test_the_next_thing_to_do_leads_to_the_job_and_retries_it(
    real: RunningConsole, browser: Browser
) -> None:
    def given_up() -> int:
        return len(Jobs(real.database).open_page([JobState.QUARANTINED], 9))

    assert given_up() == 1
    with signed_in_page(real, browser) as page:
        _follow_step(page, "Look at 1 given-up job")
        page.get_by_label("State").select_option("Given up")
        page.get_by_role("button", name="Show").click()
        assert page.get_by_text("The page is not there.").is_visible()
        page.get_by_role("button", name="Retry job 1").click()
        assert "waits again" in page.get_by_role("status").inner_text()
        page.goto("/")
        assert page.get_by_text("Look at 1 job that failed").count() == 0
    assert given_up() == 0


def _follow_step(page: Page, text: str) -> None:
    """Opens the list of all that is to be done, if needed, and follows a link in it."""
    more = page.locator("summary")
    if not page.get_by_role("link", name=text).is_visible() and more.count():
        more.first.click()
    page.get_by_role("link", name=text).click()
