from dataclasses import replace
from typing import Any

import pytest
import yaml

from cluster.serve_config import Served, serve_config
from domain.errors import ConfigError

PHI = Served(
    "Phi-3.5-mini-instruct",
    "microsoft/Phi-3.5-mini-instruct",
    context=4096,
    rank=16,
    adapters="s3://team/adapters/",
    accelerator="L4",
    gpus=2,
    copies=3,
)


def written(served: Served) -> dict[str, Any]:
    return dict(yaml.safe_load(serve_config(served)))


@pytest.mark.slow  # Ray's classes take seconds to import
@pytest.mark.filterwarnings("ignore")  # of Ray's own imports
@pytest.mark.parametrize(
    "served", [PHI, replace(PHI, adapters="", accelerator="", gpus=1, copies=1)]
)
def test_ray_takes_the_configuration(served: Served) -> None:
    from ray.llm._internal.serve.core.configs.llm_config import LLMConfig, LoraConfig
    from ray.serve.config import AutoscalingConfig
    from ray.serve.schema import ServeDeploySchema

    config = written(served)
    schema = ServeDeploySchema.model_validate(config)
    (application,) = schema.applications
    assert application.import_path == "ray.serve.llm:build_openai_app"
    (one,) = config["applications"][0]["args"]["llm_configs"]
    llm = LLMConfig.model_validate(one)
    assert llm.model_id == "Phi-3.5-mini-instruct"
    scaling = AutoscalingConfig.model_validate(llm.deployment_config["autoscaling_config"])
    assert (scaling.min_replicas, scaling.max_replicas) == (1, served.copies)
    assert llm.engine_kwargs["tensor_parallel_size"] == served.gpus
    if served.adapters:
        lora = LoraConfig.model_validate(llm.lora_config.model_dump())
        assert lora.dynamic_lora_loading_path == "s3://team/adapters"
    else:
        assert llm.lora_config is None
        assert "enable_lora" not in llm.engine_kwargs


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(PHI, adapters="/home/phi3/adapters"), "reads adapters only from an address"),
        (replace(PHI, accelerator="RTX-9999"), "knows no accelerator RTX-9999"),
        (replace(PHI, copies=0), "refuses this configuration"),
    ],
)
def test_what_ray_would_refuse_is_said_in_one_line(wrong: Served, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        serve_config(wrong)
    assert "\n" not in str(raised.value)
