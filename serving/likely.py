"""The likeliest tokens at each place of an answer, as transformers' batching manager computes them.

The manager itself gives only the probability of the token that it chose. But it passes on to each
request whatever is read as that probability, so here that is a list of the likeliest tokens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from transformers.generation.continuous_batching import ContinuousBatchingManager

from serving.processor import inputs_and_outputs, when_created
from serving.sampling import Sampler

MOST = 20
"""How many tokens are read for each place: the most that OpenAI's API gives."""


@dataclass(frozen=True, slots=True)
class Likely:
    """The likeliest tokens at one place, the likeliest first, with their log-probabilities.

    ``chosen`` is the log-probability of the token that was chosen, which need not be one of them.
    """

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    chosen: float


class LikelyTokens:
    """Reads them for the requests in ``wanted``, which are ids of the manager's requests.

    They are those of the model's own scores, before ``sampler`` chooses.
    """

    def __init__(self, manager: ContinuousBatchingManager, sampler: Sampler) -> None:
        self.wanted = set[str]()
        self._sampler = sampler
        when_created(manager, self._attach)

    def _attach(self, processor: Any) -> None:
        for each in inputs_and_outputs(processor):
            self._widen(each)
        runner = processor.model_runner
        choose = runner._sample  # noqa: SLF001

        def chosen(scores: torch.Tensor, output_ids: torch.Tensor) -> None:
            choose(scores, output_ids)
            # A captured step is the same for all requests, so on a GPU it is always computed.
            if self.wanted or scores.is_cuda:
                raw = self._sampler.raw
                _write(scores[0] if raw is None else raw, output_ids)

        runner._sample = chosen  # noqa: SLF001

    def _widen(self, each: Any) -> None:
        """Makes room for the likeliest tokens below the chosen ones, and reads them from there."""
        narrow = each.output_ids
        each.output_ids = torch.zeros(
            (2 + 2 * MOST, narrow.shape[1]),
            dtype=narrow.dtype,
            device=narrow.device,
            pin_memory=narrow.is_pinned(),
        )
        read = each.prepare_batch_update

        def updated() -> tuple[Any, list[int], list[Likely | None] | None]:
            requests, tokens, _ = read()
            new = [one.state.request_id for one in requests if one.has_new_token]
            if self.wanted.isdisjoint(new):
                return requests, tokens, None
            found = zip(new, _read(each.output_ids, len(new)), strict=True)
            return requests, tokens, [one if name in self.wanted else None for name, one in found]

        each.prepare_batch_update = updated


def _write(scores: torch.Tensor, output_ids: torch.Tensor) -> None:
    """``scores`` are float32 logits of the shape [requests, vocabulary].

    As the manager does it with probabilities, their bits are stored as those of integers.
    """
    logprobs = scores.log_softmax(-1)
    found = logprobs.topk(MOST)
    chosen = logprobs.gather(1, output_ids[0, : len(scores), None].long())
    output_ids[1 : 1 + MOST, : len(scores)].copy_(found.indices.T)
    values = torch.cat([found.values, chosen], dim=1).T.contiguous().view(torch.int32)
    output_ids[1 + MOST :, : len(scores)].copy_(values)


def _read(output_ids: torch.Tensor, requests: int) -> Iterator[Likely]:
    rows = output_ids[:, :requests].T.contiguous()
    ids, logprobs = rows[:, 1 : 1 + MOST].tolist(), rows[:, 1 + MOST :].contiguous()
    for known, values in zip(ids, logprobs.view(torch.float32).tolist(), strict=True):
        yield Likely(tuple(known), tuple(values[:MOST]), values[MOST])
