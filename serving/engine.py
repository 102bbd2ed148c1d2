"""The engine: answers many prompts at once with one model, and swaps adapters while it runs.

It is the batcher with several named adapters, which take turns, and a limit on the requests.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from jinja2 import TemplateError
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from domain.control_tokens import strip_control_tokens
from domain.errors import AdapterNotLoaded, GenerationError, ServerBusy
from domain.questions import Message
from serving.adapter_scheduler import AdapterScheduler
from serving.adapters import AdapterPool, read
from serving.batcher import Batcher, Piece, State
from serving.manager import context_of, cores
from serving.text import special_tokens

CAPACITY = 64
"""The most requests at a time, running and waiting; further ones are refused as busy."""


class RequestRefused(GenerationError):
    """The request cannot be served: it is too long, or has an option that is not supported."""


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
    """Serves one model; ``name`` is the name that is shown to people.

    All calls must come from the asyncio loop that calls ``start``. Decoding is greedy. ``capacity``
    limits the requests at a time. ``memory`` is the share of free GPU memory for keys and values,
    by default half: the night trains on the same GPU.
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
        capacity: int = CAPACITY,
        memory: float | None = None,
        threads: int | None = None,
    ) -> None:
        self.name = name
        self.context = context_of(model.config)
        self._model = model
        self._tokenizer = tokenizer
        self._special = special_tokens(tokenizer)
        self._capacity = capacity
        self._pool = AdapterPool(model)
        self._folders: dict[str, str] = {}
        self._loading = asyncio.Lock()
        self._scheduler = AdapterScheduler(self._activate)
        self._requests = 0
        if model.device.type == "cpu":
            torch.set_num_threads(threads or cores())
        # Within ``context`` tokens the sliding window has no effect. Without it every layer has
        # full attention, which is faster, and whose cache is better tested.
        model.config.sliding_window = None
        self._batcher = Batcher(model, tokenizer, self.context, memory)

    async def start(self) -> None:
        """Starts the batching thread and warms it up; then the engine is ready."""
        await self._batcher.start(self.prompt([Message("user", "Hello")]))

    async def stop(self) -> None:
        """Refuses new requests, ends running ones with an error, and ends the batching thread."""
        await self._batcher.stop()

    @property
    def adapters(self) -> dict[str, str]:
        """The loaded adapters and their folders."""
        return dict(self._folders)

    def health(self) -> Health:
        return Health(
            state=self._batcher.state,
            model=self.name,
            device=str(self._model.device),
            context=self.context,
            adapter=self._scheduler.active,
            adapters=tuple(self._folders),
            running=self._scheduler.running,
            waiting=self._scheduler.waiting,
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
    ) -> AsyncIterator[Piece]:
        """The answer to ``prompt``, piece by piece; closing the iterator early ends the request.

        ``likely``: with the likeliest tokens in the place of each token.
        ``max_tokens`` None means as many as the context leaves. Raises RequestRefused,
        AdapterNotLoaded, ServerBusy, ServerUnavailable, and GenerationError if the model fails.
        """
        room = self.context - len(prompt)
        limit = room if max_tokens is None else max_tokens
        self._check(len(prompt), limit, adapter)
        self._requests += 1
        try:
            async with self._scheduler.turn(adapter):
                async for piece in self._batcher.pieces(prompt, limit, likely=likely):
                    yield piece
        finally:
            self._requests -= 1

    async def load_adapter(self, name: str, folder: str) -> None:
        """Loads an adapter besides the others; loading the same one again does nothing.

        Raises AdapterNotLoaded.
        """
        path = _resolved(folder)
        if name == self.name:
            raise AdapterNotLoaded(f"{name} is the name of the base model.")
        async with self._loading:
            if known := self._folders.get(name):
                if known == str(path):
                    return
                raise AdapterNotLoaded(
                    f"Another adapter has the name {name}, and it cannot be replaced: "
                    "load this one under a new name.",
                    f"{name} is {known}",
                )
            files = await asyncio.to_thread(read, path, name, self._model, self.name)
            await self._batcher.paused(lambda: self._pool.attach(name, files))
            self._folders[name] = str(path)

    async def unload_adapter(self, name: str) -> None:
        """Removes an adapter when no request uses it any more. Raises AdapterNotLoaded."""
        async with self._loading:
            if name not in self._folders:
                raise AdapterNotLoaded(f"The adapter {name} is not loaded.")
            folder = self._folders.pop(name)  # from now on, new requests for it are refused
            try:
                async with self._scheduler.turn(None):
                    await self._batcher.paused(lambda: self._pool.detach(name))
            except BaseException:
                self._folders[name] = folder
                raise

    def _check(self, prompt: int, limit: int, adapter: str | None) -> None:
        self._batcher.check_ready()
        if adapter is not None and adapter not in self._folders:
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

    async def _activate(self, adapter: str | None) -> None:
        if adapter is not None and adapter not in self._folders:
            raise AdapterNotLoaded(f"The adapter {adapter} was unloaded.")
        await self._batcher.paused(lambda: self._pool.switch(adapter))


def _resolved(folder: str) -> Path:
    try:
        return Path(folder).expanduser().resolve()
    # RuntimeError: no such user. ValueError: a NUL character. OSError: too long, or a link loop.
    except (RuntimeError, ValueError, OSError) as e:
        raise AdapterNotLoaded("The path of the adapter names no folder.", f"{folder}: {e}") from e
