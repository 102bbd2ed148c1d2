"""Two model servers behind one address: what answers is what was promoted, and what is recorded."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.reading import read_targets
from cli.targets import Wanted
from domain.adapters import TERMINAL, Adapter, AdapterState, Order
from domain.errors import StoreFailed
from domain.questions import Answer
from serving.adapter_cache import AdapterCache
from serving.adapter_store import open_store
from tests.http_proxy import HttpProxy, http_proxy
from tests.journeys.conftest import Office, opened
from tests.lora import build_adapter
from tests.payloads import mention
from tests.s3_server import BUCKET, name_server, one_s3_server, s3
from tests.serving.conftest import Running, running
from training.publish import publish
from training.recipe import Recipe

__all__ = ["one_s3_server", "s3"]

pytestmark = pytest.mark.slow

ADDRESS = f"s3://{BUCKET}/adapters"
QUESTION = "When are brake pads changed?"


@dataclass
class Deployment:
    """A bot, and two model servers behind one address; ``bucket`` stands before the S3 server."""

    office: Office
    servers: list[Running]
    balancer: HttpProxy
    bucket: HttpProxy
    numbers: Iterator[int]

    def publish(self, seed: int, model: Path) -> None:
        """Trains nothing, but publishes a random adapter as a night does."""
        container, folder = self.office.container, self.office.container.settings.home / "adapters"

        def write(half: Path) -> None:
            for path in build_adapter(half / "made", model, seed=seed).iterdir():
                path.rename(half / path.name)
            (half / "made").rmdir()
            (half / "manifest.json").unlink()

        made = publish(folder, f"night-{seed}", model.name, Recipe(), [], write)
        path = container.adapter_places.publish(folder / made.name)
        state, now = AdapterState.TRAINED, datetime.now(UTC)
        container.adapters.add(
            Adapter(made.name, made.base_model, path, made.sha256, state, "run", now)
        )

    def order(self) -> Order:
        return Order(TERMINAL, datetime.now(UTC), f"order {next(self.numbers)}")

    def ask(self) -> Answer:
        """Asks in Slack, and returns the answer as it was recorded."""
        self.office.send.event(mention(next(self.numbers), text=QUESTION))
        return self.office.answered()


@pytest.fixture
def deployment(
    tmp_path: Path, model: Path, s3: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    with ExitStack() as stack:
        bucket = stack.enter_context(http_proxy(s3))
        name_server(monkeypatch, bucket.url)
        copies = [AdapterCache(open_store(ADDRESS), tmp_path / f"cache-{n}") for n in range(2)]
        servers = [stack.enter_context(running(model, copies=one)) for one in copies]
        balancer = stack.enter_context(http_proxy(*(server.url for server in servers)))
        office = stack.enter_context(opened(tmp_path, balancer.url, model, ADDRESS))
        (office.documents / "brakes.md").write_text(
            "# Brakes\n\nPads are changed at a millimetre.\n"
        )
        read_targets(office.container, [str(office.documents)], Wanted())
        yield Deployment(office, servers, balancer, bucket, iter(range(1000)))


def test_promotion_and_rollback_hold_on_all_servers_from_the_next_question_on(
    deployment: Deployment, model: Path
) -> None:
    container, texts = deployment.office.container, dict[str | None, str]()
    for seed in (1, 2):
        deployment.publish(seed, model)
    changes = container.adapter_changes

    def ask_all(adapter: str | None) -> None:
        for _ in range(6):
            answer = deployment.ask()
            assert answer.adapter == adapter
            assert texts.setdefault(adapter, answer.text) == answer.text

    ask_all(None)
    changes.promote("night-1", deployment.order())
    ask_all("night-1")
    changes.promote("night-2", deployment.order())
    ask_all("night-2")
    changes.rollback(deployment.order())
    ask_all("night-1")
    changes.rollback(deployment.order())
    ask_all(None)

    assert len(set(texts.values())) == 3
    for server in deployment.servers:
        assert set(server.engine.adapters) == {"night-1", "night-2"}
        answers = [url for url, path in deployment.balancer.asked if path.endswith("completions")]
        assert answers.count(server.url) >= 10
    for name in ("night-1", "night-2"):
        assert any(name in message.words for message in deployment.office.slack.public())


def test_adapter_that_one_server_cannot_fetch_is_not_named_in_the_answer_of_another(
    deployment: Deployment, tmp_path: Path, model: Path
) -> None:
    container, changes = deployment.office.container, deployment.office.container.adapter_changes
    deployment.publish(1, model)
    changes.promote("night-1", deployment.order())
    before = [deployment.ask() for _ in range(2)]
    assert {answer.adapter for answer in before} == {"night-1"}

    deployment.publish(2, model)
    deployment.bucket.cut_after = 1000  # the network breaks in every longer reply
    with pytest.raises(StoreFailed):
        open_store(ADDRESS).fetch("night-2", "adapter_model.safetensors", tmp_path / "part")
    container.adapters.promote("night-2", datetime.now(UTC))  # without a check, as by another bot
    during = [deployment.ask() for _ in range(4)]
    assert [(one.adapter, one.text) for one in during] == [("night-1", before[0].text)] * 4

    deployment.bucket.cut_after = None
    after = [deployment.ask() for _ in range(4)]
    assert {answer.adapter for answer in after} == {"night-2"}
    assert {answer.text for answer in after}.isdisjoint(one.text for one in before)
