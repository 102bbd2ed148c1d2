"""What the roles write down about themselves: one line an event, on standard error."""

import logging

# Libraries that tell at INFO of each request, or of every choice that they make at the start.
_TALKATIVE = (
    *("httpx", "httpx2", "httpcore", "openai", "urllib3", "slack_bolt", "slack_sdk", "weaviate"),
    *("apscheduler", "alembic", "ContinuousBatchingLogger"),
)


def log_to_stderr() -> None:
    """Sends this process's log to standard error, with time and level."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns that it computes 4-bit weights on the CPU without a kernel from the model hub.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
