"""What a thread works on at this moment, so that each line of the log can say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CurrentWork:
    """``ref`` is the reference that people see in Slack; ``job`` is 0 if there is none."""

    ref: str = ""
    workspace: str = ""
    job: int = 0


_NOTHING = CurrentWork()
_current: ContextVar[CurrentWork] = ContextVar("current_work", default=_NOTHING)


@contextmanager
def working_on(work: CurrentWork) -> Iterator[None]:
    """Says during the block what this thread works on."""
    token = _current.set(work)
    try:
        yield
    finally:
        _current.reset(token)


def current_work() -> CurrentWork:
    return _current.get()
