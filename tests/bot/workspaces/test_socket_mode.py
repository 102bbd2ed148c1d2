"""In Socket Mode one app-level token brings the events of all workspaces."""

from pathlib import Path
from threading import Event, Thread

import pytest

from bot.slack.http_server import serving as serving_pages
from bot.slack.socket_mode import run_socket_mode
from bot.slack.wsgi import WsgiApp
from tests.bot.collected import left_sockets_are_collected, sockets_may_be_left
from tests.bot.sender import Sender
from tests.bot.workspaces.conftest import KEY, SECOND_TOKEN, in_team, installed, serving
from tests.payloads import mention
from tests.slack_double import APP_TOKEN, BOT_TOKEN, SECRET, SlackDouble

assert left_sockets_are_collected
pytestmark = sockets_may_be_left


@pytest.mark.slow
def test_events_of_both_workspaces_come_over_the_same_sockets(
    slack: SlackDouble, second: SlackDouble, database_file: Path
) -> None:
    with serving(slack, second, database_file, KEY) as running:
        running.installations.save(installed("T1", BOT_TOKEN))
        running.installations.save(installed("T2", SECOND_TOKEN))
        stop = Event()
        thread = Thread(
            target=run_socket_mode,
            args=(running.workspaces, APP_TOKEN, stop),
            kwargs={"ping_seconds": 0.2, "grace": 5},
        )
        thread.start()
        try:
            slack.wait_for(lambda: len(slack.sockets) == 2)
            for n, team in enumerate(("T1", "T2", "T7")):
                slack.deliver(in_team(mention(n), team))
            running.finished()
            assert len(slack.public()) == 1
            assert len(second.public()) == 1
        finally:
            stop.set()
            thread.join(60)


def test_pages_beside_socket_mode_take_no_events(
    slack: SlackDouble, second: SlackDouble, database_file: Path
) -> None:
    with serving(slack, second, database_file, KEY) as running:
        stop = Event()
        app = WsgiApp(running.workspaces, "", lambda: None)
        with serving_pages(app, stop, "127.0.0.1", 0) as port:
            for secret in (SECRET, ""):
                assert Sender(port, secret).event(mention()).status == 404
            assert Sender(port, "").request("GET", "/health").status == 200
