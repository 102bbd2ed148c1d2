"""Figures for Prometheus, with vLLM's names where they mean the same."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from domain.spans import OpenSpan

if TYPE_CHECKING:
    from serving.batcher import Piece
    from serving.engine import Health

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
_LABELS = ("model_name",)


class Metrics:
    """The figures of one server; ``health`` is asked when they are read."""

    def __init__(self, model: str, health: "Callable[[], Health]") -> None:
        self._registry = CollectorRegistry()
        gauges: tuple[tuple[str, str, Callable[[], float]], ...] = (
            ("vllm:num_requests_running", "Requests that are answered.", lambda: health().running),
            ("vllm:num_requests_waiting", "Requests that wait.", lambda: health().waiting),
            ("phi3:adapters_loaded", "Loaded adapters.", lambda: len(health().adapters)),
            ("phi3:requests_capacity", "Requests at a time.", lambda: health().capacity),
        )
        for name, says, read in gauges:
            gauge = Gauge(name, says, _LABELS, registry=self._registry)
            gauge.labels(model).set_function(read)
        self._prompt = self._counter("vllm:prompt_tokens", "Tokens of prompts.").labels(model)
        self._answer = self._counter("vllm:generation_tokens", "Tokens of answers.").labels(model)
        self._ended = Counter(
            "vllm:request_success",
            "Answers that ended, and why.",
            (*_LABELS, "finished_reason"),
            registry=self._registry,
        )
        self._broken = self._counter("phi3:requests_unfinished", "Answers that broke off.")
        self._first = self._seconds("vllm:time_to_first_token_seconds", "Until an answer begins.")
        self._whole = self._seconds("vllm:e2e_request_latency_seconds", "Until an answer ends.")
        self._model = model

    async def watched(
        self, pieces: "AsyncIterator[Piece]", prompt: int, step: OpenSpan
    ) -> "AsyncIterator[Piece]":
        """The pieces of an answer to ``prompt`` tokens, which are counted as they pass.

        ``step`` ends with them.
        """
        began, tokens, finish = time.perf_counter(), 0, None
        try:
            async with aclosing(pieces):  # type: ignore[type-var]
                async for piece in pieces:
                    if not tokens:
                        self._prompt.inc(prompt)
                        step.mark("first token")
                        self._first.labels(self._model).observe(time.perf_counter() - began)
                    self._answer.inc(piece.tokens - tokens)
                    tokens, finish = piece.tokens, piece.finish
                    yield piece
        finally:
            if finish:
                self._ended.labels(self._model, finish).inc()
                self._whole.labels(self._model).observe(time.perf_counter() - began)
            elif tokens:
                self._broken.labels(self._model).inc()
            step.note("prompt_tokens", prompt)
            step.note("tokens", tokens)
            step.end()

    def text(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, says: str) -> Counter:
        return Counter(name, says, _LABELS, registry=self._registry)

    def _seconds(self, name: str, says: str) -> Histogram:
        return Histogram(name, says, _LABELS, buckets=_SECONDS, registry=self._registry)
