"""What figures and spans cost a question: one bot, by turns with them and without.

The bot is a process of its own, since the double of Slack computes too; search and model are
scripted, so that a share of the processor's time here is less in a real bot.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import mean, median, stdev
from time import process_time, sleep
from typing import Any

import bot.app
import migrations
import records.jobs
from bench import Figure
from bot.answers.delivery import Delivery
from bot.jobs import runner
from bot.metrics import step_done
from bot.questions import asking, taking
from bot.slack import rates, web_client
from domain import answering
from domain.answering import Answerer
from domain.spans import NoTracer, watching
from records.database import Database, url_of
from tests.bot.running_bot import RunningBot, Script, build
from tests.payloads import mention
from tests.slack_double import SlackDouble, slack_double

_TURNS = 120
_AT_ONCE = 4
"""Questions of a turn."""
_WARM = 40
_LEFT_OUT = 0.1
"""The share of turns that are left out at each end: there the machine did something else."""


def measure(folder: Path) -> list[Figure]:
    with slack_double() as slack:
        command = [sys.executable, "-m", "bench.watching", slack.url, str(folder)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    without, more, error = json.loads(said)
    return [
        Figure(
            "processor's time of a question, with figures and spans",
            f"{(without + more) * 1000:.2f} ms",
            f"without: {without * 1000:.2f} ms",
            f"{more / without:+.1%} (standard error {error / without:.1%})",
            "at most 1% more",
        )
    ]


def main(api: str, folder: str) -> None:
    """Prints the seconds of a question without, what it takes more with, and the error of that."""
    url = url_of(Path(folder) / "bench.db")
    migrations.upgrade(url)
    rates.RATES.update(dict.fromkeys(rates.RATES, rates.Rate(1e6, 1e6)))
    running = build(SlackDouble(url=api), Script(), Database(url))
    running.bot.start()
    asked = _Asking(running)
    asked.seconds(_WARM)
    pairs = []
    for turn in range(_TURNS):
        took = {}
        for with_them in (turn % 2 == 0, turn % 2 == 1):
            with _watched() if with_them else _unwatched():
                took[with_them] = asked.seconds(_AT_ONCE)
        pairs.append((took[False], took[True]))
    running.bot.close(5)
    edge = int(len(pairs) * _LEFT_OUT)
    more = sorted(after - before for before, after in pairs)[edge:-edge]
    print(json.dumps([median(one for one, _ in pairs), mean(more), stdev(more) / len(more) ** 0.5]))


class _Asking:
    def __init__(self, running: RunningBot) -> None:
        self._running = running
        self._asked = 0

    def seconds(self, count: int) -> float:
        """The processor's time of each of ``count`` questions, one after the other."""
        began = process_time()
        for _ in range(count):
            assert self._running.receive(mention(self._asked))
            self._asked += 1
            while self._running.bot.runner._own:  # noqa: SLF001 - asking the queue takes its time
                sleep(0.003)
        return (process_time() - began) / count


def _watched() -> Any:
    return watching(timer=step_done)


@contextmanager
def _unwatched() -> Iterator[None]:
    """Takes every figure and span out of the way of a question."""

    def nothing(*_: object, **__: object) -> None: ...

    empty = NoTracer().span("", "")

    def no_span(*_: object, **__: object) -> Any:
        return empty

    without: list[tuple[Any, str, Any]] = [
        (bot.app, "event_handled", nothing),
        (taking, "sign_shown", nothing),
        (taking, "taken", nothing),
        (taking, "span", no_span),
        (asking, "answer_shown", nothing),
        (web_client, "slack_call", nullcontext),
        (records.jobs, "job_ended", nothing),
        (runner, "span", no_span),
        (runner, "working_on", nullcontext),
        (answering, "span", no_span),
        (Delivery, "show", Delivery.show.__wrapped__),  # type: ignore[attr-defined]
        (Answerer, "_compared", Answerer._compared.__wrapped__),  # type: ignore[attr-defined]  # noqa: SLF001
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in without]
    for owner, name, value in without:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


if __name__ == "__main__":
    main(*sys.argv[1:])
