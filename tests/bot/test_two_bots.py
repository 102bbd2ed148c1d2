"""Several bot processes share a database and are killed at random."""

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPException
from threading import Event
from time import time
from typing import Any

import pytest

import migrations
from domain.jobs import Job, JobState
from records.database import Database
from records.jobs import Jobs
from tests.bot.running_bot import is_about_strays
from tests.bot.sender import Sender
from tests.payloads import mention
from tests.records.databases import postgres_schema
from tests.slack_double import SECRET, SlackDouble

WHOLE = "[1] New laptops arrive within five days. [1]"
QUESTIONS, SOURCES = 16, 6


@pytest.fixture
def sqlite(database_file: object) -> str:
    return f"sqlite:///{database_file}"


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[str]:
    with postgres_schema(postgres_url) as url:
        migrations.upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


class Bots:
    """Several bot processes on one database; one that has ended is replaced when it is needed."""

    def __init__(self, slack: SlackDouble, url: str, count: int, pause: float = 0.03) -> None:
        self._command = [sys.executable, "-m", "tests.bot.victim", slack.url, url, str(pause)]
        self._bots = [self._start() for _ in range(count)]

    def _start(self) -> tuple["subprocess.Popen[str]", Sender]:
        process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        return process, Sender(int(process.stdout.readline()), SECRET)

    def kill(self, n: int) -> None:
        process, _ = self._bots[n]
        process.send_signal(signal.SIGKILL)
        process.wait(60)

    def died(self, n: int) -> bool:
        return self._bots[n][0].poll() is not None

    def restart(self, n: int) -> None:
        process, _ = self._bots[n]
        assert process.stdout
        process.stdout.close()
        self._bots[n] = self._start()

    def send(self, body: dict[str, Any], first: int = 0) -> None:
        """Sends an event again until a bot acknowledges it, as Slack does."""
        for n in range(first, first + 60):
            with suppress(OSError, HTTPException):
                if self._bots[n % len(self._bots)][1].event(body).status == 200:
                    return
            Event().wait(0.3)
        raise AssertionError("nobody took the event")

    def close(self) -> None:
        for process, _ in self._bots:
            process.kill()
            process.wait(60)
            assert process.stdout
            process.stdout.close()


@pytest.fixture
def start(slack: SlackDouble, url: str) -> Iterator[Callable[[int], Bots]]:
    started: list[Bots] = []

    def bots(count: int) -> Bots:
        started.append(Bots(slack, url, count))
        return started[-1]

    yield bots
    for each in started:
        each.close()


def jobs_of(url: str) -> list[Job]:
    """Those that somebody asked for."""
    with closing(Database(url)) as database:
        return [job for job in Jobs(database).in_states(JobState) if not is_about_strays(job)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_everything_is_answered_and_read_once_while_bots_are_killed(
    slack: SlackDouble, url: str, start: Callable[[int], Bots], seed: int
) -> None:
    chance, bots, now = random.Random(seed), start(2), time()
    events = [
        *(mention(n, asked=now) for n in range(QUESTIONS)),
        *(
            mention(100 + n, asked=now, text=f"ingest https://docs.example.com/{n}")
            for n in range(SOURCES)
        ),
    ]
    sent = [*events, *chance.sample(events, 8)]  # Slack sends some events twice.
    chance.shuffle(sent)

    def send(body: dict[str, Any]) -> None:
        Event().wait(chance.random() * 4)
        bots.send(body, chance.randrange(2))

    with ThreadPoolExecutor(8) as pool:
        sending = [pool.submit(send, body) for body in sent]
        for n in (0, 1):
            Event().wait(0.5 + chance.random() * 2)
            bots.kill(n)
            bots.restart(n)
        for each in sending:
            each.result()
    done = {JobState.DONE}
    slack.wait_for(
        lambda: len(found := jobs_of(url)) == len(events) and {job.state for job in found} == done,
        200,
    )

    threads = [message.thread for message in slack.public()]
    assert sorted(threads) == sorted(body["event"]["ts"] for body in events)
    assert not any(message.streaming for message in slack.public())
    words = [message.words for message in slack.public()]
    assert sum(WHOLE in each for each in words) == QUESTIONS
    assert sum(each == "✓ Laptops: 3 passages." for each in words) == SOURCES


@pytest.mark.slow
@pytest.mark.parametrize("text", ["What is poison?", "ingest https://docs.example.com/poison"])
def test_job_that_ends_the_process_is_given_up_and_reported_and_harms_no_other(
    slack: SlackDouble, url: str, start: Callable[[int], Bots], text: str
) -> None:
    bots, now = start(1), time()
    for n in range(3):
        bots.send(mention(n, asked=now))
    with suppress(AssertionError, OSError, HTTPException):
        bots.send(mention(9, asked=now, text=text))
    for _ in range(3):
        slack.wait_for(lambda: bots.died(0))
        bots.restart(0)
    ended = {JobState.DONE, JobState.QUARANTINED}
    slack.wait_for(lambda: {job.state for job in jobs_of(url)} <= ended, 200)

    (given_up,) = (job for job in jobs_of(url) if job.state is JobState.QUARANTINED)
    assert given_up.attempts == 3
    assert "ended the process 3 times" in given_up.reason
    shown = {message.thread: message.words for message in slack.public()}
    assert len(slack.public()) == len(shown) == 4
    assert "ended the process 3 times" in shown.pop(mention(9, asked=now)["event"]["ts"])
    assert all(WHOLE in words for words in shown.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_processes_that_share_the_sockets_answer_each_question_once(
    slack: SlackDouble, url: str, seed: int
) -> None:
    """Each of two processes has two connections; Slack sends each event to any of them."""
    chance, now = random.Random(seed), time()
    command = [sys.executable, "-m", "tests.bot.victim", slack.url, url, "0.03", "socket"]
    processes = [subprocess.Popen(command) for _ in range(2)]
    try:
        slack.wait_for(lambda: len(slack.sockets) == 4, 60)
        # Each channel takes about one new message a second.
        bodies = [mention(n, asked=now, channel=f"C{n}") for n in range(1, QUESTIONS + 1)]
        slack.channels |= {f"C{n}": slack.channels["C1"] for n in range(1, QUESTIONS + 1)}

        def send(body: dict[str, Any]) -> None:
            Event().wait(chance.random() * 3)
            for _ in range(chance.choice([1, 2])):  # Slack sends some events twice
                with slack.changed:
                    chance.shuffle(slack.sockets)
                slack.deliver(body)

        with ThreadPoolExecutor(8) as pool:
            sending = [pool.submit(send, body) for body in bodies]
            Event().wait(1.5)
            processes[0].send_signal(signal.SIGKILL)
            processes[0].wait(60)
            processes[0] = subprocess.Popen(command)
            for each in sending:
                each.result()
        slack.wait_for(
            lambda: (
                len(found := jobs_of(url)) == len(bodies)
                and {job.state for job in found} == {JobState.DONE}
            ),
            200,
        )
    finally:
        for process in processes:
            process.kill()
            process.wait(60)
    threads = [message.thread for message in slack.public()]
    assert sorted(threads) == sorted(body["event"]["ts"] for body in bodies)
    assert all(WHOLE in message.words for message in slack.public())
    assert not any(message.streaming for message in slack.public())


@pytest.mark.slow
def test_quota_is_exact_over_processes(slack: SlackDouble, url: str) -> None:
    """Both count in the database, and neither lets one more pass."""
    allowed, now = 3, time()
    command = [sys.executable, "-m", "tests.bot.victim", slack.url, url, "0", "http", str(allowed)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        senders = [
            Sender(int(process.stdout.readline()), SECRET, slack)
            for process in processes
            if process.stdout
        ]
        bodies = [mention(n, asked=now, channel=f"C{n}") for n in range(1, 11)]
        slack.channels |= {f"C{n}": slack.channels["C1"] for n in range(1, 11)}
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda n: senders[n % 2].event(bodies[n]), range(10)))
        slack.wait_for(lambda: {job.state for job in jobs_of(url)} == {JobState.DONE}, 200)
    finally:
        for process in processes:
            process.kill()
            process.wait(60)
            if process.stdout:
                process.stdout.close()
    assert len(slack.public()) == allowed
    assert len(slack.whispers("U1")) == len(bodies) - allowed
