"""A small Ray cluster on this machine's loopback, one for all tests of a process."""

from collections.abc import Iterator

import pytest

from cluster.connecting import LOCAL, connected


@pytest.fixture(scope="session")
def local_cluster() -> Iterator[None]:
    with connected(LOCAL, cpus=2, object_bytes=200_000_000):
        yield
