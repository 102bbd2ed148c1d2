"""Follows edits, deletions and late replies in the channels and threads that are read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic

from bot.history.uris import CHANNEL, SlackPlace, is_ts
from bot.jobs.payloads import CollectionPayload, write_collection
from bot.slack.events import HistoryChange
from domain.collections import CHANGED
from domain.jobs import JobKind, NewJob
from domain.links import THREAD
from records.collections import Collections
from records.jobs import Jobs

PAUSE = timedelta(seconds=30)
"""Changes of a thread within this time are read together, at its end."""

_FRESH_SECONDS = 30.0
"""How long it is remembered which channels and threads are read."""


class HistoryChanges:
    """Adds a job for each thread that changed; all changes within ``PAUSE`` share one."""

    def __init__(
        self,
        team: str,
        collections: Collections,
        jobs: Jobs,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._team = team
        self._collections = collections
        self._jobs = jobs
        self._clock = clock
        self._lock = Lock()
        self._asked = -_FRESH_SECONDS
        self._read: frozenset[str] = frozenset()

    def noticed(self, change: HistoryChange) -> None:
        """Raises DatabaseUnavailable. A change that is told twice is read once."""
        if not is_ts(change.root):
            return
        places = (
            SlackPlace(CHANNEL, self._team, change.channel),
            SlackPlace(THREAD, self._team, change.channel, change.root),
        )
        wanted = [uri for uri in map(str, places) if uri in self._collections_of_slack()]
        self._jobs.add(self._job(uri, change) for uri in wanted)

    def _collections_of_slack(self) -> frozenset[str]:
        with self._lock:
            if monotonic() - self._asked >= _FRESH_SECONDS:
                known = (each.uri for each in self._collections.all())
                self._read = frozenset(uri for uri in known if uri.startswith((CHANNEL, THREAD)))
                self._asked = monotonic()
            return self._read

    def _job(self, uri: str, change: HistoryChange) -> NewJob:
        part = int(change.at.timestamp() // PAUSE.total_seconds())
        ends = datetime.fromtimestamp((part + 1) * PAUSE.total_seconds(), UTC)
        return NewJob(
            kind=JobKind.COLLECTION,
            key=uri,
            request=f"{CHANGED}{uri}:{change.root}:{part}",
            team=self._team,
            person="",
            report="",
            payload=write_collection(CollectionPayload(changed=change.root)),
            created_at=max(ends, self._clock()),
        )
