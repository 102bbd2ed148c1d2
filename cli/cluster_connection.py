"""Connects a command to a Ray cluster, whose settings Ray reads from the environment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def connected_to(on: str, **local: int) -> Iterator[None]:
    """Connects to the cluster at ``on`` for as long as the block runs; Ray is imported here.

    ``local`` are the arguments of `cluster.connecting.connected` for a local one. Raises
    ConfigError.
    """
    from cluster.connecting import LOCAL, LOCAL_ENVIRONMENT, connected

    if on == LOCAL:
        os.environ.update(LOCAL_ENVIRONMENT)
    with connected(on, **local):
        yield
