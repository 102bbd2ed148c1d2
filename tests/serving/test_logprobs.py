"""The probabilities of an answer's tokens, over HTTP, with the tiny Phi-3 behind it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from serving.models import ModelFiles, load
from tests.serving.asking import LONG, SHORT, answer, chat
from tests.serving.conftest import TINY, Running

ASKED = [{"role": m.role, "content": m.content} for m in LONG]


def likely(server: Running, **options: Any) -> list[dict[str, Any]]:
    options = {"logprobs": True, "top_logprobs": 20, "messages": ASKED} | options
    reply = chat(server.url, **options)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["choices"][0]["logprobs"]["content"]
    return found


def test_they_are_those_of_a_plain_forward_pass(server: Running, tiny: Path) -> None:
    model, tokenizer = load(ModelFiles(TINY, str(tiny)))
    ids = server.engine.prompt(LONG)
    for place in likely(server, max_tokens=6):
        with torch.no_grad():
            plain = model(torch.tensor([ids])).logits[0, -1].float().log_softmax(-1)
        best = plain.topk(20)
        chosen = int(best.indices[0])

        assert place["token"] == tokenizer.decode([chosen])
        assert place["logprob"] == pytest.approx(float(best.values[0]), abs=1e-4)
        given = [one["logprob"] for one in place["top_logprobs"]]
        assert given == pytest.approx(best.values.tolist(), abs=1e-4)
        assert place["bytes"] == list(place["token"].encode())
        ids.append(chosen)


@pytest.mark.slow
def test_each_request_has_its_own_also_among_others_that_ask_for_none(server: Running) -> None:
    questions = [[{"role": "user", "content": f"Days of person {n}? " * n}] for n in range(1, 7)]
    alone = [likely(server, messages=one) for one in questions]
    with ThreadPoolExecutor(12) as threads:
        others = [threads.submit(answer, server.client) for _ in questions]
        together = [threads.submit(likely, server, messages=one) for one in questions]
        for each in others:
            each.result()
        for one, found in zip(alone, together, strict=True):
            for place, same in zip(one, found.result(), strict=True):
                assert same["token"] == place["token"]
                assert same["logprob"] == pytest.approx(place["logprob"], abs=1e-4)


def test_an_answer_is_the_same_with_them_and_has_none_if_nobody_asks(server: Running) -> None:
    plain = chat(server.url, messages=ASKED).json()["choices"][0]
    asked = chat(server.url, messages=ASKED, logprobs=True).json()["choices"][0]

    assert plain["logprobs"] is None
    assert asked["message"] == plain["message"]
    assert all(place["top_logprobs"] == [] for place in asked["logprobs"]["content"])


def test_a_stream_has_the_same_ones(server: Running) -> None:
    lines = chat(
        server.url, messages=ASKED, logprobs=True, top_logprobs=3, stream=True
    ).text.splitlines()
    events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    streamed = [
        place
        for event in events
        for choice in event["choices"]
        for place in choice.get("logprobs", {}).get("content", ())
    ]

    assert streamed == likely(server, top_logprobs=3)


@pytest.mark.parametrize(
    "options", [{"top_logprobs": 3}, {"logprobs": True, "top_logprobs": 21}, {"logprobs": 5}]
)
def test_wrong_options_are_refused(server: Running, options: dict[str, Any]) -> None:
    assert chat(server.url, **options).status_code == 400


def test_the_client_gives_each_token_with_what_was_likely(server: Running) -> None:
    found = list(server.client.stream_likely(SHORT, adapter="red", max_tokens=8))
    tokens = [token for _, some in found for token in some]

    assert "".join(piece for piece, _ in found) == answer(server.client, SHORT, "red", 8)
    assert tokens
    for token in tokens:
        assert token.likely[0][0] == token.text
        assert 0 < sum(share for _, share in token.likely) <= 1.0001
