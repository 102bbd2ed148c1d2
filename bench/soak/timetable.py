"""When which part fails, and for how long; the same seed gives the same timetable."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

LEAD = 20.0
"""Seconds without a fault at the beginning, and at the end."""

_SLOT = 15.0
"""The least seconds between the beginnings of two faults."""

_CALM = 0.6
"""The share of its slot that a fault lasts at most; the rest is to recover in."""

_ROUND = 1_800.0
"""Each fault happens once in so many seconds."""


class Fault(StrEnum):
    """What fails. The value is the name in the report."""

    BOT_KILLED = "bot killed"
    SERVER_KILLED = "model server killed"
    SCHEDULER_KILLED = "scheduler killed"
    CONSOLE_KILLED = "console killed"
    ALL_KILLED = "`phi3 up` killed, and so all roles"
    SERVER_HANGS = "model server hangs"
    BOT_HANGS = "bot hangs"
    DISK_FULL = "disk full"
    DISK_SLOW = "disk slow"
    DATABASE_LOST = "database locked or lost"
    INDEX_LOST = "index lost"
    SLACK_BUSY = "Slack answers 429"
    SLACK_BROKEN = "Slack answers 503"
    SLACK_UNSURE = "Slack does it, and answers 502"
    SOCKETS_DROPPED = "Slack drops the sockets"
    SLACK_AWAY = "Slack is away"


SECONDS = {
    Fault.SERVER_HANGS: 60.0,
    Fault.BOT_HANGS: 20.0,
    Fault.DISK_FULL: 45.0,
    Fault.DISK_SLOW: 60.0,
    Fault.DATABASE_LOST: 30.0,
    Fault.INDEX_LOST: 45.0,
    Fault.SLACK_BUSY: 60.0,
    Fault.SLACK_BROKEN: 45.0,
    Fault.SLACK_UNSURE: 45.0,
    Fault.SLACK_AWAY: 45.0,
}
"""How long each lasts at most; the others are over at once."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault from ``at`` to ``ends``, in seconds since the beginning."""

    fault: Fault
    at: float
    ends: float


def timetable(seconds: float, seed: int, kinds: Sequence[Fault] = tuple(Fault)) -> list[Planned]:
    """The faults of a run of so many ``seconds``, in order, never two at once.

    A run that is too short for all ``kinds`` has as many as fit; other seeds have others.
    """
    chance = Random(seed)
    room = max(seconds - 2 * LEAD, 0.0)
    wanted = [
        fault
        for _ in range(max(1, round(seconds / _ROUND)))
        for fault in chance.sample(kinds, len(kinds))
    ][: int(room / _SLOT)]
    slot = room / max(len(wanted), 1)
    planned = []
    for n, fault in enumerate(wanted):
        at = LEAD + n * slot + chance.uniform(0, slot * (1 - _CALM) / 2)
        lasts = min(SECONDS.get(fault, 0.0), slot * _CALM)
        planned.append(Planned(fault, round(at, 1), round(at + lasts, 1)))
    return planned
