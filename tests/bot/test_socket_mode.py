"""Socket Mode, over a real websocket on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from bot.socket_mode import run_socket_mode
from domain.errors import ConfigError
from records.database import Database
from tests.bot.running_bot import RunningBot, Script, build
from tests.payloads import click, mention, payload
from tests.slack_double import APP_TOKEN, SlackDouble


@contextmanager
def connected(slack: SlackDouble, database: Database, silence: float = 60) -> Iterator[RunningBot]:
    running, stop = build(slack, Script(), database), Event()
    thread = Thread(
        target=run_socket_mode,
        args=(running.bot, APP_TOKEN, stop),
        kwargs={"ping_seconds": 0.2, "silence_seconds": silence, "grace": 5},
    )
    thread.start()
    try:
        slack.wait_for(lambda: len(slack.sockets) == 2)
        yield running
    finally:
        stop.set()
        thread.join(20)


@pytest.mark.slow
def test_events_are_acknowledged_also_after_the_sockets_dropped(
    slack: SlackDouble, database: Database
) -> None:
    with connected(slack, database) as running:
        sent = [slack.send(mention()), slack.send(payload("user_change"))]
        slack.wait_for(slack.public)
        answer = running.answered()
        sent.append(slack.send(click(answer.id, "up"), "interactive"))
        sent.append(slack.send(payload("slash_command", text="help"), "slash_commands"))
        slack.wait_for(lambda: set(sent) <= set(slack.acknowledged))

        assert len(slack.public()) == 1
        assert len(running.ratings.of(answer.id)) == 1
        assert any("/phi3-ingest" in str(given.get("text")) for given in slack.payloads)

        slack.drop_sockets()
        slack.wait_for(lambda: slack.count("apps.connections.open") >= 4, 20)
        slack.wait_for(lambda: len(slack.sockets) >= 2, 20)
        slack.send(mention(1))
        slack.wait_for(lambda: len(slack.public()) == 2)


@pytest.mark.slow
def test_silent_socket_is_opened_again(slack: SlackDouble, database: Database) -> None:
    slack.is_silent = True
    with connected(slack, database, silence=0.5):
        slack.wait_for(lambda: slack.count("apps.connections.open") >= 3, 20)
        slack.is_silent = False


@pytest.mark.slow
def test_wrong_app_token_is_one_clear_line(slack: SlackDouble, database: Database) -> None:
    bot = build(slack, Script(), database).bot
    for token in ("", "xapp-wrong"):
        with pytest.raises(ConfigError, match="SLACK_APP_TOKEN"):
            run_socket_mode(bot, token, Event(), connections=1, ping_seconds=0.1)
