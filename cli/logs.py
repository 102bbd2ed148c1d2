"""What the program writes down about itself, and what libraries should keep to themselves."""

import logging

from cli.plain import without_controls
from domain.redaction import without_credentials

# Libraries that tell at INFO of each request, or of every choice that they make at the start.
_TALKATIVE = (
    *("httpx", "httpx2", "httpcore", "openai", "urllib3", "slack_bolt", "slack_sdk", "weaviate"),
    *("apscheduler", "alembic", "ContinuousBatchingLogger"),
)


class PlainFormatter(logging.Formatter):
    """No password of an address and no control sequence is in what it formats.

    What a vendor raised stands in a traceback with the vendor's own words, so the whole record is
    looked through, not its message alone.
    """

    def format(self, record: logging.LogRecord) -> str:
        return without_controls(without_credentials(super().format(record)))


def hush() -> None:
    """Silences what no user can act on."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns that it computes 4-bit weights on the CPU without a kernel from the model hub.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    if logging.lastResort:  # what prints a command's warnings
        logging.lastResort.setFormatter(PlainFormatter("%(message)s"))


def log_to_stderr() -> None:
    """Sends a role's log to standard error, a line an event, with time and level."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlainFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
