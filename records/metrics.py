"""The figures of the database for Prometheus that any role counts as it uses it."""

from prometheus_client import Counter

from domain.jobs import JobEvent, JobKind
from domain.questions import Verdict

REASONS = ("locked", "unreachable", "full", "damaged", "timeout", "tables", "busy", "other")

_ERRORS = Counter("phi3_database_errors", "Transactions that failed, by why.", ("reason",))
_JOBS = Counter("phi3_job_attempts", "Attempts at jobs that ended, by how.", ("kind", "outcome"))
_RATINGS = Counter(
    "phi3_ratings",
    "Thumbs and forms that people sent; not all of them count, and some are taken back.",
    ("verdict",),
)

for _reason in REASONS:
    _ERRORS.labels(_reason)
for _verdict in Verdict:
    _RATINGS.labels(_verdict)


def database_failed(reason: str) -> None:
    """A transaction failed, for one of ``REASONS``."""
    _ERRORS.labels(reason).inc()


def job_ended(kind: JobKind, event: JobEvent) -> None:
    """An attempt at a job ended."""
    _JOBS.labels(kind, event.replace(" ", "_")).inc()


def rated(verdict: Verdict) -> None:
    """A person rated an answer."""
    _RATINGS.labels(verdict).inc()
