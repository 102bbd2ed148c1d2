"""The engine: many prompts at once through one model, with adapters that are swapped while it runs.

It is transformers' continuous batching, plus what that lacks: several named adapters with turns
for them, a bounded queue, cancelled requests that are freed, errors that reach those who wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, cast
from uuid import uuid4

import torch
from jinja2 import TemplateError
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.generation.continuous_batching.requests import GenerationOutput, RequestStatus

from domain.errors import AdapterNotLoaded, GenerationError, ServerBusy, ServerUnavailable
from domain.prompt import inert
from domain.questions import Message
from serving.adapters import Shelf, read
from serving.batching import batching_manager, context_of, control_tokens, cores
from serving.models import stop_tokens
from serving.text import Detokeniser
from serving.turns import Turns

CAPACITY = 64
"""Requests that are taken at once, running and waiting; more are told to come back."""

_CRASHES = 3  # in a row, without an answer between them: then it is not the prompt's fault
_WATCH_SECONDS = 0.5


class RequestRefused(GenerationError):
    """The request cannot be served as it was asked: too long, or with an unknown option."""


class State(StrEnum):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of an answer. ``finish`` is set on the last one alone.

    ``tokens`` counts the tokens so far, stop token included.
    """

    text: str
    tokens: int
    finish: Literal["stop", "length"] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    state: State
    model: str
    device: str
    context: int
    adapter: str | None
    adapters: tuple[str, ...]
    running: int
    waiting: int
    capacity: int
    reason: str


class Engine:
    """Serves one model; ``name`` is the model's name, as people should read it.

    It lives on the asyncio loop that calls ``start``. Decoding is greedy. ``capacity`` bounds the
    requests at once, ``memory`` is the share of free GPU memory for keys and values, ``threads``
    are those that compute on a CPU: by default one a core. They must sleep while they wait for
    each other (``OMP_WAIT_POLICY=PASSIVE``): spinning on 2 busy cores was 20 times slower.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        name: str,
        *,
        capacity: int = CAPACITY,
        memory: float | None = None,
        threads: int | None = None,
    ) -> None:
        self.name = name
        self.context = context_of(model.config)
        self._model = model
        self._tokenizer = tokenizer
        self._capacity = capacity
        self._shelf = Shelf(model)
        self._folders: dict[str, str] = {}
        self._loading = asyncio.Lock()
        self._turns = Turns(self._activate)
        self._requests = 0
        self._open: dict[str, asyncio.Queue[GenerationOutput]] = {}
        self._state, self._reason, self._crashes = State.STARTING, "", 0
        self._watcher: asyncio.Task[None] | None = None
        if model.device.type == "cpu":
            torch.set_num_threads(threads or cores())
        # Within ``context`` tokens the window never bites, and without it every layer is a full
        # one: faster, and the only kind whose cache is well tried.
        model.config.sliding_window = None
        self._stops = stop_tokens(model, tokenizer)
        self._unsaid = control_tokens(tokenizer) | frozenset(self._stops)
        self._manager = batching_manager(model, self._stops, self.context, memory)

    async def start(self) -> None:
        """Starts the batching thread and warms it up; the engine is ready afterwards."""
        self._watcher = asyncio.create_task(self._watch())
        self._manager.start()
        try:
            async for _ in self._pieces(self.prompt([Message("user", "Hello")]), 2):
                pass
        except GenerationError as e:
            self._state, self._reason = State.FAILED, str(e)
        else:
            self._state = State.READY

    async def stop(self) -> None:
        """Refuses new requests, fails those that run, and ends the batching thread."""
        self._state = State.STOPPED
        if self._watcher:
            self._watcher.cancel()
        self._fail_open("the server is stopping")
        if self._manager.is_running():
            await asyncio.to_thread(self._manager.stop, timeout=30, hard_stop=True)

    @property
    def adapters(self) -> dict[str, str]:
        """The loaded adapters and their folders."""
        return dict(self._folders)

    def health(self) -> Health:
        return Health(
            state=self._state,
            model=self.name,
            device=str(self._model.device),
            context=self.context,
            adapter=self._turns.active,
            adapters=tuple(self._folders),
            running=self._turns.running,
            waiting=self._turns.waiting,
            capacity=self._capacity,
            reason=self._reason,
        )

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The token ids of a conversation, ready for the answer. Raises RequestRefused.

        Control tokens within a message are taken out: none of them may end its turn.
        """
        # No tokenizer here makes fewer tokens of a text than one for 32 characters, except of
        # blanks: what is longer need not be read to be refused.
        if sum(len(message.content) for message in messages) > 32 * self.context:
            raise RequestRefused(f"The prompt is far longer than {self.context} tokens.")
        turns = [{"role": m.role, "content": inert(m.content)} for m in messages]
        try:
            encoded = self._tokenizer.apply_chat_template(
                turns, add_generation_prompt=True, return_dict=False
            )
        except TemplateError as e:
            raise RequestRefused(f"The model's chat template refuses the messages: {e}") from e
        return cast(list[int], encoded)

    async def generate(
        self, prompt: Sequence[int], adapter: str | None, max_tokens: int | None = None
    ) -> AsyncIterator[Piece]:
        """The answer to ``prompt``, piece by piece; closing it early frees the request.

        ``max_tokens`` is what the context leaves, where it is None. Raises RequestRefused,
        AdapterNotLoaded, ServerBusy, ServerUnavailable, and GenerationError where the model failed.
        """
        room = self.context - len(prompt)
        limit = room if max_tokens is None else max_tokens
        self._check(len(prompt), limit, adapter)
        self._requests += 1
        try:
            async with self._turns.turn(adapter):
                async for piece in self._pieces(prompt, limit):
                    yield piece
        finally:
            self._requests -= 1

    async def load_adapter(self, name: str, folder: str) -> None:
        """Loads an adapter beside the others; the same again is fine. Raises AdapterNotLoaded."""
        path = Path(folder).expanduser().resolve()
        if name == self.name:
            raise AdapterNotLoaded(f"{name} is the name of the base model.")
        async with self._loading:
            if known := self._folders.get(name):
                if known == str(path):
                    return
                raise AdapterNotLoaded(
                    f"The name {name} stands for {known} already, and names never change: "
                    "load it under a new one."
                )
            files = await asyncio.to_thread(read, path, name, self._model, self.name)
            await self._paused(lambda: self._shelf.attach(name, files))
            self._folders[name] = str(path)

    async def unload_adapter(self, name: str) -> None:
        """Takes an adapter out once no request runs on it. Raises AdapterNotLoaded."""
        async with self._loading:
            if name not in self._folders:
                raise AdapterNotLoaded(f"The adapter {name} is not loaded.")
            folder = self._folders.pop(name)  # from here on, no request may begin to wait for it
            try:
                async with self._turns.turn(None):
                    await self._paused(lambda: self._shelf.detach(name))
            except BaseException:
                self._folders[name] = folder
                raise

    def _check(self, prompt: int, limit: int, adapter: str | None) -> None:
        if self._state is not State.READY:
            raise ServerUnavailable(self._unready())
        if adapter is not None and adapter not in self._folders:
            raise AdapterNotLoaded(f"The adapter {adapter} is not loaded.")
        if prompt + max(limit, 1) > self.context:
            raise RequestRefused(
                f"The prompt has {prompt} tokens and the answer may have {max(limit, 1)}; "
                f"together at most {self.context} fit."
            )
        if limit < 1:
            raise RequestRefused("The answer must be allowed at least one token.")
        if self._requests >= self._capacity:
            raise ServerBusy(f"The model server has {self._capacity} requests; try again later.")

    def _unready(self) -> str:
        return f"The model server is {self._state}. {self._reason}".strip()

    async def _pieces(self, prompt: Sequence[int], limit: int) -> AsyncIterator[Piece]:
        outputs: asyncio.Queue[GenerationOutput] = asyncio.Queue()
        request = self._submit(prompt, limit, outputs)
        text, seen, finished = Detokeniser(self._tokenizer.backend_tokenizer), 0, False
        try:
            while not finished:
                output = await outputs.get()
                finished = output.is_finished()
                if output.error is not None:
                    raise GenerationError(f"The model failed: {output.error}")
                tokens = output.generated_tokens
                piece = text.step([t for t in tokens[seen:] if t not in self._unsaid])
                seen = len(tokens)
                if finished:
                    self._crashes = 0
                    stopped = bool(tokens) and tokens[-1] in self._stops
                    yield Piece(piece, seen, "stop" if stopped else "length")
                elif piece:
                    yield Piece(piece, seen)
        finally:
            self._close(request, cancel=not finished)

    def _submit(
        self, prompt: Sequence[int], limit: int, outputs: "asyncio.Queue[GenerationOutput]"
    ) -> str:
        request = uuid4().hex
        self._open[request] = outputs
        self._revive()
        self._manager.register_result_handler(request, outputs.put_nowait)
        taken = self._manager.add_request(
            list(prompt), request_id=request, max_new_tokens=limit, streaming=True
        )
        if taken is None:
            outputs.put_nowait(_failed(request, "its thread has just ended"))
        return request

    def _close(self, request: str, *, cancel: bool) -> None:
        del self._open[request]
        if cancel:
            self._manager.cancel_request(request)
        # A cancelled request gets no final event, so its handler would stay for ever; and what it
        # still produces until then goes to the common queue, which nobody else reads.
        router = self._manager.output_router
        router.result_handlers.pop(request, None)
        while not router.output_queue.empty():
            router.output_queue.get_nowait()

    async def _activate(self, adapter: str | None) -> None:
        if adapter is not None and adapter not in self._folders:
            raise AdapterNotLoaded(f"The adapter {adapter} was unloaded.")
        await self._paused(lambda: self._shelf.switch(adapter))

    async def _paused(self, change: Callable[[], None]) -> None:
        """Runs ``change`` while the model computes nothing."""
        if self._state is not State.READY:
            raise ServerUnavailable(self._unready())
        self._revive()

        def pause() -> None:
            try:
                with self._manager.pause():
                    change()
            except RuntimeError as e:
                raise GenerationError(f"The model cannot be paused: {e}") from e

        await asyncio.to_thread(pause)

    def _revive(self) -> None:
        """Starts the batching thread again, if an error ended it."""
        if self._state is not State.READY or self._manager.is_running():
            return
        self._crashes += 1
        self._reason = f"Last error: {self._manager.background_thread_status.fatal_error}"
        if self._crashes >= _CRASHES:
            self._state = State.FAILED
            raise ServerUnavailable(self._unready())
        self._manager.start()

    async def _watch(self) -> None:
        """Fails the requests of a batching thread that has ended: nobody else would tell them."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if not self._manager.is_running():
                self._fail_open("its thread has ended")

    def _fail_open(self, reason: str) -> None:
        for request, outputs in self._open.items():
            outputs.put_nowait(_failed(request, reason))


def _failed(request: str, reason: str) -> GenerationOutput:
    return GenerationOutput(request_id=request, error=reason, status=RequestStatus.FAILED)
