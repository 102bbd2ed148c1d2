"""Attention on a GPU and on a CPU; a GPU's kernel is replaced by the same in plain torch."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.models import load, resolve
from tests.serving.asking import LONG, SHORT, answer
from tests.serving.conftest import Running, running

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


def plain_varlen(
    query: "Tensor",
    key: "Tensor",
    value: "Tensor",
    of_queries: "Tensor",
    of_keys: "Tensor",
    *_: int,
    scale: float,
    window_size: tuple[int, int],
    enable_gqa: bool = False,
) -> "Tensor":
    """What torch's kernel computes: each request's tokens attend to its own earlier ones."""
    import torch

    assert window_size == (-1, 0)
    repeated = query.shape[1] // key.shape[1]
    assert enable_gqa == (repeated > 1)
    key, value = (part.repeat_interleave(repeated, dim=1) for part in (key, value))
    found: list[Tensor] = []
    bounds = zip(of_queries.tolist(), of_keys.tolist(), strict=True)
    first, first_key = next(bounds)
    for last, last_key in bounds:
        one, keys = query[first:last], key[first_key:last_key]
        scores = torch.einsum("qhd,khd->hqk", one, keys) * scale
        places = torch.arange(len(one))[:, None] + len(keys) - len(one)
        scores = scores.masked_fill(torch.arange(len(keys)) > places, float("-inf"))
        found.append(torch.einsum("hqk,khd->qhd", scores.softmax(-1), value[first_key:last_key]))
        first, first_key = last, last_key
    return torch.cat(found)


@pytest.fixture
def flash(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    from serving import attention

    def uses_flash(model: "PreTrainedModel") -> bool:
        attention.use_torch_flash(model)
        return False  # no captured steps, which a CPU does not have

    monkeypatch.setattr("serving.manager.uses_flash", uses_flash)
    monkeypatch.setattr(attention, "_varlen", lambda: plain_varlen)
    with running(tiny) as server:
        yield server


@pytest.mark.slow
def test_flash_attention_gives_the_same_answers(
    flash: Running, server: Running, adapters: Path
) -> None:
    from serving.attention import NAME

    assert flash.engine._model.config._attn_implementation == NAME
    flash.client.load_adapter("red", str(adapters / "red"))
    for prompt in (SHORT, LONG):
        for adapter in (None, "red"):
            expected = answer(server.client, prompt, adapter)
            assert answer(flash.client, prompt, adapter) == expected


def test_without_a_gpu_requests_are_computed_one_by_one(tiny: Path) -> None:
    from serving.attention import NAME_ON_CPU, uses_flash

    model, _ = load(resolve(str(tiny), tiny), device="cpu")
    assert not uses_flash(model)
    assert model.config._attn_implementation == NAME_ON_CPU


class KeptBefore:
    """A cache that gives back what it is given: the requests' keys and values, of all tokens."""

    def update(self, key: "Tensor", value: "Tensor", *_: object) -> tuple["Tensor", "Tensor"]:
        return key, value


@given(
    lengths=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=5),
    shared=st.integers(1, 3),
)
def test_requests_that_are_computed_one_by_one_see_their_own_earlier_tokens(
    lengths: list[tuple[int, int]], shared: int
) -> None:
    import torch

    from serving.attention import _attend_by_request

    def numbers(tokens: int, heads: int) -> "Tensor":
        return torch.randn(1, heads, tokens, 8, generator=draw)

    def bounds(counts: list[int]) -> "Tensor":
        return torch.tensor([0, *counts]).cumsum(0)

    draw = torch.Generator().manual_seed(1)
    asked, read = [new for new, _ in lengths], [new + old for new, old in lengths]
    query, key, value = (
        numbers(sum(asked), 2 * shared),
        numbers(sum(read), 2),
        numbers(sum(read), 2),
    )
    layer: Any = torch.nn.Identity()
    layer.layer_idx = 0
    found, _ = _attend_by_request(
        *(layer, query, key, value, None),
        scaling=0.3,
        cache=KeptBefore(),
        cu_seq_lens_q=bounds(asked),
        cu_seq_lens_k=bounds(read),
    )
    places: list[Any] = [bounds(asked), bounds(read), max(asked), max(read)]
    parts: list[Any] = [part[0].transpose(0, 1) for part in (query, key, value)]
    options: dict[str, Any] = {"enable_gqa": True} if shared > 1 else {}
    exact = plain_varlen(*parts, *places, scale=0.3, window_size=(-1, 0), **options)
    assert found[0].allclose(exact, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.usefixtures("gpu")
def test_torchs_kernel_computes_the_same() -> None:
    import torch

    from serving.attention import _varlen

    lengths = [(1, 900), (7, 700), (300, 300), (1, 1), (64, 1000)]
    draw = torch.Generator("cuda").manual_seed(1)

    def numbers(tokens: int, heads: int) -> "Tensor":
        kind: dict[str, Any] = {"device": "cuda", "dtype": torch.bfloat16, "generator": draw}
        return torch.randn(tokens, heads, 96, **kind)

    def bounds(counts: list[int]) -> "Tensor":
        total = torch.tensor([0, *counts]).cumsum(0)
        return total.to("cuda", torch.int32)

    asked, read = ([pair[side] for pair in lengths] for side in (0, 1))
    query, key, value = numbers(sum(asked), 32), numbers(sum(read), 32), numbers(sum(read), 32)
    places: list[Any] = [bounds(asked), bounds(read), max(asked), max(read)]
    options: dict[str, Any] = {"scale": 96**-0.5, "window_size": (-1, 0)}
    found = _varlen()(query, key, value, *places, **options).cpu().double()
    parts: list[Any] = [part.cpu().double() for part in (query, key, value)]
    exact = plain_varlen(*parts, *places, **options)
    assert (found - exact).norm() / exact.norm() < 0.01


@pytest.mark.gpu
@pytest.mark.usefixtures("gpu")
def test_answers_follow_the_adapter_although_steps_are_captured(
    tiny: Path, adapters: Path, tmp_path: Path
) -> None:
    import torch

    model, tokenizer = load(resolve(str(tiny), tiny), device="cpu")
    network: torch.nn.Module = model
    network.to(torch.bfloat16)
    model.save_pretrained(tmp_path / tiny.name)
    tokenizer.save_pretrained(tmp_path / tiny.name)
    with running(tmp_path / tiny.name) as server:
        for name in ("red", "blue"):
            server.client.load_adapter(name, str(adapters / name))
        turns = [None, "red", "blue", "red", None, "blue"]
        found = [answer(server.client, LONG, adapter) for adapter in turns]
        processor = cast(Any, server.engine._batcher._manager.batch_processor)
        assert any(pair.device_io.graphs._storage for pair in processor.inputs_and_outputs.io_pairs)
    assert len({*found}) == 3
    assert (found[0], found[1], found[2]) == (found[4], found[3], found[5])
