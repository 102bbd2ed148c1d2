"""Reads the collections that are due, and those that a person wants to be read, as jobs."""

import logging
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from bot.ingest.collecting import OF_SLACK, CollectionReader, to_confirm
from bot.ingest.outcomes import ENDED
from bot.jobs.payloads import CollectionPayload, read_collection, write_collection
from bot.jobs.runner import Interrupted, Runner
from bot.slack.message_ref import is_message_ref, message_ref
from domain.collections import Collection, CollectionProgress, Trouble
from domain.documents import IngestReport
from domain.errors import ConfigError, IngestError, MessengerRefused, public_text
from domain.jobs import Job, JobKind, NewJob
from records.collections import Collections
from records.jobs import Jobs

log = logging.getLogger(__name__)


class Reports(Protocol):
    """Tells people of readings. Every method raises MessengerError and RecordsError."""

    def began(self, job: Job, collection: Collection) -> None:
        """A reading that a person wanted begins."""
        ...

    def progress(self, job: Job, collection: Collection, now: CollectionProgress) -> None:
        """A reading that a person wanted goes on."""
        ...

    def ended(self, job: Job, collection: Collection | None, end: IngestReport | str) -> None:
        """A reading that a person wanted ended, with a report or a reason why it failed."""
        ...

    def trouble(self, job: Job, collection: Collection) -> None:
        """The trouble with a collection is another one than what was told of last, or over."""
        ...


class Refreshing:
    """Does the jobs of kind COLLECTION; those without a person are of the schedule."""

    def __init__(
        self,
        collections: Collections,
        jobs: Jobs,
        reader: CollectionReader,
        reports: Reports,
        runner: Runner,
    ) -> None:
        self._collections = collections
        self._jobs = jobs
        self._reader = reader
        self._reports = reports
        self._runner = runner
        runner.handles(JobKind.COLLECTION, self)

    def add_due(self) -> int:
        """Adds a job for each collection that is due; returns how many. Other processes may too.

        The request is named by the time at which the collection became due, so each reading is one
        job. If it becomes due again while it is read, that is another job.
        """
        now, added = datetime.now(UTC), 0
        for collection in self._collections.due(now):
            job = _due_job(collection, now)
            if self._jobs.add([job]):
                added += 1
            elif self._is_over(job.request) and self._collections.find(job.key) == collection:
                # It was given up before it was recorded, such as in a long outage of Slack.
                self._collections.make_due(job.key, now)
        return added

    def _is_over(self, request: str) -> bool:
        return all(job.state in ENDED for job in self._jobs.of_request(request))

    def do(self, job: Job) -> None:
        """One attempt. Raises MessengerError, RecordsError, Interrupted, and what reading raises.

        A collection that cannot be read is recorded and reported, and is not an error.
        """
        collection = self._collections.find(job.key)
        if collection is None:
            if job.person:
                self._reports.ended(job, None, "")
            return
        if changed := read_collection(job.payload).changed:
            self._follow(collection, changed)
            return
        if job.person:
            self._reports.began(job, collection)
        end = self._read(job, collection)
        self._tell(job, end)

    def is_final(self, error: Exception) -> bool:
        return isinstance(error, ConfigError)

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """The next reading is due after the pause that follows a failure."""
        if read_collection(job.payload).changed:
            return
        if collection := self._collections.find(job.key):
            self._reader.failed(collection, public_text(error))
        self._tell(job, public_text(error))

    def _follow(self, collection: Collection, changed: str) -> None:
        """What cannot be read now is read, and reported, when the whole collection is."""
        try:
            self._reader.follow(collection, changed)
        except IngestError as error:
            log.info("A change in %s was not read: %s", collection.uri, error)

    def _read(self, job: Job, collection: Collection) -> IngestReport | str:
        def stop_if_wanted(_: object) -> None:
            if self._runner.must_stop(job):
                raise Interrupted("It was interrupted, and goes on soon.")

        def show(now: CollectionProgress) -> None:
            if job.person:
                self._reports.progress(job, collection, now)

        confirmed = read_collection(job.payload).confirmed
        try:
            return self._reader.read(
                collection, confirmed=confirmed, progress=stop_if_wanted, show=show
            )
        except (IngestError, MessengerRefused) as error:
            log.warning("%s could not be read: %s", collection.uri, error)
            return error.public

    def _tell(self, job: Job, end: IngestReport | str) -> None:
        """Tells whoever wanted this reading how it ended.

        Of a reading of the schedule it tells the person who added the collection, if there is
        trouble of which this person does not know, or the trouble is over. The log is told too.
        """
        collection = self._collections.find(job.key)
        if job.person:
            self._reports.ended(job, collection, end)
        if collection is None or collection.trouble is collection.told:
            return
        _log_trouble(collection)
        if not job.person:
            self._reports.trouble(job, collection)
        self._collections.told(collection.uri, collection.trouble)


class LoggedReports:
    """Where no messenger is configured, the log is told."""

    # ruff: noqa: ARG002 - a log needs not everything that a message needs

    def began(self, job: Job, collection: Collection) -> None: ...

    def progress(self, job: Job, collection: Collection, now: CollectionProgress) -> None: ...

    def ended(self, job: Job, collection: Collection | None, end: IngestReport | str) -> None:
        log.info("%s: %s", job.key, end if isinstance(end, str) else end.sentence())

    def trouble(self, job: Job, collection: Collection) -> None: ...


def _log_trouble(collection: Collection) -> None:
    match collection.trouble:
        case Trouble.NONE:
            log.info("%s is read again", collection.uri)
        case Trouble.FAILING:
            log.warning("%s cannot be read: %s", collection.uri, collection.reason)
        case Trouble.HELD_BACK:
            log.warning("%s: %s: %s", collection.uri, collection.reason, to_confirm(collection))


def collection_job(
    collection: Collection,
    *,
    request: str,
    team: str,
    person: str,
    report: str,
    confirmed: bool = False,
) -> NewJob:
    """A reading of a stored collection that ``person`` wants, and that is reported at ``report``.

    ``confirmed`` means that many documents may be removed at once.
    """
    return NewJob(
        kind=JobKind.COLLECTION,
        key=collection.uri,
        request=request,
        team=team,
        person=person,
        report=report,
        payload=write_collection(CollectionPayload(confirmed)),
        created_at=datetime.now(UTC),
    )


def _due_job(collection: Collection, now: datetime) -> NewJob:
    due = (collection.next_at or now).isoformat()
    return NewJob(
        kind=JobKind.COLLECTION,
        key=collection.uri,
        # The key is the address, and is in one row of an index with this.
        request=f"due:{due}:{sha256(collection.uri.encode()).hexdigest()}",
        team=_team(collection),
        person="",
        report="",
        payload=write_collection(CollectionPayload()),
        created_at=now,
    )


def _team(collection: Collection) -> str:
    """The workspace whose bot can read a collection, or can tell its person; else empty."""
    if collection.uri.startswith(OF_SLACK):
        return collection.uri.split(":")[1]
    return message_ref(collection.report).team if is_message_ref(collection.report) else ""
