"""What the program writes down about itself, and what libraries should keep to themselves."""

import logging

# Libraries that tell at INFO of each request, or of every choice that they make at the start.
_TALKATIVE = (
    *("httpx", "httpx2", "httpcore", "openai", "urllib3", "slack_bolt", "slack_sdk", "weaviate"),
    *("apscheduler", "alembic", "ContinuousBatchingLogger"),
)


def hush() -> None:
    """Silences what no user can act on."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns that it computes 4-bit weights on the CPU without a kernel from the model hub.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def log_to_stderr() -> None:
    """Sends a role's log to standard error, a line an event, with time and level."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
