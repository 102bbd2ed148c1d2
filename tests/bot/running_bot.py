"""The real bot over real SQLite and a double of Slack; only model and search are scripted."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from slack_bolt import BoltRequest

from bot.app import Bot, build_bot
from bot.gaps.build import GapPlan
from bot.gaps.digest import DigestPlan
from bot.ingest.build import DocumentWork
from bot.ingest.collecting import CollectionReader, Sync
from bot.jobs.leases import LEASE
from bot.jobs.payloads import QuestionChange, read_question
from bot.jobs.runner import Runner
from bot.nights.notices import not_loaded
from bot.nights.reporting import NightRecords
from bot.questions.meant import Meaning
from bot.records import BotRecords
from bot.slack.client import SlackClient
from bot.slack.files import SlackFiles
from bot.slack.http import run_http
from cli.adapter_choice import AdapterChoice
from domain.adapters import Adapter, NightFiles
from domain.admission import Access, Quota
from domain.answering import Answerer
from domain.collections import Collection
from domain.documents import Change, IngestReport, Source, SourceState
from domain.errors import (
    AdapterNotLoaded,
    AdapterUnfit,
    DatabaseUnavailable,
    NotFound,
    PublishFailed,
)
from domain.jobs import Job, JobKind, JobState
from domain.questions import Answer, Audience, Evidence, Message, Passage, Question
from knowledge.attachments import Attachments
from knowledge.ingest import Ingestor
from knowledge.reading import shared
from knowledge.sources.base import Connector, Entry, Fetched, Listing
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.answers import Answers
from records.collections import Collections
from records.database import Database
from records.forgetting import Forgetting
from records.gaps import Gaps
from records.jobs import Jobs
from records.night_reports import NightReports
from records.questions import Questions
from records.ratings import Ratings
from records.runs import Runs
from records.sources import Sources
from records.tables import jobs as jobs_table
from records.trials import Trials
from tests.bot.sender import Sender
from tests.knowledge.doubles import WordEmbedder
from tests.slack_double import BOT_TOKEN, SECRET, SlackDouble

TEXT = "Open a ticket with the service desk. New laptops arrive within five days."
LAPTOPS = Passage("p1", "/docs/laptops.md", "Laptops", TEXT, 1.0, 0.9, Audience.everyone())


@dataclass
class Script:
    """What the model, the search and the ingest return; tests change it while they run."""

    words: Sequence[str] = field(default_factory=lambda: TEXT.split(" "))
    passages: tuple[Passage, ...] = (LAPTOPS,)
    sufficient: bool = True
    pause: float = 0.0
    error: Exception | None = None
    go_on: Event = field(default_factory=Event)
    asked: list[Question] = field(default_factory=list)
    prompts: list[Sequence[Message]] = field(default_factory=list)
    read: list[Source] = field(default_factory=list)
    spoilt: Exception | None = None
    forgotten: list[str] = field(default_factory=list)
    confirmed: list[bool] = field(default_factory=list)
    report: IngestReport = field(default_factory=lambda: IngestReport(added=1))
    """What syncing a collection returns."""
    model: str = "scripted"
    searches: Callable[[Question], Evidence] | None = None
    """Searches for real, instead of returning ``passages``."""
    broken: set[str] = field(default_factory=set)
    """Adapters that the server cannot get."""
    unfit: set[str] = field(default_factory=set)
    """Adapters that no server loads."""
    later: timedelta = timedelta()
    """By how much the clock of the choice of adapters is ahead."""
    night_files: NightFiles = field(default_factory=NightFiles)

    def __post_init__(self) -> None:
        self.go_on.set()

    def search(self, question: Question, k: int | None = None) -> Evidence:
        self.asked.append(question)
        if self.searches:
            return self.searches(question)
        return Evidence(self.passages, self.sufficient)

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        if adapter in self.broken:
            raise AdapterNotLoaded(f"The weights of {adapter} are gone.")
        if adapter in self.unfit:
            raise AdapterUnfit(f"The weights of {adapter} are no numbers.")
        self.prompts.append(messages)
        for n, word in enumerate(self.words):
            Event().wait(self.pause)
            yield word if n == len(self.words) - 1 else f"{word} "
        self.go_on.wait(60)
        if self.error:
            raise self.error

    def forget(self, database: Database) -> Callable[[str], object]:
        def person(person_id: str) -> object:
            if self.spoilt:
                raise self.spoilt
            if Forgetting(database).find_person(person_id) is None:
                raise NotFound("Nothing is stored.")
            return Forgetting(database).delete_person(person_id)

        return person

    def ingest(self, sources: Sources) -> Callable[[Source], Source]:
        def one(source: Source) -> Source:
            self.go_on.wait(60)
            if self.spoilt:
                raise self.spoilt
            self.read.append(source)
            done = replace(source, state=SourceState.INDEXED, title="Laptops", chunks=3)
            sources.save(done)
            return sources.find(source.uri) or done

        return one

    def sync(self, sources: Sources) -> Sync:
        """Collections of one document, whose uri is theirs."""

        def one(collection: Collection, connector: Connector, **options: Any) -> IngestReport:
            self.go_on.wait(60)
            self.confirmed.append(options.get("confirmed", False))
            if self.spoilt:
                raise self.spoilt
            uri, now = collection.uri, datetime.now(UTC)
            if options.get("dry_run"):
                return IngestReport(added=1, would=(Change(uri, "added"),))
            row = Source(uri, Audience.of(), SourceState.INDEXED, "U1", now, "Laptops", chunks=3)
            sources.join(uri, [row], collection.audience, now)
            sources.save(row)
            self.read.append(sources.find(uri) or row)
            return self.report

        return one


class Unlisted:
    """A connector of which nothing is asked, since syncing is scripted."""

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:
        raise AssertionError

    def read(self, entry: Entry, version: str) -> Fetched | None:
        raise AssertionError


def make_due(database: Database) -> None:
    """Makes all jobs due that wait for a later time."""
    with database.session() as connection:
        connection.execute(jobs_table.update().values(not_before=datetime.now(UTC)))


def end_leases(database: Database) -> None:
    """Ends all leases, as if the processes that hold jobs had ended a while ago."""
    with database.session() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        held = jobs_table.c.held_by != ""
        connection.execute(jobs_table.update().where(held).values(held_until=past))


def is_idle(runner: Runner) -> bool:
    """Whether a process does no job, and has put down the last one."""
    return not runner._own


def is_about_strays(job: Job) -> bool:
    """Whether it looks, after a minute, for what Slack may have posted late."""
    if job.kind is not JobKind.QUESTION:
        return False
    return read_question(job.payload).change is QuestionChange.STRAYS


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Locks SQLite's file during the block, as another program that writes does."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@dataclass
class RunningBot:
    slack: SlackDouble
    script: Script
    bot: Bot
    questions: Questions
    answers: Answers
    ratings: Ratings
    sources: Sources
    jobs: Jobs
    database: Database
    send: Sender
    ingestor: Ingestor | None = None
    is_ready: bool = True

    def check(self) -> None:
        """The check that /ready calls."""
        if not self.is_ready:
            raise DatabaseUnavailable("It is gone.")

    def open_jobs(self, kind: JobKind | None = None) -> list[Job]:
        return self.jobs.in_states([JobState.WAITING, JobState.RUNNING, JobState.FAILED], kind)

    def resume_now(self) -> int:
        """Does the waiting jobs at once, without their pauses."""
        make_due(self.database)
        return self.bot.resume()

    def receive(self, body: dict[str, Any], retry: int = 0) -> bool:
        """Passes in an event as Socket Mode does; returns whether it is acknowledged."""
        headers: dict[str, str | Sequence[str]] = {"x-slack-retry-num": str(retry)}
        request = BoltRequest(body=body, mode="socket_mode", headers=headers)
        return bool(self.bot.app.dispatch(request).status == 200)

    def answered(self, seconds: float = 60) -> Answer:
        """Waits until all questions are finished, and returns the latest answer."""
        self.slack.wait_for(lambda: not self.questions.unfinished(), seconds)
        return self.answers.recent(1)[0].answer


def night_records(database: Database, script: Script) -> NightRecords:
    def check(adapter: Adapter) -> None:
        if adapter.name in script.broken:
            raise PublishFailed(f"The weights of {adapter.name} are gone.")

    return NightRecords(
        Runs(database),
        Adapters(database),
        AdapterChanges(database, check),
        Trials(database),
        NightReports(database),
        lambda run: script.night_files,
        "C1",
    )


def build(
    slack: SlackDouble,
    script: Script,
    database: Database,
    allowed: str = "U1",
    lease: timedelta = LEASE,
    sync: Sync | None = None,
    ingestor: Ingestor | None = None,
    admins: str = "",
    access: Access = Access(),  # noqa: B008 - it never changes
    quotas: Sequence[Quota] = (),
    digest: DigestPlan = DigestPlan(None),  # noqa: B008 - it never changes
    client: SlackClient | None = None,
    meaning: Meaning | None = None,
    doubts_refusals: bool = False,
) -> RunningBot:
    """``ingestor`` reads for real; without it, ``script`` says what is read.

    ``client`` is another one than that of the double's own workspace.
    """
    client = client or SlackClient(BOT_TOKEN, slack.url)
    records = BotRecords.of(database, quotas)
    answers, sources, jobs = records.answers, records.sources, records.jobs

    def withdraw(uri: str, audience: Audience) -> None:
        sources.withdraw(uri, audience, datetime.now(UTC))

    def withdraw_collection(uri: str, audience: Audience) -> None:
        for member in sources.members(uri):
            sources.leave(uri, member, datetime.now(UTC), audience)

    download = SlackFiles(client).download
    changes = night_records(database, script).changes
    choice = AdapterChoice(
        *(Adapters(database), changes, "tiny", None),
        tell=lambda name: jobs.add([not_loaded(name)]),
        clock=lambda: datetime.now(UTC) + script.later,
    )
    bot = build_bot(
        client,
        signing_secret=SECRET,
        answerer=Answerer(
            *(script, script, answers, choice.of),
            instead_of=choice.instead_of,
            budget=1500,
            max_tokens=100,
            doubts_refusals=doubts_refusals,
        ),
        records=records,
        documents=DocumentWork(
            CollectionReader(
                Collections(database),
                sources,
                sync or (ingestor.sync if ingestor else script.sync(sources)),
                lambda collection: Unlisted(),
                lambda collection: script.forgotten.append(collection.uri),
            ),
            ingestor.ingest_one if ingestor else script.ingest(sources),
            ingestor.withdraw if ingestor else withdraw,
            ingestor.withdraw_collection if ingestor else withdraw_collection,
            download,
            Attachments(download, WordEmbedder, shared).read,
        ),
        nights=night_records(database, script),
        gaps=GapPlan(Gaps(database), WordEmbedder, digest),
        forget=script.forget(database),
        ingest_allowed=frozenset(allowed.split()),
        admins=frozenset(admins.split()),
        access=access,
        meaning=meaning,
        lease=lease,
    )
    return RunningBot(
        slack,
        script,
        bot,
        records.questions,
        answers,
        records.ratings,
        sources,
        jobs,
        database,
        Sender(0, SECRET),
        ingestor,
    )


@contextmanager
def http_bot(
    slack: SlackDouble,
    database_file: Path,
    allowed: str = "U1",
    ingestor: Callable[[Sources], Ingestor] | None = None,
    **options: Any,
) -> Iterator[RunningBot]:
    """The bot in HTTP mode, served at a free port during the block; ``options`` are ``build``'s."""
    database = Database(f"sqlite:///{database_file}")
    real = ingestor(Sources(database)) if ingestor else None
    running = build(slack, Script(), database, allowed, ingestor=real, **options)
    stop, ports = Event(), SimpleQueue[int]()
    thread = Thread(
        target=run_http,
        args=(running.bot, SECRET, stop),
        kwargs={"port": 0, "check": running.check, "ready": ports.put, "grace": 5},
    )
    thread.start()
    running.send = Sender(ports.get(timeout=60), SECRET, slack)
    try:
        yield running
    finally:
        running.script.go_on.set()
        stop.set()
        thread.join(60)
        database.close()
