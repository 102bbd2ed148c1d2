"""Builds the parts of the program: each once, when it is first needed."""

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from cli.adapter_choice import AdapterChoice
from cli.settings import Settings
from cli.stores import Stores
from domain.collections import Collection
from domain.errors import ConfigError
from domain.protocols import AnswerLog, Embedder, PassageIndex, Reranker
from domain.questions import Audience
from knowledge.index.live import LiveRetriever
from records.adapter_changes import AdapterChanges
from records.live_index import LiveIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.app import Bot
    from bot.ingest.collecting import CollectionReader
    from bot.slack.client import SlackClient
    from cli.indexes import Indexes
    from domain.answering import Answerer
    from domain.documents import IngestReport
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


class Container(Stores):
    """Builds every part of the program for these settings, and closes what it opened."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._ingestors: dict[Download | None, tuple[Opened, Ingestor]] = {}
        self._writing = Lock()
        self.read_all: ReadAll | None = None
        """What reads the files of an ingest, if another machine is to."""

    @cached_property
    def adapter_changes(self) -> AdapterChanges:
        from cli.adapter_check import check_adapter

        return AdapterChanges(
            self.database, lambda adapter: check_adapter(self, adapter), self.chosen_base
        )

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
        return self.ingestor_with(None)

    def ingestor_with(self, download: "Download | None") -> "Ingestor":
        """Its files come by ``download``, if they are Slack's.

        The same one while the index is the same. Of all of them only one thread writes.
        """
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
        return self.collection_reader_with(lambda: self.ingestor)

    def collection_reader_with(self, ingestor: "Callable[[], Ingestor]") -> "CollectionReader":
        """Reads collections into the index by what ``ingestor`` gives at the time."""
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
        from cli.bots import bot_with

        return bot_with(self, self.slack)

    @cached_property
    def slack(self) -> "SlackClient":
        from bot.slack.client import SlackClient

        return SlackClient(
            self.settings.slack_bot_token.get_secret_value(), self.settings.slack_api_url
        )
