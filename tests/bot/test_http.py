"""HTTP mode: who is let in, and what is said at once."""

from threading import Event

import pytest

from bot.http import run_http
from domain.errors import ConfigError
from records.database import Database
from tests.bot.running_bot import RunningBot, Script, build
from tests.bot.sender import Sender
from tests.payloads import mention, payload
from tests.slack_double import SlackDouble


def test_request_that_is_signed_by_somebody_else_is_turned_away(running: RunningBot) -> None:
    assert Sender(running.send.port, "wrong").event(mention()).status == 401
    assert running.questions.unfinished() == []


@pytest.mark.parametrize("stamp", ["", "now", "1e9", "-1", "１７", "nan"])
def test_time_that_is_no_number_is_turned_away(running: RunningBot, stamp: str) -> None:
    headers = {"X_Slack_Request_Timestamp": stamp.encode().decode("latin-1")}
    assert running.send.event(mention(), **headers).status == 401


def test_old_request_is_turned_away(running: RunningBot) -> None:
    assert running.send.event(mention(), X_Slack_Request_Timestamp="1700000000").status == 401


def test_slack_may_check_the_address(running: RunningBot) -> None:
    body = payload("url_verification")
    assert running.send.event(body).text_message == {"challenge": body["challenge"]}


def test_body_that_is_no_text_is_turned_away(running: RunningBot) -> None:
    assert running.send.raw(b"\xff", "application/json").status == 401


def test_event_that_could_not_be_looked_at_is_sent_again_by_slack(running: RunningBot) -> None:
    from domain.errors import DatabaseUnavailable

    def find(_: str) -> None:
        raise DatabaseUnavailable("locked")

    running.questions.find = find  # type: ignore[method-assign, assignment]
    assert running.send.event(payload("message_in_thread")).status == 500


def test_http_mode_without_a_secret_does_not_start(slack: SlackDouble, database: Database) -> None:
    bot = build(slack, Script(), database).bot
    with pytest.raises(ConfigError, match="SLACK_SIGNING_SECRET"):
        run_http(bot, " ", Event())


def test_port_that_is_taken_is_one_clear_line(running: RunningBot, database: Database) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        run_http(running.bot, "s3cret", Event(), port=running.send.port)


def test_secrets_of_oauth_in_the_environment_do_not_go_unnoticed(
    slack: SlackDouble, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "x")
    with pytest.raises(ConfigError, match="unset"):
        build(slack, Script(), database)


def test_health_can_be_asked_without_a_signature(running: RunningBot) -> None:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", running.send.port, timeout=5)
    connection.request("GET", "/health")
    assert connection.getresponse().read() == b"ok"
    connection.close()
