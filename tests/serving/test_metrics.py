"""What Prometheus reads, and what probes ask for."""

from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.serving.asking import chat
from tests.serving.conftest import TINY, Running, running

KEY = {"authorization": "Bearer s3cret"}


def figures(server: Running, **headers: str) -> dict[str, float]:
    reply = httpx.get(f"{server.url}/metrics", headers=headers)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain")
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(reply.text):
        for sample in family.samples:
            assert sample.labels["model_name"] == TINY
            if "le" not in sample.labels:
                found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def test_figures_count_what_was_answered(server: Running) -> None:
    before = figures(server)
    usage = chat(server.url).json()["usage"]
    chat(server.url, stream=True)
    assert chat(server.url, model="gpt-9").status_code == 404
    after = figures(server)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more("vllm:request_success_total") == 2
    assert more("vllm:prompt_tokens_total") == 2 * usage["prompt_tokens"]
    assert more("vllm:generation_tokens_total") == 2 * usage["completion_tokens"]
    assert more("vllm:time_to_first_token_seconds_count") == 2
    assert more("vllm:e2e_request_latency_seconds_count") == 2
    assert after["vllm:num_requests_running"] == after["vllm:num_requests_waiting"] == 0
    assert after["phi3:adapters_loaded"] == 2


@pytest.mark.slow
def test_probes_and_the_version_need_no_key_and_figures_do(tiny: Path) -> None:
    with running(tiny, key="s3cret") as server:
        for path in ("health", "ready", "ping", "live", "version", "openapi.json"):
            assert httpx.get(f"{server.url}/{path}").status_code == 200
        assert httpx.post(f"{server.url}/ping").content == b""
        assert httpx.get(f"{server.url}/version").json()["version"]
        refused = httpx.get(f"{server.url}/metrics")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert figures(server, **KEY)
