"""Drawn tokens: their distribution, and that they depend on nothing but the request."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serving.asking import chat
from tests.serving.conftest import Running

SCORES = (1.0, 2.0, 3.0, 0.5, -1.0)
PLACES = 4000


def step(rows: list[tuple[Any, int]], scores: torch.Tensor) -> list[int]:
    """The tokens of one step; each row has a sampling, or None, and its place."""
    from serving.sampling import Sampler

    sampler = Sampler()
    requests = [
        SimpleNamespace(
            has_new_token=True,
            state=SimpleNamespace(
                logit_processor_kwargs=sampler.options(sampling), position_offset=place
            ),
        )
        for sampling, place in rows
    ]
    stored = torch.empty((sampler.tensors_required, len(rows) + 3), dtype=torch.int32)
    sampler.fill_defaults(stored)
    sampler.prepare_tensor_args(requests, stored)
    tokens: list[int] = sampler(torch.tensor([]), scores, stored).argmax(-1).tolist()
    return tokens


@pytest.mark.parametrize(
    ("temperature", "top_p"), [(1.0, 1.0), (0.5, 1.0), (2.0, 1.0), (1.0, 0.8), (2.0, 0.5)]
)
def test_tokens_are_drawn_with_their_probabilities(temperature: float, top_p: float) -> None:
    from serving.sampling import Sampling

    chosen = Sampling(temperature, top_p, seed=5)
    scores = torch.tensor(SCORES).repeat(PLACES, 1)
    drawn = step([(chosen, place) for place in range(PLACES)], scores)

    likely = (torch.tensor(SCORES) / temperature).softmax(-1)
    order = likely.argsort(descending=True).tolist()
    kept, reached = set(), 0.0
    for token in order:
        if reached >= top_p:
            break
        kept.add(token)
        reached += float(likely[token])
    for token, probability in enumerate(likely.tolist()):
        expected = probability / reached if token in kept else 0
        assert drawn.count(token) / PLACES == pytest.approx(expected, abs=0.03)
        assert token in kept or token not in drawn


def test_top_p_keeps_what_it_needs_of_a_flat_distribution() -> None:
    from serving.sampling import Sampling

    flat = torch.zeros(200, 3000)  # more tokens than are looked at first
    chosen = Sampling(1.0, 0.9, seed=1)
    drawn = step([(chosen, place) for place in range(200)], flat)
    assert len(set(drawn)) > 180


@given(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 5000),
    st.floats(1e-5, 2),
    st.floats(0, 1),
    st.lists(st.sampled_from([None, 0.0, 0.7, 2.0]), max_size=6),
)
@settings(deadline=None)
def test_what_is_drawn_does_not_depend_on_the_other_rows(
    seed: int, place: int, temperature: float, top_p: float, others: list[float | None]
) -> None:
    from serving.sampling import Sampling

    scores = torch.arange(40.0).sin()[None] * 4
    mine = (Sampling(temperature, top_p, seed), place)
    [alone] = step([mine], scores)
    rows = [(None if each is None else Sampling(each), 7) for each in others]
    together = step([*rows, mine], scores.repeat(len(others) + 1, 1))
    assert together[-1] == alone
    greedy = int(scores.argmax())
    for each, token in zip(others, together, strict=False):
        assert each or token == greedy


# Over HTTP


def text(server: Running, **options: Any) -> str:
    reply = chat(server.url, max_tokens=16, **options)
    assert reply.status_code == 200, reply.text
    said: str = reply.json()["choices"][0]["message"]["content"]
    return said


def test_a_seed_gives_the_same_answer_again_and_another_seed_another_one(server: Running) -> None:
    drawn = [text(server, temperature=1, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_without_a_seed_answers_differ(server: Running) -> None:
    assert len({text(server, temperature=1.5) for _ in range(4)}) > 1


@pytest.mark.slow
def test_greedy_answers_stay_the_same_beside_drawn_ones(server: Running) -> None:
    greedy = text(server)
    drawn = text(server, temperature=1, seed=3, top_p=0.9)
    asked: list[dict[str, Any]] = [
        {} if n % 2 else {"temperature": 1, "seed": 3, "top_p": 0.9} for n in range(10)
    ]
    with ThreadPoolExecutor(10) as threads:
        together = list(threads.map(lambda options: text(server, **options), asked))
    assert together == [greedy if n % 2 else drawn for n in range(10)]


@pytest.mark.slow
def test_top_p_of_nearly_nothing_is_greedy(server: Running) -> None:
    assert text(server, temperature=2, top_p=0.000001) == text(server)
    assert text(server, temperature=2, top_p=0) == text(server)


def test_probabilities_of_drawn_tokens_are_the_models_own(server: Running) -> None:
    reply = chat(
        server.url, temperature=2, seed=4, logprobs=True, top_logprobs=20, max_tokens=12
    ).json()
    places = reply["choices"][0]["logprobs"]["content"]
    unlikely = 0
    for place in places:
        best = [one["logprob"] for one in place["top_logprobs"]]
        assert best == sorted(best, reverse=True)
        known = {one["token"]: one["logprob"] for one in place["top_logprobs"]}
        unlikely += place["logprob"] < best[0]
        assert place["logprob"] <= known.get(place["token"], best[-1]) + 1e-6
    assert unlikely
