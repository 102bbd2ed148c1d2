import pytest

from domain.tokens import estimate
from knowledge.embedders.limits import Limits, known_as, limits_of, requests


@pytest.mark.parametrize(
    ("model", "inputs", "tokens", "reads"),
    [
        ("text-embedding-3-small", 2048, 300_000, 8191),
        ("text-embedding-3-large", 2048, 300_000, 8191),
        ("jina-embeddings-v2-base-de", 512, 100_000, 8192),
        ("jina-embeddings-v3", 512, 100_000, 8192),
        ("jina-embeddings-v4", 512, 100_000, 32_768),
        ("jinaai/jina-embeddings-v3", 64, 32_768, 512),
        ("nomic-embed-text:latest", 64, 32_768, 512),
    ],
)
def test_limits_are_known_by_the_name_of_the_model(
    model: str, inputs: int, tokens: int, reads: int
) -> None:
    found = limits_of(model)
    assert (found.inputs, found.tokens, found.reads) == (inputs, tokens, reads)


def test_no_request_is_over_a_limit_and_the_texts_stay_in_order() -> None:
    texts = [f"{n} " + "word " * (n % 40) for n in range(200)]
    limits = Limits(inputs=7, tokens=100, reads=100)
    made = list(requests(texts, limits, estimate))
    assert [text for some in made for text in some] == texts
    for some in made:
        assert len(some) <= 7
        assert sum(map(estimate, some)) <= 100


def test_a_request_is_as_full_as_its_limits_allow() -> None:
    assert [len(some) for some in requests(["x"] * 5, Limits(inputs=2), estimate)] == [2, 2, 1]
    assert [len(some) for some in requests(["x"] * 5, Limits(tokens=3), estimate)] == [3, 2]
    assert list(requests([], Limits(), estimate)) == []


def test_shortened_vectors_have_another_name() -> None:
    assert known_as("m", None) == "m"
    assert known_as("m", 256) == "m@256"
