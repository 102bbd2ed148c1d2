"""Builds the parts that find, show and close gaps."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.core import Core
from bot.gaps.card_plans import CardPlans
from bot.gaps.closing import GapClosing
from bot.gaps.digest import Digest, DigestPlan
from bot.gaps.finding import GapFinder
from bot.gaps.listening import GapListeners
from bot.gaps.opening import GapForms
from bot.gaps.overview import Overview
from bot.gaps.owners import Owners
from bot.gaps.viewers import Viewers
from bot.questions.later_answers import LaterAnswers
from domain.protocols import Embedder
from records.gaps import Gaps


@dataclass(frozen=True, slots=True)
class GapPlan:
    """``embedder`` gives the embedding model that answers now."""

    gaps: Gaps
    embedder: Callable[[], Embedder]
    digest: DigestPlan


@dataclass(frozen=True, slots=True)
class GapParts:
    digest: Digest
    closing: GapClosing
    listeners: GapListeners
    owners: Owners


def build_gaps(core: Core, plan: GapPlan, later: LaterAnswers) -> GapParts:
    slack, me, runner, records = core.slack, core.me, core.runner, core.records
    sources, jobs, questions = records.sources, records.jobs, records.questions
    viewers = Viewers(me.team, core.readers, core.people, core.conversations)
    finder = GapFinder(plan.gaps, plan.embedder)
    overview = Overview(plan.gaps, sources, records.channels)
    digest = Digest(slack, me, viewers, core.names, finder, overview, plan.digest, jobs, runner)
    closing = GapClosing(slack, me, later, finder, plan.gaps, records, runner)
    places, forms = CardPlans(core.conversations, core.people), core.threads.forms
    opening = GapForms(
        slack, viewers, places, overview, closing, plan.gaps, questions, forms, core.soon
    )
    owners = Owners(slack, me, viewers, plan.gaps, sources, records.grants, jobs, runner)
    return GapParts(digest, closing, GapListeners(opening), owners)
