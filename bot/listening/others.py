"""What nobody else listens to. It comes last: Bolt calls the first listener that fits."""

import re

from slack_bolt import Ack, App

_ANY = re.compile(".*", re.DOTALL)


def acknowledge_others(app: App) -> None:
    """Acknowledges the other events and presses: Slack repeats those that are not."""
    app.event(_ANY)(_ignored)
    app.action(_ANY)(_unused)


def _ignored() -> None:
    """For events that the bot gets and does not need."""


def _unused(ack: Ack) -> None:
    ack()
