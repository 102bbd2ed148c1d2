"""Builds the parts that read documents, keep collections fresh, and take them away again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.core import Core
from bot.history.calls import Download
from bot.history.changes import HistoryChanges
from bot.history.connecting import SlackCollections
from bot.ingest.collecting import CollectionReader
from bot.ingest.collection_reports import CollectionReports
from bot.ingest.lists import IngestLists
from bot.ingest.outcomes import Outcomes
from bot.ingest.preview import Previews
from bot.ingest.reading import Reading
from bot.ingest.refreshing import Refreshing
from bot.ingest.removing import Removing
from bot.ingest.report_messages import ReportMessages
from bot.ingest.requests import Ingesting
from bot.ingest.wanted import Targets
from domain.channels import ChannelSettings
from domain.documents import Source
from domain.questions import Audience, Question
from knowledge.attachments import Attached


@dataclass(frozen=True, slots=True)
class DocumentWork:
    """What the bot lets be done with documents.

    ``reader`` reads collections; ``ingest`` reads one requested source and returns it as it is
    then. ``withdraw`` takes one from some of its readers, ``withdraw_collection`` what is in a
    collection. ``download`` gives the name and content of a file in Slack, ``attached`` reads
    those that came with a question.
    """

    reader: CollectionReader
    ingest: Callable[[Source], Source]
    withdraw: Callable[[str, Audience], object]
    withdraw_collection: Callable[[str, Audience], object]
    download: Download
    attached: Callable[[Sequence[str], Question], Attached]


@dataclass(frozen=True, slots=True)
class IngestParts:
    ingesting: Ingesting
    refreshing: Refreshing
    changes: HistoryChanges


def build_ingest(
    core: Core,
    work: DocumentWork,
    lists: IngestLists,
    allowed: frozenset[str],
    denial: Callable[[str, str], str],
    settings: Callable[[str], ChannelSettings],
) -> IngestParts:
    """``allowed`` may add documents; ``denial`` and ``settings`` are those of a channel."""
    slack, me, runner, conversations = core.slack, core.me, core.runner, core.conversations
    sources, jobs, collections = core.records.sources, core.records.jobs, work.reader.collections
    withdraw, withdraw_collection = work.withdraw, work.withdraw_collection
    of_slack = SlackCollections(slack, me, work.download, collections, withdraw_collection)
    reader = replace(
        work.reader,
        connect=of_slack.or_else(work.reader.connect),
        connect_changed=of_slack.connector,
    )
    messages, outcomes = ReportMessages(slack, jobs), Outcomes(sources, collections)
    Reading(messages, outcomes, sources, jobs, work.ingest, runner)
    reports = CollectionReports(messages, outcomes, collections, sources, jobs)
    removing = Removing(
        me, conversations, collections, sources, withdraw, withdraw_collection, reader.forget
    )
    ingesting = Ingesting(
        me,
        conversations,
        core.people,
        Targets(me, conversations, slack.conversation, slack.public_channel),
        lists,
        Previews(slack, reader, sources, core.threads.looks),
        removing,
        collections,
        sources,
        jobs,
        runner,
        slack.open_view,
        allowed,
        denial,
        settings,
    )
    return IngestParts(
        ingesting,
        Refreshing(collections, jobs, reader, reports, runner),
        HistoryChanges(me.team, collections, jobs),
    )
