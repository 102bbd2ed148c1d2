"""The flows that need a model server, with vLLM in the place of ours, on a small Phi-3."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import AdapterNotLoaded, GenerationError, NoAdapters
from domain.questions import Message
from serving.client import ServerClient
from tests.journeys.test_mention_becomes_rated_answer import (
    test_a_question_that_no_document_touches_is_refused,
    test_mention_is_answered_from_the_documents_and_rated,
    test_the_same_question_in_the_same_place_gets_the_same_answer_each_time,
)
from tests.journeys.test_night_becomes_adapter import (
    test_the_same_question_is_answered_by_the_new_adapter_and_by_the_old_after_a_rollback,
)
from tests.lora import build_adapter
from tests.serving.asking import SHORT, answer
from tests.tiny_phi3 import build_tiny_phi3, phi3_tokenizer
from tests.vllm_server import Vllm, vllm

__all__ = [
    "test_a_question_that_no_document_touches_is_refused",
    "test_mention_is_answered_from_the_documents_and_rated",
    "test_the_same_question_in_the_same_place_gets_the_same_answer_each_time",
    "test_the_same_question_is_answered_by_the_new_adapter_and_by_the_old_after_a_rollback",
]

pytestmark = [pytest.mark.vllm, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_phi3(tmp_path_factory.mktemp("models") / "tiny-phi3", heads=2)


@pytest.fixture(scope="module")
def server(
    vllm_python: Path, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Vllm]:
    with vllm(vllm_python, model, tmp_path_factory.mktemp("vllm") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def adapters(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``red`` and ``blue``, and ``wide`` of a rank that the server does not take."""
    folder = tmp_path_factory.mktemp("adapters")
    for seed, (name, rank) in enumerate({"red": 16, "blue": 4, "wide": 32}.items()):
        build_adapter(folder / name, model, seed=seed, rank=rank)
    return folder


@pytest.fixture
def client(server: Vllm, adapters: Path) -> Iterator[ServerClient]:
    """With no adapter loaded. It loads those that it is asked for."""
    client = ServerClient(server.url, adapter_folder=lambda name: str(adapters / name))
    for loaded in client.models()[1:]:
        client.unload_adapter(loaded)
    yield client
    client.close()


def test_vllm_forgets_its_adapters_when_it_restarts_and_is_given_them_again(
    server: Vllm, client: ServerClient
) -> None:
    base, red, blue = answer(client), answer(client, adapter="red"), answer(client, adapter="blue")
    assert len({base, red, blue}) == 3

    server.restart()
    assert client.models() == ("tiny-phi3",)

    assert (answer(client, adapter="red"), answer(client, adapter="blue")) == (red, blue)
    assert client.models() == ("tiny-phi3", "red", "blue")


def test_a_name_means_the_same_adapter_until_it_is_unloaded(
    client: ServerClient, adapters: Path
) -> None:
    red, blue = str(adapters / "red"), str(adapters / "blue")
    client.load_adapter("red", red)
    client.load_adapter("red", red)
    expected = answer(client, adapter="red")

    with pytest.raises(AdapterNotLoaded):
        client.load_adapter("red", blue)
    assert answer(client, adapter="red") == expected

    client.unload_adapter("red")
    assert client.models() == ("tiny-phi3",)
    client.load_adapter("red", blue)
    assert answer(client, adapter="red") != expected


def test_adapters_that_vllm_does_not_take_are_refused_and_the_others_answer(
    client: ServerClient, adapters: Path
) -> None:
    expected = answer(client, adapter="red")

    with pytest.raises(AdapterNotLoaded, match="rank 32 is greater than max_lora_rank 16"):
        answer(client, adapter="wide")
    with pytest.raises(AdapterNotLoaded):
        answer(client, adapter="missing")
    with pytest.raises(AdapterNotLoaded):
        client.unload_adapter("missing")

    assert answer(client, adapter="red") == expected


def test_more_adapters_than_vllm_holds_at_once_answer_in_turn(
    client: ServerClient, model: Path, tmp_path: Path
) -> None:
    names = [f"night-{n}" for n in range(4)]
    for n, name in enumerate(names):
        client.load_adapter(name, str(build_adapter(tmp_path / name, model, seed=10 + n)))

    first = [answer(client, adapter=name) for name in names]
    assert len(set(first)) == len(names)
    assert [answer(client, adapter=name) for name in names] == first


def test_vllm_says_its_context_counts_tokens_and_gives_probabilities(client: ServerClient) -> None:
    assert client.context() == 4096
    texts, tokenizer = ["the holiday", "", "the"], phi3_tokenizer()
    counts = [len(tokenizer.encode(text, add_special_tokens=False)) for text in texts]
    assert client.count_tokens(texts) == counts

    said = list(client.stream_likely(SHORT, adapter="red", max_tokens=6))
    tokens = [token for _, found in said for token in found]
    assert len(tokens) == 6
    assert all(token.text == token.likely[0][0] for token in tokens)

    begun = said[0][0]
    gone_on = client.stream_likely(SHORT, adapter="red", max_tokens=5, begun=begun)
    assert begun + "".join(piece for piece, _ in gone_on) == "".join(piece for piece, _ in said)


def test_a_prompt_that_does_not_fit_is_an_error_and_a_stream_may_be_left(
    client: ServerClient,
) -> None:
    expected = answer(client)

    with pytest.raises(GenerationError, match="maximum context length"):
        answer(client, (Message("user", "holiday " * 9000),))
    stream = client.stream(SHORT, adapter=None, max_tokens=2000)
    next(stream)
    stream.close()  # type: ignore[attr-defined]

    assert answer(client) == expected


@pytest.mark.parametrize(
    ("flags", "updating"), [((), True), (("--enable-lora",), False)], ids=["no LoRA", "no updating"]
)
def test_a_vllm_that_loads_no_adapters_is_told_from_one_that_does(
    vllm_python: Path,
    model: Path,
    tmp_path: Path,
    client: ServerClient,
    adapters: Path,
    flags: tuple[str, ...],
    updating: bool,
) -> None:
    client.check_loads_adapters()

    with vllm(vllm_python, model, tmp_path / "log", flags=flags, updating=updating) as other:
        bare = ServerClient(other.url, adapter_folder=lambda name: str(adapters / name))
        with pytest.raises(NoAdapters, match="--enable-lora"):
            bare.check_loads_adapters()
        with pytest.raises(NoAdapters):
            answer(bare, adapter="red")
        assert answer(bare) == answer(client)
        bare.close()
