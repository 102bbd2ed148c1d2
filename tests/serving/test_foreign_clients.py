"""Client libraries of others, with what they send by default, get the answers of our own client."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import foreign_clients
from tests.serving.conftest import TINY, Running, running

CLIENTS = Path(os.environ.get("PHI3_TEST_CLIENTS", ""))
"""The Python of an environment with the libraries; `.ci/run` makes it."""

without_clients = pytest.mark.skipif(not CLIENTS.name, reason="PHI3_TEST_CLIENTS is not set")


@pytest.fixture(scope="module")
def keyed(tiny: Path) -> Iterator[Running]:
    with running(tiny, key="s3cret") as server:
        yield server


def ask(server: Running, python: str, name: str, **environment: str) -> list[str]:
    """What the library gives: a whole answer, and a streamed one."""
    script = Path(foreign_clients.__file__)
    # Libraries that count their users, or load lists of prices, must not wait for that.
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    found = subprocess.run(
        [python, str(script), name, f"{server.url}/v1", "s3cret", TINY],
        env=kept | quiet | environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert found.returncode == 0, found.stderr[-4000:]
    answers: list[str] = json.loads(found.stdout.splitlines()[-1])
    return answers


def expected(server: Running) -> list[str]:
    said = server.client._openai.chat.completions.create(
        model=TINY,
        messages=[{"role": "user", "content": foreign_clients.QUESTION}],
        max_tokens=8,
    )
    text = said.choices[0].message.content or ""
    return [text, text]


@pytest.mark.slow
def test_the_openai_client_of_this_project(keyed: Running) -> None:
    assert ask(keyed, sys.executable, "openai") == expected(keyed)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["openai", "langchain", "llama_index", "litellm"])
@pytest.mark.clients
@without_clients
def test_other_clients(keyed: Running, name: str) -> None:
    assert ask(keyed, str(CLIENTS), name) == expected(keyed)


@pytest.mark.slow
@pytest.mark.clients
@without_clients
def test_the_openai_client_of_two_years_ago(keyed: Running) -> None:
    old = CLIENTS.parent.parent / "old"
    assert ask(keyed, str(CLIENTS), "openai", PYTHONPATH=str(old)) == expected(keyed)
