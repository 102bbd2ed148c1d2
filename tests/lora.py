"""Random LoRA adapters on disk, as training writes them."""

import json
from hashlib import sha256
from pathlib import Path

PHI3_TARGETS = ("qkv_proj", "o_proj", "gate_up_proj", "down_proj")
LLAMA_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def build_adapter(
    folder: Path,
    model: Path,
    *,
    seed: int = 1,
    rank: int = 4,
    strength: float = 0.2,
    manifest_base: str | None = None,
) -> Path:
    """Saves an adapter for the model in ``model`` that changes its answers; depends on ``seed``.

    ``manifest_base`` is the base model's name in its manifest; by default that of its folder.
    """
    import torch  # takes seconds, as do the others
    from safetensors.torch import save_file
    from torch import nn
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(model)
    targets = PHI3_TARGETS if config.model_type == "phi3" else LLAMA_TARGETS
    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
        shapes = {
            name: (layer.out_features, layer.in_features)
            for name, layer in network.named_modules()
            if isinstance(layer, nn.Linear) and name.endswith(targets)
        }
    draw = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, (outer, inner) in shapes.items():
        key = f"base_model.model.{name}"
        tensors[f"{key}.lora_A.weight"] = torch.randn(rank, inner, generator=draw) / inner**0.5
        tensors[f"{key}.lora_B.weight"] = torch.randn(outer, rank, generator=draw) * strength
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    write_config(folder, r=rank, target_modules=list(targets))
    write_manifest(folder, manifest_base or model.name)
    return folder


def write_config(folder: Path, **values: object) -> None:
    """Writes ``adapter_config.json``; ``values`` replace those of a plain LoRA."""
    plain = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "lora_alpha": 8, "r": 4}
    (folder / "adapter_config.json").write_text(json.dumps(plain | values), encoding="utf-8")


def write_manifest(folder: Path, base: str, **values: object) -> None:
    """Writes ``manifest.json`` for the adapter named like its folder."""
    weights = (folder / "adapter_model.safetensors").read_bytes()
    manifest = {"name": folder.name, "base_model": base, "sha256": sha256(weights).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest | values), encoding="utf-8")
