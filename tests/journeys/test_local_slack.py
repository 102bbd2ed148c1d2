"""A mention becomes a rated answer, tested against local-slack, an independent Slack server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

import migrations
from bot.slack.http import run_http
from bot.slack.socket_mode import run_socket_mode
from domain.documents import SourceState
from domain.questions import Verdict
from records.database import Database
from tests.bot.running_bot import RunningBot, Script, build
from tests.journeys.local_slack import LocalSlack, words
from tests.journeys.local_slack import local_slack as running
from tests.slack_double import APP_TOKEN, SECRET, SlackDouble

pytestmark = pytest.mark.slack

ASKED = "<@UBOT> How do I get a new laptop?"
URL = "https://docs.example.com/laptops"


@contextmanager
def bot_in(mode: str, there: LocalSlack, folder: Path) -> Iterator[RunningBot]:
    url = f"sqlite:///{folder / 'phi3.db'}"
    migrations.upgrade(url)
    database = Database(url)
    container, stop, up = build(SlackDouble(url=there.api), Script(), database), Event(), Event()
    if mode == "socket":
        thread = Thread(target=run_socket_mode, args=(container.bot, APP_TOKEN, stop))
    else:
        options = {"port": there.bot_port, "ready": lambda _: up.set()}
        thread = Thread(target=run_http, args=(container.bot, SECRET, stop), kwargs=options)
    thread.start()
    try:
        there.wait_for(lambda: up.is_set() or there.logged("socket connected") == 2)
        yield container
    finally:
        stop.set()
        thread.join(30)
        database.close()


@pytest.fixture(params=["socket", "events"])
def journey(
    request: pytest.FixtureRequest, local_slack: Path, tmp_path: Path
) -> Iterator[tuple[LocalSlack, RunningBot]]:
    with (
        running(local_slack, tmp_path, request.param) as there,
        bot_in(request.param, there, tmp_path) as container,
    ):
        yield there, container


def test_mention_is_answered_in_its_thread_rated_and_followed_up(
    journey: tuple[LocalSlack, RunningBot],
) -> None:
    there, container = journey
    asked = there.do("message", channel="C1", user="U1", text=ASKED)["message"]
    there.wait_for(lambda: there.of_the_bot() and not container.questions.unfinished())
    (message,) = there.of_the_bot()
    assert message["thread_ts"] == asked["ts"]
    assert "[1] New laptops arrive within five days. [1]" in words(message)
    answer = container.answers.recent(1)[0].answer

    buttons = message["blocks"][-1]["elements"][0]
    action = {
        "type": "feedback_buttons",
        "action_id": buttons["action_id"],
        "value": buttons["positive_button"]["value"],
    }
    there.do("interact", channel="C1", messageTs=message["ts"], user="U1", action=action)
    there.wait_for(lambda: container.ratings.of(answer.id))
    assert container.ratings.of(answer.id)[0].verdict is Verdict.UP

    there.do("reaction", channel="C1", ts=message["ts"], user="U1", name="-1")
    there.wait_for(lambda: container.ratings.of(answer.id)[0].verdict is Verdict.DOWN)

    there.do("message", channel="C1", user="U1", text="And phones?", thread_ts=asked["ts"])
    there.wait_for(lambda: sum("[1] New" in words(each) for each in there.of_the_bot()) == 2)


def test_documents_are_added_by_command(journey: tuple[LocalSlack, RunningBot]) -> None:
    there, container = journey
    there.do("command", channel="C1", user="U1", command="/phi3-ingest", text=URL)

    there.wait_for(lambda: any("✓ Laptops" in words(message) for message in there.of_the_bot()))
    source = container.sources.find(URL)
    assert source is not None
    assert source.state is SourceState.INDEXED
