"""Draws the next tokens of some requests of a batch; those of all others stay the likeliest ones.

The batching manager draws for all requests or for none, from one generator of random numbers. Here
each request has a temperature and a seed of its own: what is drawn depends on the request's seed
and place alone, and not on the other requests of its batch. It also works in a captured step on a
GPU.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from random import getrandbits
from typing import Any

import torch
from transformers import LogitsProcessorList
from transformers.generation.continuous_batching import ContinuousBatchingManager
from transformers.generation.continuous_batching.cb_logits_processors import (
    ContinuousBatchingLogitsProcessorList,
)

_SMALLEST_TEMPERATURE = 1e-5  # below it the likeliest token is as good as certain
_SMALLEST_TOP_P = 1e-9  # the likeliest token is kept in any case
_FEW = 1024  # so many tokens nearly always reach top_p, and to sort all of them takes long on a CPU


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a request's tokens are chosen. With temperature 0 they are the likeliest ones.

    Only the likeliest tokens that together have the probability ``top_p`` are drawn from.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = field(default_factory=lambda: getrandbits(63))

    @property
    def draws(self) -> bool:
        return self.temperature >= _SMALLEST_TEMPERATURE


class Sampler(ContinuousBatchingLogitsProcessorList):
    """Raises the score of what a request draws, so that it is taken for the likeliest token.

    ``on`` is set once a request draws: until then nothing is computed for it. ``raw`` are the
    scores of the current step as the model gave them, of the shape [requests, vocabulary].
    """

    def __init__(self) -> None:
        super().__init__(LogitsProcessorList())
        self.tensors_required = 4  # temperature, top_p, and a random float64 in two parts
        self.do_processing = True
        self.on = False
        self.raw: torch.Tensor | None = None

    @classmethod
    def of(cls, manager: ContinuousBatchingManager) -> "Sampler":
        """A sampler that ``manager``, which has not started yet, will use."""
        sampler = cls()
        manager.logit_processor = sampler
        return sampler

    def options(self, sampling: Sampling | None) -> dict[str, Any]:
        """What the manager has to be given with the request."""
        if sampling is None or not sampling.draws:
            return {}
        self.on = True
        return {"sampling": sampling}

    def check_kwargs(self, kwargs: Mapping[str, Any]) -> None: ...

    def fill_defaults(self, int32_tensor: torch.Tensor) -> None:
        int32_tensor.zero_()

    def prepare_tensor_args(
        self, requests_in_batch: Sequence[Any], arg_storage: torch.Tensor
    ) -> torch.Tensor:
        """Writes how the token of each request is chosen, in the order of the scores."""
        if self.on:
            rows = [_row(one.state) for one in requests_in_batch if one.has_new_token]
            options = torch.tensor([row[:2] for row in rows], dtype=torch.float32).view(-1, 2)
            chances = torch.tensor([row[2] for row in rows], dtype=torch.float64).view(-1, 1)
            both = torch.cat([options.view(torch.int32), chances.view(torch.int32)], dim=1).T
            arg_storage[:, : len(rows)] = both.to(arg_storage.device)
        return arg_storage

    def __call__(
        self, _: torch.Tensor, scores: torch.Tensor, logits_processor_args: torch.Tensor
    ) -> torch.Tensor:
        self.raw = scores
        if not self.on:
            return scores
        args = logits_processor_args[:, : len(scores)].T.contiguous()
        temperature, top_p = args[:, :2].contiguous().view(torch.float32).T
        chance = args[:, 2:].contiguous().view(torch.float64).squeeze(1)
        draws = temperature > 0
        if scores.is_cuda:  # a captured step is the same whoever draws in it
            tokens = _drawn(scores, temperature.where(draws, 1.0), top_p, chance, sort=True)
            return scores.scatter(
                1, tokens, torch.where(draws[:, None], torch.inf, scores.gather(1, tokens))
            )
        changed = scores.clone()
        for rows, sort in ((draws & (top_p < 1), True), (draws & (top_p >= 1), False)):
            at = rows.nonzero().squeeze(1)
            if len(at):
                tokens = _drawn(scores[at], temperature[at], top_p[at], chance[at], sort=sort)
                changed[at, tokens.squeeze(1)] = torch.inf
        return changed


def _row(state: Any) -> tuple[float, float, float]:
    """The temperature, top_p and the random number of a request's next token."""
    sampling: Sampling | None = state.logit_processor_kwargs.get("sampling")
    if sampling is None:
        return 0.0, 1.0, 0.0
    place = f"{sampling.seed} {state.position_offset}".encode()
    number = int.from_bytes(blake2b(place, digest_size=8).digest())
    return sampling.temperature, max(sampling.top_p, _SMALLEST_TOP_P), (number >> 11) / 2**53


def _drawn(
    scores: torch.Tensor,
    temperature: torch.Tensor,
    top_p: torch.Tensor,
    chance: torch.Tensor,
    *,
    sort: bool,
) -> torch.Tensor:
    """The token that each row draws, of the shape [rows, 1]; ``chance`` is from 0 to below 1.

    Without ``sort`` every ``top_p`` must be 1.
    """
    likely = (scores / temperature[:, None]).softmax(-1)
    order = None
    if sort:
        likely, order = _likeliest(likely, top_p)
    reached = likely.cumsum(-1, dtype=torch.float64)
    found = torch.searchsorted(reached, chance[:, None] * reached[:, -1:], right=True)
    found = found.clamp(max=likely.shape[1] - 1)
    return found if order is None else order.gather(1, found)


def _likeliest(likely: torch.Tensor, top_p: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The likeliest tokens first, with 0 for those beyond ``top_p``; and which tokens they are."""
    few = min(_FEW, likely.shape[1])
    ordered, order = likely.sort(-1, descending=True) if likely.is_cuda else likely.topk(few)
    if not likely.is_cuda and bool((ordered.sum(-1) < top_p).any()):
        ordered, order = likely.sort(-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    return ordered.masked_fill(before >= top_p[:, None], 0.0), order
