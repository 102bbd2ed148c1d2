"""Divides a card between the model server and the night: what each gets, and what it is for.

Settings may say how much the server has, and what it gives back while a night trains. What they do
not say follows from the model and the card, so that both fit if that is possible.
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

from serving.memory.card import Card
from serving.memory.night import NightNeeds, Training, night_needs, tokens_per_step
from serving.memory.server import (
    BATCH_ON_CPU,
    BATCH_ON_GPU,
    GRAPHS,
    PAGE,
    RANK,
    ServerNeeds,
    kept_a_token,
    server_needs,
)
from serving.memory.sizes import ModelSizes
from serving.size import SMALL_MODEL

Gives = Literal["nothing", "cache", "model"]
"""What the server gives back while a night trains: nothing; its cache but for one answer at a time,
so that it answers slower; or also the model, so that passages are quoted meanwhile."""

CACHE_TOKENS = 16_384
"""Enough for some eight answers at a time. A server without a GPU has no use for more."""

COMFORTABLE = 0.25
"""LoRA suits if the base's weights take at most this share of what the night may use.

With a model of Phi-3.5-mini's size LoRA took 24.4 GB at its peak, of which the weights were 7.6,
and was 1.36 times as fast as QLoRA (docs/gpu.md)."""

_GPU_PROCESS = 1_000_000_000  # CUDA itself; docs/gpu.md
_CPU_SERVER = 700_000_000  # the libraries, as measured

CPU_NIGHT = 1_000_000_000
"""Bytes of a process that trains without a GPU, before it loads a model, as measured."""

_GPU_USABLE, _CPU_USABLE = 0.95, 0.85
_RESERVED = 1.1  # of what a training needs torch reserved 6 to 11% more on an H200 (docs/gpu.md)
_FEW_GRAPHS = 8
_LARGE_CARD = 40_000_000_000
_ROW = 64  # rows are padded to multiples of this


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the settings say; None where they leave it to the plan.

    ``share`` of the card is the server's, all in all. ``longest`` is the longest row that a night
    trains on, in tokens, of which ``rows`` make a step; ``quantised`` says whether the base is in
    4 bits then.
    """

    longest: int
    share: float | None = None
    gives: Gives | None = None
    quantised: bool | None = None
    rows: int = 2
    rank: int = RANK


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What the server needs by day, what it gives back at night, and what the night then needs.

    ``night`` is None if no training fits, and ``left`` is what the night may use (bytes).
    ``training`` says how it trains; ``least`` is what it needs for the longest row. ``fits`` says
    whether the server itself fits, with a cache for one answer.
    """

    card: Card
    server: ServerNeeds
    gives: Gives
    left: int
    night: NightNeeds | None
    training: Training
    least: NightNeeds
    fits: bool
    graphs: int
    least_cache: int

    @property
    def share(self) -> float:
        """The share of the card that the server has by day."""
        return self.server.total / self.card.bytes


def plan_memory(sizes: ModelSizes, card: Card, wishes: Wishes) -> MemoryPlan:
    """The plan. With the first of nothing, the cache and the model that makes a night fit."""
    return _Planner(sizes, card, wishes).plan()


class _Planner:
    def __init__(self, sizes: ModelSizes, card: Card, wishes: Wishes) -> None:
        self._sizes, self._card, self._wishes = sizes, card, wishes
        is_small = sizes.parameters < SMALL_MODEL
        self._width = 4 if is_small and not card.is_gpu else 2
        self._usable = round(card.bytes * (_GPU_USABLE if card.is_gpu else _CPU_USABLE))
        self._processes = (_GPU_PROCESS, _GPU_PROCESS) if card.is_gpu else (_CPU_SERVER, CPU_NIGHT)
        few = card.bytes < _LARGE_CARD
        self._graphs = 0 if not card.is_gpu else _FEW_GRAPHS if few else GRAPHS
        self._longest = _ROW * ceil(wishes.longest / _ROW)
        self._least_cache = sizes.context

    def plan(self) -> MemoryPlan:
        asked: tuple[Gives, ...] = ("nothing", "cache", "model")
        plans = [self._with(gives) for gives in asked if self._wishes.gives in (None, gives)]
        good = (each for each in plans if each.night and self._is_good(each))
        fits = (each for each in plans if each.night)
        return next(good, None) or next(fits, None) or plans[-1]

    def _is_good(self, plan: MemoryPlan) -> bool:
        """Whether the server has room for several answers by day; else it rather gives some back.

        A share that a person set is left as it is.
        """
        enough = min(CACHE_TOKENS, self._cache(self._usable - self._fixed(0)))
        return self._wishes.share is not None or plan.server.cache_tokens >= enough

    def _with(self, gives: Gives) -> MemoryPlan:
        day = self._day(gives)
        left = self._usable - self._at_night(day, gives)
        training = self._training(left)
        room = round(left / _RESERVED) if self._card.is_gpu else left
        most = self._longest * (self._wishes.rows if self._card.is_gpu else 1)
        process = self._processes[1]
        night = tokens_per_step(self._sizes, training, room, most=most, process=process)
        least = night_needs(
            self._sizes, training, tokens=self._longest, recomputes=True, process=process
        )
        return MemoryPlan(
            card=self._card,
            server=day,
            gives=gives,
            left=left,
            night=night if night and night.tokens >= self._longest else None,
            training=training,
            least=least,
            fits=day.cache_tokens >= self._least_cache and day.total <= self._card.bytes,
            graphs=self._graphs,
            least_cache=self._least_cache,
        )

    def _day(self, gives: Gives) -> ServerNeeds:
        free = self._usable - self._fixed(0)
        if self._wishes.share is not None:
            room = round(self._card.bytes * self._wishes.share) - self._fixed(0)
        elif gives == "nothing":
            # What a night needs at least stays free; and half of all, since it is faster with more,
            # unless the cache would hold few answers.
            room = min(free - self._least(free), max(free // 2, self._bytes_of(CACHE_TOKENS)))
        else:
            room = free
        tokens = self._cache(room)
        if not self._card.is_gpu:
            tokens = min(tokens, max(CACHE_TOKENS, self._least_cache))
        return self._server(max(tokens, PAGE))

    def _least(self, free: int) -> int:
        needs = night_needs(
            self._sizes,
            self._training(free),
            tokens=self._longest,
            recomputes=True,
            process=self._processes[1],
        )
        return round(needs.total * _RESERVED) if self._card.is_gpu else needs.total

    def _at_night(self, day: ServerNeeds, gives: Gives) -> int:
        if gives == "model":
            return day.process + day.adapters
        if gives == "cache":
            return self._server(min(self._least_cache, day.cache_tokens)).total
        return day.total

    def _training(self, left: int) -> Training:
        quantised = self._wishes.quantised
        size = self._sizes.parameters
        if quantised is None:
            small = size < SMALL_MODEL
            quantised = not (small or (self._card.is_gpu and 2 * size <= COMFORTABLE * left))
        return Training(None if quantised else self._width, 2, self._wishes.rank)

    def _server(self, cache_tokens: int) -> ServerNeeds:
        on_gpu = self._card.is_gpu
        return server_needs(
            self._sizes,
            width=self._width,
            cache_tokens=cache_tokens,
            process=self._processes[0],
            batch=BATCH_ON_GPU if on_gpu else BATCH_ON_CPU,
            rank=self._wishes.rank,
            graphs=self._graphs,
            has_flash=on_gpu,
        )

    def _fixed(self, cache_tokens: int) -> int:
        return self._server(cache_tokens).fixed

    def _cache(self, room: int) -> int:
        """How many tokens ``room`` bytes hold, in whole pages, with what a batch needs for them."""
        low, high = 0, max(room, 0) // (PAGE * kept_a_token(self._sizes, self._width)) + 1
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._bytes_of(middle * PAGE) <= room
            low, high = (middle, high) if fits else (low, middle - 1)
        return low * PAGE

    def _bytes_of(self, tokens: int) -> int:
        """What so many tokens of keys and values need, with what a batch needs to read them."""
        needs = self._server(tokens)
        return needs.cache + needs.working - self._server(0).working
