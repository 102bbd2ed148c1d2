from collections.abc import Iterator

import pytest

from knowledge.reading import Readers
from knowledge.sources.fetch import Fetcher
from tests.knowledge.sources.website import Website, serving


@pytest.fixture
def website() -> Iterator[Website]:
    with serving() as found:
        yield found


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(limit=100_000, seconds=10, allowed_private_hosts=["127.0.0.1"])


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    found = Readers()
    yield found
    found.close()
