"""A real server over the tiny Phi-3, with its real client."""

import gc
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import pytest

from serving.adapter_cache import AdapterCache
from serving.client import ServerClient
from serving.models import load, resolve
from tests.lora import build_adapter
from tests.models import smollm2_home
from tests.tiny_phi3 import build_tiny_phi3

if TYPE_CHECKING:
    from serving.engine import Engine

__all__ = ["smollm2_home"]

TINY = "tiny-phi3"


@dataclass(frozen=True)
class Running:
    """A running server: its address, a client, and its engine."""

    url: str
    client: ServerClient
    engine: "Engine"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_phi3(tmp_path_factory.mktemp("models") / TINY)


@pytest.fixture(scope="session")
def adapters(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the adapters ``red`` (rank 4) and ``blue`` (rank 8)."""
    folder = tmp_path_factory.mktemp("adapters")
    build_adapter(folder / "red", tiny, seed=1, manifest_base=TINY)
    build_adapter(folder / "blue", tiny, seed=2, rank=8, manifest_base=TINY)
    return folder


def endless_copy(tiny: Path, folder: Path) -> Path:
    """A copy of the tiny Phi-3 without stop tokens, in ``folder``."""
    for file in tiny.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(config | {"eos_token_id": 1}))
    return folder


@cache
def import_server() -> None:
    """Imports it, and freezes it: each server that ends collects garbage, which took a second."""
    import serving.server  # noqa: F401

    gc.freeze()


@contextmanager
def running(
    model: Path,
    *,
    key: str | None = None,
    body_seconds: float = 30,
    copies: AdapterCache | None = None,
    **options: Any,
) -> Iterator[Running]:
    """``copies``: it fetches adapters that it is asked for by their name."""
    import_server()
    from serving.adapter_loader import AdapterLoader
    from serving.engine import Engine
    from serving.server import create_app, serving

    network, tokenizer = load(resolve(str(model), model))
    engine = Engine(network, tokenizer, model.name, folders=(Path(gettempdir()),), **options)
    loader = AdapterLoader(engine, copies) if copies else None
    app = create_app(engine, key, body_seconds=body_seconds, loader=loader)
    with ExitStack() as last, serving(app) as url:
        client = ServerClient(url, model.name, key, timeout=30)
        last.callback(client.close)  # after the server has ended
        wait_until(client.healthy)
        yield Running(url, client, engine)


@pytest.fixture(scope="session")
def server(tiny: Path, adapters: Path) -> Iterator[Running]:
    """A shared server with both adapters loaded; tests must not change it."""
    with running(tiny) as server:
        for name in ("red", "blue"):
            server.client.load_adapter(name, str(adapters / name))
        yield server


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
