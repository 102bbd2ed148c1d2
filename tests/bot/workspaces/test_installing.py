"""People install the app: the state, the code, the tokens, and what is stored of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import ConfigError
from records.database import Database
from records.install_states import LIFETIME, InstallStates
from records.installations import Installations
from records.token_cipher import TokenCipher
from tests.bot.workspaces.conftest import (
    KEY,
    NEW_KEY,
    SECOND_TOKEN,
    RunningWorkspaces,
    access,
    in_team,
    installed,
    serving,
)
from tests.payloads import mention
from tests.slack_double import SlackDouble

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_person_installs_it_and_the_workspace_is_answered(none: RunningWorkspaces) -> None:
    page = none.install("code-1")
    assert (page.status, "installed in Company T2" in page.text) == (200, True)
    assert "Try again" not in page.text
    [made] = none.installations.all()
    assert (made.team, made.user, made.bot) == ("T2", "UBOT", "BBOT")
    assert (made.token, made.url) == (SECOND_TOKEN, "https://other.slack.com/")
    none.send.event(in_team(mention(), "T2"))
    none.finished()
    assert len(none.second.public()) == 1


def test_page_asks_for_the_scopes_with_a_state_of_its_own(none: RunningWorkspaces) -> None:
    pages = [none.get("/slack/install") for _ in range(2)]
    assert pages[0].state != pages[1].state
    assert "https://slack.com/oauth/v2/authorize" in pages[0].text
    assert "app_mentions:read" in pages[0].text
    assert "client-s3cret" not in pages[0].text
    assert "HttpOnly" in pages[0].headers["set-cookie"]


def test_state_is_good_once_and_only_in_the_browser_that_began(none: RunningWorkspaces) -> None:
    page, other = none.get("/slack/install"), none.get("/slack/install")
    none.first.codes["code"] = access()
    back = f"/slack/oauth_redirect?code=code&state={page.state}"
    assert none.get(back).status == 400
    assert none.get(back, other.cookie).status == 400
    forged = "slack-app-oauth-state=guessed"
    assert none.get("/slack/oauth_redirect?code=code&state=guessed", forged).status == 401
    assert none.installations.all() == []
    assert none.get(back, page.cookie).status == 200
    none.first.codes["code"] = access()
    assert none.get(back, page.cookie).status == 401
    assert none.first.codes  # Slack was not asked


@pytest.mark.parametrize(
    ("query", "status"),
    [("error=access_denied", 200), ("", 400), ("code=x", 400), ("state=x&code=x", 400)],
)
def test_wrong_answer_of_slack_is_a_page_and_no_installation(
    none: RunningWorkspaces, query: str, status: int
) -> None:
    page = none.get(f"/slack/oauth_redirect?{query}")
    assert page.status == status
    assert "Not installed" in page.text
    assert "Try again" in page.text
    assert none.installations.all() == []


def test_code_that_slack_does_not_know_installs_nothing(none: RunningWorkspaces) -> None:
    page = none.get("/slack/install")
    back = none.get(f"/slack/oauth_redirect?code=<b>&state={page.state}", page.cookie)
    assert back.status == 401
    assert "<b>" not in back.text


@pytest.mark.slow
def test_outage_of_slack_is_told_and_installs_nothing(none: RunningWorkspaces) -> None:
    page = none.get("/slack/install")
    none.first.fate = lambda method, _: "gone" if method == "oauth.v2.access" else ""
    back = none.get(f"/slack/oauth_redirect?code=c&state={page.state}", page.cookie)
    assert back.status == 503
    assert none.installations.all() == []


def test_whole_organisation_is_refused_clearly(none: RunningWorkspaces) -> None:
    page = none.install("code", is_enterprise_install=True)
    assert page.status == 403
    assert "whole organisation" in page.text
    assert none.installations.all() == []


def test_workspace_that_may_not_install_it_is_refused(
    slack: SlackDouble, second: SlackDouble, database_file: Path
) -> None:
    with serving(slack, second, database_file, KEY, allowed="T1 T5") as running:
        page = running.install("code")
        assert page.status == 403
        assert "may install" in page.text
        assert running.installations.all() == []


def test_pages_are_not_there_for_one_workspace(running: object) -> None:
    assert running.send.request("GET", "/slack/install").status == 404  # type: ignore[attr-defined]


# What is stored


@pytest.fixture
def stored(database: Database) -> Installations:
    made = Installations(database, TokenCipher(KEY))
    made.save(installed("T1", "xoxb-readable", refresh_token="xoxe-readable"))
    return made


def test_no_token_can_be_read_without_the_key(stored: Installations, database_file: Path) -> None:
    files = database_file.parent.glob(f"{database_file.name}*")
    written = b"".join(file.read_bytes() for file in files)
    assert b"Company T1" in written
    assert b"readable" not in written
    assert "readable" not in repr(stored.all())


def test_wrong_key_is_one_clear_line(stored: Installations, database: Database) -> None:
    for key in (NEW_KEY, f"{NEW_KEY}"):
        with pytest.raises(ConfigError, match="PHI3_TOKEN_KEY does not open") as caught:
            Installations(database, TokenCipher(key)).all()
        assert "\n" not in str(caught.value)
    for keys in ([], [""], ["short"]):
        with pytest.raises(ConfigError, match="PHI3_TOKEN_KEY is missing or no key"):
            TokenCipher(*keys)


def test_key_is_replaced_without_losing_a_token(stored: Installations, database: Database) -> None:
    both = Installations(database, TokenCipher(NEW_KEY, KEY))
    assert [each.token for each in both.all()] == ["xoxb-readable"]
    assert both.seal_again() == 1
    assert both.seal_again() == 0
    # From then on the old key is not needed.
    [made] = Installations(database, TokenCipher(NEW_KEY)).all()
    assert (made.token, made.refresh_token) == ("xoxb-readable", "xoxe-readable")


def test_installing_again_replaces_the_token(stored: Installations) -> None:
    stored.save(installed("T1", "xoxb-new"))
    assert [each.token for each in stored.all()] == ["xoxb-new"]


def test_state_is_over_after_ten_minutes(database: Database) -> None:
    states = InstallStates(database)
    first, second = states.issue(NOW), states.issue(NOW)
    assert not states.consume(first, NOW + LIFETIME + timedelta(seconds=1))
    assert states.consume(second, NOW + LIFETIME)
    assert not states.consume(second, NOW)
    states.issue(NOW + 2 * LIFETIME)
    assert not states.consume(first, NOW)
