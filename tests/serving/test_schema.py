"""The server answers as its own description says, whatever it is asked."""

import re
import subprocess
import sysconfig
from pathlib import Path

import httpx
import pytest

from serving.models import load, resolve
from tests.serving.asking import answer
from tests.serving.conftest import Running, running

ROOT = Path(__file__).parents[2]
# A body that is too large is refused as such before anything else is looked at.
CONFIG = """
[checks]
negative_data_rejection.expected-statuses = ["4xx"]
"""


def test_the_description_names_every_call_and_what_it_takes(server: Running) -> None:
    document = httpx.get(f"{server.url}/openapi.json").json()

    paths = set(document["paths"])
    assert paths >= {
        *("/health", "/ping", "/version", "/metrics", "/tokenize"),
        *("/v1/models", "/v1/models/{name}", "/v1/chat/completions", "/v1/completions"),
        *("/v1/load_lora_adapter", "/v1/unload_lora_adapter"),
    }
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert {*re.findall(r"`(?:GET|POST) (/[^`]+)`", page)} == paths
    asked = document["components"]["schemas"]["ChatRequest"]["properties"]
    assert {"temperature", "top_p", "seed", "stop", "logprobs", "max_completion_tokens"} <= set(
        asked
    )


@pytest.mark.slow
@pytest.mark.parametrize("paths", ["--exclude-path-regex", "--include-path-regex"])
def test_schemathesis_finds_no_server_error_and_no_answer_against_the_description(
    paths: str, tiny: Path, tmp_path: Path
) -> None:
    """The calls for memory are tried by themselves: after them others wait, or are answered 503."""
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    program = Path(sysconfig.get_path("scripts")) / "schemathesis"
    options = (
        "--checks all --exclude-checks positive_data_acceptance --phases coverage,fuzzing "
        f"{paths} ^/admin/ --max-examples 15 --seed 1 --generation-database none "
        "--continue-on-failure --no-color"
    )
    with running(tiny, key="s3cret", reload=lambda: load(resolve(str(tiny), tiny))[0]) as server:
        found = subprocess.run(
            [
                program,
                *("run", f"{server.url}/openapi.json", "-H", "Authorization: Bearer s3cret"),
                *options.split(),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
        assert "Fuzzing" in found.stdout
        server.client.take_back()
        assert httpx.get(f"{server.url}/health").status_code == 200
        assert answer(server.client)
