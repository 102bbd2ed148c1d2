"""Builds the Slack bot of one workspace, the bots of several, and the pages that install them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.app import Bot, build_bot
from bot.gaps.build import GapPlan
from bot.gaps.digest import DigestPlan
from bot.ingest.build import DocumentWork
from bot.nights.reporting import NightRecords
from bot.records import BotRecords
from bot.slack.client import SlackClient
from bot.slack.files import SlackFiles
from bot.workspaces.bots import Workspaces
from bot.workspaces.installing import InstallPages
from bot.workspaces.store import SqlInstallationStore, SqlStateStore
from bot.workspaces.tokens import Tokens
from cli.forgetting import forget_person
from cli.line_meaning import line_meaning
from knowledge.attachments import Attachments
from knowledge.reading import shared
from records.gaps import Gaps
from records.install_states import InstallStates
from records.night_reports import NightReports
from training.report.files import read_files

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.protocols import Embedder
    from knowledge.ingest import Ingestor


def bot_with(container: "Container", slack: SlackClient) -> Bot:
    """The bot of the workspace that the client's token is for; ConfigError for a wrong token."""
    chosen = container.settings
    download = SlackFiles(slack).download

    def embedder() -> "Embedder":
        return container.embedder

    def ingestor() -> "Ingestor":
        return container.ingestor_with(download)

    return build_bot(
        slack,
        signing_secret=chosen.slack_signing_secret.get_secret_value(),
        answerer=container.answerer,
        records=BotRecords.of(container.database, chosen.quotas),
        documents=DocumentWork(
            container.collection_reader_with(ingestor),
            lambda source: ingestor().ingest_one(source),
            lambda uri, audience: ingestor().withdraw(uri, audience),
            lambda uri, audience: ingestor().withdraw_collection(uri, audience),
            download,
            Attachments(download, embedder, shared).read,
        ),
        nights=_nights(container),
        gaps=_gap_plan(container),
        meaning=line_meaning(embedder, is_remote=bool(chosen.embeddings_url)),
        forget=lambda person: forget_person(container, person),
        ingest_allowed=chosen.ingest_allowed,
        admins=chosen.admins,
        access=chosen.access,
    )


def workspaces(container: "Container") -> Workspaces:
    """The bots of all workspaces that installed the app.

    Raises ConfigError if the key does not open the stored tokens.
    """
    chosen, installed = container.settings, container.installations
    installed.seal_again()
    secret = chosen.slack_client_secret.get_secret_value()
    tokens = Tokens(chosen.slack_client_id, secret, installed, chosen.slack_api_url)
    return Workspaces(
        installed, tokens, lambda slack: bot_with(container, slack), chosen.slack_api_url
    )


def install_pages(container: "Container") -> InstallPages:
    """The pages on which a workspace's admin installs the app."""
    chosen = container.settings
    return InstallPages(
        chosen.slack_client_id,
        chosen.slack_client_secret.get_secret_value(),
        SqlInstallationStore(
            container.installations, chosen.workspaces_allowed, chosen.slack_api_url
        ),
        SqlStateStore(InstallStates(container.database)),
        chosen.slack_api_url,
    )


def _gap_plan(container: "Container") -> GapPlan:
    chosen = container.settings
    plan = DigestPlan(chosen.digest_at, chosen.time_zone, chosen.report_channel, chosen.admins)
    if chosen.has_workspaces:
        # Neither a channel nor a person is in all of them: each one's own admins are told.
        plan = replace(plan, channel="", admins=frozenset())
    return GapPlan(Gaps(container.database), lambda: container.embedder, plan)


def _nights(container: "Container") -> NightRecords:
    chosen = container.settings
    return NightRecords(
        container.runs,
        container.adapters,
        container.adapter_changes,
        container.trials,
        NightReports(container.database),
        read_files,
        # No channel is for all of several workspaces.
        "" if chosen.has_workspaces else chosen.report_channel,
        are_shared=chosen.has_workspaces,
    )
