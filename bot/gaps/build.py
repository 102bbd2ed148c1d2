"""Builds the parts that find, show and close gaps."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.gaps.digest import Digest, DigestPlan
from bot.gaps.finding import GapFinder
from bot.gaps.overview import Overview
from bot.gaps.viewers import Viewers
from bot.history.names import Names
from bot.jobs.runner import Runner
from bot.ratings.readers import Readers
from bot.slack.client import Me, SlackClient
from bot.slack.conversations import Conversations
from bot.slack.people import People
from domain.protocols import Embedder
from records.channels import Channels
from records.gaps import Gaps
from records.jobs import Jobs
from records.sources import Sources


@dataclass(frozen=True, slots=True)
class GapPlan:
    """``embedder`` gives the embedding model that answers now."""

    gaps: Gaps
    embedder: Callable[[], Embedder]
    digest: DigestPlan


@dataclass(frozen=True, slots=True)
class GapParts:
    digest: Digest


def build_gaps(
    slack: SlackClient,
    me: Me,
    people: People,
    conversations: Conversations,
    readers: Readers,
    names: Names,
    plan: GapPlan,
    sources: Sources,
    channels: Channels,
    jobs: Jobs,
    runner: Runner,
) -> GapParts:
    viewers = Viewers(me.team, readers, people, conversations)
    finder = GapFinder(plan.gaps, plan.embedder)
    overview = Overview(plan.gaps, sources, channels)
    digest = Digest(slack, me, viewers, names, finder, overview, plan.digest, jobs, runner)
    return GapParts(digest)
