"""Sends traces of questions to an OpenTelemetry collector, if the standard variables name one.

A question's trace is found by its reference: both ids of its root follow from that. So the thread
or the process that answers continues the trace of the one that took the question, and nothing has
to be stored for it.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from hashlib import sha256
from logging import getLogger

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
    use_span,
)
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from domain.spans import Headers, OpenSpan, Span, Value, watching

REF = "phi3.ref"
"""The attribute with the reference that people see, which is the answer's id too."""

_PREFIX = "phi3."
_W3C = TraceContextTextMapPropagator()
_SHUTDOWN_MS = 3_000

_log = getLogger(__name__)


class _KnownIds(RandomIdGenerator):
    """Gives the root of a question's trace the ids that follow from its reference."""

    def __init__(self) -> None:
        self.root: ContextVar[tuple[int, int] | None] = ContextVar("root", default=None)

    def generate_trace_id(self) -> int:
        root = self.root.get()
        return root[0] if root else super().generate_trace_id()

    def generate_span_id(self) -> int:
        root = self.root.get()
        return root[1] if root else super().generate_span_id()


class _Step:
    """A span of OpenTelemetry with this program's words."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def note(self, name: str, value: Value) -> None:
        self._span.set_attribute(_PREFIX + name, value)

    def mark(self, name: str) -> None:
        self._span.add_event(name)

    def end(self) -> None:
        self._span.end()


class OtelTracer:
    """A ``domain.spans.Tracer``."""

    def __init__(self, service: str) -> None:
        self._ids = _KnownIds()
        named = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: service}
        self._provider = TracerProvider(
            resource=Resource.create(named), id_generator=self._ids, shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("phi3")

    def taken(self, ref: str, at: datetime) -> None:
        token = self._ids.root.set(_root(ref))
        try:
            began = int(at.timestamp() * 1e9)
            span = self._tracer.start_span("taken", attributes={REF: ref}, start_time=began)
        finally:
            self._ids.root.reset(token)
        span.end()

    @contextmanager
    def span(self, name: str, ref: str) -> Iterator[Span]:
        """Of an error only its class is kept, since its text may have words of people."""
        context = set_span_in_context(NonRecordingSpan(self._parent(ref))) if ref else None
        span = self._tracer.start_span(name, context, attributes={REF: ref} if ref else None)
        with _current(span):
            try:
                yield _Step(span)
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise
            finally:
                span.end()

    def headers(self) -> Headers:
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier

    def continued(self, name: str, headers: Headers) -> OpenSpan:
        return _Step(self._tracer.start_span(name, _W3C.extract(headers), SpanKind.SERVER))

    def close(self) -> None:
        """Sends what is left, if the collector answers soon."""
        self._provider.force_flush(_SHUTDOWN_MS)
        self._provider.shutdown()

    def _parent(self, ref: str) -> SpanContext:
        trace_id, span_id = _root(ref)
        sampled = self._provider.sampler.should_sample(None, trace_id, "taken").decision
        is_kept = sampled is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags.SAMPLED if is_kept else TraceFlags.DEFAULT
        return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))


@contextmanager
def sending_traces(service: str) -> Iterator[None]:
    """Sends the traces of this process, as ``service``, during the block."""
    tracer = OtelTracer(service)
    _log.info("Traces are sent to an OpenTelemetry collector.")
    try:
        with watching(tracer=tracer):
            yield
    finally:
        tracer.close()


def trace_id_of(ref: str) -> str:
    """The id of the trace of the question with a reference, in hexadecimal digits."""
    return f"{_root(ref)[0]:032x}"


def _root(ref: str) -> tuple[int, int]:
    """The ids of the trace, and of its root."""
    digest = sha256(f"phi3 {ref}".encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


def _current(span: OtelSpan) -> AbstractContextManager[OtelSpan]:
    return use_span(span, record_exception=False, set_status_on_exception=False)
