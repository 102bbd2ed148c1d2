"""Adapters that do not fit are refused, and the model does not change."""

import json
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree
from typing import TYPE_CHECKING

import pytest

from domain.errors import AdapterNotLoaded, AdapterUnfit
from tests.lora import PHI3_TARGETS, build_adapter, write_config, write_manifest
from tests.serving.asking import LONG, answer, post
from tests.serving.conftest import TINY, Running
from tests.tiny_phi3 import build_tiny_phi3

if TYPE_CHECKING:  # takes seconds to import
    import torch

WEIGHTS, CONFIG, MANIFEST = "adapter_model.safetensors", "adapter_config.json", "manifest.json"
SLOW = "(a|a|o|_|p|r|o|j)*(.*.*.*.*.*.*)*x$"
"""A regular expression that no search with ends."""

KEY = "base_model.model.model.layers.0.self_attn.o_proj.lora_A.weight"


def no_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def no_object(folder: Path) -> None:
    (folder / MANIFEST).write_text("[1]")


def too_many_brackets(folder: Path) -> None:
    (folder / MANIFEST).write_text("[" * 100_000)


def no_hash(folder: Path) -> None:
    write_manifest(folder, TINY, sha256=None)


def no_weights(folder: Path) -> None:
    (folder / WEIGHTS).unlink()


def broken_weights(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"no tensors at all")
    write_manifest(folder, TINY)


def far_too_large(folder: Path) -> None:
    with (folder / WEIGHTS).open("r+b") as file:
        file.truncate(2**40)


def a_link_out_of_the_folder(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder.parent / WEIGHTS)
    (folder / WEIGHTS).symlink_to(folder.parent / WEIGHTS)


def a_pipe(folder: Path) -> None:
    (folder / CONFIG).unlink()
    os.mkfifo(folder / CONFIG)


def a_folder_in_its_place(folder: Path) -> None:
    (folder / CONFIG).unlink()
    (folder / CONFIG).mkdir()


def no_config(folder: Path) -> None:
    (folder / CONFIG).unlink()


def an_endless_config(folder: Path) -> None:
    (folder / CONFIG).write_text(json.dumps({"peft_type": "LORA", "revision": "x" * 2**20}))


def tampered_config(folder: Path) -> None:
    write_manifest(folder, TINY, files={CONFIG: "0" * 64})


def another_method(folder: Path) -> None:
    write_config(folder, peft_type="IA3", target_modules=["o_proj"])


def another_rank(folder: Path) -> None:
    write_config(folder, r=16, target_modules=list(PHI3_TARGETS))


def far_too_high_a_rank(folder: Path) -> None:
    write_config(folder, r=100_000, target_modules=["o_proj"])


def no_number_as_rank(folder: Path) -> None:
    write_config(folder, r=True, target_modules=["o_proj"])


def an_endless_alpha(folder: Path) -> None:
    write_config(folder, lora_alpha=math.inf, target_modules=["o_proj"])


def weight_decomposition(folder: Path) -> None:
    write_config(folder, use_dora=True, target_modules=["o_proj"])


def ranks_by_expression(folder: Path) -> None:
    write_config(folder, rank_pattern={SLOW: 8}, target_modules=["o_proj"])


def a_slow_expression(folder: Path) -> None:
    write_config(folder, target_modules=SLOW)


def no_list_of_targets(folder: Path) -> None:
    write_config(folder, target_modules={"o_proj": 1})


def targets_that_are_no_names(folder: Path) -> None:
    write_config(folder, target_modules=["o_proj", 7])


def an_unknown_target(folder: Path) -> None:
    write_config(folder, target_modules=["o_proj", "x_proj"])


def an_untrained_target(folder: Path) -> None:
    change(folder, lambda tensors: [tensors.pop(key) for key in list(tensors) if ".1.mlp" in key])


def the_last_layer(folder: Path) -> None:
    write_config(folder, target_modules=["o_proj", "lm_head"])


def change(folder: Path, edit: "Callable[[dict[str, torch.Tensor]], object]") -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / WEIGHTS)
    edit(tensors)
    save_file(tensors, folder / WEIGHTS)
    write_manifest(folder, TINY)


def a_missing_half(folder: Path) -> None:
    change(folder, lambda tensors: tensors.pop(KEY))


def a_wrong_shape(folder: Path) -> None:
    change(folder, lambda tensors: tensors.update({KEY: tensors[KEY].new_zeros(4, 32)}))


def an_unknown_layer(folder: Path) -> None:
    change(
        folder,
        lambda tensors: tensors.update({KEY.replace("o_proj", "x_proj"): tensors[KEY].clone()}),
    )


def a_layer_that_is_no_target(folder: Path) -> None:
    write_config(folder, target_modules=[name for name in PHI3_TARGETS if name != "o_proj"])


def whole_numbers(folder: Path) -> None:
    change(folder, lambda tensors: tensors.update({KEY: tensors[KEY].int()}))


def no_numbers(folder: Path) -> None:
    change(folder, lambda tensors: tensors[KEY].fill_(math.nan))


def endless_numbers(folder: Path) -> None:
    change(folder, lambda tensors: tensors[KEY].fill_(math.inf))


def huge_numbers(folder: Path) -> None:
    change(folder, lambda tensors: tensors[KEY].fill_(1e37))


def a_huge_factor(folder: Path) -> None:
    write_config(folder, lora_alpha=1_000_000, target_modules=list(PHI3_TARGETS))


def another_name(folder: Path) -> None:
    write_manifest(folder, TINY, name="somebody-else")


def another_base(folder: Path) -> None:
    write_manifest(folder, "microsoft/Phi-3.5-mini-instruct")


def tampered_weights(folder: Path) -> None:
    change(folder, lambda tensors: tensors[KEY].add_(1))
    write_manifest(folder, TINY, sha256=sha256(b"others").hexdigest())


def state_of(server: Running) -> tuple[object, ...]:
    """What is loaded, and how the base model and an adapter answer."""
    answers = (answer(server.client, adapter=name, max_tokens=6) for name in (None, "red"))
    return server.client.models(), *answers


BAD = [
    (no_manifest, "manifest.json is missing"),
    (no_object, "is not a JSON object"),
    (too_many_brackets, "cannot be read"),
    (no_hash, "not those of its manifest"),
    (no_weights, "is missing"),
    (broken_weights, "cannot be read"),
    (far_too_large, "the most that can be right"),
    (a_link_out_of_the_folder, "not a plain file"),
    (a_pipe, "not a plain file"),
    (a_folder_in_its_place, "not a plain file"),
    (no_config, "is missing"),
    (an_endless_config, "the most that can be right"),
    (tampered_config, "not that of its manifest"),
    (another_method, "is not a LoRA adapter"),
    (another_rank, r"must be \(16, 128\)"),
    (far_too_high_a_rank, "rank 100000"),
    (no_number_as_rank, "rank True"),
    (an_endless_alpha, "lora_alpha is inf"),
    (weight_decomposition, "use_dora"),
    (ranks_by_expression, "rank_pattern"),
    (a_slow_expression, "must be a list"),
    (no_list_of_targets, "must be a list"),
    (targets_that_are_no_names, "must be a list"),
    (an_unknown_target, "no layer x_proj"),
    (an_untrained_target, r"lacks the weights of model\.layers\.1\.mlp"),
    (the_last_layer, "no layer lm_head"),
    (a_missing_half, "One half of the weights"),
    (a_wrong_shape, r"must be \(4, 64\)"),
    (an_unknown_layer, "has no layer for"),
    (a_layer_that_is_no_target, "no layer that it targets"),
    (whole_numbers, "are torch.int32"),
    (no_numbers, "contain nan"),
    (endless_numbers, "contain inf"),
    (huge_numbers, "not the result of a training"),
    (a_huge_factor, "not the result of a training"),
    (another_name, "holds the adapter somebody-else"),
    (another_base, r"was trained on microsoft/Phi-3\.5-mini-instruct"),
    (tampered_weights, "not those of its manifest"),
]

OUT_OF_REACH = (no_manifest, no_weights, no_config, another_base)
"""What says nothing against the adapter: its files are gone, or are at the wrong server."""


@pytest.fixture(scope="module")
def good(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_adapter(tmp_path_factory.mktemp("good") / "bad", tiny)


@pytest.fixture(scope="module")
def before(server: Running) -> tuple[object, ...]:
    return state_of(server)


@pytest.mark.slow
@pytest.mark.parametrize(("spoil", "reason"), BAD, ids=[spoil.__name__ for spoil, _ in BAD])
def test_an_adapter_that_does_not_fit_is_refused_and_nothing_changes(
    spoil: Callable[[Path], None],
    reason: str,
    server: Running,
    before: tuple[object, ...],
    good: Path,
    tmp_path: Path,
) -> None:
    bad = copytree(good, tmp_path / "bad")
    spoil(bad)

    with pytest.raises(AdapterNotLoaded, match=reason) as refused:
        server.client.load_adapter("bad", str(bad))

    assert isinstance(refused.value, AdapterUnfit) is (spoil not in OUT_OF_REACH)
    assert "\n" not in refused.value.public
    assert state_of(server) == before


def test_an_adapter_of_another_model_is_refused(server: Running, tmp_path: Path) -> None:
    other = build_tiny_phi3(tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"hidden_size": 32}))
    build_adapter(tmp_path / "bad", other, manifest_base=TINY)

    with pytest.raises(AdapterNotLoaded, match="by the model and the rank"):
        server.client.load_adapter("bad", str(tmp_path / "bad"))


def test_loading_the_same_adapter_again_does_nothing(server: Running, adapters: Path) -> None:
    server.client.load_adapter("red", str(adapters / "red"))

    assert server.client.models() == (TINY, "red", "blue")


def test_the_same_adapter_in_another_folder_is_loaded_already(
    server: Running, adapters: Path, tmp_path: Path
) -> None:
    copytree(adapters / "red", tmp_path / "red")

    server.client.load_adapter("red", str(tmp_path / "red"))

    assert server.engine.adapters["red"] == str(adapters / "red")


def test_an_adapter_of_a_newer_version_is_not_said_to_be_unfit(
    server: Running, tiny: Path, tmp_path: Path
) -> None:
    folder = build_adapter(tmp_path / "later", tiny)
    write_manifest(folder, TINY, v=2)

    with pytest.raises(AdapterNotLoaded, match="newer version") as refused:
        server.client.load_adapter("later", str(folder))

    assert not isinstance(refused.value, AdapterUnfit)


def test_a_folder_whose_name_is_no_text_is_refused(
    server: Running, tiny: Path, tmp_path: Path
) -> None:
    folder = build_adapter(tmp_path / "plain", tiny)
    folder.symlink_to(folder.rename(tmp_path / os.fsdecode(b"\xff")))

    with pytest.raises(AdapterNotLoaded):
        server.client.load_adapter("plain", str(folder))

    assert TINY in server.client.models()


def test_the_adapter_of_a_name_cannot_be_replaced(
    server: Running, tiny: Path, tmp_path: Path
) -> None:
    build_adapter(tmp_path / "red", tiny, seed=9)

    with pytest.raises(AdapterNotLoaded, match="cannot be replaced"):
        server.client.load_adapter("red", str(tmp_path / "red"))


def test_an_unloaded_name_cannot_be_given_to_another_adapter(
    server: Running, tiny: Path, tmp_path: Path
) -> None:
    folder = build_adapter(tmp_path / "teal", tiny, seed=5)
    server.client.load_adapter("teal", str(folder))
    server.client.unload_adapter("teal")
    rmtree(folder)
    build_adapter(folder, tiny, seed=6)

    with pytest.raises(AdapterNotLoaded, match="was the name of another adapter"):
        server.client.load_adapter("teal", str(folder))


def test_a_folder_that_changes_once_it_is_loaded_changes_no_answer(
    server: Running, tiny: Path, tmp_path: Path
) -> None:
    folder = build_adapter(tmp_path / "yellow", tiny, seed=7)
    server.client.load_adapter("yellow", str(folder))
    before = answer(server.client, LONG, "yellow")
    (folder / WEIGHTS).write_bytes(b"other")
    server.client.load_adapter("yellow", str(folder))  # it is loaded, so nothing is read
    after = answer(server.client, LONG, "yellow")
    server.client.unload_adapter("yellow")

    assert after == before


def test_only_the_servers_own_folders_are_read(
    server: Running, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    build_adapter(inside / "fine", tiny)
    build_adapter(outside / "strange", tiny)
    (inside / "strange").symlink_to(outside / "strange")
    monkeypatch.setattr(server.engine, "_roots", (inside,))

    paths = ("outside/strange", "inside/strange", "inside/../outside/strange", "inside", "")
    for path in (*(str(tmp_path / path) for path in paths), "~nobody", "no\0name", "x" * 5000, "/"):
        name = Path(path).name or "none"
        reply = post(server.url, "load_lora_adapter", {"lora_name": name, "lora_path": path or "."})
        assert 400 <= reply.status_code < 500
        assert reply.json()["error"]["type"] == "invalid_request_error"
    server.client.load_adapter("fine", str(inside / "fine"))
    server.client.unload_adapter("fine")


@pytest.mark.slow
def test_an_adapter_of_large_numbers_spoils_no_other_answer_of_its_batch(
    server: Running, tiny: Path, tmp_path: Path
) -> None:
    build_adapter(tmp_path / "loud", tiny)
    change(tmp_path / "loud", lambda tensors: [each.fill_(50) for each in tensors.values()])
    alone = {name: answer(server.client, LONG, name) for name in (None, "red")}
    server.client.load_adapter("loud", str(tmp_path / "loud"))
    with ThreadPoolExecutor(9) as pool:
        names = [None, "red", "loud"] * 3
        together = list(pool.map(lambda name: answer(server.client, LONG, name), names))
    server.client.unload_adapter("loud")

    assert [text for name, text in zip(names, together, strict=True) if name != "loud"] == [
        alone[name] for name in names if name != "loud"
    ]


def test_the_base_models_name_is_refused(server: Running, adapters: Path) -> None:
    with pytest.raises(AdapterNotLoaded, match="name of the base model"):
        server.client.load_adapter(TINY, str(adapters / "red"))


def test_adapters_of_different_ranks_can_be_loaded_together(server: Running) -> None:
    answers = [answer(server.client, LONG, adapter) for adapter in (None, "red", "blue")]

    assert len(set(answers)) == 3
