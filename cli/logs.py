"""Logging: the format of log lines, and which messages of libraries are hidden."""

import logging

from cli.plain import without_controls
from domain.redaction import without_credentials

# Libraries that log each request, or each step of their start, at INFO.
_TALKATIVE = (
    *("httpx", "httpx2", "httpcore", "openai", "urllib3", "slack_bolt", "slack_sdk", "weaviate"),
    *("apscheduler", "alembic", "ContinuousBatchingLogger", "aiobotocore", "botocore"),
)


class PlainFormatter(logging.Formatter):
    """Removes passwords in addresses, and control sequences, from log records.

    A traceback contains the messages of other libraries, so the whole record is searched, not only
    its message.
    """

    def format(self, record: logging.LogRecord) -> str:
        return without_controls(without_credentials(super().format(record)))


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
    handler.setFormatter(PlainFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
