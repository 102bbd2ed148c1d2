"""What every Generator promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import AdapterNotLoaded, GenerationError, ServerUnavailable
from domain.protocols import CUT, Generator
from domain.questions import Message
from serving.client import ServerClient
from tests.lora import build_adapter
from tests.models import smollm2_home
from tests.serving.conftest import running
from tests.tiny_phi3 import build_tiny_phi3

__all__ = ["smollm2_home"]

PROMPT = (Message("user", "How many days of holiday?"),)


class GeneratorContract:
    """A subclass provides a generator with the adapter ``red``."""

    @pytest.fixture
    def generator(self) -> Generator:
        raise NotImplementedError

    @pytest.fixture
    def unreachable(self) -> Generator:
        return ServerClient("http://127.0.0.1:9", "nobody", timeout=2)

    def text(self, generator: Generator, adapter: str | None = None, max_tokens: int = 12) -> str:
        return "".join(generator.stream(PROMPT, adapter=adapter, max_tokens=max_tokens))

    def test_the_model_has_a_name(self, generator: Generator) -> None:
        assert generator.model

    def test_an_answer_comes_in_pieces_of_text(self, generator: Generator) -> None:
        pieces = list(generator.stream(PROMPT, adapter=None, max_tokens=12))

        assert len(pieces) > 1
        assert all(pieces)

    def test_the_same_prompt_gives_the_same_answer(self, generator: Generator) -> None:
        assert self.text(generator) == self.text(generator)

    def test_max_tokens_bounds_the_answer(self, generator: Generator) -> None:
        longer = self.text(generator, max_tokens=12)
        shorter = self.text(generator, max_tokens=4)

        assert shorter.endswith(CUT)
        assert longer.startswith(shorter.removesuffix(CUT))
        assert len(shorter) < len(longer)

    def test_an_adapter_answers_differently_and_leaves_the_base_as_it_was(
        self, generator: Generator
    ) -> None:
        base = self.text(generator)

        assert self.text(generator, "red") != base
        assert self.text(generator) == base

    def test_an_unknown_adapter_is_not_loaded(self, generator: Generator) -> None:
        with pytest.raises(AdapterNotLoaded):
            self.text(generator, "nobody")

    def test_a_prompt_that_does_not_fit_is_an_error(self, generator: Generator) -> None:
        with pytest.raises(GenerationError):
            self.text(generator, max_tokens=1_000_000)

    def test_a_stream_may_be_left_early(self, generator: Generator) -> None:
        expected = self.text(generator)
        stream = generator.stream(PROMPT, adapter=None, max_tokens=12)
        next(stream)
        del stream

        assert self.text(generator) == expected

    def test_server_that_does_not_answer_is_unavailable(self, unreachable: Generator) -> None:
        with pytest.raises(ServerUnavailable):
            self.text(unreachable)


def served(model: Path, adapter: Path) -> Iterator[Generator]:
    build_adapter(adapter, model, manifest_base=model.name)
    with running(model) as server:
        server.client.load_adapter("red", str(adapter))
        yield server.client


@pytest.fixture(scope="module")
def phi3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generator]:
    model = build_tiny_phi3(tmp_path_factory.mktemp("phi3") / "tiny-phi3")
    yield from served(model, tmp_path_factory.mktemp("adapters") / "red")


@pytest.fixture(scope="module")
def smollm2(smollm2_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generator]:
    model = smollm2_home / "models" / "SmolLM2-135M-Instruct"
    yield from served(model, tmp_path_factory.mktemp("adapters") / "red")


class TestPhi3(GeneratorContract):
    @pytest.fixture
    def generator(self, phi3: Generator) -> Generator:
        return phi3


@pytest.mark.slow
class TestSmolLM2(GeneratorContract):
    @pytest.fixture
    def generator(self, smollm2: Generator) -> Generator:
        return smollm2
