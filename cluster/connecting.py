"""Connects to a Ray cluster, or starts one on this machine; the only place that does."""

import logging
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import TextIOBase
from typing import Any
from urllib.parse import urlsplit

from domain.errors import ConfigError

_log = logging.getLogger(__name__)

LOCAL = "local"
"""Instead of an address: a cluster of this machine's processors, which ends with the command."""

_OBJECTS = 1_000_000_000  # bytes of memory for what a local cluster's processes hand each other

_SECONDS = 10  # for a connection to a cluster

LOCAL_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray's name for "this machine only": everything listens on loopback then.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}
"""What the process that starts a local cluster has in its environment before Ray is imported."""

_NO_ANSWER = (
    "The cluster does not answer: give --on the address of a Ray cluster of the same version, or "
    "local."
)
_NOT_STARTED = "Ray did not start on this machine: if it was busy, try again."


@contextmanager
def connected(
    address: str, *, cpus: int | None = None, object_bytes: int = _OBJECTS
) -> Iterator[None]:
    """Connects to the cluster at ``address`` for as long as the block runs.

    ``address`` is `LOCAL`, ``auto`` (the cluster that this machine is part of), or one such as
    ``ray://host:10001``. A local cluster has ``cpus`` processors, by default all, and listens on
    loopback only if `LOCAL_ENVIRONMENT` is set. Raises ConfigError.
    """
    with quiet():
        import ray

        logging.getLogger("ray").setLevel(logging.ERROR)
        try:
            _reach(address)
            ray.init(**_options(address, cpus, object_bytes))
        except Exception as e:  # Ray raises bare ones too, as when a node starts too slowly
            raise ConfigError(
                _NOT_STARTED if address == LOCAL else _NO_ANSWER,
                f"{address}: {type(e).__name__}: {first_line(e)}",
            ) from e
        try:
            yield
        finally:
            ray.shutdown()


def gpus_and_cpus() -> tuple[int, int]:
    """How many of each the cluster has; at least one processor."""
    import ray

    all_of_it = ray.cluster_resources()
    return int(all_of_it.get("GPU", 0)), max(1, int(all_of_it.get("CPU", 1)))


@contextmanager
def quiet() -> Iterator[None]:
    """Hides Ray's warnings about itself, and writes what it prints into the log."""
    with warnings.catch_warnings(), redirect_stdout(_ToLog()):
        warnings.simplefilter("ignore")
        yield


def first_line(error: BaseException) -> str:
    """The first line of an error of Ray, which are long."""
    return str(error).strip().partition("\n")[0]


def _reach(address: str) -> None:
    """Raises OSError if nothing listens there; Ray itself tries for more than five minutes."""
    place = urlsplit(address if "//" in address else f"//{address}")
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), _SECONDS).close()


class _ToLog(TextIOBase):
    """Standard output that goes to the log, line by line."""

    def write(self, text: str) -> int:
        if text.strip():
            _log.info("%s", text.rstrip())
        return len(text)


def _options(address: str, cpus: int | None, object_bytes: int) -> dict[str, Any]:
    shared = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address != LOCAL:
        return {"address": address, **shared}
    return {
        "address": LOCAL,
        "num_cpus": cpus,
        "object_store_memory": object_bytes,
        "include_dashboard": False,
        **shared,
    }
