"""The SDK leaves sockets that are dropped while they are opened to the garbage collector.

Their warnings would otherwise come in some later test. A module that opens such sockets imports
both names.
"""

import gc
from collections.abc import Iterator

import pytest

sockets_may_be_left = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def left_sockets_are_collected() -> Iterator[None]:
    yield
    gc.collect()
