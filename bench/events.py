"""Many events while Slack fails: how many questions are lost or answered twice, and the memory.

Then 200 mentions at once, against the same server with a Bolt app whose only listener is empty.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
_IN_A_CHANNEL = 4
_AT_ONCE = 200
_BURSTS = 3
_SIGNS = ("assistant.threads.setStatus", "chat.startStream", "chat.postMessage")
_WHOLE = "New laptops arrive within five days. [1]"


def measure(folder: Path, events: int) -> list[Figure]:
    return [*_stress(folder / "stress.db", events), *_bursts(folder)]


def _stress(file: Path, count: int) -> list[Figure]:
    chance, began = Random(1), perf_counter()
    with _bot(file, "tests.bot.victim", pause="0.001") as (slack, send, process):
        slack.retry_after = "1"
        slack.fate = _fates(chance)
        bodies = [_event(slack, n) for n in range(count)]
        again = chance.sample(bodies, int(count * _REPEATED))
        memory = list[float]()
        with ThreadPoolExecutor(8) as pool:
            # The first fifth fills caches and pools.
            for part in (bodies[: count // 5], bodies[count // 5 :] + again):
                list(pool.map(send.event, part))
                _wait_until_done(file)
                memory.append(_resident(process.pid))
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
            f"{what}{len(_WAYS)} ways",
            f"{lost} lost, {doubled} doubled",
            f"{len(slack.calls):,} calls",
            f"{perf_counter() - began:.0f} s",
            "0 lost, 0 doubled",
        ),
        Figure(
            "memory of the bot at their end",
            f"{memory[1]:.0f} MB",
            f"after a fifth: {memory[0]:.0f} MB",
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
            ("acknowledgement", acknowledged, "under 3 s"),
            ("first visible sign", signs, "–"),
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
    with _bot(file, module, pause="0.01") as (slack, send, _):
        slack.fate = note
        for n in range(_BURSTS):
            bodies = [_event(slack, n * _AT_ONCE + each) for each in range(_AT_ONCE)]
            began = perf_counter()
            acknowledged += [done.seconds for done in acknowledgements(send, bodies)]
            _wait_until_done(file)
            signs += [at - began for body in bodies if (at := seen.get(body["event"]["ts"]))]
    return quantiles(acknowledged, n=100)[-1], quantiles(signs, n=100)[-1] if signs else 0.0


@contextmanager
def _bot(
    file: Path, module: str, *, pause: str
) -> Iterator[tuple[SlackDouble, Sender, "subprocess.Popen[str]"]]:
    migrations.upgrade(url_of(file))
    with slack_double() as slack:
        command = [sys.executable, "-m", module, slack.url, str(file), pause]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            yield slack, Sender(int(process.stdout.readline()), SECRET), process
            process.terminate()


def _event(slack: SlackDouble, n: int) -> dict[str, Any]:
    """A mention; Slack takes about one message a second in a channel, so there are many."""
    channel = f"CB{n // _IN_A_CHANNEL}"
    slack.channels.setdefault(channel, slack.channels["C1"])
    return mention(n, asked=int(time()), channel=channel)


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
