"""What the roles write down about themselves: one line an event, on standard error."""

import logging

# Libraries that tell each request at INFO.
_TALKATIVE = ("httpx", "httpcore", "openai", "urllib3", "slack_bolt", "slack_sdk", "weaviate")


def log_to_stderr() -> None:
    """Sends this process's log to standard error, with time and level."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
