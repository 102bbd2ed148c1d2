"""Gives memory back for a limited time, while a night trains on the same GPU, and takes it back.

The night asks for it again and again. So a night that is killed holds nothing for long: the server
takes it back by itself once nobody has asked for a while.
"""

import asyncio
from collections.abc import Callable
from logging import getLogger
from time import monotonic
from typing import TYPE_CHECKING, Literal

import torch
from safetensors import SafetensorError

from domain.errors import GenerationError, Phi3Error, ServerBusy
from serving.batcher import Batcher, State

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_log = getLogger(__name__)

Given = Literal["nothing", "cache", "model"]

_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 5.0  # after it could not be taken back, as while something else has the memory
_STUCK_SECONDS = 300.0
"""After so long without success only a new process gets the memory: some errors of CUDA last."""
_RESTING = "A night trains with its memory."


class Room:
    """What a server has given back. All calls must come from the loop of its batcher.

    ``cache``: all of the cache but for one answer of the greatest length, so that answers are
    slower. ``model``: also the weights, so that nothing is answered. ``reload`` loads the model
    again. In both cases running answers end first.
    """

    def __init__(
        self,
        batcher: Batcher,
        model: "PreTrainedModel",
        context: int,
        reload: "Callable[[], PreTrainedModel] | None",
    ) -> None:
        self._batcher = batcher
        self._model = model
        self._context = context
        self._reload = reload
        self._changing = asyncio.Lock()
        self._until = 0.0
        self._failing_since: float | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.given: Given = "nothing"

    @property
    def is_stuck(self) -> bool:
        """Whether it has tried for long to take everything back, and only a new process can."""
        since = self._failing_since
        return since is not None and monotonic() - since >= _STUCK_SECONDS

    async def give(self, what: Given, seconds: float) -> None:
        """Gives it back for so many seconds from now, or for longer if that was asked before.

        Raises ServerBusy if running answers do not end in time, ServerUnavailable, and
        GenerationError; then a server that rests takes all back by itself, too.
        """
        async with self._changing:
            if self.given == "nothing":
                self._batcher.check_ready()
            try:
                if what != self.given:
                    await self._take()
                    await self._give(what)
            finally:
                self._until = monotonic() + seconds
                if self._watcher is None or self._watcher.done():
                    self._watcher = asyncio.create_task(self._watch())

    async def take_back(self) -> None:
        """Takes everything back. Raises GenerationError; then it is tried again by itself."""
        async with self._changing:
            self._until = 0.0
            await self._take()

    def stop(self) -> None:
        if self._watcher:
            self._watcher.cancel()

    async def _give(self, what: Given) -> None:
        if what == "nothing":
            return
        if what == "cache":
            try:
                await self._batcher.begin_anew(self._context)
            except GenerationError:
                if self._batcher.state is State.RESTING:  # it has no cache at all now
                    self.given = what
                raise
        elif self._reload is None:
            raise ServerBusy("This server cannot load its model again, so it keeps it.")
        else:
            await self._batcher.rest(_RESTING, lambda: _empty(self._model))
        self.given = what
        _log.info("A night has the server's %s meanwhile", what)

    async def _take(self) -> None:
        if self.given == "nothing":
            return
        refill = self._refill if self.given == "model" else lambda: None
        await self._batcher.begin_anew(None, refill)
        _log.info("The server has its %s back", self.given)
        self.given, self._failing_since = "nothing", None

    def _refill(self) -> None:
        assert self._reload is not None
        _fill(self._model, self._reload())

    async def _watch(self) -> None:
        while self.given != "nothing":
            # It may end earlier than it seemed: somebody else may have asked for a shorter time.
            await asyncio.sleep(min(max(self._until - monotonic(), 0.05), _LOOK_SECONDS))
            async with self._changing:
                if monotonic() < self._until:
                    continue
                try:
                    await self._take()
                except Phi3Error as e:  # a model that does not fit is one of its configuration
                    _log.warning("The memory is not back yet: %s", e)
                except (RuntimeError, SafetensorError):  # of torch, of transformers, of files
                    _log.exception("The memory is not back yet")
                else:
                    return
                self._failing_since = self._failing_since or monotonic()
                self._until = monotonic() + _AGAIN_SECONDS


def _empty(model: "PreTrainedModel") -> None:
    """Frees the memory of the weights."""
    for weight in torch.nn.Module.parameters(model):
        weight.data = weight.data.new_empty(0)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _fill(model: "PreTrainedModel", read: "PreTrainedModel") -> None:
    """Gives ``model`` the weights of ``read``, which is the same model."""
    weights = dict(torch.nn.Module.named_parameters(read))
    for name, weight in torch.nn.Module.named_parameters(model):
        weight.data = weights[name].data
