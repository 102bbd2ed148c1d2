"""Collections: places with many documents that were added once, and are read again by themselves.

A folder, a site, a repository, a channel of Slack, or a single page.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.questions import Audience


@dataclass(frozen=True, slots=True)
class Collection:
    """``uri`` names it: a path, an address, ``git+https://…#branch``, ``slack-channel:T1:C1``.

    ``kind`` says which connector reads it, such as ``folder``; ``options`` is JSON that only that
    connector reads. ``audience`` is given to each document that is found in it. ``every`` is the
    time between two readings, ``next_at`` when the next is due; None: only when somebody asks for
    it. ``read_at`` is when it was last read as a whole. ``failures`` counts the failed readings
    since then, and ``reason`` says why. ``cursor`` is its connector's, for the next listing.
    ``report`` names the message or thread of the person who added it, or is empty.
    """

    uri: str
    kind: str
    audience: Audience
    requested_by: str
    added_at: datetime
    every: timedelta | None = None
    next_at: datetime | None = None
    read_at: datetime | None = None
    title: str = ""
    options: str = ""
    cursor: str = ""
    failures: int = 0
    reason: str = ""
    report: str = ""
