"""Asks the model server for memory while a night trains, and gives it back afterwards.

The server keeps its promise for a limited time only, so a night that is killed holds nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from threading import Event, Thread
from time import monotonic, sleep
from typing import Protocol

from domain.errors import GenerationError, TrainingFailed

LEASE = 90.0
"""Seconds for which the server gives its memory; a killed night holds it no longer."""

RENEWED = 20.0
"""Seconds after which a night asks again."""

_READY_SECONDS = 600.0  # a server may have to load its model again

_log = getLogger(__name__)


class GivingServer(Protocol):
    """A model server that may give memory back. Every method but ``healthy`` raises
    GenerationError.
    """

    def make_room(self, what: str, seconds: float) -> None: ...

    def take_back(self) -> None: ...

    def healthy(self) -> bool: ...


@contextmanager
def room_on(server: GivingServer, what: str) -> Iterator[None]:
    """While its body runs, the server has given back ``what``: nothing, its cache, or its model.

    A server that does not know the call, or does not answer, changes nothing: then the training has
    what is free. Raises TrainingFailed if the server does not come back afterwards.
    """
    if what == "nothing" or not _asked(server, what):
        yield
        return
    ended = Event()
    asking = Thread(target=_ask_again, args=(server, what, ended), name="room", daemon=True)
    asking.start()
    try:
        yield
    finally:
        ended.set()
        asking.join()
        _give_back(server)


def _asked(server: GivingServer, what: str) -> bool:
    try:
        server.make_room(what, LEASE)
    except GenerationError as e:
        _log.warning("The night trains with the memory that is free: %s", e)
        return False
    _log.info("The model server gives back its %s while the night trains", what)
    return True


def _ask_again(server: GivingServer, what: str, ended: Event) -> None:
    while not ended.wait(RENEWED):
        try:
            server.make_room(what, LEASE)
        except GenerationError as e:
            _log.warning("The model server was not asked again for its memory: %s", e)


def _give_back(server: GivingServer) -> None:
    try:
        server.take_back()
    except GenerationError as e:  # it tries again by itself
        _log.warning("The model server has not taken its memory back yet: %s", e)
    deadline = monotonic() + _READY_SECONDS
    while not server.healthy():
        if monotonic() > deadline:
            raise TrainingFailed("The model server did not come back after the training.")
        sleep(0.5)
