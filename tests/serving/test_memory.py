"""The memory plan's formulas against what is known, and against what torch and peft really make."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest

from serving.default_model import PHI3, SMOLLM2
from serving.memory.card import Card
from serving.memory.night import NF4, Training, activation_bytes, night_needs, tokens_per_step
from serving.memory.plan import Wishes, plan_memory
from serving.memory.server import cache_bytes, kept_a_token, server_needs
from serving.memory.sizes import ModelSizes, sizes, sizes_of

# peft looks at what transformers has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

GB = 1_000_000_000
NARROW, WIDE = Training(2, 2), Training(4, 4)


def known(model: str) -> ModelSizes:
    found = sizes_of(model)
    assert found
    return found


def small(*, fused: bool) -> dict[str, Any]:
    """A small model of Phi-3's or of Llama's form, whose heads share keys and values."""
    return {
        "model_type": "phi3" if fused else "llama",
        "hidden_size": 96,
        "intermediate_size": 160,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "vocab_size": 300,
        "max_position_embeddings": 512,
        "pad_token_id": 0,
    }


def test_phi35_mini_has_the_sizes_that_were_counted() -> None:
    model = known(PHI3)
    assert model.parameters == 3_821_079_552
    assert [model.lora(rank) for rank in (8, 16, 32)] == [12_582_912, 25_165_824, 50_331_648]
    assert kept_a_token(model, 2) == 384 * 1024
    assert model.context == 4096
    assert activation_bytes(model, NARROW) == pytest.approx(146_056, rel=0.01)
    assert known(SMOLLM2).parameters == 134_515_008


@pytest.mark.parametrize(("training", "twice", "measured"), [
    (Training(None, 2), False, 18.8),
    (NARROW, False, 24.4),
    (Training(None, 2), True, 3.8),
])  # fmt: skip
def test_a_night_is_computed_as_it_was_measured_on_an_h200(
    training: Training, twice: bool, measured: float
) -> None:
    """docs/gpu.md: two rows of 1,640 tokens; torch's count, without CUDA."""
    needs = night_needs(known(PHI3), training, tokens=3280, recomputes=twice, process=0)
    assert needs.total / GB == pytest.approx(measured, rel=0.15)


def test_a_server_is_computed_as_it_was_measured_on_an_h200() -> None:
    needs = server_needs(
        known(PHI3), width=2, cache_tokens=173_000, process=GB, adapters=0, batch=2048,
        has_flash=True,
    )  # fmt: skip
    assert needs.total / GB == pytest.approx(77.5, rel=0.15)


@pytest.mark.parametrize("fused", [True, False])
def test_weights_and_adapters_are_counted_as_transformers_and_peft_do(fused: bool) -> None:
    with real_model(small(fused=fused), layers=3) as model:
        lora = sum(p.numel() for name, p in model.named_parameters() if "lora_" in name)
        rest = sum(p.numel() for name, p in model.named_parameters() if "lora_" not in name)
    found = sizes(small(fused=fused) | {"num_hidden_layers": 3})
    assert (found.lora(4), found.parameters) == (lora, rest)


@pytest.mark.parametrize("fused", [True, False])
def test_a_layer_keeps_for_its_gradients_what_the_formula_says(fused: bool) -> None:
    """Counted on the tensors that torch saves: two layers less one."""
    tokens = 128
    saved = [saved_bytes(small(fused=fused), layers, tokens) for layers in (1, 2)]
    found = sizes(small(fused=fused) | {"num_hidden_layers": 1})
    assert (saved[1] - saved[0]) / tokens == activation_bytes(found, Training(4, 4, rank=4))


def test_nf4_takes_half_a_byte_and_its_scales() -> None:
    assert pytest.approx(0.5159, abs=0.0001) == NF4


def test_a_cache_holds_whole_pages() -> None:
    model = known(SMOLLM2)
    each = kept_a_token(model, 4)
    assert 512 * each < cache_bytes(model, 4, 257) == cache_bytes(model, 4, 512) < 530 * each


def test_a_step_has_fewer_tokens_where_there_is_less_room() -> None:
    model, training = known(PHI3), Training(None, 2)
    found = [
        tokens_per_step(model, training, room * GB, most=4096, process=GB) for room in range(1, 40)
    ]
    tokens = [needs.tokens if needs else 0 for needs in found]
    assert tokens == sorted(tokens)
    assert (tokens[0], tokens[-1]) == (0, 4096)
    assert all(needs.total <= room * GB for room, needs in enumerate(found, 1) if needs)


def test_no_plan_gives_more_than_there_is() -> None:
    shares, wishes = (None, 0.3, 0.9), (None, "nothing", "cache", "model")
    for gigabytes, on_gpu, share, gives in product((12, 24, 80), (True, False), shares, wishes):
        card = Card(gigabytes * GB, on_gpu)
        plan = plan_memory(known(PHI3), card, Wishes(2044, share, gives))  # type: ignore[arg-type]
        if plan.night and plan.fits:
            assert plan.left + plan.server.process <= card.bytes
            assert plan.night.total <= plan.left
            assert plan.server.total <= card.bytes
            assert plan.night.tokens >= 2044


@pytest.mark.parametrize("wrong", [
    {}, {"hidden_size": "x"}, {"num_attention_heads": 0}, {"hidden_size": 0},
    {"num_hidden_layers": None}, {"vocab_size": []},
])  # fmt: skip
def test_a_config_of_another_form_has_no_sizes(wrong: dict[str, Any]) -> None:
    config = small(fused=True) | {"num_hidden_layers": 1} | wrong if wrong else {}
    with pytest.raises((KeyError, ValueError, TypeError, ZeroDivisionError)):
        sizes(config)


@contextmanager
def real_model(config: dict[str, Any], layers: int) -> Iterator[Any]:
    import torch
    from peft import LoraConfig, get_peft_model
    from peft.helpers import disable_input_dtype_casting
    from transformers import AutoConfig, AutoModelForCausalLM

    chosen = {k: v for k, v in config.items() if k != "model_type"} | {"num_hidden_layers": layers}
    made = AutoConfig.for_model(config["model_type"], **chosen, bos_token_id=1, eos_token_id=2)
    model = AutoModelForCausalLM.from_config(made, dtype=torch.float32)  # type: ignore[no-untyped-call]
    lora = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    trained = get_peft_model(model, lora)
    with disable_input_dtype_casting(trained):
        yield trained.train()


def saved_bytes(config: dict[str, Any], layers: int, tokens: int) -> int:
    import torch

    seen: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = storage
        return tensor

    with real_model(config, layers) as model:
        own = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
        ids = torch.arange(3, 3 + tokens)[None]
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            model(input_ids=ids, logits_to_keep=1, use_cache=False).logits.sum()
    return sum(each.nbytes() for place, each in seen.items() if place not in own)
