"""A small Ray cluster on loopback, one for each test: killed trainings keep its processors."""

from collections.abc import Iterator

import pytest

from cli.cluster_connection import connected_to
from cluster.connecting import LOCAL


@pytest.fixture
def local_cluster() -> Iterator[None]:
    with connected_to(LOCAL, cpus=2, object_bytes=200_000_000):
        yield
