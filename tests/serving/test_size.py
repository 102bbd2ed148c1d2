import json
from pathlib import Path

import pytest
from huggingface_hub import try_to_load_from_cache
from transformers import Phi3Config, Phi3ForCausalLM

from serving import size
from serving.default_model import SMOLLM2
from serving.size import is_large, parameters


def test_parameters_are_those_of_the_loaded_model(tiny: Path) -> None:
    config = json.loads((tiny / "config.json").read_text())
    model = Phi3ForCausalLM.from_pretrained(str(tiny))
    assert parameters(config) == pytest.approx(model.num_parameters(), rel=0.01)


def test_phi3_mini_is_large_and_smollm2_is_not(tmp_path: Path) -> None:
    config = Phi3Config().to_dict()
    assert parameters(config) == pytest.approx(3_821_079_552, rel=0.001)
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert is_large(str(tmp_path))
    assert not is_large(SMOLLM2)


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"hidden_size": null}'])
def test_model_of_an_unknown_size_is_not_large(tmp_path: Path, config: str) -> None:
    (tmp_path / "config.json").write_text(config)
    assert not is_large(str(tmp_path))


def test_model_that_is_not_on_this_machine_is_not_large(tmp_path: Path) -> None:
    assert not is_large("somebody/large-model")
    assert not is_large(str(tmp_path / "nothing"))


def test_a_model_that_was_downloaded_is_found_where_the_hubs_library_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "models--somebody--a-model"
    for commit in ("0" * 40, "1" * 40):
        (kept / "snapshots" / commit).mkdir(parents=True)
        (kept / "snapshots" / commit / "config.json").write_text(json.dumps({"of": commit}))
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("1" * 40)
    monkeypatch.setattr(size, "HF_HUB_CACHE", str(tmp_path))
    found = try_to_load_from_cache("somebody/a-model", "config.json", cache_dir=tmp_path)
    assert isinstance(found, str)
    assert size.config_of("somebody/a-model") == json.loads(Path(found).read_text())
    with pytest.raises(OSError, match="models--somebody--other"):
        size.config_of("somebody/other")
