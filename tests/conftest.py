"""What all tests share: the addresses of the real servers that some of them need."""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

# On a busy machine an example may take long, which says nothing of what it tries.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
# What `make test` takes; all examples are tried with SLOW=1, as in CI.
settings.register_profile("quick", max_examples=10)

# Libraries download nothing from a model hub, and send no telemetry.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TOKENIZERS_PARALLELISM="false")


WITH_A_MODEL = (
    "tests/serving/",
    "tests/training/",
    "tests/journeys/",
    "tests/bench/",
    "tests/contracts/test_embedder.py",
    "tests/contracts/test_generator.py",
    "tests/contracts/test_public_errors.py",
    "tests/knowledge/embedders/test_onnx.py",
    "tests/knowledge/embedders/test_sentence_transformers.py",
)
"""Their tests run a model; the libraries for it take ten seconds to import, in each process."""


class ModelsTogether(LoadFileScheduling):  # type: ignore[misc]
    """The tests of one file run in one process, and the tests that run a model too."""

    def _split_scope(self, nodeid: str) -> str:
        return "models" if nodeid.startswith(WITH_A_MODEL) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """With the slow tests, those with a model are too many for one process."""
    return ModelsTogether(config, log) if config.option.markexpr == "not slow" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The real SmolLM2 is slow to load; and what takes longest begins first, beside the others."""
    for item in items:
        if "smollm2_home" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
    items.sort(
        key=lambda item: (
            "journeys/test_loop" not in item.nodeid,
            not item.nodeid.startswith(WITH_A_MODEL),
        )
    )


def address(variable: str, what: str) -> str:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set: {what} is not here")
    return value


@pytest.fixture(scope="session")
def gpu() -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no NVIDIA GPU here")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    return address("PHI3_TEST_POSTGRES_URL", "PostgreSQL")


@pytest.fixture(scope="session")
def weaviate_address() -> tuple[str, int]:
    """The server's http URL and its gRPC port."""
    url = address("PHI3_TEST_WEAVIATE_URL", "Weaviate")
    return url, int(address("PHI3_TEST_WEAVIATE_GRPC_PORT", "Weaviate's gRPC port"))


@pytest.fixture(scope="session")
def weaviate_key() -> str:
    """A key that the server takes; it answers without one too."""
    return address("PHI3_TEST_WEAVIATE_KEY", "Weaviate with a key")


@pytest.fixture(scope="session")
def local_slack() -> Path:
    """The local-slack binary."""
    return Path(address("PHI3_TEST_LOCAL_SLACK", "local-slack"))


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The Python of an environment that has vLLM."""
    return Path(address("PHI3_TEST_VLLM", "vLLM"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with all tables and no rows; tests use copies, which take no time."""
    import migrations
    from records.database import url_of

    file = tmp_path_factory.mktemp("template") / "phi3.db"
    migrations.upgrade(url_of(file))
    return file


@pytest.fixture(scope="session", autouse=True)
def settings_of_this_machine_do_not_count() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for name in list(os.environ):
            if name.startswith(("PHI3_", "SLACK_")) and not name.startswith("PHI3_TEST_"):
                patched.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def imported_modules_are_not_collected() -> None:
    """Freezes imported modules: each server that ends collects garbage, which took a second."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # some libraries complain at the end of what is left


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """All SQLite databases share SQLAlchemy's compiled statements.

    Each test has its own database, and would compile each statement anew: a fifth of its time.
    """
    database = sys.modules.get("records.database")
    if database is None:  # no test needs one
        yield
        return
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as Dialect

    sharing = partial(database.create_engine, execution_options={"compiled_cache": {}})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "create_engine", sharing)
        # Compiled statements are found by their dialect too.
        patched.setattr(Dialect, "__eq__", lambda one, other: type(one) is type(other))
        patched.setattr(Dialect, "__hash__", lambda one: hash(type(one)))
        yield
