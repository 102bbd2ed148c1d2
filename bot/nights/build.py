"""Builds the parts that report nights, and judge a new adapter by the thumbs that it gets."""

from dataclasses import dataclass

from bot.core import Core
from bot.nights.judging import Judging
from bot.nights.notices import TrialNotices
from bot.nights.reporting import NightRecords, Reporting
from bot.nights.showing import ShownAnswers


@dataclass(frozen=True, slots=True)
class NightParts:
    judging: Judging
    showing: ShownAnswers
    reporting: Reporting


def build_nights(core: Core, nights: NightRecords) -> NightParts:
    slack, me, runner, records = core.slack, core.me, core.runner, core.records
    showing = ShownAnswers(
        me,
        core.conversations,
        core.people,
        records.answers,
        records.grants,
        records.consent,
        slack.members,
    )
    return NightParts(
        Judging(nights.trials, nights.changes, TrialNotices(me, nights, records.jobs)),
        showing,
        Reporting(slack, me, nights, showing, core.names, records.jobs, core.leases, runner),
    )
