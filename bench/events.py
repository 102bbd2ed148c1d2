"""Many events while Slack fails and the bot is killed: how many questions are lost or answered
twice, and the memory.

Then 200 mentions at once, against the same server with a Bolt app whose only listener is empty.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from random import Random
from statistics import quantiles
from threading import Event
from time import perf_counter, time
from typing import Any

import migrations
from bench import Figure
from domain.jobs import JobState
from records.database import Database, url_of
from records.jobs import Jobs
from tests.bot.sender import Sender, acknowledgements
from tests.payloads import mention
from tests.slack_double import SECRET, SlackDouble, slack_double

_WAYS = ("busy", "broken", "lost", "late", "gone")
_FAILED = 0.01  # of all calls, in each way
_REPEATED = 0.05  # of all events
_KILLS = 3
_PARTS = 5
_AWAY = 60.0
"""For how many seconds an event is sent again while the bot is away; Slack does so for longer."""
_IN_A_CHANNEL = 4
_ASKED_WITHIN = 86_400
"""The seconds before now in which all are asked."""
_AT_ONCE = 200
_BURSTS = 3
_SIGNS = ("assistant.threads.setStatus", "chat.startStream", "chat.postMessage")
_WHOLE = "New laptops arrive within five days. [1]"


def measure(folder: Path, events: int) -> list[Figure]:
    return [*_stress(folder / "stress.db", events), *_bursts(folder)]


def _stress(file: Path, count: int) -> list[Figure]:
    chance, began = Random(1), perf_counter()
    with _bot(file, "tests.bot.victim", pause="0.001") as bot, ThreadPoolExecutor(8) as pool:
        slack = bot.slack
        slack.retry_after = "1"
        slack.fate = _fates(chance)
        bodies = [_event(slack, n) for n in range(count)]
        again = chance.sample(bodies, int(count * _REPEATED))
        part = count // _PARTS
        # The bot is killed while it does the first part; the second one fills caches and pools.
        killed, filling, rest = bodies[:part], bodies[part : 2 * part], bodies[2 * part :] + again
        for n in range(_KILLS + 1):
            sent = pool.map(bot.deliver, killed[n :: _KILLS + 1])
            if n < _KILLS:
                next(sent, None)
                bot.kill()
            list(sent)
        _wait_until_done(file)
        memory = list[float]()
        for events in (filling, rest):
            list(pool.map(bot.deliver, events))
            _wait_until_done(file)
            memory.append(_resident(bot.process.pid))
        shown = Counter(message.thread for message in slack.public())
        whole = Counter(
            message.thread
            for message in slack.public()
            if _WHOLE in message.words and not message.streaming
        )
    lost = sum(not whole[body["event"]["ts"]] for body in bodies)
    doubled = sum(number > 1 for number in shown.values())
    what = f"{count:,} events, {_REPEATED:.0%} sent twice, {_FAILED:.0%} of calls fail in each of "
    return [
        Figure(
            f"{what}{len(_WAYS)} ways, {_KILLS} kills",
            f"{lost} lost, {doubled} doubled",
            f"{len(slack.calls):,} calls",
            f"{perf_counter() - began:.0f} s",
            "0 lost, 0 doubled",
        ),
        Figure(
            "memory of the bot at their end",
            f"{memory[1]:.0f} MB",
            f"after the first {part:,} of its process: {memory[0]:.0f} MB",
            f"{memory[1] / memory[0]:.2f} times",
            "flat",
        ),
    ]


def _bursts(folder: Path) -> list[Figure]:
    acknowledged, signs = _burst(folder / "ours.db", "tests.bot.victim")
    empty, _ = _burst(folder / "empty.db", "bench.empty_bolt")
    return [
        Figure(
            f"{what}, {_AT_ONCE} mentions at once",
            f"p99 {ours * 1000:.0f} ms",
            f"acknowledgement by an empty Bolt app: p99 {empty * 1000:.0f} ms",
            f"{ours / empty:.1f} times",
            promise,
        )
        for what, ours, promise in (
            ("acknowledgement", acknowledged, "under 100 ms"),
            ("first visible sign", signs, "under 500 ms"),
        )
    ]


def _burst(file: Path, module: str) -> tuple[float, float]:
    """The 99th percentiles of the seconds to the acknowledgement and to the first sign."""
    seen: dict[str, float] = {}

    def note(method: str, given: dict[str, Any]) -> str:
        if method in _SIGNS:
            seen.setdefault(given["thread_ts"], perf_counter())
        return ""

    acknowledged, signs = list[float](), list[float]()
    with _bot(file, module, pause="0.01") as bot:
        bot.slack.fate = note
        for n in range(_BURSTS):
            bodies = [_event(bot.slack, n * _AT_ONCE + each) for each in range(_AT_ONCE)]
            began = perf_counter()
            acknowledged += [done.seconds for done in acknowledgements(bot.send, bodies)]
            _wait_until_done(file)
            signs += [at - began for body in bodies if (at := seen.get(body["event"]["ts"]))]
    return quantiles(acknowledged, n=100)[-1], quantiles(signs, n=100)[-1] if signs else 0.0


@dataclass
class _Bot:
    """A bot in a process of its own, which starts again after it was killed."""

    slack: SlackDouble
    command: Sequence[str]

    def start(self) -> None:
        """Starts it, again while Slack fails at its start, as what supervises it does."""
        port = ""
        while not port:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
            assert self.process.stdout
            port = self.process.stdout.readline()
        self.send = Sender(int(port), SECRET)

    def kill(self) -> None:
        self.process.kill()
        self.end()
        self.start()

    def end(self) -> None:
        self.process.terminate()
        self.process.communicate()

    def deliver(self, body: dict[str, Any]) -> None:
        """Sends an event again until it is acknowledged, as Slack does."""
        ends = perf_counter() + _AWAY
        while perf_counter() < ends:
            with suppress(OSError, HTTPException):
                if self.send.event(body).status == HTTPStatus.OK:
                    return
            Event().wait(0.2)
        raise AssertionError("nobody acknowledged the event")


@contextmanager
def _bot(file: Path, module: str, *, pause: str) -> Iterator[_Bot]:
    migrations.upgrade(url_of(file))
    with slack_double() as slack:
        bot = _Bot(slack, [sys.executable, "-m", module, slack.url, str(file), pause])
        bot.start()
        try:
            yield bot
        finally:
            bot.end()


def _event(slack: SlackDouble, n: int) -> dict[str, Any]:
    """A mention; Slack takes about one message a second in a channel, so there are many.

    They were asked a second apart, the last one before now: an answer is never older.
    """
    channel = f"CB{n // _IN_A_CHANNEL}"
    slack.channels.setdefault(channel, slack.channels["C1"])
    return mention(n, asked=int(time()) - _ASKED_WITHIN, channel=channel)


def _fates(chance: Random) -> Callable[[str, dict[str, Any]], str]:
    def fate(_: str, __: dict[str, Any]) -> str:
        n = chance.random() / _FAILED
        return _WAYS[int(n)] if n < len(_WAYS) else ""

    return fate


def _wait_until_done(file: Path) -> None:
    database = Database(url_of(file))
    unfinished: Sequence[JobState] = [
        state for state in JobState if state not in (JobState.DONE, JobState.QUARANTINED)
    ]
    while Jobs(database).in_states(unfinished):
        Event().wait(0.2)
    database.close()


def _resident(pid: int) -> float:
    """The memory of a process, in MB; only on Linux."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [kilobytes] = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) * 1024 / 1e6
