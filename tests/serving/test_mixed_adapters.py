"""Adapters side by side: each request is answered as if its adapter were alone."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from domain.errors import AdapterNotLoaded
from domain.protocols import CUT
from domain.questions import Message
from serving.models import ModelFiles, load
from tests.lora import build_adapter, write_config
from tests.serving.asking import LONG, SHORT, answer
from tests.serving.conftest import TINY, Running, running, wait_until

if TYPE_CHECKING:  # takes seconds to import
    from torch import Tensor

NAMES = (None, "red", "blue")
PROMPTS = (SHORT, LONG, (Message("user", "Who asks for holiday in the calendar?"),), SHORT)

Asked = tuple[str | None, tuple[Message, ...]]


def every_pair(count: int) -> list[Asked]:
    """So many questions to the base and two adapters by turns."""
    return list(islice(zip(cycle(NAMES), cycle(PROMPTS), strict=False), count))


def together(server: Running, asked: Sequence[Asked], tokens: int = 24) -> list[str]:
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda each: answer(server.client, each[1], each[0], tokens), asked))


def alone(server: Running, asked: Sequence[Asked], tokens: int = 24) -> list[str]:
    return [answer(server.client, prompt, name, tokens) for name, prompt in asked]


def by_peft(model: Path, adapter: Path, prompt: Sequence[Message], tokens: int) -> str:
    """What PEFT's own model answers with one adapter."""
    from peft import PeftModel

    network, tokenizer = load(ModelFiles(model.name, str(model)))
    whole: Any = PeftModel.from_pretrained(network, str(adapter)).eval()
    given: Any = tokenizer.apply_chat_template(
        [{"role": m.role, "content": m.content} for m in prompt],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    found = whole.generate(**given, max_new_tokens=tokens, do_sample=False)
    text = tokenizer.decode(found[0][given["input_ids"].shape[1] :], skip_special_tokens=True)
    return str(text).rstrip("\ufffd")


@pytest.mark.slow
def test_each_request_is_answered_as_if_its_adapter_were_alone(server: Running) -> None:
    asked = every_pair(12)

    assert together(server, asked) == alone(server, asked)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.parametrize("name", ["red", "blue"])
def test_an_adapter_answers_as_in_peft(
    server: Running, tiny: Path, adapters: Path, name: str
) -> None:
    for prompt in (SHORT, LONG):
        found = answer(server.client, prompt, name).removesuffix(CUT).rstrip("\ufffd")
        assert found == by_peft(tiny, adapters / name, prompt, 24)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_other_scalings_and_fewer_layers_are_as_in_peft(tiny: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    from tests.lora import write_manifest

    folder = build_adapter(tmp_path / "green", tiny, seed=3, rank=16)
    weights = folder / "adapter_model.safetensors"
    save_file({k: t for k, t in load_file(weights).items() if "o_proj" in k}, weights)
    write_config(folder, r=16, lora_alpha=20, use_rslora=True, target_modules=["o_proj"])
    write_manifest(folder, TINY)
    with running(tiny) as server:
        server.client.load_adapter("green", str(folder))
        found = answer(server.client, LONG, "green").removesuffix(CUT).rstrip("\ufffd")

    assert found == by_peft(tiny, folder, LONG, 24)


@pytest.mark.slow
def test_steps_that_are_captured_for_all_mixtures_give_the_same_answers(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = every_pair(9)
    expected = alone(server, asked)
    monkeypatch.setattr(server.engine._batcher.adapters._batch, "captured", True)

    assert together(server, asked) == expected


@dataclass(eq=False)
class Inputs:
    """The inputs of a step, as the manager keeps them on the processor and on the GPU."""

    num_q_tokens: int = 0
    input_ids: "Tensor" = field(default_factory=lambda: _numbers(8))

    def prepare_batch_tensors(self, requests_in_batch: Sequence[Any], num_q_tokens: int) -> None:
        self.num_q_tokens = num_q_tokens

    def _transfer_inputs(self, other: "Inputs", stream: None, non_blocking: bool = False) -> None:
        other.num_q_tokens = self.num_q_tokens

    def get_model_kwargs(self) -> None:
        """As for a step that has no inputs."""


def _numbers(count: int) -> "Tensor":
    import torch

    return torch.zeros(count, dtype=torch.int32)


def test_two_steps_that_are_under_way_keep_their_own_adapters(server: Running) -> None:
    adapters = server.engine._batcher.adapters
    both = [SimpleNamespace(host_io=Inputs(), device_io=Inputs()) for _ in range(2)]
    adapters._follow(SimpleNamespace(inputs_and_outputs=SimpleNamespace(io_pairs=both)))
    for request, number in (("a", 1), ("b", 2)):
        adapters.use(request, number)

    for pair, requests in zip(both, ([("a", 3), ("c", 1), ("b", 2)], [("b", 1)]), strict=True):
        pair.host_io.prepare_batch_tensors(
            [
                SimpleNamespace(state=SimpleNamespace(request_id=name), query_length=length)
                for name, length in requests
            ],
            num_q_tokens=8,
        )
        pair.host_io._transfer_inputs(pair.device_io, stream=None)
    found = []
    for pair in both:
        pair.device_io.get_model_kwargs()
        tokens = adapters._batch._tokens
        assert tokens is not None
        found.append(tokens.tolist())
    for request in ("a", "b"):
        adapters.forget(request)

    assert found == [[1, 1, 1, 0, 2, 2, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0]]


# Loading and unloading beside running answers


@pytest.fixture
def endless(tmp_path: Path, tiny: Path) -> Path:
    """The tiny Phi-3 without stop tokens."""
    folder = tmp_path / "endless"
    folder.mkdir()
    for file in tiny.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(config | {"eos_token_id": 1}))
    return folder


@pytest.fixture
def pair(endless: Path, tmp_path: Path) -> Iterator[Running]:
    """A server of the endless model with the adapters red and blue."""
    for seed, name in enumerate(("red", "blue")):
        build_adapter(tmp_path / name, endless, seed=seed)
    with running(endless) as server:
        for name in ("red", "blue"):
            server.client.load_adapter(name, str(tmp_path / name))
        yield server


@pytest.mark.slow
def test_unloading_waits_for_nobody_and_begun_answers_go_on(pair: Running) -> None:
    expected = answer(pair.client, LONG, "red", max_tokens=200)
    held = pair.client.stream(LONG, adapter="red", max_tokens=200)
    pieces = [next(held)]

    pair.client.unload_adapter("red")  # the stream cannot end yet: nobody reads it
    with pytest.raises(AdapterNotLoaded):
        answer(pair.client, SHORT, "red")
    pieces.extend(held)

    assert "".join(pieces) == expected
    wait_until(lambda: len(pair.engine._batcher.adapters._batch.ranks) == 1)


@pytest.mark.slow
def test_loading_and_unloading_change_no_running_answer(
    pair: Running, endless: Path, tmp_path: Path
) -> None:
    asked = every_pair(8)
    expected = alone(pair, asked, 120)
    build_adapter(tmp_path / "green", endless, seed=3, rank=8)
    done = threading.Event()

    def change() -> int:
        times = 0
        while not done.is_set():
            pair.client.load_adapter("green", str(tmp_path / "green"))
            pair.client.unload_adapter("green")
            times += 1
        return times

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(change)
        found = together(pair, asked, 120)
        done.set()

    assert changing.result() > 0
    assert found == expected


@pytest.mark.slow
def test_an_adapter_that_is_loaded_again_while_its_answer_runs_is_another_one(
    pair: Running, tmp_path: Path
) -> None:
    expected = answer(pair.client, LONG, "red", max_tokens=100)
    held = pair.client.stream(LONG, adapter="red", max_tokens=100)
    first = next(held)
    pair.client.unload_adapter("red")
    pair.client.load_adapter("red", str(tmp_path / "red"))
    rest = "".join(held)

    wait_until(lambda: len(pair.engine._batcher.adapters._batch.ranks) == 2)
    assert first + rest == answer(pair.client, LONG, "red", max_tokens=100) == expected


@pytest.mark.slow
def test_five_hundred_loads_and_unloads_take_no_memory(pair: Running, tmp_path: Path) -> None:
    import gc

    adapters = pair.engine._batcher.adapters
    expected = answer(pair.client, LONG, "blue")

    def change(times: int) -> int:
        for _ in range(times):
            pair.client.unload_adapter("red")
            pair.client.load_adapter("red", str(tmp_path / "red"))
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = change(100)
    after = change(500)

    assert answer(pair.client, LONG, "blue") == expected
    assert len(adapters._batch.ranks) == 2
    assert all(len(layer.weights[0]) == 8 for layer in adapters._layers.values())
    assert not adapters._requests
    # 500 copies of this small adapter would be 10 MB, and a thread that stays 8 MB each.
    assert after - before < 8_000_000


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
@pytest.mark.slow
def test_the_real_small_model_answers_with_each_adapter_as_alone(
    smollm2_home: Path, tmp_path: Path
) -> None:
    model = smollm2_home / "models" / "SmolLM2-135M-Instruct"
    for seed, name in enumerate(("red", "blue")):
        build_adapter(tmp_path / name, model, seed=seed, rank=8, strength=0.05)
    with running(model) as server:
        for name in ("red", "blue"):
            server.client.load_adapter(name, str(tmp_path / name))
        asked = every_pair(6)
        expected = alone(server, asked, 16)

        assert len(set(expected)) > 3
        assert together(server, asked, 16) == expected
    found = expected[1].removesuffix(CUT).strip()
    assert found == by_peft(model, tmp_path / "red", PROMPTS[1], 16).strip()
