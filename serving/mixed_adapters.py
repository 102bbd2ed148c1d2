"""Computes with several LoRA adapters at once: each token of a batch with its own, or with none.

Beside each linear layer lie the weights of all adapters, one after the other: ``a`` [ranks, in] and
``b`` [ranks, out], where ``ranks`` is the sum of the adapters' ranks. The layer's output becomes
``x W + (x a.T, zero in the columns of other adapters) b``, so that one step serves any mixture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.generation.continuous_batching import ContinuousBatchingManager
from transformers.generation.continuous_batching.utils import stream_context

from serving.processor import pairs, when_created

Weights = Mapping[str, tuple[Tensor, Tensor]]
"""An adapter: for each layer's name ``a`` [rank, in] and ``b`` [rank, out], scaled."""

_NONE = 0  # the number of the base model


class MixedAdapters:
    """The adapters of a model that answers with ``manager``.

    ``attach`` and ``detach`` may only be called while nothing is computed. Adapters are known by a
    number, which is given only once.
    """

    def __init__(self, model: PreTrainedModel, manager: ContinuousBatchingManager) -> None:
        self._model = model
        self._batch = _Batch(captured=model.device.type != "cpu")
        self._layers: dict[str, _Layer] = {}
        self._requests: dict[str, int] = {}
        self._last = _NONE
        model.register_forward_pre_hook(lambda *_: self._batch.begin())
        when_created(manager, self._follow)

    def attach(self, weights: Weights) -> int:
        """Adds an adapter and returns its number. Raises RuntimeError if the memory is full."""
        rank = max(len(a) for a, _ in weights.values())
        width = sum(self._batch.ranks.values())
        found = {}
        for name in self._layers.keys() | weights.keys():
            before = self._layers.get(name)
            old = before.weights if before else _zeros(width, weights[name])
            new = weights[name] if name in weights else _zeros(rank, old)
            found[name] = tuple(torch.cat(pair) for pair in zip(old, new, strict=True))
        self._last += 1
        for name, both in found.items():
            if name not in self._layers:
                self._layers[name] = _Layer(self._model.get_submodule(name), self._batch)
            self._layers[name].keep(self._last if name in weights else None, both)
        self._batch.own({**self._batch.ranks, self._last: rank}, self._model.device)
        return self._last

    def detach(self, number: int) -> None:
        """Removes an adapter; what still asks for it would be computed by the base model alone."""
        columns = [torch.full((rank,), each != number) for each, rank in self._batch.ranks.items()]
        kept = torch.cat(columns).to(self._model.device)
        for name, layer in list(self._layers.items()):
            layer.users.discard(number)
            if layer.users:
                layer.keep(None, tuple(part[kept] for part in layer.weights))
            else:
                self._layers.pop(name).remove()
        rest = {each: rank for each, rank in self._batch.ranks.items() if each != number}
        self._batch.own(rest, self._model.device)

    def use(self, request: str, number: int | None) -> None:
        """From now on the manager's request is computed with this adapter; None is the base."""
        if number is not None:
            self._requests[request] = number

    def forget(self, request: str) -> None:
        self._requests.pop(request, None)

    def _follow(self, processor: Any) -> None:
        for prepared, computed in pairs(processor):
            for each in dict.fromkeys((prepared, computed)):
                like = each.input_ids
                each.adapters = torch.zeros_like(like, pin_memory=like.is_pinned())
            self._watch_prepared(prepared)
            if computed is not prepared:
                _watch_transfer(prepared)
            self._watch_computed(computed)

    def _watch_prepared(self, each: Any) -> None:
        """Notes the adapter of each token when a step is prepared; padding has none."""
        prepare = each.prepare_batch_tensors

        def prepared(requests_in_batch: Sequence[Any], *args: Any, **options: Any) -> None:
            requests = requests_in_batch  # so it is named by its caller
            prepare(requests, *args, **options)
            # Read once: a request may be forgotten meanwhile.
            numbers = [self._requests.get(one.state.request_id, _NONE) for one in requests]
            each.adapters[: each.num_q_tokens].zero_()
            if any(numbers):
                tokens = [
                    number
                    for number, one in zip(numbers, requests, strict=True)
                    for number in repeat(number, one.query_length)
                ]
                found = torch.tensor(tokens, dtype=each.adapters.dtype)
                each.adapters[: len(tokens)].copy_(found)
            each.adapter_numbers = frozenset(numbers)

        each.prepare_batch_tensors = prepared

    def _watch_computed(self, each: Any) -> None:
        get = each.get_model_kwargs

        def got(*args: Any, **options: Any) -> Any:
            numbers: frozenset[int] = getattr(each, "adapter_numbers", frozenset())
            self._batch.follow(each.adapters[: each.num_q_tokens], numbers)
            return get(*args, **options)

        each.get_model_kwargs = got


def _watch_transfer(each: Any) -> None:
    """Copies the tokens' adapters to the GPU with the other inputs."""
    transfer = each._transfer_inputs  # noqa: SLF001

    def transferred(other: Any, stream: Any, non_blocking: bool = False) -> None:
        transfer(other, stream=stream, non_blocking=non_blocking)
        with stream_context(stream):
            other.adapters.copy_(each.adapters, non_blocking=non_blocking)

    each._transfer_inputs = transferred  # noqa: SLF001


@dataclass(slots=True)
class _Batch:
    """The step that is computed: the adapters' columns that it needs, and whose they are.

    ``captured``: steps are captured and launched again for other mixtures, so each uses all
    columns. ``columns`` is None if no token needs any; ``foreign`` [tokens, columns] is where a
    token has another adapter than the column, None if there is no such place.
    """

    captured: bool
    ranks: dict[int, int] = field(default_factory=dict)
    columns: slice | None = None
    foreign: Tensor | None = None
    _owners: Tensor | None = None
    _tokens: Tensor | None = None
    _numbers: frozenset[int] = frozenset()

    def own(self, ranks: Mapping[int, int], device: torch.device) -> None:
        self.ranks = dict(ranks)
        owners = [number for number, rank in ranks.items() for number in repeat(number, rank)]
        self._owners = torch.tensor(owners, dtype=torch.int32, device=device)

    def follow(self, tokens: Tensor, numbers: frozenset[int]) -> None:
        """The next step has ``tokens`` [tokens], each the number of an adapter."""
        self._tokens, self._numbers = tokens, numbers

    def begin(self) -> None:
        self.columns, self.foreign = self._needed(), None
        if self.columns is None or self._owners is None or self._tokens is None:
            return
        if self.captured or len(self._numbers) > 1:
            self.foreign = self._tokens[:, None] != self._owners[self.columns]

    def _needed(self) -> slice | None:
        if self.captured:
            return slice(0, sum(self.ranks.values())) if self.ranks else None
        ends, end = {}, 0
        for number, rank in self.ranks.items():
            ends[number] = end = end + rank
        used = [number for number in self._numbers if number in ends]
        if not used:
            return None
        first, last = min(used), max(used)
        return slice(ends[first] - self.ranks[first], ends[last])


class _Layer:
    """A linear layer of the model, with the weights that adapters add to it."""

    def __init__(self, layer: nn.Module, batch: _Batch) -> None:
        self.users = set[int]()
        self._batch = batch
        self._hook = layer.register_forward_hook(self._add)

    def keep(self, user: int | None, weights: Sequence[Tensor]) -> None:
        if user is not None:
            self.users.add(user)
        self._a, self._b = weights

    @property
    def weights(self) -> tuple[Tensor, Tensor]:
        return self._a, self._b

    def remove(self) -> None:
        self._hook.remove()

    def _add(self, _: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        columns, foreign = self._batch.columns, self._batch.foreign
        if columns is None:
            return
        within = inputs[0][0] @ self._a[columns].T
        if foreign is not None:
            # Not by a product with 0: what overflows in one adapter would reach other answers.
            within.masked_fill_(foreign, 0)
        output[0].addmm_(within, self._b[columns])


def _zeros(rank: int, like: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    a, b = like
    return a.new_zeros(rank, a.shape[1]), b.new_zeros(rank, b.shape[1])
