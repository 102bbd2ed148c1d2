"""Spans: the steps of a question's way, for whoever watches this process.

Nobody watches at first; then a span costs a few microseconds. ``watching`` lets somebody watch: a
``Timer`` is told how long each step took, a ``Tracer`` keeps the steps of each question as a trace.
A span has a name from a short list and ids, never a text that somebody wrote.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Protocol

Value = str | int | float | bool
Headers = Mapping[str, str]
"""What carries a trace over HTTP: W3C's ``traceparent``; empty if nobody keeps traces."""

Timer = Callable[[str, float], None]
"""Is told a step's name, and its seconds."""


class Span(Protocol):
    """A step that is going on."""

    def note(self, name: str, value: Value) -> None:
        """Adds what is known of the step by now."""
        ...

    def mark(self, name: str) -> None:
        """Notes that something happens at this moment, as the first token."""
        ...


class OpenSpan(Span, Protocol):
    """A step that its owner ends, in whatever thread or task."""

    def end(self) -> None: ...


class Tracer(Protocol):
    """Keeps traces. Nothing here raises an error."""

    def taken(self, ref: str, at: datetime) -> None:
        """The question of a reference was taken; its work began ``at``, and is stored now."""
        ...

    def span(self, name: str, ref: str) -> AbstractContextManager[Span]:
        """A step within the one that is going on in this thread.

        With ``ref`` it is a step of that question's trace, whatever process took the question.
        """
        ...

    def headers(self) -> Headers:
        """What lets another process continue the step that is going on in this thread."""
        ...

    def continued(self, name: str, headers: Headers) -> OpenSpan:
        """A step that continues the trace of another process, if the headers name one."""
        ...


class _Nothing:
    """Keeps nothing."""

    def note(self, name: str, value: Value) -> None: ...

    def mark(self, name: str) -> None: ...

    def end(self) -> None: ...


_NOTHING = _Nothing()


class NoTracer:
    """Keeps no traces."""

    def taken(self, ref: str, at: datetime) -> None: ...

    def span(self, name: str, ref: str) -> AbstractContextManager[Span]:  # noqa: ARG002
        return nullcontext(_NOTHING)

    def headers(self) -> Headers:
        return {}

    def continued(self, name: str, headers: Headers) -> OpenSpan:  # noqa: ARG002
        return _NOTHING


def _untimed(_name: str, _seconds: float) -> None: ...


@dataclass(slots=True)
class _Watchers:
    tracer: Tracer
    timer: Timer


_watchers = _Watchers(NoTracer(), _untimed)


@contextmanager
def watching(*, tracer: Tracer | None = None, timer: Timer | None = None) -> Iterator[None]:
    """Lets these watch the whole process during the block."""
    before = _watchers.tracer, _watchers.timer
    _watchers.tracer, _watchers.timer = tracer or before[0], timer or before[1]
    try:
        yield
    finally:
        _watchers.tracer, _watchers.timer = before


@contextmanager
def span(name: str, ref: str = "") -> Iterator[Span]:
    """A step of that name: a context manager, and a decorator of functions that are one step."""
    began = perf_counter()
    try:
        with _watchers.tracer.span(name, ref) as opened:
            yield opened
    finally:
        _watchers.timer(name, perf_counter() - began)


def taken(ref: str, at: datetime) -> None:
    """The question of a reference was taken; its work began ``at``, and is stored now."""
    _watchers.tracer.taken(ref, at)


def trace_headers() -> Headers:
    """The headers with which another process continues the step that is going on here."""
    return _watchers.tracer.headers()


def continued(name: str, headers: Headers) -> OpenSpan:
    """A step that continues the trace that a request's headers name."""
    return _watchers.tracer.continued(name, headers)
