"""Tokens that expire are renewed early, by one process, and the bot goes on with the new one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bot.workspaces.tokens import Tokens
from domain.installations import Installation
from records.database import Database
from records.installations import Installations
from records.token_cipher import TokenCipher
from tests.bot.workspaces.conftest import (
    KEY,
    SECOND_TOKEN,
    RunningWorkspaces,
    access,
    in_team,
    installed,
)
from tests.payloads import mention
from tests.slack_double import SlackDouble

SOON = timedelta(minutes=30)


def expiring(within: timedelta, refresh: str = "xoxe-1") -> Installation:
    at = (datetime.now(UTC) + within).replace(microsecond=0)
    return installed("T1", "xoxb-old", refresh_token=refresh, expires_at=at)


@pytest.fixture
def stored(database: Database) -> Installations:
    return Installations(database, TokenCipher(KEY))


def tokens(stored: Installations, slack: SlackDouble) -> Tokens:
    return Tokens("1.2", "client-s3cret", stored, slack.url)


def renewal(slack: SlackDouble, code: str = "xoxe-1") -> None:
    slack.codes[code] = access("T1", "xoxb-new", refresh_token="xoxe-2", expires_in=43_200)


def test_token_that_expires_soon_is_renewed_and_kept(
    stored: Installations, slack: SlackDouble
) -> None:
    stored.save(expiring(SOON))
    renewal(slack)
    new = tokens(stored, slack).fresh(stored.all()[0])
    assert (new.token, new.refresh_token) == ("xoxb-new", "xoxe-2")
    assert new.expires_at
    assert new.expires_at > datetime.now(UTC) + timedelta(hours=11)
    assert stored.all() == [new]


def test_token_that_lasts_is_left_alone(stored: Installations, slack: SlackDouble) -> None:
    stored.save(expiring(timedelta(hours=3)))
    [known] = stored.all()
    assert tokens(stored, slack).fresh(known) is known
    stored.save(installed("T1", "xoxb-for-ever"))
    [known] = stored.all()
    assert tokens(stored, slack).fresh(known) is known
    assert slack.calls == []


def test_of_several_processes_one_renews(stored: Installations, slack: SlackDouble) -> None:
    stored.save(expiring(SOON))
    renewal(slack)
    [known] = stored.all()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tokens(stored, slack).fresh(known), range(8)))
    assert slack.count("oauth.v2.access") == 1
    assert stored.all()[0].token == "xoxb-new"


def test_renewal_that_slack_refuses_is_tried_again_later(
    stored: Installations, slack: SlackDouble, caplog: pytest.LogCaptureFixture
) -> None:
    stored.save(expiring(SOON, "xoxe-unknown"))
    [known] = stored.all()
    assert tokens(stored, slack).fresh(known) is known
    assert "invalid_refresh_token" in caplog.text
    assert "xoxe-unknown" not in caplog.text
    assert not stored.begin_renewal(known, datetime.now(UTC))
    assert stored.begin_renewal(known, datetime.now(UTC) + timedelta(minutes=2))


def test_renewed_token_does_not_undo_a_newer_installation(
    stored: Installations, slack: SlackDouble
) -> None:
    stored.save(expiring(SOON))
    [known] = stored.all()
    again = installed("T1", "xoxb-again")
    stored.save(again)
    stored.renewed(known, expiring(timedelta(hours=12)))
    assert stored.all() == [again]


def test_bot_goes_on_with_the_renewed_token(both: RunningWorkspaces) -> None:
    at = datetime.now(UTC) + SOON
    both.installations.save(installed("T2", SECOND_TOKEN, refresh_token="xoxe-1", expires_at=at))
    both.first.codes["xoxe-1"] = access("T2", "xoxb-third", refresh_token="x", expires_in=43_200)
    both.workspaces.look()
    both.first.others["xoxb-third"] = both.first.others.pop(SECOND_TOKEN)
    both.second.token = "xoxb-third"
    both.send.event(in_team(mention(), "T2"))
    both.finished()
    assert len(both.second.public()) == 1
