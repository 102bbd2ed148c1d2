"""A run from its first question to its report; one that was stopped goes on."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from random import Random
from time import monotonic, sleep, time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import text

from bench import HANDBOOK
from bench.month.run import MonthSettings
from bench.soak.audit import answer_of, audit, became, is_whole, mark_of
from bench.soak.delivery import LONGEST, Deliveries
from bench.soak.disk import Disk
from bench.soak.faults import Faults
from bench.soak.journal import Journal
from bench.soak.people import People, PressedThumb, Question, channels
from bench.soak.relay import Relay
from bench.soak.report import write
from bench.soak.roles import Roles
from bench.soak.slack import RecordedSlack
from bench.soak.timetable import Fault, Planned, timetable
from cli.environment import as_environment
from cli.home import open_home
from cli.local_server import free_port
from cli.processes import exiting_on_sigterm
from domain.errors import Phi3Error
from domain.jobs import JobState
from records.database import Database, open_engine, parse, url_of
from records.jobs import Jobs
from tests.slack_double import APP_TOKEN, BOT_TOKEN, SlackMessage, slack_double
from tests.tiny_phi3 import build_tiny_phi3

_TICK = 0.05
_SAMPLE = 5.0
_TOLD = ("acknowledged", "not delivered")
_SCHEMA = "soak"
_READY = 180.0
_SETTLES = 180.0
_TOKENS = 12
"""Of an answer: the model's words are random, so few are enough."""
_BUDGET = 500
"""Of a prompt: the small model's tokens are letters and parts of words, far more than are estimated
while its server does not answer, and it reads 2,047."""


class Soak:
    """``minutes`` at ``rate`` questions a second, with all that it keeps in ``home``.

    ``postgres`` is a server's URL, in which it makes a schema of its own; empty: SQLite.
    """

    def __init__(
        self, home: Path, minutes: float, rate: float, seed: int, postgres: str = ""
    ) -> None:
        self._folder = open_home(home.absolute())
        self._seconds, self._rate, self._seed = minutes * 60, rate, seed
        self._postgres = postgres
        self._journal = Journal(self._folder / "journal.jsonl")
        self._chance = Random(f"{seed} {len(self._journal.lines)}")
        self._before = self._journal.seconds
        self._began: float | None = None
        self._closing = ExitStack()
        self.disk: Disk | None = None
        self.database: Relay | None = None

    @property
    def home(self) -> Path:
        return (self.disk.root if self.disk else self._folder) / "phi3"

    def run(self) -> dict[str, Any]:
        """Everything that is still to do; returns what is in the report."""
        checked = self._journal.all("checked")
        if not checked:
            with exiting_on_sigterm(), self._closing:
                self._open()
                self._ask()
                self._check()
            checked = self._journal.all("checked")
        self._journal.close()
        facts = {name: value for name, value in checked[-1].items() if name not in ("what", "at")}
        return write(self._folder, self._journal.lines, facts)

    # The parts

    def _open(self) -> None:
        try:
            self.disk = Disk(self._folder)
            self._closing.callback(self.disk.close)
        except OSError as error:
            if self._journal.lines and not (self._folder / "phi3").exists():
                raise Phi3Error(f"The disk of the earlier run is not there: {error}") from error
            say(f"The disk can be neither full nor slow here: {error}")
        self._slack = RecordedSlack(file=self._folder / "slack.jsonl", shown=self._note_shown)
        self._closing.callback(self._slack.close)
        self._slack.retry_after = "2"
        self._slack.channels |= channels()
        self._answered = {line["answer"] for line in self._journal.all("answered")}
        self._asked = {answer_of(line): line for line in self._journal.all("asked")}
        self._closing.enter_context(slack_double(self._slack))
        self._deliveries = Deliveries(self._slack)
        self._told = {line["key"] for what in _TOLD for line in self._journal.all(what)}
        self._roles = Roles(self._environment(), self._folder / "roles.log")
        self._closing.callback(self._roles.end)
        self._faults = Faults(self._roles, self._slack, self, self._chance)
        self._closing.callback(self._faults.recover)
        rows = (HANDBOOK.parent / "questions.jsonl").read_text("utf-8").splitlines()
        self._people = People([json.loads(row)["question"] for row in rows], self._chance)
        self._thumbs = SimpleQueue[tuple[float, PressedThumb]]()
        self._rating: list[tuple[float, PressedThumb]] = []
        if not self._journal.all("index"):
            self._must("db", "upgrade")
            self._must("ingest", str(HANDBOOK))
            self._journal.add("index", 0.0, says=self._index())
        self._roles.start()
        self._wait_until_ready()
        self._began = monotonic() - self._before
        self._resume()

    def _resume(self) -> None:
        """Slack still has what people wrote, and sends again what nobody acknowledged."""
        for line in self._asked.values():
            fields = ("person", "channel", "ts", "thread", "text")
            self._send(Question(*(line[name] for name in fields)))

    def _environment(self) -> dict[str, str]:
        model = self._folder / "tiny-phi3"
        if not (model / "tokenizer.json").exists():
            build_tiny_phi3(model)
        return as_environment(
            MonthSettings(
                home=self.home,
                database_url=self._database_url(),
                model=str(model),
                server_port=free_port(),
                console_port=free_port(),
                max_tokens=_TOKENS,
                prompt_budget=_BUDGET,
                show_unsupported=True,
                slack_bot_token=BOT_TOKEN,
                slack_app_token=APP_TOKEN,
                slack_api_url=self._slack.url,
            )
        )

    def _database_url(self) -> str:
        """Through a relay, which can be cut."""
        if not self._postgres:
            return ""
        url = parse(self._postgres)
        if not self._journal.lines:
            engine = open_engine(self._postgres)
            with engine.begin() as connection:
                connection.execute(text(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE"))
                connection.execute(text(f"CREATE SCHEMA {_SCHEMA}"))
            engine.dispose()
        if self.database is None:
            self.database = Relay(url.host or "127.0.0.1", url.port or 5432)
            self._closing.callback(self.database.close)
        through = url.set(host="127.0.0.1", port=self.database.port)
        own = through.update_query_dict({"options": f"-csearch_path={_SCHEMA}"})
        return own.render_as_string(hide_password=False)

    def _must(self, *command: str) -> None:
        done = self._roles.phi3(*command)
        if done.returncode:
            raise Phi3Error(f"`phi3 {' '.join(command)}` failed: {done.stderr.strip()}")

    def _wait_until_ready(self) -> None:
        ends = monotonic() + _READY
        while not self._slack.sockets or self._roles.phi3("alive", "serve").returncode:
            if monotonic() > ends:
                raise Phi3Error(f"The roles do not start: {self._folder / 'roles.log'} says why.")
            self._roles.start()
            sleep(0.5)

    # Asking

    def _now(self) -> float:
        """Seconds since the beginning of the run; they do not pass while the roles start."""
        return self._before if self._began is None else monotonic() - self._began

    def _ask(self) -> None:
        """All questions with all faults, and then the time until everything has ended."""
        plan = timetable(self._seconds, self._seed, self._faults.possible)
        left = [one for one in plan if one.at >= self._before]
        going: Planned | None = None
        number, sampled = len(self._asked), 0.0
        ends = self._seconds + LONGEST + 60
        with self._bar() as bar:
            task = bar.add_task("", total=self._seconds, completed=int(self._now()))
            is_done = False
            while (now := self._now()) < self._seconds or (now < ends and not is_done):
                if going and now >= going.ends:
                    self._end(going)
                    going = None
                elif left and not going and now >= left[0].at:
                    going = self._begin(left.pop(0))
                while now < self._seconds and number < now * self._rate:
                    self._ask_one()
                    number += 1
                self._rate_some()
                self._deliveries.go_on(now)
                self._note_deliveries()
                if now >= sampled:
                    sampled = now + _SAMPLE
                    self._sample()
                    is_done = now >= self._seconds and self._is_done()
                    bar.update(task, completed=now, description=self._status(going))
                self._roles.start()
                sleep(_TICK)
        if going:
            self._end(going)

    def _bar(self) -> Progress:
        columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        return Progress(*columns, console=Console(stderr=True))

    def _status(self, going: Planned | None) -> str:
        waiting = len(self._asked) - len(self._answered)
        what = f"{len(self._asked):,} asked, {waiting:,} not answered"
        return f"{what}; {going.fault}" if going else what

    def _is_done(self) -> bool:
        """Whether nothing is on its way, and nobody waits for an answer."""
        if self._deliveries.open or self._rating:
            return False
        waiting = [line for answer, line in self._asked.items() if answer not in self._answered]
        with self._slack.changed:
            found = became(waiting, self._slack.messages)
        return all(one.outcome != "lost" for one in found.values())

    def _ask_one(self) -> None:
        question = self._people.question(time())
        line = self._journal.add("asked", self._now(), **_line(question))
        self._asked[line["answer"]] = line
        self._send(question)

    def _send(self, question: Question) -> None:
        for n, event in enumerate(question.events()):
            self._slack.wrote(event)
            key = f"{question.channel} {question.ts} {n}"
            if key not in self._told:
                self._deliveries.event(key, event, self._now())

    def _note_shown(self, message: SlackMessage) -> None:
        """Called by the threads of Slack: notes the first time that an answer is whole."""
        answer = mark_of(message)
        line = self._asked.get(answer)
        if line is None or answer in self._answered or not is_whole(message):
            return
        self._answered.add(answer)
        now = self._now()
        self._journal.add("answered", now, answer=answer, waited=round(now - line["at"], 2))
        thread = line["thread"] or line["ts"]
        if thumb := self._people.thumb(answer, message.channel, thread, message.ts):
            self._thumbs.put((now + self._chance.uniform(1, 20), thumb))

    def _rate_some(self) -> None:
        while not self._thumbs.empty():
            self._rating.append(self._thumbs.get())
        now = self._now()
        due = [thumb for at, thumb in self._rating if at <= now]
        self._rating = [one for one in self._rating if one[0] > now]
        for thumb in due:
            key = f"thumb {thumb.answer}"
            rated = {"answer": thumb.answer, "person": thumb.person, "verdict": thumb.verdict}
            self._journal.add("rated", self._now(), key=key, how=thumb.is_reaction, **rated)
            send = self._deliveries.event if thumb.is_reaction else self._deliveries.press
            send(key, thumb.payload(time()), self._now())

    def _note_deliveries(self) -> None:
        for what, keys in zip(
            _TOLD, (self._deliveries.acknowledged, self._deliveries.lost), strict=True
        ):
            for key in keys - self._told:
                self._told.add(key)
                self._journal.add(what, self._now(), key=key)

    def _sample(self) -> None:
        self._journal.add(
            "sample",
            self._now(),
            memory={
                role: (pid, round(size, 1)) for role, (pid, size) in self._roles.memory().items()
            },
            asked=len(self._asked),
            done=len(self._answered),
        )

    def _begin(self, planned: Planned) -> Planned | None:
        made = self._faults.begin(planned.fault)
        line = self._journal.add("fault", self._now(), fault=planned.fault, made=made)
        self._fault_at = line["at"]
        if planned.ends > planned.at:
            return planned
        self._journal.add("ended", line["at"], fault=planned.fault, began=line["at"])
        return None

    def _end(self, planned: Planned) -> None:
        self._faults.recover()
        self._journal.add("ended", self._now(), fault=planned.fault, began=self._fault_at)

    # Checking

    def _index(self) -> str:
        return self._doctor()[0].get("index", "")

    def _doctor(self) -> tuple[dict[str, str], list[str]]:
        """What doctor says of each part, and what fails."""
        found = json.loads(self._roles.phi3("doctor", "--json").stdout or '{"findings": []}')
        says = {one["part"]: one["says"] for one in found["findings"]}
        return says, [f"{one['part']}: {one['says']}" for one in found["findings"] if not one["ok"]]

    def _check(self) -> None:
        self._faults.recover()
        self._wait_until_ready()
        database = Database(self._database_url() or url_of(self.home / "phi3.db"))
        self._closing.callback(database.close)
        _wait_for_jobs(database)
        says, wrong = self._doctor()
        before = self._journal.all("index")[0]["says"]
        plain = [one for one in self._journal.lines if one["what"] != "sample"]
        self._journal.add(
            "checked",
            self._now(),
            minutes=self._seconds / 60,
            rate=self._rate,
            seed=self._seed,
            index=[before, says.get("index", "")],
            doctor=wrong,
            database=_broken(database, is_sqlite=not self._postgres),
            **{"not tried": [str(one) for one in Fault if one not in self._made()]},
            **{"not delivered": len(self._deliveries.lost)},
            **audit(plain, self._slack.messages, database),
        )

    def _made(self) -> set[str]:
        return {line["fault"] for line in self._journal.all("fault") if line["made"]}


def _wait_for_jobs(database: Database) -> None:
    """Who asked has the answers by now; what is left is to note that, and to look for strays."""
    open_ = [each for each in JobState if each not in (JobState.DONE, JobState.QUARANTINED)]
    ends = monotonic() + _SETTLES
    while monotonic() < ends and Jobs(database).in_states(open_):
        sleep(1)


def _broken(database: Database, *, is_sqlite: bool) -> list[str]:
    """What SQLite finds wrong in its file; PostgreSQL looks after that by itself."""
    if not is_sqlite:
        return []
    with database.reading() as connection:
        found = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
        found += [str(tuple(row)) for row in connection.execute(text("PRAGMA foreign_key_check"))]
    return [one for one in found if one != "ok"]


def _line(question: Question) -> dict[str, str]:
    line = {
        "person": question.person,
        "channel": question.channel,
        "ts": question.ts,
        "thread": question.thread,
        "text": question.text,
    }
    return line | {"answer": answer_of(line)}


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
