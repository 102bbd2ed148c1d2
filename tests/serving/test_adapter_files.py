"""Whatever an adapter's folder contains: it is read, or refused with one line that says why."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import AdapterNotLoaded
from serving.models import load, resolve
from tests.lora import PHI3_TARGETS, build_adapter
from tests.serving.conftest import TINY

if TYPE_CHECKING:  # takes seconds to import
    from transformers import PreTrainedModel

    from serving.adapter_files import AdapterFiles

WEIGHTS, CONFIG, MANIFEST = "adapter_model.safetensors", "adapter_config.json", "manifest.json"

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
ODD = st.sampled_from(
    [10**400, "\ud800", "line\nline", "(a+)+$", [], {}, -1, True, 1e308, "o_proj"]
)
OPTIONS = (
    "peft_type",
    "r",
    "lora_alpha",
    "use_rslora",
    "target_modules",
    "bias",
    "use_dora",
    "x\ny",
)
FACTS = ("name", "base_model", "sha256", "files", "v")
# The first text that hypothesis makes in a process takes a second.
SUPPRESSED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@pytest.fixture(scope="module")
def model(tiny: Path) -> "PreTrainedModel":
    return load(resolve(str(tiny), tiny))[0]


@pytest.fixture(scope="module")
def folder(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_adapter(tmp_path_factory.mktemp("wild") / "wild", tiny)


def refusal_of(content: "Callable[[], AdapterFiles]", model: "PreTrainedModel") -> str:
    """Why an adapter is refused; empty if it is taken."""
    from serving.adapters import fitted

    try:
        fitted(content(), model)
    except AdapterNotLoaded as e:
        return e.public
    return ""


def refusal_of_folder(folder: Path, model: "PreTrainedModel") -> str:
    from serving.adapter_files import read_verified
    from serving.adapters import most_bytes

    return refusal_of(lambda: read_verified(folder, "wild", TINY, most_bytes(model)), model)


def is_one_line(text: str) -> bool:
    return len(text.splitlines()) <= 1 and len(text.encode()) < 600


@settings(suppress_health_check=SUPPRESSED)
@given(changed=st.dictionaries(st.sampled_from(OPTIONS), ODD | VALUES, max_size=3))
def test_any_configuration_is_read_or_refused(
    model: "PreTrainedModel", folder: Path, changed: dict[str, Any]
) -> None:
    plain = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": list(PHI3_TARGETS)}
    (folder / CONFIG).write_text(json.dumps(plain | changed))

    assert is_one_line(refusal_of_folder(folder, model))


@settings(suppress_health_check=SUPPRESSED)
@given(changed=st.dictionaries(st.sampled_from(FACTS), ODD | VALUES, max_size=3))
def test_any_manifest_is_read_or_refused(
    model: "PreTrainedModel", folder: Path, changed: dict[str, Any]
) -> None:
    (folder / CONFIG).write_text(
        json.dumps(
            {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": list(PHI3_TARGETS)}
        )
    )
    plain = {
        "name": "wild",
        "base_model": TINY,
        "sha256": sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
    }
    (folder / MANIFEST).write_text(json.dumps(plain | changed))
    refusal = refusal_of_folder(folder, model)
    (folder / MANIFEST).write_text(json.dumps(plain))

    assert is_one_line(refusal)
    version = changed.pop("v", 1)
    is_known = type(version) is int and version <= 1
    assert (not refusal) == (
        is_known and all(plain.get(fact, value) == value for fact, value in changed.items())
    )


@settings(suppress_health_check=SUPPRESSED)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), length=st.integers(0, 200_000))
def test_any_damage_to_the_weights_is_read_or_refused(
    model: "PreTrainedModel",
    folder: Path,
    at: int,
    byte: int,
    length: int,
) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[at % len(content)] = byte
    damaged = bytes(content[: length or None])
    from serving.adapter_files import AdapterFiles

    config = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": list(PHI3_TARGETS)}

    assert is_one_line(refusal_of(lambda: AdapterFiles("wild", config, damaged, ""), model))
