"""Logging: the formats of log lines, and which messages of libraries are hidden."""

import json
import logging
from copy import copy
from datetime import UTC, datetime

from cli.plain import without_controls
from domain.current_work import current_work
from domain.errors import Phi3Error, is_full_disk
from domain.redaction import without_credentials

# Libraries that log each request, or each step of their start, at INFO.
_TALKATIVE = (
    *("httpx", "httpx2", "httpcore", "openai", "urllib3", "slack_bolt", "slack_sdk", "weaviate"),
    *("apscheduler", "alembic", "ContinuousBatchingLogger", "aiobotocore", "botocore"),
)


class PlainFormatter(logging.Formatter):
    """Removes passwords in addresses, and control sequences, from log records.

    A traceback contains the messages of other libraries, so the whole record is searched, not only
    its message. Of an expected error there is no traceback, but its text in the same line.
    """

    def format(self, record: logging.LogRecord) -> str:
        return without_controls(without_credentials(super().format(_in_one_line(record))))


class RoleFormatter(PlainFormatter):
    """Lines for people to read; each ends with what its thread works on, if that is a job."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        work = current_work()
        job = f"job {work.job}" if work.job else ""
        known = " ".join(filter(None, (work.ref, job, work.workspace)))
        return super().formatMessage(record) + (f" [{known}]" if known else "")


class JsonFormatter(PlainFormatter):
    """One JSON object a line, also for an error with its traceback.

    ``time`` (UTC), ``level``, ``role``, ``logger`` and ``event`` are always there; ``ref``, ``job``
    and ``workspace`` if the line is about a job, and ``error`` if it is about an error: its class
    and its text, with the traceback if the error is unexpected.
    """

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        work = current_work()
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "role": self._role,
            "logger": record.name,
            "event": without_credentials(record.getMessage()),
            "ref": work.ref,
            "job": work.job,
            "workspace": work.workspace,
            "error": without_credentials(self._error(record)),
        }
        return json.dumps({name: value for name, value in line.items() if value})

    def _error(self, record: logging.LogRecord) -> str:
        if error := _expected(record):
            return f"{type(error).__name__}: {error}"
        if record.exc_info:
            return self.formatException(record.exc_info)
        return record.exc_text or ""


def _expected(record: logging.LogRecord) -> BaseException | None:
    """The record's error, if its text says all: in an outage each event may fail with it."""
    error = record.exc_info[1] if record.exc_info else None
    return error if is_full_disk(error) or isinstance(error, Phi3Error) else None


def _in_one_line(record: logging.LogRecord) -> logging.LogRecord:
    """The record, with the text of an expected error instead of its traceback."""
    error = _expected(record)
    if error is None:
        return record
    shown, said, why = copy(record), record.getMessage(), str(error)
    shown.msg, shown.args = said if why in said else f"{said}: {why}", None
    shown.exc_info = shown.exc_text = None
    return shown


def hide_library_messages() -> None:
    """Hides messages that a user can do nothing about."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns that it computes 4-bit weights on the CPU without a kernel from the model hub.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    if logging.lastResort:  # the handler that prints warnings of commands
        logging.lastResort.setFormatter(PlainFormatter("%(message)s"))


def log_to_stderr() -> None:
    """Sends the log to standard error, with time and level on each line."""
    handler = logging.StreamHandler()
    handler.setFormatter(RoleFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def log_as_json(role: str) -> None:
    """Makes each further line of the log a JSON object."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonFormatter(role))
