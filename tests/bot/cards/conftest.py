from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.query.search import Searcher
from records.cards import Cards
from records.database import Database
from records.sources import Sources
from tests.bot.cards.thread import Channel
from tests.bot.running_bot import http_bot
from tests.knowledge.doubles import DIMENSION, WordEmbedder
from tests.slack_double import SlackDouble


@pytest.fixture
def channel(slack: SlackDouble, database_file: Path, tmp_path: Path) -> Iterator[Channel]:
    """The bot with a real index; only the model is scripted."""
    embedder = WordEmbedder()
    index = LanceIndex(tmp_path / "index", embedder.model, DIMENSION)
    cards = Cards(Database(f"sqlite:///{database_file}"))
    with http_bot(
        slack,
        database_file,
        ingestor=lambda sources: Ingestor(index, embedder, sources, cards=cards.of_source),
    ) as running:
        searcher = Searcher(index, embedder, Sources(running.database))
        running.script.searches = searcher.search
        yield Channel(running, index)
    index.close()
