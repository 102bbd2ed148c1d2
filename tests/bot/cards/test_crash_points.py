"""The process may end at any point between a question to the expert and the answer that is kept."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import BoltRequest

from bot.cards.indexing import CardIndex
from bot.slack.client import SlackClient
from bot.words import ENGLISH
from domain.cards import CardState
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.query.search import Searcher
from records.cards import Cards
from records.database import Database
from records.jobs import Jobs
from records.sources import Sources
from tests.bot.cards.thread import ANSWER, Channel
from tests.bot.running_bot import RunningBot, Script, build, end_leases, is_idle
from tests.bot.sender import Acknowledged, Sender
from tests.bot.test_crash_points import Point, ends_at
from tests.knowledge.doubles import DIMENSION, WordEmbedder
from tests.slack_double import SECRET, SlackDouble


@dataclass(frozen=True)
class Socket(Sender):
    """Passes everything to the bot in this thread, which ends where the process does."""

    running: RunningBot | None = None

    def event(self, body: dict[str, Any], **headers: str) -> Acknowledged:
        assert self.running
        self.running.slack.wrote(body)
        return self.interaction(body)

    def interaction(self, body: dict[str, Any]) -> Acknowledged:
        assert self.running
        answer = self.running.bot.app.dispatch(BoltRequest(body=body, mode="socket_mode"))
        return Acknowledged(answer.status, answer.body or "", 0.0)


POINTS = [
    Point(owner, method, {}, nth, is_done)
    for owner, method, times in (
        (Cards, "ask", 1),
        (Cards, "wrote", 1),
        (Cards, "verify", 1),
        (Cards, "withdraw", 1),
        (Cards, "note", 4),
        (CardIndex, "add", 1),
        (CardIndex, "remove", 1),
        (SlackClient, "post", 3),
        (SlackClient, "update", 2),
        (Jobs, "finish", 4),
    )
    for nth in range(1, times + 1)
    for is_done in (False, True)
]


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_interrupted_step_is_completed_and_shown_once(
    slack: SlackDouble,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    point: Point,
) -> None:
    index = LanceIndex(tmp_path / "index", WordEmbedder().model, DIMENSION)
    first = started(slack, database, index)
    question_id = first.ask()
    is_reached = ends_at(point, monkeypatch)

    def keep(channel: Channel) -> None:
        assert channel.send_form(channel.open_form(question_id)) == {}

    steps: list[Callable[[Channel], object]] = [
        lambda channel: channel.press("ask_expert", question_id),
        lambda channel: channel.say(question_id),
        keep,
        lambda channel: channel.press("withdraw_card", channel.card(question_id).id, "U5"),
    ]
    now = first
    for n, step in enumerate(steps):
        with suppress(SystemExit):
            step(now)
        wait(now.running, is_reached if now is first else lambda: False)
        if now is first and is_reached():
            end_leases(database)
            now = started(slack, database, index)
            # Slack sends it again if it was not acknowledged, and so do people.
            step(now)
            finish(now.running)
        check(now, question_id, n)
    assert now is not first
    for channel in (first, now):
        channel.running.bot.close(0)
    index.close()


def started(slack: SlackDouble, database: Database, index: LanceIndex) -> Channel:
    embedder, sources = WordEmbedder(), Sources(database)
    ingestor = Ingestor(index, embedder, sources, cards=Cards(database).of_source)
    running = build(slack, Script(), database, ingestor=ingestor)
    running.script.searches = Searcher(index, embedder, sources).search
    running.send = Socket(0, SECRET, slack, running)
    return Channel(running, index)


def is_done(running: RunningBot) -> bool:
    return not running.open_jobs() and is_idle(running.bot.runner)


def wait(running: RunningBot, is_reached: Callable[[], bool]) -> None:
    running.slack.wait_for(lambda: is_done(running) or is_reached())


def finish(running: RunningBot) -> None:
    def is_so() -> bool:
        if running.open_jobs() and is_idle(running.bot.runner):
            running.resume_now()
        return is_done(running)

    running.slack.wait_for(is_so)


def check(channel: Channel, question_id: str, step: int) -> None:
    """After each step there is exactly what one attempt without an interruption leaves."""
    shown = [message.words for message in channel.running.slack.public()]
    state = channel.card(question_id).state
    assert state is list(CardState)[step]
    assert sum("Could you answer here" in text for text in shown) == 1
    offers = {
        CardState.DRAFT: "Shall I keep what you wrote",
        CardState.VERIFIED: "I give it from now on",
        CardState.WITHDRAWN: ENGLISH.card_withdrawn,
    }
    for each, text in offers.items():
        assert sum(text in one for one in shown) == (1 if each is state else 0)
    assert sum(ANSWER in text for text in shown) == (1 if step >= 2 else 0)
    assert (ANSWER in channel.texts("team:T1")) is (state is CardState.VERIFIED)
