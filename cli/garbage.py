"""Keeps Python from looking for garbage among what stays for as long as the process runs.

Python looks through all objects from time to time, and every thread stands still meanwhile: 60 ms
in a bot, half a second once torch is loaded. Modules make up most of the objects, and none goes.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Kept:
    """What is not looked through any more: all that was there when ``renew`` last found modules."""

    def __init__(self) -> None:
        self._modules = 0

    def renew(self) -> None:
        """Adds what is there now, if modules were imported since; a model may be loaded late."""
        if len(sys.modules) == self._modules:
            return
        self._modules = len(sys.modules)
        gc.collect()
        gc.freeze()


@contextmanager
def kept() -> Iterator[Kept]:
    """At its end everything is looked through again: what torch loads is listed if it is left."""
    try:
        yield Kept()
    finally:
        gc.unfreeze()
