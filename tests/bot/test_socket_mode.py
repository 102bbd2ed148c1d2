"""Socket Mode, over a real websocket on loopback."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread, Timer
from typing import cast

import pytest
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.app import _PromptApp
from bot.slack.socket_mode import SocketConnection, run_socket_mode
from cli.logs import PlainFormatter
from domain.errors import ConfigError
from records.database import Database
from tests.bot.collected import left_sockets_are_collected, sockets_may_be_left
from tests.bot.running_bot import RunningBot, Script, build, locked
from tests.payloads import click, mention, payload
from tests.slack_double import APP_TOKEN, BOT_TOKEN, SECRET, TICKET, SlackDouble

assert left_sockets_are_collected
pytestmark = sockets_may_be_left


@contextmanager
def connected(
    slack: SlackDouble, database: Database, silence: float = 60, ping: float = 0.2
) -> Iterator[RunningBot]:
    running, stop = build(slack, Script(), database), Event()
    thread = Thread(
        target=run_socket_mode,
        args=(running.bot, APP_TOKEN, stop),
        kwargs={"ping_seconds": ping, "silence_seconds": silence, "grace": 5},
    )
    thread.start()
    try:
        slack.wait_for(lambda: len(slack.sockets) == 2)
        yield running
    finally:
        stop.set()
        thread.join(60)


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
        slack.wait_for(lambda: slack.count("apps.connections.open") >= 4)
        slack.wait_for(lambda: len(slack.sockets) >= 2)
        slack.send(mention(1))
        slack.wait_for(lambda: len(slack.public()) == 2)


@pytest.mark.slow
def test_a_connection_that_ended_without_a_goodbye_is_opened_again_before_the_next_ping(
    slack: SlackDouble, database: Database
) -> None:
    with connected(slack, database, ping=120) as running:
        before = list(slack.sockets)
        slack.drop_sockets()
        slack.wait_for(lambda: len(set(slack.sockets) - set(before)) == 2)
        slack.deliver(mention())
        assert running.answered()


@pytest.mark.slow
def test_events_that_arrive_together_wait_for_the_database_together(
    slack: SlackDouble, database: Database, database_file: Path
) -> None:
    with connected(slack, database) as running:
        arrivals = cast(_PromptApp, running.bot.app).arrivals
        with locked(database_file):
            sent = {slack.send(mention(n)) for n in range(24)}
            slack.wait_for(lambda: arrivals.count() == 24)
            assert not slack.acknowledged
        slack.wait_for(lambda: sent <= set(slack.acknowledged))
        running.answered()
        assert len(slack.public()) == 24


@pytest.mark.slow
def test_what_came_before_the_bot_ends_is_acknowledged(
    slack: SlackDouble, database: Database, database_file: Path
) -> None:
    with locking(database_file) as release, connected(slack, database) as running:
        arrivals = cast(_PromptApp, running.bot.app).arrivals
        sent = {slack.send(mention(n)) for n in range(4)}
        slack.wait_for(lambda: arrivals.count() == 4)
        Timer(0.5, release).start()  # the bot has begun to end by then
    assert sent <= set(slack.acknowledged)


@contextmanager
def locking(file: Path) -> Iterator[Callable[[], None]]:
    """Nobody else can write until what it gives is called."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other.rollback


@pytest.mark.slow
@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
def test_no_event_is_lost_or_answered_twice_when_slack_disconnects(
    slack: SlackDouble, database: Database, reason: str
) -> None:
    with connected(slack, database) as running:
        ends = Event()

        def disconnect() -> None:
            while not ends.wait(0.7):
                slack.disconnect(reason)

        disconnecting = Thread(target=disconnect)
        disconnecting.start()
        with ThreadPoolExecutor(4) as pool:
            # Each channel takes about one new message a second.
            bodies = [mention(n, channel=f"C{n}") for n in range(1, 13)]
            slack.channels |= {f"C{n}": slack.channels["C1"] for n in range(1, 13)}
            list(pool.map(slack.deliver, bodies))
        ends.set()
        disconnecting.join()
        running.answered()
        assert sorted(message.channel for message in slack.public()) == sorted(
            body["event"]["channel"] for body in bodies
        )


@pytest.mark.slow
def test_bot_listens_again_when_socket_mode_is_switched_on_again(
    slack: SlackDouble, database: Database
) -> None:
    with connected(slack, database) as running:
        slack.refusals["apps.connections.open"] = "link_disabled"
        slack.disconnect("link_disabled")
        slack.wait_for(lambda: not slack.sockets)
        opened = slack.count("apps.connections.open")
        slack.wait_for(lambda: slack.count("apps.connections.open") > opened + 2)
        slack.refusals.clear()
        slack.wait_for(lambda: len(slack.sockets) >= 2)
        slack.deliver(mention())
        assert running.answered()


@pytest.mark.slow
def test_no_token_and_no_address_of_a_socket_is_logged(
    slack: SlackDouble, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(PlainFormatter("%(name)s %(message)s"))
    caplog.set_level(logging.DEBUG)
    with connected(slack, database, silence=0.5) as running:
        slack.deliver(mention())
        running.answered()
        slack.disconnect("warning")
        slack.refusals |= dict.fromkeys(("apps.connections.open", "chat.postMessage"), "not_authed")
        opened = slack.count("apps.connections.open")

        def is_refused() -> bool:
            slack.drop_sockets()  # also one whose address the bot had before it was refused
            return not slack.sockets and slack.count("apps.connections.open") > opened + 2

        slack.wait_for(is_refused)
        slack.refusals.clear()
        slack.wait_for(lambda: len(slack.sockets) >= 2)

    logged = caplog.handler.stream.getvalue()
    assert "Failed to retrieve WSS URL" in logged
    for secret in (BOT_TOKEN, APP_TOKEN, SECRET, TICKET):
        assert secret not in logged


@pytest.mark.slow
def test_silent_socket_is_opened_again(slack: SlackDouble, database: Database) -> None:
    slack.is_silent = True
    with connected(slack, database, silence=0.5):
        slack.wait_for(lambda: slack.count("apps.connections.open") >= 3)
        slack.is_silent = False


@pytest.mark.slow
def test_wrong_app_token_is_one_clear_line(slack: SlackDouble, database: Database) -> None:
    bot = build(slack, Script(), database).bot
    for token in ("", "xapp-wrong"):
        with pytest.raises(ConfigError, match="SLACK_APP_TOKEN"):
            run_socket_mode(bot, token, Event(), connections=1, ping_seconds=0.1)


@pytest.mark.slow
def test_main_loop_marks_that_it_goes_on(slack: SlackDouble, database: Database) -> None:
    bot, stop = build(slack, Script(), database).bot, Event()
    run_socket_mode(bot, APP_TOKEN, stop, ping_seconds=0.2, mark=stop.set, grace=1)
    assert stop.is_set()


@pytest.mark.slow
def test_a_connection_is_closed_also_if_the_sdk_closes_its_socket_at_that_moment(
    slack: SlackDouble, database: Database
) -> None:
    running = build(slack, Script(), database)
    handler = SocketModeHandler(running.bot.app, APP_TOKEN)
    connection = SocketConnection(handler, silence=60)
    connection.open()
    client = handler.client
    session = client.current_session
    assert session
    assert session.sock
    with ThreadPoolExecutor(1) as pool, session.sock_send_lock:
        closing_it = pool.submit(connection.close)
        slack.wait_for(lambda: client.message_processor.thread is None)
        Event().wait(0.5)  # it has seen the socket, and waits for the lock
        session.sock.close()  # as another thread does that had the lock before
        session.sock = None
    closing_it.result()
    assert not client.current_app_monitor.is_alive()
    running.bot.close(1)
