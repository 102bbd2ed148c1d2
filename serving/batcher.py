"""Answers many prompts at once with transformers' batching manager, piece by piece.

It adds what the manager lacks: it frees cancelled requests, passes errors to the waiting requests,
and restarts the batching thread after an error has ended it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from logging import getLogger
from typing import Literal, TypeVar, cast
from uuid import uuid4

from transformers import PreTrainedModel, PreTrainedTokenizerFast
from transformers.generation.continuous_batching.requests import GenerationOutput, RequestStatus

from domain.errors import GenerationError, ServerBusy, ServerUnavailable
from serving.graphs import forget_graphs
from serving.likely import Likely, LikelyTokens
from serving.manager import batching_manager, blocks, control_tokens
from serving.memory.server import GRAPHS
from serving.mixed_adapters import MixedAdapters
from serving.models import stop_tokens
from serving.sampling import Sampler, Sampling
from serving.text import Detokeniser

Result = TypeVar("Result")

_log = getLogger(__name__)

_CRASHES = 3  # in a row, without an answer in between: then the prompts are not the cause
_WATCH_SECONDS = 0.5
_NO_MEMORY = ("out of memory", "memory footprint", "allocate memory")  # of torch, transformers
_POLL_SECONDS = 0.02
_DRAIN_SECONDS = 120.0  # that running answers have to end before the cache is made anew


class State(StrEnum):
    STARTING = "starting"
    READY = "ready"
    RESTING = "resting"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer's text. Only the last one has ``finish``.

    ``tokens`` counts the answer's tokens so far, with the stop token. ``likely`` are the tokens
    since the last piece, without the stop token, each with those that were likeliest in its place.
    """

    text: str
    tokens: int
    finish: Literal["stop", "length"] | None = None
    likely: tuple[tuple[int, Likely], ...] = ()


class Batcher:
    """Answers prompts, each with one of the ``adapters`` that are attached, or with none.

    All calls must come from the asyncio loop that calls ``start``. Decoding is greedy, but for
    requests with a ``sampling``. ``context`` is the most tokens of prompt and answer together;
    ``cache_tokens`` is as in `batching_manager`, ``graphs`` the captured steps that are kept for
    each set of inputs.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        context: int,
        cache_tokens: int | None = None,
        graphs: int = GRAPHS,
    ) -> None:
        self.state, self.reason = State.STARTING, ""
        self._graphs = graphs
        self._tokenizer = tokenizer
        self._stops = stop_tokens(model, tokenizer)
        self._unsaid = control_tokens(tokenizer) | frozenset(self._stops)
        self._manager = batching_manager(model, self._stops, context, cache_tokens)
        self._sampler = Sampler.of(self._manager)
        self._likely = LikelyTokens(self._manager, self._sampler)
        self.adapters = MixedAdapters(model, self._manager)
        # The requests that the manager still computes: one whose client has not read its last
        # tokens yet is none of them.
        self._open: dict[str, asyncio.Queue[GenerationOutput]] = {}
        self._crashes = 0
        self._watcher: asyncio.Task[None] | None = None
        self._warm_up: Sequence[int] = ()
        self._usual_blocks: int | None = None
        self._open_for_new = asyncio.Event()
        self._open_for_new.set()

    async def start(self, warm_up: Sequence[int]) -> None:
        """Starts the batching thread and answers the prompt ``warm_up``; then it is ready."""
        self._watcher = asyncio.create_task(self._watch())
        self._warm_up = warm_up
        self._manager.start()
        try:
            async for _ in self.pieces(warm_up, 2):
                pass
        except GenerationError as e:
            _log.exception("The model did not start")
            self.state, self.reason = State.FAILED, e.public
        else:
            self.state = State.READY
            await self.paused(lambda: None)  # from now on few captured steps are kept

    async def stop(self) -> None:
        """Ends the running requests with an error, and then the batching thread."""
        self.state = State.STOPPED
        if self._watcher:
            self._watcher.cancel()
        self._fail_open("the server is stopping")
        if self._manager.is_running():
            await asyncio.to_thread(self._manager.stop, timeout=30, hard_stop=True)

    async def begin_anew(
        self, cache_tokens: int | None, change: Callable[[], None] = lambda: None
    ) -> None:
        """Makes another cache, for ``cache_tokens`` tokens; None for as many as at the start.

        Running answers end first, and new ones wait meanwhile; a server that rests refuses them
        until it is back. ``change`` is called while there is no cache. Raises ServerBusy if running
        answers do not end in time; and GenerationError if there is no memory, then the server
        rests.
        """
        async with self._closed_for_new():
            await asyncio.to_thread(self._end_thread, change)
            config = self._manager.continuous_batching_config
            config.num_blocks = self._usual_blocks
            if cache_tokens is not None:
                config.num_blocks = blocks(cache_tokens, config.page_size)
            self._manager.start()
            try:
                async for _ in self._pieces(self._warm_up, 2):
                    pass
            except GenerationError as e:
                if self.state is not State.STOPPED:
                    self.state, self.reason = State.RESTING, e.public
                raise
            self.state, self.reason = State.READY, ""
            await asyncio.to_thread(self._pause, lambda: None)

    async def rest(self, reason: str, change: Callable[[], None]) -> None:
        """Frees the cache, calls ``change``, and answers nothing until it begins anew.

        Running answers end first. Raises ServerBusy if they do not end in time.
        """
        async with self._closed_for_new():
            await asyncio.to_thread(self._end_thread, change)
            self.state, self.reason = State.RESTING, reason

    @asynccontextmanager
    async def _closed_for_new(self) -> AsyncIterator[None]:
        """Its body runs while nothing is answered; new requests wait."""
        self._open_for_new.clear()
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while self._open:
                    await asyncio.sleep(_POLL_SECONDS)
            yield
        except TimeoutError as e:
            raise ServerBusy("The running answers did not end in time; try again later.") from e
        finally:
            self._open_for_new.set()

    async def _until_open(self) -> None:
        # It may be closed again before one that has waited goes on.
        while not self._open_for_new.is_set():
            await self._open_for_new.wait()

    def _end_thread(self, change: Callable[[], None]) -> None:
        """Ends the batching thread, which frees the cache."""
        if self._usual_blocks is None:
            self._usual_blocks = self._manager.continuous_batching_config.num_blocks
        if self._manager.is_running():
            self._manager.stop()
        # Else it would stay until the next start, and there might be no room for the new one.
        self._manager.batch_processor = None
        change()
        config = self._manager.continuous_batching_config
        self._manager.switch_to_cb_friendly_attn(
            self._manager.model, bool(config.auto_switch_to_flash)
        )

    def check_ready(self) -> None:
        """Raises ServerUnavailable, which says why, if requests are not accepted."""
        if self.state is not State.READY:
            raise ServerUnavailable(f"The model server is {self.state}. {self.reason}".strip())

    async def pieces(
        self,
        prompt: Sequence[int],
        limit: int,
        adapter: int | None = None,
        *,
        likely: bool = False,
        sampling: Sampling | None = None,
    ) -> AsyncIterator[Piece]:
        """The answer with the adapter of a number, None is the base model.

        With ``likely``, also the likeliest tokens in the place of each token.
        """
        await self._until_open()
        if self.state is State.RESTING:
            self.check_ready()
        self._revive()
        async with aclosing(self._pieces(prompt, limit, adapter, likely, sampling)) as pieces:
            async for piece in pieces:
                yield piece

    async def _pieces(
        self,
        prompt: Sequence[int],
        limit: int,
        adapter: int | None = None,
        likely: bool = False,
        sampling: Sampling | None = None,
    ) -> AsyncGenerator[Piece]:
        outputs: asyncio.Queue[GenerationOutput] = asyncio.Queue()
        request = self._submit(prompt, limit, adapter, outputs, likely, sampling)
        text, seen, finished = Detokeniser(self._tokenizer.backend_tokenizer), 0, False
        passed_on = 0
        try:
            while not finished:
                output = await outputs.get()
                finished = output.is_finished()
                if output.error is not None:
                    if self.state is State.STOPPED:
                        raise ServerUnavailable("The model server is stopping.")
                    raise _error(str(output.error))
                tokens = output.generated_tokens
                piece = text.step([t for t in tokens[seen:] if t not in self._unsaid])
                seen = len(tokens)
                if not (finished or piece):
                    continue
                new = self._with_likely(output, passed_on) if likely else ()
                passed_on = seen
                if finished:
                    self._crashes = 0
                    stopped = bool(tokens) and tokens[-1] in self._stops
                    yield Piece(piece, seen, "stop" if stopped else "length", new)
                else:
                    yield Piece(piece, seen, likely=new)
        finally:
            self._close(request, cancel=not finished)

    def _with_likely(self, output: GenerationOutput, first: int) -> tuple[tuple[int, Likely], ...]:
        """The tokens from the number ``first`` on, with what was likely in their places."""
        tokens, found = output.generated_tokens[first:], cast(list[Likely], output.logprobs[first:])
        both = zip(tokens, found, strict=True)
        return tuple((token, each) for token, each in both if token not in self._stops)

    def _submit(
        self,
        prompt: Sequence[int],
        limit: int,
        adapter: int | None,
        outputs: "asyncio.Queue[GenerationOutput]",
        likely: bool,
        sampling: Sampling | None,
    ) -> str:
        request = uuid4().hex
        self._open[request] = outputs
        if likely:
            self._likely.wanted.add(request)
        self.adapters.use(request, adapter)
        self._manager.register_result_handler(request, self._came)
        taken = self._manager.add_request(
            list(prompt),
            request_id=request,
            max_new_tokens=limit,
            streaming=True,
            **self._sampler.options(sampling),
        )
        if taken is None:
            self._came(_failed(request, "its thread has just ended"))
        return request

    def _came(self, output: GenerationOutput) -> None:
        """Passes an output on to its request, if that has not ended."""
        outputs = self._open.get(output.request_id)
        if outputs is None:
            return
        outputs.put_nowait(output)
        if output.is_finished():
            del self._open[output.request_id]

    def _close(self, request: str, *, cancel: bool) -> None:
        self._open.pop(request, None)
        self._likely.wanted.discard(request)
        self.adapters.forget(request)
        if cancel:
            self._manager.cancel_request(request)
        # A cancelled request gets no final event, so its handler would stay forever; and what it
        # produces before it ends goes to the common queue, which nothing else reads.
        router = self._manager.output_router
        router.result_handlers.pop(request, None)
        while not router.output_queue.empty():
            router.output_queue.get_nowait()

    async def paused(self, change: Callable[[], Result]) -> Result:
        """Runs ``change``, which may change the adapters, between two steps of the model."""
        await self._until_open()
        self.check_ready()
        self._revive()
        return await asyncio.to_thread(self._pause, change)

    def _pause(self, change: Callable[[], Result]) -> Result:
        try:
            with self._manager.pause():
                try:
                    return change()
                finally:
                    forget_graphs(self._manager, self._sampler, self._graphs)
        except RuntimeError as e:
            raise GenerationError("The model cannot be paused.", str(e)) from e

    def _revive(self) -> None:
        """Starts the batching thread again if an error has ended it."""
        if self.state is not State.READY or self._manager.is_running():
            return
        self._crashes += 1
        self.reason = f"Last error: {self._manager.background_thread_status.fatal_error}"
        if self._crashes >= _CRASHES:
            self.state = State.FAILED
        self.check_ready()
        self._manager.start()

    async def _watch(self) -> None:
        """Ends the requests of a batching thread that has ended: nothing else would end them."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if not self._manager.is_running():
                self._fail_open("its thread has ended")

    def _fail_open(self, reason: str) -> None:
        for request in tuple(self._open):
            self._came(_failed(request, reason))


def _error(what: str) -> GenerationError:
    if any(words in what.lower() for words in _NO_MEMORY):
        return GenerationError(
            "The model server has too little memory: lower PHI3_MEMORY_SHARE, or set PHI3_MODEL to "
            "a smaller model; `phi3 memory` shows what is needed.",
            what,
        )
    return GenerationError("The model failed.", what)


def _failed(request: str, reason: str) -> GenerationOutput:
    return GenerationOutput(request_id=request, error=reason, status=RequestStatus.FAILED)
