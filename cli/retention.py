"""Deletes what is older than the settings allow: questions, jobs, logs, rows of the audit log."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from logging import getLogger
from typing import TYPE_CHECKING

from cli import log_files
from domain.errors import Phi3Error

if TYPE_CHECKING:
    from cli.wiring import Container

_log = getLogger(__name__)


def delete_expired(container: "Container", now: datetime | None = None) -> None:
    """Deletes each kind separately: an error is logged, and the others and the night continue."""
    at = now or datetime.now(UTC)
    for what, delete in (
        ("questions", _delete_questions),
        ("jobs", _delete_jobs),
        ("rows of nights", _delete_night_rows),
        ("logs", _delete_logs),
        ("rows of the audit log", _delete_audit),
    ):
        try:
            if deleted := delete(container, at):
                _log.info("%d old %s were deleted.", deleted, what)
        except (Phi3Error, OSError) as error:
            _log.warning("Old %s could not be deleted: %s", what, error)


def _delete_questions(container: "Container", at: datetime) -> int:
    from records.retention import Retention
    from training.report import files as reports

    days = container.settings.keep_questions_days
    if days is None:
        return 0
    nights = container.settings.home / "nights"
    reported = reports.reported(nights)

    def delete_copies(answer_ids: Collection[str]) -> None:
        if copied := reported.intersection(answer_ids):
            reports.forget(nights, copied)

    before = at - timedelta(days=days)
    return Retention(container.database).delete_questions(before, delete_copies)


def _delete_jobs(container: "Container", at: datetime) -> int:
    from records.retention import Retention

    days = container.settings.keep_jobs_days
    if days is None:
        return 0
    return Retention(container.database).delete_jobs(at - timedelta(days=days))


def _delete_night_rows(container: "Container", at: datetime) -> int:
    from records.retention import Retention

    days = container.settings.keep_jobs_days
    if days is None:
        return 0
    return Retention(container.database).delete_night_rows(at - timedelta(days=days))


def _delete_audit(container: "Container", at: datetime) -> int:
    from records.retention import Retention

    days = container.settings.keep_audit_days
    if days is None:
        return 0
    return Retention(container.database).delete_audit(at - timedelta(days=days))


def _delete_logs(container: "Container", at: datetime) -> int:
    days = container.settings.keep_logs_days
    if days is None:
        return 0
    return log_files.expire(container.settings.home / "logs", at - timedelta(days=days), at)
