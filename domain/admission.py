"""Whom the bot answers, and how many questions: the operator's lists and quotas."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Whose(StrEnum):
    """Whose questions a quota counts."""

    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``most`` questions of each person, or in each channel, in any time of that length."""

    whose: Whose
    most: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class OverQuota:
    """A quota that is used up until ``again_at``."""

    quota: Quota
    again_at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """Ids of channels and people. An empty list of allowed ones allows all; denied ones never are.

    The lists of channels say nothing of direct messages.
    """

    channels_allowed: frozenset[str] = frozenset()
    channels_denied: frozenset[str] = frozenset()
    people_allowed: frozenset[str] = frozenset()
    people_denied: frozenset[str] = frozenset()

    def denies_person(self, person: str) -> bool:
        return _denies(person, self.people_allowed, self.people_denied)

    def denies_channel(self, channel: str) -> bool:
        is_direct = channel.startswith("D")
        return not is_direct and _denies(channel, self.channels_allowed, self.channels_denied)


def quotas(
    person_hour: int | None = None,
    person_day: int | None = None,
    channel_hour: int | None = None,
    channel_day: int | None = None,
) -> tuple[Quota, ...]:
    """The quotas of these sizes; None is none."""
    wanted = (
        (Whose.PERSON, person_hour, HOUR),
        (Whose.PERSON, person_day, DAY),
        (Whose.CHANNEL, channel_hour, HOUR),
        (Whose.CHANNEL, channel_day, DAY),
    )
    return tuple(Quota(whose, most, per) for whose, most, per in wanted if most)


def _denies(name: str, allowed: frozenset[str], denied: frozenset[str]) -> bool:
    return name in denied or (bool(allowed) and name not in allowed)
