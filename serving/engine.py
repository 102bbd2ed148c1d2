"""The engine: answers many prompts at once with one model and its adapters, which change meanwhile.

It is the batcher with names for its adapters, and a limit on the requests.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from pathlib import Path
from typing import TypeVar, cast

import torch
from jinja2 import TemplateError
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from domain.control_tokens import strip_control_tokens
from domain.errors import AdapterNotLoaded, GenerationError, ServerBusy
from domain.questions import Message
from serving.adapter_files import allowed, read_verified
from serving.adapters import fitted, most_bytes
from serving.batcher import Batcher, Piece, State
from serving.manager import context_of, cores
from serving.memory.server import GRAPHS
from serving.mixed_adapters import Weights
from serving.room import Room
from serving.sampling import Sampling
from serving.text import special_tokens
from serving.timed import in_time

Result = TypeVar("Result")

_log = getLogger(__name__)

CAPACITY = 64
"""The most requests at a time, running and waiting; further ones are refused as busy."""

LOAD_SECONDS = 60
"""The most time in which an adapter's folder is read and checked."""


class RequestRefused(GenerationError):
    """The request cannot be served: it is too long, or has an option that is not supported."""


@dataclass(frozen=True, slots=True)
class Health:
    """``running`` requests have begun to answer, ``waiting`` ones not yet."""

    state: State
    model: str
    device: str
    context: int
    adapters: tuple[str, ...]
    running: int
    waiting: int
    capacity: int
    reason: str


@dataclass(slots=True)
class _Loaded:
    """An adapter; one that was unloaded stays until the last of its ``users`` has its answer."""

    number: int
    folder: str
    users: int = 0
    unloaded: bool = False


class Engine:
    """Serves one model; ``name`` is the name that is shown to people.

    All calls must come from the asyncio loop that calls ``start``. Decoding is greedy, but for
    requests with a ``sampling``. Adapters are loaded from folders within ``folders`` only.
    ``capacity`` limits the requests at a time. ``cache_tokens`` is how many tokens of keys and
    values all of them may have (`serving.memory` plans it), at least ``context``; by default as
    many as `serving.manager` says. ``graphs`` is how many captured steps a GPU keeps for each set
    of inputs (`serving.graphs`).
    ``reload`` loads the model again, if it was given back to a night (`serving.room`).
    ``threads`` is how many threads compute on a CPU, by default one for each core. They must sleep
    while they wait for each other (``OMP_WAIT_POLICY=PASSIVE``): with busy waiting, two cores that
    had other work too were 20 times slower.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        name: str,
        *,
        folders: Sequence[Path] = (),
        capacity: int = CAPACITY,
        cache_tokens: int | None = None,
        graphs: int = GRAPHS,
        threads: int | None = None,
        reload: Callable[[], PreTrainedModel] | None = None,
    ) -> None:
        self.name = name
        self.context = context_of(model.config)
        self._model = model
        self._tokenizer = tokenizer
        self._special = special_tokens(tokenizer)
        self._capacity = capacity
        self._roots = tuple(folders)
        self._adapters: dict[str, _Loaded] = {}
        self._contents: dict[str, str] = {}
        self._loading, self._changing = asyncio.Lock(), asyncio.Lock()
        self._detaching = set[asyncio.Task[None]]()
        self._requests = self._waiting = 0
        if model.device.type == "cpu":
            torch.set_num_threads(threads or cores())
        # Within ``context`` tokens the sliding window has no effect. Without it every layer has
        # full attention, which is faster, and whose cache is better tested.
        model.config.sliding_window = None
        self._batcher = Batcher(model, tokenizer, self.context, cache_tokens, graphs)
        self.room = Room(self._batcher, model, self.context, reload)

    async def start(self) -> None:
        """Starts the batching thread and warms it up; then the engine is ready."""
        await self._batcher.start(self.prompt([Message("user", "Hello")]))

    async def stop(self) -> None:
        """Refuses new requests, ends running ones with an error, and ends the batching thread."""
        self.room.stop()
        await self._batcher.stop()

    @property
    def adapters(self) -> dict[str, str]:
        """The loaded adapters and their folders."""
        return {name: loaded.folder for name, loaded in self._adapters.items()}

    def health(self) -> Health:
        return Health(
            state=self._batcher.state,
            model=self.name,
            device=str(self._model.device),
            context=self.context,
            adapters=tuple(self._adapters),
            running=self._requests - self._waiting,
            waiting=self._waiting,
            capacity=self._capacity,
            reason=self._batcher.reason,
        )

    def prompt(
        self,
        messages: Sequence[Message],
        *,
        add_generation_prompt: bool = True,
        continue_final_message: bool = False,
    ) -> list[int]:
        """The token ids of a conversation, up to where the answer begins, or goes on.

        Raises RequestRefused.

        Control tokens within a message are removed, so that a message cannot end its own turn.
        """
        self._check_length(sum(len(message.content) for message in messages))
        turns = [
            {"role": m.role, "content": strip_control_tokens(m.content, self._special)}
            for m in messages
        ]
        try:
            encoded = self._tokenizer.apply_chat_template(
                turns,
                add_generation_prompt=add_generation_prompt,
                continue_final_message=continue_final_message,
                return_dict=False,
            )
        # ValueError: the template does not show the message that is to be continued.
        except (TemplateError, ValueError) as e:
            raise RequestRefused(
                "The model's chat template refuses the messages.", f"{self.name}: {e}"
            ) from e
        return cast(list[int], encoded)

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """The token ids of ``text``; with ``special``, also the special tokens that begin a text.

        Raises RequestRefused.
        """
        self._check_length(len(text))
        return cast(list[int], self._tokenizer.encode(text, add_special_tokens=special))

    @property
    def vocabulary(self) -> int:
        """How many tokens the model knows: their ids are below it."""
        return int(self._model.config.vocab_size)

    def text_of(self, token: int) -> str:
        """The text of one token alone."""
        return cast(str, self._tokenizer.decode([token]))

    def _check_length(self, characters: int) -> None:
        # The tokenizers make at least one token of 32 characters, unless these are spaces. So a
        # longer text can be refused before it is tokenised.
        if characters > 32 * self.context:
            raise RequestRefused(f"The prompt is far longer than {self.context} tokens.")

    async def generate(
        self,
        prompt: Sequence[int],
        adapter: str | None,
        max_tokens: int | None = None,
        *,
        likely: bool = False,
        sampling: Sampling | None = None,
    ) -> AsyncIterator[Piece]:
        """The answer to ``prompt``, piece by piece; closing the iterator early ends the request.

        ``likely``: with the likeliest tokens in the place of each token.
        ``max_tokens`` None means as many as the context leaves. Raises RequestRefused,
        AdapterNotLoaded, ServerBusy, ServerUnavailable, and GenerationError if the model fails.
        """
        room = self.context - len(prompt)
        limit = room if max_tokens is None else max_tokens
        self._check(len(prompt), limit, adapter)
        used = None if adapter is None else self._adapters[adapter]
        self._begin(used)
        begun = False
        try:
            number = used.number if used else None
            async for piece in self._batcher.pieces(
                prompt, limit, number, likely=likely, sampling=sampling
            ):
                if not begun:
                    begun, self._waiting = True, self._waiting - 1
                yield piece
        finally:
            self._end(used, begun)

    async def load_adapter(self, name: str, folder: str) -> None:
        """Loads an adapter besides the others; loading the same one again does nothing.

        Running answers go on: the model pauses between two steps. Raises AdapterNotLoaded.
        """
        if name == self.name:
            raise AdapterNotLoaded(f"{name} is the name of the base model.")
        async with self._loading:
            path = await _read_in_time(partial(allowed, folder, self._roots))
            known = self._adapters.get(name)
            if known and known.folder == str(path):
                return
            sha256, weights = await _read_in_time(partial(self._read, path, name))
            if self._contents.setdefault(name, sha256) != sha256:
                raise AdapterNotLoaded(
                    f"{name} {'is' if known else 'was'} the name of another adapter, and it cannot "
                    "be replaced: load this one under a new name.",
                    f"{name} is {known.folder}" if known else "",
                )
            if name in self._adapters:  # the same one in another folder
                return
            number = await self._change(partial(self._attach, name, weights))
            self._adapters[name] = _Loaded(number, str(path))

    async def unload_adapter(self, name: str) -> None:
        """Removes an adapter. New requests for it are refused from now on, and it waits for none.

        Answers that it has begun go on to their end. Raises AdapterNotLoaded.
        """
        self._batcher.check_ready()
        if name not in self._adapters:
            raise AdapterNotLoaded(f"The adapter {name} is not loaded.")
        loaded = self._adapters.pop(name)
        loaded.unloaded = True
        if not loaded.users:
            await self._detach(loaded)

    def _read(self, path: Path, name: str) -> tuple[str, Weights]:
        files = read_verified(path, name, self.name, most_bytes(self._model))
        return files.sha256, fitted(files, self._model)

    def _attach(self, name: str, weights: Weights) -> int:
        try:
            return self._batcher.adapters.attach(weights)
        except RuntimeError as e:  # as torch calls it if the memory is full
            raise AdapterNotLoaded(f"There is no memory for the adapter {name}.", str(e)) from e

    async def _detach(self, loaded: _Loaded) -> None:
        await self._change(partial(self._batcher.adapters.detach, loaded.number))

    async def _change(self, change: Callable[[], Result]) -> Result:
        async with self._changing:  # a pause lets several changes in
            return await self._batcher.paused(change)

    def _begin(self, used: _Loaded | None) -> None:
        self._requests += 1
        self._waiting += 1
        if used:
            used.users += 1

    def _end(self, used: _Loaded | None, begun: bool) -> None:
        self._requests -= 1
        self._waiting -= not begun
        if used:
            used.users -= 1
            if used.unloaded and not used.users:
                task = asyncio.create_task(self._detach(used))
                self._detaching.add(task)
                task.add_done_callback(self._detached)

    def _detached(self, task: "asyncio.Task[None]") -> None:
        self._detaching.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.warning("An unloaded adapter still takes memory: %s", error)

    def _check(self, prompt: int, limit: int, adapter: str | None) -> None:
        self._batcher.check_ready()
        if adapter is not None and adapter not in self._adapters:
            raise AdapterNotLoaded(f"The adapter {adapter} is not loaded.")
        if prompt + max(limit, 1) > self.context:
            raise RequestRefused(
                f"The prompt has {prompt} tokens and the answer may have {max(limit, 1)}; "
                f"together at most {self.context} fit."
            )
        if limit < 1:
            raise RequestRefused("The answer must have room for at least one token.")
        if self._requests >= self._capacity:
            raise ServerBusy(f"The model server has {self._capacity} requests; try again later.")


async def _read_in_time(work: Callable[[], Result]) -> Result:
    try:
        return await in_time(work, LOAD_SECONDS)
    except TimeoutError as e:
        raise AdapterNotLoaded(
            f"The adapter's folder could not be read within {LOAD_SECONDS} seconds."
        ) from e
