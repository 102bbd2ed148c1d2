"""Builds the parts that find, show and close gaps."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.gaps.card_plans import CardPlans
from bot.gaps.closing import ClosingRecords, GapClosing
from bot.gaps.digest import Digest, DigestPlan
from bot.gaps.finding import GapFinder
from bot.gaps.listening import GapListeners
from bot.gaps.opening import GapForms
from bot.gaps.overview import Overview
from bot.gaps.owners import Owners
from bot.gaps.viewers import Viewers
from bot.history.names import Names
from bot.jobs.runner import Runner
from bot.jobs.workers import Workers
from bot.questions.later_answers import LaterAnswers
from bot.ratings.readers import Readers
from bot.slack.client import Me, SlackClient
from bot.slack.conversations import Conversations
from bot.slack.people import People
from domain.protocols import Embedder
from records.channels import Channels
from records.gaps import Gaps
from records.grants import Grants
from records.questions import Questions


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


def build_gaps(
    slack: SlackClient,
    me: Me,
    people: People,
    conversations: Conversations,
    readers: Readers,
    names: Names,
    later: LaterAnswers,
    plan: GapPlan,
    records: ClosingRecords,
    channels: Channels,
    questions: Questions,
    grants: Grants,
    forms: Workers,
    soon: Callable[[], object],
    runner: Runner,
) -> GapParts:
    viewers = Viewers(me.team, readers, people, conversations)
    finder = GapFinder(plan.gaps, plan.embedder)
    overview = Overview(plan.gaps, records.sources, channels)
    digest = Digest(slack, me, viewers, names, finder, overview, plan.digest, records.jobs, runner)
    closing = GapClosing(slack, me, later, finder, records, runner)
    places = CardPlans(conversations, people)
    opening = GapForms(slack, viewers, places, overview, closing, plan.gaps, questions, forms, soon)
    sources, jobs = records.sources, records.jobs
    owners = Owners(slack, me, viewers, plan.gaps, sources, grants, jobs, runner)
    return GapParts(digest, closing, GapListeners(opening), owners)
