"""Work for a worker in tests, which is imported there by its name."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cli.wiring import Container
from domain.errors import EmptyAnswer, NotFound, Stopped


def home(container: Container) -> Path:
    return container.settings.home


def pid(_container: Container) -> int:
    return os.getpid()


def spoken(_container: Container, words: Sequence[str], listener: Callable[[str], None]) -> int:
    for word in words:
        listener(word)
    return len(words)


def endless(_container: Container, listener: Callable[[str], None]) -> None:
    while True:
        listener("again")
        time.sleep(0.01)


def until_stopped(_container: Container, listener: Callable[[str], None]) -> int:
    """How many pieces somebody listened to."""
    heard = 0
    try:
        while True:
            listener("again")
            heard += 1
    except Stopped:
        return heard


def missing(_container: Container) -> None:
    raise NotFound("There is no such gap.", "gap 7")


def empty(_container: Container) -> None:
    raise EmptyAnswer


def broken(_container: Container) -> None:
    raise ZeroDivisionError("a secret of the machine")


def killed(_container: Container) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def slow(_container: Container, seconds: float, file: Path) -> None:
    file.touch()
    time.sleep(seconds)
