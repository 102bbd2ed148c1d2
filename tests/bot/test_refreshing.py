"""Collections are read when they are due, once, and people are told once."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from bot.ingest import collecting
from bot.ingest.collecting import CollectionReader
from bot.ingest.collection_reports import CONFIRM_REMOVAL, removal_of
from bot.ingest.refreshing import LoggedReports, Refreshing, collection_job
from bot.jobs.leases import Leases
from bot.jobs.runner import Runner
from bot.jobs.upkeep import Upkeep
from bot.jobs.workers import Workers
from domain.collections import Collection, Trouble
from domain.documents import Failure, IngestReport
from domain.errors import UnreadableSource
from domain.jobs import Hold, JobKind, JobState
from domain.questions import Audience
from knowledge.ingest_run import IngestProgress
from records.collections import Collections
from records.database import Database
from records.jobs import Jobs
from records.sources import Sources
from records.tables import collection_grants
from tests.bot.running_bot import RunningBot, Script, Unlisted, build, is_idle, make_due
from tests.records.makers import question, question_job
from tests.slack_double import SlackDouble

HOUR = timedelta(hours=1)
REPORT = "slack:T1:C1::1.0"


@dataclass
class Readings:
    """What syncing does; tests change it while it runs."""

    report: IngestReport = field(default_factory=lambda: IngestReport(unchanged=2, cursor="c1"))
    error: Exception | None = None
    documents: int = 0
    go_on: Event = field(default_factory=Event)
    began: Event = field(default_factory=Event)
    read: list[str] = field(default_factory=list)
    confirmed: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go_on.set()

    def sync(self, collection: Collection, connector: object, **options: Any) -> IngestReport:
        self.read.append(collection.uri)
        self.confirmed.append(options["confirmed"])
        self.began.set()
        if self.error:
            raise self.error
        for n in range(self.documents):
            options["progress"](IngestProgress(f"{n}", "added", n + 1, self.documents))
            self.go_on.wait(60)
        self.go_on.wait(60)
        return self.report


def collection(uri: str = "/docs/handbook", **fields: Any) -> Collection:
    now = datetime.now(UTC)
    due = Collection(uri, "folder", Audience.everyone(), "U1", now, every=HOUR, next_at=now)
    return replace(due, **fields)


@dataclass
class Process:
    """A process that reads collections, without a messenger."""

    database: Database
    readings: Readings

    def __post_init__(self) -> None:
        self.collections, self.jobs = Collections(self.database), Jobs(self.database)
        reader = CollectionReader(
            self.collections,
            Sources(self.database),
            self.readings.sync,
            lambda each: Unlisted(),
            lambda each: None,
        )
        leases = Leases(self.jobs, timedelta(seconds=10))
        pools = {
            JobKind.COLLECTION: Workers("collection", 2),
            JobKind.QUESTION: Workers("question", 1),
        }
        self.runner = Runner(self.jobs, leases, "", pools)
        self.refreshing = Refreshing(
            self.collections, self.jobs, reader, LoggedReports(), self.runner
        )
        self.upkeep = Upkeep(self.runner, leases, self.refreshing)

    def turn(self) -> None:
        """Adds the jobs that are due, and does them."""
        self.refreshing.add_due()
        while not is_idle(self.runner) or self.jobs.due("", datetime.now(UTC)):
            self.runner.resume()
            Event().wait(0.01)

    def close(self) -> None:
        self.readings.go_on.set()
        self.upkeep.take_no_more()
        self.runner.take_no_more()
        for workers in self.runner.workers:
            workers.close(5)
        self.upkeep.stop()


@pytest.fixture
def readings() -> Readings:
    return Readings()


@pytest.fixture
def process(database: Database, readings: Readings) -> Iterator[Process]:
    process = Process(database, readings)
    yield process
    process.close()


def test_due_collection_is_read_once_and_then_not_before_its_time(
    process: Process, readings: Readings
) -> None:
    process.collections.add(collection())
    process.collections.add(collection("/later", next_at=datetime.now(UTC) + HOUR))
    process.turn()
    process.turn()
    assert readings.read == ["/docs/handbook"]
    read = process.collections.get("/docs/handbook")
    assert (read.cursor, read.failures) == ("c1", 0)
    assert read.read_at
    assert read.next_at
    assert read.next_at >= read.read_at + HOUR


def test_names_of_readings_are_short_however_long_the_addresses_are(process: Process) -> None:
    """A name and an address are in one row of an index."""
    due = datetime.now(UTC)
    for n in range(2):
        process.collections.add(collection("/" + "d" * 1_200 + f"/{n}", next_at=due))
    assert process.refreshing.add_due() == 2
    assert all(len(job.request) < 200 for job in process.jobs.in_states([JobState.WAITING]))


@pytest.mark.slow
def test_two_processes_read_a_due_collection_once(database: Database, readings: Readings) -> None:
    readings.go_on.clear()
    processes = [Process(database, readings) for _ in range(2)]
    for n in range(4):
        processes[0].collections.add(collection(f"/docs/{n}"))
    for process in processes:
        process.upkeep.start()
    readings.began.wait(60)
    readings.go_on.set()
    for _ in range(3_000):
        done = processes[0].jobs.in_states([JobState.DONE])
        if len(done) == 4:
            break
        Event().wait(0.02)
    for process in processes:
        process.close()
    assert sorted(readings.read) == [f"/docs/{n}" for n in range(4)]


def test_request_during_a_reading_is_another_reading(process: Process, readings: Readings) -> None:
    process.collections.add(collection())
    readings.go_on.clear()
    process.refreshing.add_due()
    process.runner.resume()
    readings.began.wait(60)
    for _ in range(3):
        process.collections.make_due("/docs/handbook", datetime.now(UTC))
        process.refreshing.add_due()
    readings.go_on.set()
    process.turn()
    assert readings.read == ["/docs/handbook"] * 2
    process.turn()
    assert len(readings.read) == 2


@pytest.mark.slow
def test_question_does_not_wait_for_collections_that_are_read(
    process: Process, readings: Readings
) -> None:
    @dataclass
    class Answering:
        answered: Event = field(default_factory=Event)

        def do(self, job: object) -> None:
            self.answered.set()

        def is_final(self, error: Exception) -> bool:
            return True

        def tell_given_up(self, job: object, error: Exception) -> None: ...

    answering = Answering()
    process.runner.handles(JobKind.QUESTION, answering)
    readings.go_on.clear()
    for n in range(150):
        process.collections.add(collection(f"/docs/{n}"))
    process.refreshing.add_due()
    process.refreshing.add_due()
    process.runner.resume()
    readings.began.wait(60)
    process.jobs.add([replace(question_job(question()), team="")])
    process.runner.resume()
    assert answering.answered.wait(60)
    assert len(readings.read) <= 2


def test_failed_reading_is_recorded_and_tried_again_later(
    process: Process, readings: Readings
) -> None:
    readings.error = UnreadableSource("the share is not mounted", "/secret")
    process.collections.add(collection(cursor="c0"))
    process.turn()
    failing = process.collections.get("/docs/handbook")
    assert (failing.failures, failing.reason) == (1, "the share is not mounted")
    assert (failing.read_at, failing.cursor) == (None, "c0")
    assert failing.next_at
    assert failing.next_at > datetime.now(UTC) + HOUR
    (job,) = process.jobs.in_states(JobState)
    assert job.state is JobState.DONE

    readings.error = None
    process.collections.make_due(failing.uri, datetime.now(UTC))
    process.turn()
    well = process.collections.get("/docs/handbook")
    assert (well.failures, well.reason, well.told) == (0, "", Trouble.NONE)


def test_reading_that_breaks_is_given_up_until_the_next_time(
    process: Process, readings: Readings
) -> None:
    readings.error = ZeroDivisionError()
    process.collections.add(collection())
    for _ in range(5):
        process.turn()
        make_due(process.database)
    assert len(readings.read) == 3
    failing = process.collections.get("/docs/handbook")
    assert (failing.failures, failing.reason) == (1, "Something went wrong on my side.")
    readings.error = None
    process.collections.make_due(failing.uri, datetime.now(UTC))
    process.turn()
    assert process.collections.get("/docs/handbook").failures == 0


def test_reading_that_was_given_up_untold_is_tried_again(
    process: Process, readings: Readings
) -> None:
    process.collections.add(collection())
    process.refreshing.add_due()
    (job,) = process.jobs.in_states([JobState.WAITING])
    taken = process.jobs.take(job.id, Hold("p9", datetime.now(UTC), datetime.now(UTC) + HOUR))
    assert taken
    process.jobs.give_up(taken, datetime.now(UTC), "Slack was away for a day.")
    for _ in range(3):
        process.turn()
    assert readings.read == ["/docs/handbook"]


def test_reading_is_interrupted_when_the_process_stops_and_goes_on_later(
    process: Process, readings: Readings
) -> None:
    process.collections.add(collection())
    readings.documents = 10_000
    readings.go_on.clear()
    process.refreshing.add_due()
    process.runner.resume()
    readings.began.wait(60)
    process.close()
    (job,) = process.jobs.in_states(JobState)
    assert (job.state, job.attempts, job.held_by) == (JobState.WAITING, 0, "")

    again = Readings()
    other = Process(process.database, again)
    make_due(process.database)
    other.turn()
    other.close()
    assert again.read == ["/docs/handbook"]


def test_progress_is_kept_while_it_is_read(
    process: Process, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "SHOWN_SECONDS", 0.0)
    process.collections.add(collection())
    readings.documents = 4
    readings.go_on.clear()
    process.refreshing.add_due()
    process.runner.resume()
    for _ in range(3_000):
        if (seen := process.collections.progress()) and seen[0].done:
            break
        Event().wait(0.02)
    assert (seen[0].collection, seen[0].done, seen[0].total) == ("/docs/handbook", 1, 4)
    readings.go_on.set()
    process.turn()
    assert process.collections.progress() == []


def test_collection_that_was_removed_meanwhile_is_not_read(
    process: Process, readings: Readings
) -> None:
    process.collections.add(collection())
    process.refreshing.add_due()
    process.collections.withdraw("/docs/handbook")
    process.turn()
    assert readings.read == []


@pytest.fixture
def bot(slack: SlackDouble, database: Database, readings: Readings) -> Iterator[RunningBot]:
    running = build(slack, Script(), database, sync=readings.sync)
    yield running
    readings.go_on.set()
    running.bot.close(5)


def turn(bot: RunningBot) -> None:
    bot.bot.refreshing.add_due()
    bot.resume_now()
    bot.slack.wait_for(lambda: not bot.open_jobs())
    bot.slack.wait_for(lambda: is_idle(bot.bot.runner))


def test_log_says_once_what_to_run_if_much_is_held_back(
    process: Process, readings: Readings, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Failure("/docs/our handbook", "3 of its 4 documents are not there any more")
    readings.report = IngestReport(failed=(gone,), held_back=(gone,))
    process.collections.add(collection("/docs/our handbook"))
    for _ in range(2):
        process.turn()
        process.collections.make_due("/docs/our handbook", datetime.now(UTC))
    assert readings.read == ["/docs/our handbook"] * 2
    assert [one.getMessage() for one in caplog.records] == [
        "/docs/our handbook: 3 of its 4 documents are not there any more: "
        "phi3 sources refresh '/docs/our handbook' --confirm"
    ]


def test_page_of_a_busy_server_is_read_when_that_asks_for_it(
    process: Process, readings: Readings
) -> None:
    asked = datetime.now(UTC) + 5 * HOUR
    busy = Failure("/docs/handbook", "its server is busy (503)")
    readings.report = IngestReport(failed=(busy,), not_before=asked)
    process.collections.add(collection())
    process.turn()
    assert process.collections.get("/docs/handbook").next_at == asked


def test_person_who_added_it_is_told_once_when_it_fails_and_once_when_it_works_again(
    bot: RunningBot, readings: Readings
) -> None:
    kept = Collections(bot.database)
    kept.add(collection(report=REPORT))

    def read(error: Exception | None) -> None:
        readings.error = error
        kept.make_due("/docs/handbook", datetime.now(UTC))
        turn(bot)

    read(None)
    assert bot.slack.public() == []
    for _ in range(3):
        read(UnreadableSource("the share is not mounted", "/secret"))
    (told,) = bot.slack.public()
    assert told.thread == "1.0"
    assert told.words.startswith("✗ handbook cannot be read any more: the share is not mounted")
    for _ in range(2):
        read(None)
    _, again = bot.slack.public()
    assert (again.thread, again.words) == ("1.0", "✓ handbook is read again.")


def test_title_of_what_is_read_calls_nobody(bot: RunningBot, readings: Readings) -> None:
    Collections(bot.database).add(collection(title="<!channel> & <@U2>", report=REPORT))
    readings.error = UnreadableSource("the share is not mounted")
    turn(bot)
    (posted,) = [given for method, given in bot.slack.calls if method == "chat.postMessage"]
    assert posted["text"].startswith("✗ &lt;!channel&gt; &amp; &lt;@U2&gt; cannot be read")


def test_place_that_may_not_read_a_collection_any_more_is_not_told_of_it(
    bot: RunningBot, readings: Readings
) -> None:
    kept = Collections(bot.database)
    for channel in ("C1", "C2"):
        own = Audience.of(f"channel:T1:{channel}")
        kept.add(collection(audience=own, report=f"slack:T1:{channel}:"))
    # As an earlier version left it: only the channel's label is taken.
    with bot.database.session() as connection:
        connection.execute(
            collection_grants.delete().where(collection_grants.c.label == "channel:T1:C1")
        )
    readings.error = UnreadableSource("the share is not mounted")
    turn(bot)
    assert kept.get("/docs/handbook").trouble is Trouble.FAILING
    assert bot.slack.public() == []


def test_channel_that_keeps_a_collection_is_told_of_the_trouble_that_lasts(
    bot: RunningBot, readings: Readings
) -> None:
    kept = Collections(bot.database)
    for channel in ("C1", "C2"):
        own = Audience.of(f"channel:T1:{channel}")
        kept.add(collection(audience=own, report=f"slack:T1:{channel}:"))
    readings.error = UnreadableSource("the share is not mounted")
    turn(bot)
    kept.withdraw("/docs/handbook", Audience.of("channel:T1:C1"))
    for _ in range(2):
        kept.make_due("/docs/handbook", datetime.now(UTC))
        turn(bot)
    assert [one.channel for one in bot.slack.public()] == ["C1", "C2"]


def test_removal_that_was_held_back_is_reported_once_with_a_button(
    bot: RunningBot, readings: Readings
) -> None:
    kept = Collections(bot.database)
    kept.add(collection(report=REPORT))
    gone = Failure("/docs/handbook", "9 of 10 are gone")
    readings.report = IngestReport(unchanged=1, failed=(gone,), held_back=(gone,))
    for _ in range(2):
        kept.make_due("/docs/handbook", datetime.now(UTC))
        turn(bot)
    assert kept.get("/docs/handbook").reason == "9 of 10 are gone"
    (told,) = bot.slack.public()
    assert "more than a third of its documents are not there any more" in told.words
    (button,) = told.blocks[-1]["elements"]
    assert button["action_id"] == CONFIRM_REMOVAL
    assert button["value"] == removal_of(kept.get("/docs/handbook"))

    job = collection_job(
        kept.get("/docs/handbook"),
        request="confirm:1",
        team="T1",
        person="U1",
        report=REPORT,
        confirmed=True,
    )
    readings.report = IngestReport(unchanged=1, removed=9)
    bot.jobs.add([job])
    turn(bot)
    assert readings.confirmed == [False, False, True]
    assert bot.slack.public()[-1].words == "✓ handbook: 1 unchanged, 9 removed."
    assert kept.get("/docs/handbook").told is Trouble.NONE
    assert len(bot.slack.public()) == 2


def test_reading_that_a_person_wanted_is_reported_with_what_failed(
    bot: RunningBot, readings: Readings
) -> None:
    kept = Collections(bot.database)
    kept.add(collection())
    failed = tuple(Failure(f"/docs/handbook/{n}.pdf", f"at /srv: {n}") for n in range(2_000))
    readings.report = IngestReport(added=10_000, failed=failed)
    job = collection_job(
        kept.get("/docs/handbook"), request="r1", team="T1", person="U1", report="slack:T1:C1:"
    )
    bot.jobs.add([job])
    turn(bot)
    (told,) = bot.slack.public()
    assert told.words == (
        "✓ handbook: 10,000 added. 2,000 could not be read: 0.pdf, 1.pdf, 2.pdf and 1,997 more."
        "Try again"
    )


def test_reading_of_the_schedule_says_nothing_as_long_as_it_works(
    bot: RunningBot, readings: Readings
) -> None:
    Collections(bot.database).add(collection(report=REPORT))
    turn(bot)
    assert readings.read == ["/docs/handbook"]
    assert bot.slack.public() == []
