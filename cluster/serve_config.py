"""Writes the configuration with which Ray Serve runs vLLM, from the settings."""

from dataclasses import dataclass
from typing import Any

import yaml

from cluster.connecting import first_line
from domain.errors import ConfigError

_WHERE_ADAPTERS_MAY_BE = ("s3://", "gs://", "abfss://", "azure://")
_ADAPTERS = 4  # in a GPU's memory at once: what is live, on trial, and before them
_AT_ONCE = 32  # questions that one copy answers at a time, before another one is started
_PORT = 8000


@dataclass(frozen=True, slots=True)
class Served:
    """What is to be served.

    ``name`` is the base model's name for clients, ``model`` its hub id or folder. ``context`` is
    in tokens, ``rank`` that of the adapters. ``adapters`` is the address below which each adapter
    is a folder; empty: none is served. ``accelerator`` is Ray's name of the GPU, such as ``L4``;
    empty: any. Each copy takes ``gpus``, and there are one to ``copies``.
    """

    name: str
    model: str
    context: int
    rank: int
    adapters: str = ""
    accelerator: str = ""
    gpus: int = 1
    copies: int = 4


def serve_config(served: Served) -> str:
    """The configuration as YAML, for ``serve deploy``. Raises ConfigError."""
    _check(served)
    return yaml.safe_dump(_config(served), sort_keys=False)


def _config(served: Served) -> dict[str, Any]:
    return {
        "proxy_location": "HeadOnly",
        # It asks for no key, so it listens on loopback: see docs/cluster.md.
        "http_options": {"host": "127.0.0.1", "port": _PORT},
        "applications": [
            {
                "name": "phi3",
                "route_prefix": "/",
                "import_path": "ray.serve.llm:build_openai_app",
                "args": {"llm_configs": [_llm_config(served)]},
            }
        ],
    }


def _llm_config(served: Served) -> dict[str, Any]:
    config: dict[str, Any] = {
        "model_loading_config": {"model_id": served.name, "model_source": served.model},
        "engine_kwargs": {
            "max_model_len": served.context,
            "tensor_parallel_size": served.gpus,
        },
        "deployment_config": {
            "autoscaling_config": {
                "min_replicas": 1,
                "max_replicas": served.copies,
                "target_ongoing_requests": _AT_ONCE,
            },
        },
    }
    if served.accelerator:
        config["accelerator_type"] = served.accelerator
    if served.adapters:
        config["lora_config"] = {
            "dynamic_lora_loading_path": served.adapters.rstrip("/"),
            "max_num_adapters_per_replica": _ADAPTERS,
        }
        config["engine_kwargs"] |= {
            "enable_lora": True,
            "max_loras": _ADAPTERS,
            "max_lora_rank": served.rank,
        }
    return config


def _check(served: Served) -> None:
    from pydantic import ValidationError
    from ray.serve.config import AutoscalingConfig
    from ray.serve.schema import ServeDeploySchema
    from ray.util.accelerators import accelerators

    if served.adapters and not served.adapters.startswith(_WHERE_ADAPTERS_MAY_BE):
        wanted = ", ".join(_WHERE_ADAPTERS_MAY_BE)
        raise ConfigError(f"Ray Serve reads adapters only from an address with {wanted}.")
    known = sorted(value for value in vars(accelerators).values() if isinstance(value, str))
    if served.accelerator and served.accelerator not in known:
        raise ConfigError(
            f"Ray knows no accelerator {served.accelerator}; L4, A10G, A100, L40S, H100 and H200 "
            "are some that it knows."
        )
    try:
        ServeDeploySchema.model_validate(_config(served))
        scaling = _llm_config(served)["deployment_config"]["autoscaling_config"]
        AutoscalingConfig.model_validate(scaling)
    except ValidationError as e:
        raise ConfigError("Ray Serve refuses this configuration.", first_line(e)) from e
