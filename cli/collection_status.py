"""The state of each collection: what is read now, what waits, and what is wrong with it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.printing import count_of
from domain.collections import Collection, CollectionProgress, Trouble
from domain.documents import SourceState
from domain.jobs import JobKind, JobState

if TYPE_CHECKING:
    from cli.wiring import Container


@dataclass(frozen=True, slots=True)
class CollectionStatus:
    """``progress`` is that of the reading that runs now; ``documents`` counts all, also failed."""

    collection: Collection
    documents: int
    failed: int
    progress: CollectionProgress | None
    is_waiting: bool

    @property
    def state(self) -> str:
        if self.progress:
            return "reading"
        if self.collection.trouble is not Trouble.NONE:
            return self.collection.trouble
        if self.is_waiting:
            return "waiting"
        return "ok" if self.collection.read_at else "new"

    def counted(self) -> str:
        """``8 documents, 1 failed``."""
        documents = count_of(self.documents, "document")
        return f"{documents}, {self.failed:,} failed" if self.failed else documents

    def schedule(self) -> str:
        """``every 15 minutes``."""
        if self.collection.every is None:
            return "only on request"
        minutes = round(self.collection.every.total_seconds() / 60)
        for unit, length in (("days", 1440), ("hours", 60)):
            if minutes >= 2 * length and minutes % length == 0:
                return f"every {minutes // length:,} {unit}"
        return f"every {minutes:,} minutes"

    def how_far(self) -> str:
        """``120 of about 1,000 documents, done at about 14:30``."""
        if not self.progress or not self.progress.total:
            return "it is listed"
        now = self.progress
        ends = f", done at about {now.ends_at.astimezone():%H:%M}" if now.ends_at else ""
        return f"{now.done:,} of about {now.total:,} documents{ends}"

    def as_json(self) -> dict[str, object]:
        each, now = self.collection, self.progress
        return {
            "collection": each.uri,
            "kind": each.kind,
            "title": each.title,
            "state": self.state,
            "audience": sorted(each.readers.labels),
            "requested_by": each.requested_by,
            "every_seconds": each.every.total_seconds() if each.every else None,
            "documents": self.documents,
            "failed": self.failed,
            "read_at": _iso(each.read_at),
            "next_at": _iso(each.next_at),
            "failures": each.failures,
            "reason": each.reason,
            "progress": now
            and {"done": now.done, "total": now.total, "ends_at": _iso(now.ends_at)},
        }


def statuses(container: "Container") -> list[CollectionStatus]:
    """The status of each collection, by uri."""
    from bot.ingest.collecting import SEEN

    now = datetime.now(UTC)
    open_states = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)
    jobs = container.jobs.in_states(open_states, JobKind.COLLECTION)
    running = {job.key for job in jobs if job.state is JobState.RUNNING}
    waiting = {job.key for job in jobs} - running
    progress = {
        each.collection: each
        for each in container.collections.progress()
        if each.collection in running or now - each.at < SEEN
    }
    counts = container.collections.counts()
    found = []
    for each in container.collections.all():
        own = counts.get(each.uri, {})
        failed = own.get(SourceState.FAILED, 0) + own.get(SourceState.QUARANTINED, 0)
        is_due = each.next_at is not None and each.next_at <= now
        is_waiting = each.uri in waiting or is_due
        found.append(
            CollectionStatus(each, sum(own.values()), failed, progress.get(each.uri), is_waiting)
        )
    return found


def moment(at: datetime | None) -> str:
    """A time for people, in the time zone of this machine."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else "–"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
