"""The one place that builds the program's parts: each once, when it is first needed."""

from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Self

from cli.adapter_choice import AdapterChoice
from cli.home import close_database
from cli.settings import Settings
from domain.collections import Collection
from domain.errors import ConfigError
from domain.protocols import AnswerLog, Embedder, PassageIndex, Reranker
from domain.questions import Audience
from knowledge.index.live import LiveRetriever
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.answers import Answers
from records.cards import Cards
from records.collections import Collections
from records.compared_nights import ComparedNights
from records.consent import Consent
from records.database import Database, file_of
from records.gaps import Gaps
from records.golden import GoldenQuestions
from records.grants import Grants
from records.install_states import InstallStates
from records.installations import Installations
from records.jobs import Jobs
from records.live_index import LiveIndex
from records.night_reports import NightReports
from records.night_rows import NightRows
from records.questions import Questions
from records.ratings import Ratings
from records.runs import Runs
from records.sources import Sources
from records.trials import Trials

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.app import Bot
    from bot.gaps.build import GapPlan
    from bot.ingest.collecting import CollectionReader
    from bot.nights.reporting import NightRecords
    from bot.slack.client import SlackClient
    from bot.workspaces.bots import Workspaces
    from bot.workspaces.installing import InstallPages
    from cli.indexes import Indexes
    from domain.answering import Answerer
    from domain.documents import IngestReport
    from knowledge.attachments import Attachments
    from knowledge.index.live import Opened
    from knowledge.ingest import Ingestor
    from knowledge.query.reranking import Reranking
    from knowledge.query.search import Searcher
    from knowledge.reading_steps import ReadAll
    from knowledge.sources.base import Connector
    from knowledge.sources.connectors import Connectors
    from knowledge.sources.fetch import Download
    from serving.adapter_cache import AdapterCache
    from serving.adapter_places import AdapterPlaces
    from serving.client import ServerClient
    from serving.starter import Starter
    from serving.token_counter import ServerTokenCounter
    from serving.watched import WatchedGenerator
    from training.as_people_ask import AsPeopleAsk
    from training.canary import Canary
    from training.refusal_limits import KnownLimits


def adapter_cache(settings: Settings) -> "AdapterCache | None":
    """The copies of published adapters on this machine; None if no address is set.

    Raises ConfigError if it is on S3 and the extra for it is not installed.
    """
    if not settings.adapters:
        return None
    from serving.adapter_cache import AdapterCache
    from serving.adapter_store import open_store

    return AdapterCache(open_store(settings.adapters), settings.home / "cache" / "adapters")


class Container:
    """Builds every part of the program for these settings, and closes what it opened."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._closing = ExitStack()
        self._ingestors: dict[Download | None, tuple[Opened, Ingestor]] = {}
        self._writing = Lock()
        self.read_all: ReadAll | None = None
        """What reads the files of an ingest, if another machine is to."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @cached_property
    def database(self) -> Database:
        """The database. A new SQLite file gets its tables; one with older tables is refused."""
        url = self.settings.database
        file = file_of(url)
        if file and (not file.exists() or file.stat().st_size == 0):
            import migrations

            migrations.upgrade(url)
        if file:
            close_database(file)
        database = Database(url)
        self._closing.callback(database.close)
        database.check()
        return database

    @cached_property
    def questions(self) -> Questions:
        return Questions(self.database)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.database)

    @cached_property
    def ratings(self) -> Ratings:
        return Ratings(self.database)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.database)

    @cached_property
    def grants(self) -> Grants:
        return Grants(self.database)

    @cached_property
    def night_rows(self) -> NightRows:
        return NightRows(self.database)

    @cached_property
    def consent(self) -> Consent:
        return Consent(self.database)

    @cached_property
    def cards(self) -> Cards:
        return Cards(self.database)

    @cached_property
    def golden(self) -> GoldenQuestions:
        return GoldenQuestions(self.database)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.database)

    @cached_property
    def collections(self) -> Collections:
        return Collections(self.database)

    @cached_property
    def adapters(self) -> Adapters:
        return Adapters(self.database)

    @cached_property
    def adapter_changes(self) -> AdapterChanges:
        from cli.adapter_check import check_adapter

        return AdapterChanges(self.database, lambda adapter: check_adapter(self, adapter))

    @cached_property
    def trials(self) -> Trials:
        return Trials(self.database)

    @cached_property
    def runs(self) -> Runs:
        return Runs(self.database)

    @cached_property
    def compared_nights(self) -> ComparedNights:
        return ComparedNights(self.database)

    @cached_property
    def indexes(self) -> "Indexes":
        from cli.indexes import Indexes

        indexes = Indexes(self.settings, LiveIndex(self.database), self.sources)
        self._closing.callback(indexes.close)
        return indexes

    @property
    def embedder(self) -> Embedder:
        """The embedding model of the index that answers."""
        return self.indexes.embedder

    @property
    def index(self) -> PassageIndex:
        """The index that answers: it may become another one while the program runs."""
        return self.indexes.live.current().index

    @property
    def searcher(self) -> "Searcher":
        from knowledge.query.search import Searcher
        from knowledge.query.steps import Step

        opened = self.indexes.live.current()
        return Searcher(
            opened.index,
            opened.embedder,
            self.sources,
            self._passages(),
            self._reranking,
            [Step(step) for step in self.settings.search_without],
        )

    @cached_property
    def reranker(self) -> Reranker:
        """Scores passages, if the settings say that something does. Raises ConfigError."""
        from knowledge.rerankers.choosing import chosen_reranker

        chosen = self.settings
        key = chosen.reranker_key.get_secret_value() or None
        return chosen_reranker(chosen.reranker, chosen.reranker_url, key)

    @cached_property
    def _reranking(self) -> "Reranking | None":
        """One for all searches, since it remembers that the re-ranking failed a moment ago."""
        from knowledge.query.reranking import Reranking

        return Reranking(lambda: self.reranker) if self.settings.reranks else None

    def _passages(self) -> int:
        """How many passages a prompt shows: the setting, or else what suits the model."""
        if self.settings.passages:
            return self.settings.passages
        from serving.default_model import SMOLLM2, default_model

        # With one passage, 30% of SmolLM2-135M's answers to 50 questions contained the right words,
        # with two 22%: more passages confuse so small a model.
        return 1 if (self.settings.model or default_model()) == SMOLLM2 else 5

    @property
    def ingestor(self) -> "Ingestor":
        """Reads files, folders and web pages into the index that answers."""
        return self._ingestor(None)

    def _ingestor(self, download: "Download | None") -> "Ingestor":
        """The same one while the index is the same. Of all of them only one thread writes."""
        from knowledge.ingest import Ingestor
        from knowledge.sources.fetch import Fetcher

        opened = self.indexes.live.current()
        known = self._ingestors.get(download)
        if known and known[0] is opened:
            return known[1]
        chosen = self.settings
        fetcher = Fetcher(allowed_private_hosts=chosen.ingest_private_hosts, download=download)
        linked = chosen.ingest_linked_folders
        made = Ingestor(
            opened.index,
            opened.embedder,
            self.sources,
            fetcher,
            linked=linked,
            cards=self.cards.of_source,
            writing=self._writing,
            read_all=self.read_all,
        )
        self._ingestors[download] = opened, made
        return made

    @cached_property
    def collection_reader(self) -> "CollectionReader":
        """Reads collections that need no messenger."""
        return self._collection_reader(lambda: self.ingestor)

    def _collection_reader(self, ingestor: "Callable[[], Ingestor]") -> "CollectionReader":
        from bot.ingest.collecting import CollectionReader
        from knowledge.ingest_run import IngestProgress, ignore

        def sync(
            collection: Collection,
            connector: "Connector",
            *,
            confirmed: bool = False,
            dry_run: bool = False,
            progress: "Callable[[IngestProgress], None]" = ignore,
        ) -> "IngestReport":
            """It stops if another index answers meanwhile; what it wrote would be lost."""
            opened = self.indexes.live.current()

            def checked(step: IngestProgress) -> None:
                self.indexes.check(opened)
                progress(step)

            return ingestor().sync(
                collection, connector, confirmed=confirmed, dry_run=dry_run, progress=checked
            )

        connectors = self.connectors
        return CollectionReader(
            self.collections, self.sources, sync, connectors.connect, connectors.forget
        )

    @cached_property
    def connectors(self) -> "Connectors":
        """Makes the connectors of collections, without those of Slack."""
        from knowledge.sources.connectors import Connectors
        from knowledge.sources.fetch import Fetcher

        chosen = self.settings
        fetcher = Fetcher(allowed_private_hosts=chosen.ingest_private_hosts)
        cache = chosen.home / "cache"
        linked, cards = chosen.ingest_linked_folders, self.cards.of_source
        return Connectors(fetcher, cache, linked=linked, cards=cards, uploads=chosen.uploads)

    @cached_property
    def server(self) -> "ServerClient":
        """The model server's client. Raises ConfigError if no server is configured."""
        from cli.server_key import server_key
        from serving.client import ServerClient

        chosen = self.settings
        if not chosen.server_url:
            raise ConfigError("No model server is set; set PHI3_SERVER_URL or run `phi3 up`.")
        client = ServerClient(
            chosen.server_url,
            chosen.model,
            key=server_key(chosen),
            timeout=chosen.answer_timeout,
            adapter_folder=self._adapter_folder,
            adapter_copy=lambda name: str(self.adapter_places.folder_of(self.adapters.find(name))),
        )
        self._closing.callback(client.close)
        return client

    @cached_property
    def adapter_places(self) -> "AdapterPlaces":
        """Raises ConfigError if the address is on S3 and the extra for it is not installed."""
        from serving.adapter_places import AdapterPlaces

        return AdapterPlaces(adapter_cache(self.settings))

    @cached_property
    def refusal_limits(self) -> "KnownLimits":
        from training.refusal_limits import KnownLimits

        return KnownLimits(self.adapters.find)

    @cached_property
    def generator(self) -> "WatchedGenerator":
        """What answers people: the model server, with the refusals of its adapters' limits."""
        from serving.refusing import RefusingGenerator
        from serving.watched import WatchedGenerator

        return WatchedGenerator(RefusingGenerator(self.server, self.refusal_limits))

    @cached_property
    def starter(self) -> "Starter | None":
        """The adapter that comes with the program for this model, if there is one."""
        from serving.default_model import default_model
        from serving.starter import starter_of

        return starter_of(self.settings.model or default_model())

    @property
    def chosen_base(self) -> str:
        """The name of the base model that PHI3_MODEL names; empty if it names none."""
        return self.base_name if self.settings.model else ""

    @cached_property
    def base_name(self) -> str:
        """The name of the base model, as its adapters keep it."""
        from serving.default_model import default_model, name_of

        return name_of(self.settings.model or default_model())

    @cached_property
    def adapter_choice(self) -> AdapterChoice:
        starter = self.starter.name if self.starter else None
        return AdapterChoice(
            self.adapters, self.adapter_changes, self.chosen_base, starter, self._tell_not_loaded
        )

    @property
    def canary(self) -> "Canary":
        """What nights do about adapters on trial. Without Slack there is nobody to try them."""
        from training.canary import Canary

        chosen = self.settings
        return Canary(
            *(self.adapters, self.adapter_changes, self.trials, self.base_name),
            starter=self.starter.name if self.starter else None,
            share=chosen.canary_share if chosen.slack_mode else 0.0,
        )

    def live_adapter(self) -> str | None:
        """The name of the adapter that answers the terminal: on trial, live, or the starter.

        None if the base model answers. Raises DatabaseUnavailable.
        """
        return self.adapter_choice.for_terminal()

    def _tell_not_loaded(self, name: str) -> None:
        """Lets a bot tell the admins once that an adapter cannot be loaded."""
        from bot.nights.notices import not_loaded

        if self.settings.slack_mode:
            self.jobs.add([not_loaded(name)])

    def _adapter_folder(self, name: str) -> str:
        if self.starter and self.starter.name == name:
            return str(self.starter.folder)
        return self.adapters.find(name).path

    @cached_property
    def token_counter(self) -> "ServerTokenCounter":
        from serving.token_counter import ServerTokenCounter

        return ServerTokenCounter(self.server)

    @cached_property
    def answerer(self) -> "Answerer":
        return self.answerer_with(self.answers)

    def answerer_with(self, log: AnswerLog) -> "Answerer":
        """An answerer that records its answers in ``log``."""
        from domain.answering import Answerer

        return Answerer(
            LiveRetriever(lambda: self.searcher),
            self.generator,
            log,
            self.adapter_choice.of,
            instead_of=self.adapter_choice.instead_of,
            budget=self.settings.prompt_budget,
            max_tokens=self.settings.max_tokens,
            counter=self.token_counter,
            show_unsupported=self.settings.show_unsupported,
            doubts_refusals=self._doubts_refusals(),
        )

    def _doubts_refusals(self) -> bool:
        from serving.default_model import default_model
        from serving.size import is_small

        return is_small(self.settings.model or default_model())

    def as_people_ask(self, audience: Audience | None = None) -> "AsPeopleAsk":
        """Answers from what ``audience`` may read, by default all members; nothing is recorded."""
        from training.as_people_ask import AsPeopleAsk

        return AsPeopleAsk(
            LiveRetriever(lambda: self.searcher),
            audience or self.grants.all_members(),
            self.token_counter,
            budget=self.settings.prompt_budget,
            max_tokens=self.settings.max_tokens,
            show_unsupported=self.settings.show_unsupported,
        )

    @cached_property
    def bot(self) -> "Bot":
        """The Slack bot, ready to run. Raises ConfigError for a wrong token."""
        return self._bot_with(self.slack)

    @cached_property
    def workspaces(self) -> "Workspaces":
        """The bots of all workspaces that installed the app.

        Raises ConfigError if the key does not open the stored tokens.
        """
        from bot.workspaces.bots import Workspaces
        from bot.workspaces.tokens import Tokens

        chosen, installed = self.settings, self.installations
        installed.seal_again()
        secret = chosen.slack_client_secret.get_secret_value()
        tokens = Tokens(chosen.slack_client_id, secret, installed, chosen.slack_api_url)
        return Workspaces(installed, tokens, self._bot_with, chosen.slack_api_url)

    @cached_property
    def install_pages(self) -> "InstallPages":
        from bot.workspaces.installing import InstallPages
        from bot.workspaces.store import SqlInstallationStore, SqlStateStore

        chosen = self.settings
        return InstallPages(
            chosen.slack_client_id,
            chosen.slack_client_secret.get_secret_value(),
            SqlInstallationStore(
                self.installations, chosen.workspaces_allowed, chosen.slack_api_url
            ),
            SqlStateStore(InstallStates(self.database)),
            chosen.slack_api_url,
        )

    @cached_property
    def installations(self) -> Installations:
        """The workspaces that installed the app. Raises ConfigError for a wrong key."""
        from records.token_cipher import TokenCipher

        keys = self.settings.token_key.get_secret_value().split(",")
        cipher = TokenCipher(*(key.strip() for key in keys if key.strip()))
        return Installations(self.database, cipher)

    def _bot_with(self, slack: "SlackClient") -> "Bot":
        """The bot of the workspace that the client's token is for."""
        from bot.app import build_bot
        from bot.ingest.build import DocumentWork
        from bot.records import BotRecords
        from bot.slack.files import SlackFiles
        from cli.forgetting import forget_person
        from cli.line_meaning import line_meaning

        chosen = self.settings
        download = SlackFiles(slack).download

        def ingestor() -> "Ingestor":
            return self._ingestor(download)

        return build_bot(
            slack,
            signing_secret=chosen.slack_signing_secret.get_secret_value(),
            answerer=self.answerer,
            records=BotRecords.of(self.database, chosen.quotas),
            documents=DocumentWork(
                self._collection_reader(ingestor),
                lambda source: ingestor().ingest_one(source),
                lambda uri, audience: ingestor().withdraw(uri, audience),
                lambda uri, audience: ingestor().withdraw_collection(uri, audience),
                download,
                self._attachments(download).read,
            ),
            nights=self._nights(),
            gaps=self._gap_plan(),
            meaning=line_meaning(lambda: self.embedder, is_remote=bool(chosen.embeddings_url)),
            forget=lambda person: forget_person(self, person),
            ingest_allowed=chosen.ingest_allowed,
            admins=chosen.admins,
            access=chosen.access,
        )

    def _gap_plan(self) -> "GapPlan":
        from bot.gaps.build import GapPlan
        from bot.gaps.digest import DigestPlan

        chosen = self.settings
        plan = DigestPlan(chosen.digest_at, chosen.time_zone, chosen.report_channel, chosen.admins)
        if chosen.has_workspaces:
            # Neither a channel nor a person is in all of them: each one's own admins are told.
            plan = replace(plan, channel="", admins=frozenset())
        return GapPlan(Gaps(self.database), lambda: self.embedder, plan)

    def _nights(self) -> "NightRecords":
        from bot.nights.reporting import NightRecords
        from training.report.files import read_files

        chosen = self.settings
        return NightRecords(
            self.runs,
            self.adapters,
            self.adapter_changes,
            self.trials,
            NightReports(self.database),
            read_files,
            # No channel is for all of several workspaces.
            "" if chosen.has_workspaces else chosen.report_channel,
            are_shared=chosen.has_workspaces,
        )

    def _attachments(self, download: "Download") -> "Attachments":
        from knowledge.attachments import Attachments
        from knowledge.reading import shared

        return Attachments(download, lambda: self.embedder, shared)

    @cached_property
    def slack(self) -> "SlackClient":
        from bot.slack.client import SlackClient

        return SlackClient(
            self.settings.slack_bot_token.get_secret_value(), self.settings.slack_api_url
        )
