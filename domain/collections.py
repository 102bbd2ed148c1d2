"""Collections: places with many documents that were added once, and are read again by themselves.

A folder, a site, a repository, a channel of Slack, or a single page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from domain.labels import EVERYONE, channel_label, person_label, team_label
from domain.links import UPLOAD
from domain.questions import Audience

EVERY: Mapping[str, timedelta] = {
    "folder": timedelta(minutes=15),
    "file": timedelta(minutes=15),
    UPLOAD: timedelta(minutes=15),
    "page": timedelta(hours=6),
    "site": timedelta(hours=24),
    "git": timedelta(hours=1),
    "slack-channel": timedelta(minutes=15),
    "slack-thread": timedelta(hours=1),
}
"""The time between two readings, by kind, unless a person says another one."""

CHANGED = "changed:"
"""What the requests of jobs begin with that read only a part of a collection, which changed."""

LONGEST_PAUSE = timedelta(days=1)
"""The longest pause after readings that failed, unless the collection is read less often."""

SPREAD = 0.1
"""The most by which a pause is longer than it must be, as a share of it."""


class Trouble(StrEnum):
    """What needs a person. ``HELD_BACK``: much is gone, and is removed only if that is confirmed.

    With ``FAILING`` the collection as a whole could not be read.
    """

    NONE = ""
    FAILING = "failing"
    HELD_BACK = "held back"


@dataclass(frozen=True, slots=True)
class Collection:
    """``uri`` names it: a path, an address, ``git+https://…#branch``, ``slack-channel:T1:C1``.

    ``kind`` says which connector reads it, such as ``folder``; ``options`` is JSON that only that
    connector reads. ``audience`` is given to each document that is found in it. ``every`` is the
    time between two readings, ``next_at`` when the next is due; None: only when somebody asks for
    it. ``read_at`` is when it was last read as a whole. ``failures`` counts the failed readings
    since then. ``reason`` says why they failed, or what was held back. ``cursor`` is its
    connector's, for the next listing. ``report`` names the message or thread of the person who
    added it, or is empty; ``told`` is the trouble that this person was told of last.
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
    told: Trouble = Trouble.NONE
    for_new: Audience = Audience.of()  # noqa: RUF009 - it is frozen

    @property
    def readers(self) -> Audience:
        """All to whom at least new documents are given."""
        return self.audience.together_with(self.for_new)

    @property
    def told_in(self) -> str:
        """The label of the conversation of ``report``; empty if there is none.

        In a direct message that is the person who added the collection.
        """
        if not self.report:
            return ""
        team, channel = self.report.split(":")[1:3]
        is_direct = channel.startswith("D")
        return person_label(team, self.requested_by) if is_direct else channel_label(team, channel)

    @property
    def tells_readers(self) -> bool:
        """Whether those who read the conversation of ``report`` may read what it holds.

        A public channel may be added elsewhere in its workspace.
        """
        if not self.report:
            return False
        wide = EVERYONE, team_label(self.report.split(":")[1])
        return not self.readers.labels.isdisjoint({self.told_in, *wide})

    @property
    def trouble(self) -> Trouble:
        if self.failures:
            return Trouble.FAILING
        return Trouble.HELD_BACK if self.reason else Trouble.NONE


@dataclass(frozen=True, slots=True)
class CollectionProgress:
    """How far the reading of a collection is that began at ``began_at``, as seen at ``at``."""

    collection: str
    began_at: datetime
    at: datetime
    done: int
    total: int

    @property
    def ends_at(self) -> datetime | None:
        """When it will be done if the rest takes as long for each document; None if unknown."""
        if not self.done:
            return None
        return self.at + (self.at - self.began_at) / self.done * (self.total - self.done)


def after_reading(
    collection: Collection,
    at: datetime,
    cursor: str,
    held_back: str = "",
    not_before: datetime | None = None,
) -> Collection:
    """The collection after it was read as a whole; ``held_back`` says what was not removed.

    It is not read again by itself before ``not_before``.
    """
    return replace(
        collection,
        read_at=at,
        cursor=cursor,
        failures=0,
        reason=held_back,
        next_at=_next(collection, at, 0, not_before),
    )


def after_failure(
    collection: Collection, at: datetime, reason: str, not_before: datetime | None = None
) -> Collection:
    """The collection after a reading failed; the pause grows with each failure in a row."""
    failures = collection.failures + 1
    next_at = _next(collection, at, failures, not_before)
    return replace(collection, failures=failures, reason=reason, next_at=next_at)


def _next(
    collection: Collection, at: datetime, failures: int, not_before: datetime | None
) -> datetime | None:
    """The pauses of collections differ a little, so that they are not all read at once."""
    if collection.every is None:
        return None
    share = sha256(collection.uri.encode(errors="surrogatepass")).digest()[0] / 255
    pause = collection.every * (1 << min(failures, 20)) * (1 + SPREAD * share)
    next_at = at + (min(pause, max(collection.every, LONGEST_PAUSE)) if failures else pause)
    return max(next_at, not_before) if not_before else next_at
