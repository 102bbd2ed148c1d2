"""The rates that Slack allows are kept over all streams of the process."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import reply
from bot.slack import rates
from bot.slack.rates import RATES, Rate, Rates
from tests.bot.running_bot import RunningBot, http_bot, is_idle
from tests.payloads import mention
from tests.slack_double import SlackDouble

ALLOWED = {
    "chat.startStream": 20,
    "chat.appendStream": 100,
    "chat.update": 50,
    "chat.postMessage": 60,
}
"""Calls in a minute; those of chat.postMessage in one channel."""


@dataclass
class Clock:
    """Time passes only by waiting."""

    now: float = 0.0
    waited: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.waited.append(seconds)

    def rates(self) -> Rates:
        return Rates(lambda: self.now, self.wait)


@given(
    st.sampled_from(sorted(ALLOWED)),
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.0, 7.0]), st.booleans()), max_size=300),
)
def test_in_no_minute_are_more_calls_made_than_slack_allows(
    method: str, wishes: list[tuple[float, bool]]
) -> None:
    clock = Clock()
    kept, made = clock.rates(), list[float]()
    for pause, must in wishes:
        clock.now += pause
        if must:
            kept.wait(method, "C1")
            made.append(clock.now)
        elif kept.has_room(method, "C1"):
            made.append(clock.now)
    for n, end in enumerate(made):
        in_a_minute = [at for at in made[: n + 1] if at > end - 60]
        assert len(in_a_minute) <= ALLOWED[method] + 1e-6


@pytest.mark.parametrize("method", ["chat.update", "chat.postMessage"])
def test_progress_leaves_calls_for_what_must_be_shown(method: str) -> None:
    clock = Clock()
    kept = clock.rates()
    while kept.has_room(method, "C1"):
        pass
    kept.wait(method, "C1")
    assert clock.waited == []


def test_each_channel_has_its_own_rate_of_new_messages() -> None:
    kept = Clock().rates()
    assert [kept.has_room("chat.postMessage", f"C{n}") for n in range(50)] == [True] * 50
    assert [kept.has_room("chat.update", f"C{n}") for n in range(11)] == [True] * 10 + [False]


def test_pause_that_slack_asks_for_holds_for_the_whole_process() -> None:
    clock = Clock()
    kept = clock.rates()
    kept.refused("chat.update", 30)
    assert not kept.has_room("chat.update", "C1")
    assert kept.has_room("chat.appendStream", "C1")
    kept.wait("chat.update", "C1")
    assert clock.waited == [30]
    assert kept.has_room("chat.update", "C1")


def test_channels_without_new_messages_are_forgotten() -> None:
    clock = Clock()
    kept = clock.rates()
    for n in range(100):
        clock.now += 60
        kept.wait("chat.postMessage", f"C{n}")
    assert len(kept._buckets) <= 2


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two streams and five pieces, and few more of them later."""
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)
    monkeypatch.setitem(RATES, "chat.startStream", Rate(2, 0.1))
    monkeypatch.setitem(RATES, "chat.appendStream", Rate(5, 0.1))


@pytest.fixture
def twenty(slack: SlackDouble, database_file: Path, few: None) -> Iterator[RunningBot]:
    with http_bot(slack, database_file) as running:
        running.script.pause = 0.02
        with ThreadPoolExecutor(20) as pool:
            bodies = [mention(n, asked=time(), channel=f"C{n % 2 + 1}") for n in range(20)]
            list(pool.map(running.send.event, bodies))
        running.answered(200)
        slack.wait_for(lambda: is_idle(running.bot.runner))
        yield running


@pytest.mark.slow
def test_many_answers_at_once_keep_the_rates_and_are_all_whole(twenty: RunningBot) -> None:
    slack = twenty.slack
    assert slack.count("chat.startStream") == 2
    assert slack.count("chat.appendStream") <= 5
    assert len(slack.public()) == 20
    for message in slack.public():
        assert not message.streaming
        assert message.blocks[-1]["type"] == "context_actions"
    for n in ("C1", "C2"):
        posted = [each for method, each in slack.calls if method == "chat.postMessage"]
        assert sum(given["channel"] == n for given in posted) <= 10


@pytest.mark.parametrize("method", ["conversations.info", "users.info"])
def test_question_waits_as_long_as_slack_asks(running: RunningBot, method: str) -> None:
    running.slack.retry_after = "47"
    running.slack.busy[method] = 1
    running.send.event(mention(asked=time()))
    running.slack.wait_for(lambda: running.slack.count(method))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))

    [job] = running.open_jobs()
    assert (job.not_before - job.updated_at).total_seconds() == 47
    running.resume_now()
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert running.slack.count(method) == 1  # Slack's pause is not over
    assert running.slack.public() == []


def test_longest_wait_for_a_turn_is_bounded() -> None:
    clock = Clock()
    kept = clock.rates()
    kept.refused("chat.update", 10_000)
    kept.wait("chat.update", "C1")
    assert clock.waited == [rates._LONGEST_WAIT]
