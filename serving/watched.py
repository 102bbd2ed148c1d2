"""A Generator that counts and times the calls of another, for Prometheus."""

from collections.abc import Iterator, Sequence
from time import perf_counter

from prometheus_client import Counter, Histogram

from domain.errors import (
    AdapterNotLoaded,
    GenerationError,
    GenerationTimedOut,
    ServerBusy,
    ServerUnavailable,
)
from domain.protocols import Generator
from domain.questions import Message

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
_OUTCOMES = {
    ServerUnavailable: "unavailable",
    ServerBusy: "busy",
    GenerationTimedOut: "timed_out",
    AdapterNotLoaded: "adapter_not_loaded",
}
_OK, _STOPPED, _FAILED = "ok", "stopped", "failed"

_CALLS = Counter("phi3_model_calls", "Calls of the model server, by how they ended.", ("outcome",))
_FIRST = Histogram(
    "phi3_model_first_token_seconds", "From a call to its first piece.", buckets=_SECONDS
)
_WHOLE = Histogram(
    "phi3_model_answer_seconds",
    "From a call to its end, of those that ended well.",
    buckets=_SECONDS,
)

for _outcome in (_OK, _STOPPED, _FAILED, *_OUTCOMES.values()):
    _CALLS.labels(_outcome)


class WatchedGenerator:
    """Implements Generator by another one; several threads may use it at once."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def model(self) -> str:
        return self._generator.model

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        """As the other one's. A call whose iterator is closed before its end was stopped."""
        began, is_first, outcome = perf_counter(), True, _FAILED
        try:
            for piece in self._generator.stream(messages, adapter=adapter, max_tokens=max_tokens):
                if is_first:
                    _FIRST.observe(perf_counter() - began)
                    is_first = False
                yield piece
            outcome = _OK
            _WHOLE.observe(perf_counter() - began)
        except GeneratorExit:
            outcome = _STOPPED
            raise
        except GenerationError as error:
            named = (name for kind, name in _OUTCOMES.items() if isinstance(error, kind))
            outcome = next(named, _FAILED)
            raise
        finally:
            _CALLS.labels(outcome).inc()
