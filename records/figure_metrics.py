"""The figures of the whole system for Prometheus, read when they are asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from logging import getLogger
from threading import Lock
from time import monotonic

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.adapters import Outcome
from domain.errors import RecordsError
from domain.jobs import JobKind, JobState
from records.database import Database
from records.figures import Figures, Night, read_figures

_KEPT_SECONDS = 10.0
"""Whoever asks again sooner is told the same, so that asking often costs the database nothing."""

_OPEN = (JobState.WAITING, JobState.RUNNING, JobState.FAILED, JobState.QUARANTINED)

Value = float | datetime | timedelta | None

_log = getLogger(__name__)


class DatabaseFigures(Collector):
    """Of all processes one offers these, since they are the same for all."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._reading = Lock()
        self._read_at = -_KEPT_SECONDS
        self._known: tuple[Figures | None, datetime] = (None, datetime.now(UTC))

    def describe(self) -> list[Metric]:
        """Is called as it is registered: the database is not asked then."""
        return [_up(None), *_families(None, datetime.now(UTC))]

    def collect(self) -> Iterator[Metric]:
        """If the database does not answer, there is only ``phi3_database_up``, which is 0."""
        with self._reading:
            if monotonic() - self._read_at >= _KEPT_SECONDS:
                self._known = self._read(), datetime.now(UTC)
                self._read_at = monotonic()
            figures, at = self._known
        yield _up(bool(figures))
        if figures:
            yield from _families(figures, at)

    def _read(self) -> Figures | None:
        try:
            return read_figures(self._db, datetime.now(UTC))
        except RecordsError as error:
            _log.warning("The figures of the database cannot be read: %s", error)
            return None


def _up(answers: bool | None) -> GaugeMetricFamily:
    return _gauge("database_up", "Whether the database answers.", answers)


def _families(figures: Figures | None, now: datetime) -> Iterator[Metric]:
    """All but ``phi3_database_up``; without figures, without values."""
    jobs = GaugeMetricFamily(
        "phi3_jobs", "Jobs that are not done, up to 20,000.", labels=("kind", "state")
    )
    collections = GaugeMetricFamily("phi3_collections", "Collections by state.", labels=("state",))
    decision = GaugeMetricFamily(
        "phi3_night_decision", "How the last night ended: that one is 1.", labels=("decision",)
    )
    adapters = GaugeMetricFamily(
        "phi3_adapter_info", "The adapters that answer; always 1.", labels=("adapter", "state")
    )
    night = figures.night if figures else None
    if figures:
        for kind in JobKind:
            for state in _OPEN:
                jobs.add_metric((kind, state), figures.jobs.get((kind, state), 0))
        for name, count in figures.collections.items():
            collections.add_metric((name,), count)
        for adapter_state, name in figures.adapters.items():
            adapters.add_metric((name, adapter_state), 1)
    if night:
        for outcome in Outcome:
            if outcome is not Outcome.RUNNING:
                decision.add_metric((outcome,), outcome is night.outcome)
    yield from (jobs, collections, decision, adapters)
    for name, (says, value) in (_of_figures(figures, now) | _of_night(night)).items():
        yield _gauge(name, says, value)


def _of_figures(figures: Figures | None, now: datetime) -> dict[str, tuple[str, Value]]:
    waits = read_at = overdue = runs = None
    if figures:
        waits = now - figures.waits_since if figures.waits_since else timedelta()
        read_at, overdue, runs = figures.read_at, figures.overdue, figures.night_runs
    return {
        "jobs_oldest_seconds": ("The age of the oldest job that waits.", waits),
        "collection_last_read_timestamp_seconds": ("When a collection was read last.", read_at),
        "collections_overdue_seconds": (
            "For how long the collection has been due that waits longest.",
            overdue,
        ),
        "night_running": ("Whether a night runs.", runs),
    }


def _of_night(night: Night | None) -> dict[str, tuple[str, Value]]:
    ended = took = examples = None
    if night:
        ended, took, examples = night.ended_at, night.took, night.examples
    return {
        "night_last_end_timestamp_seconds": ("When the last night ended.", ended),
        "night_last_duration_seconds": ("How long the last night took.", took),
        "night_last_examples": ("Rows that the last night trained on.", examples),
    }


def _gauge(name: str, says: str, value: Value) -> GaugeMetricFamily:
    """A gauge without labels; without a value if that is not known."""
    if isinstance(value, datetime):
        value = value.timestamp()
    elif isinstance(value, timedelta):
        value = value.total_seconds()
    return GaugeMetricFamily(f"phi3_{name}", says, value)
