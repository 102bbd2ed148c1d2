"""Plain completions: a text goes on, as OpenAI's older API has it."""

import json
from typing import Any

import httpx
import pytest

from tests.serving.asking import post
from tests.serving.conftest import TINY, Running

PROMPT = "Each person has thirty days"


def complete(server: Running, **body: Any) -> httpx.Response:
    return post(
        server.url, "completions", {"model": TINY, "prompt": PROMPT, "max_tokens": 8} | body
    )


def text(server: Running, **body: Any) -> str:
    reply = complete(server, **body)
    assert reply.status_code == 200, reply.text
    said: str = reply.json()["choices"][0]["text"]
    return said


def test_the_text_goes_on_without_a_chat_template(server: Running) -> None:
    reply = complete(server).json()
    ids = httpx.post(f"{server.url}/tokenize", json={"prompt": PROMPT}).json()["tokens"]

    assert reply["object"] == "text_completion"
    assert reply["usage"]["prompt_tokens"] == len(ids)
    expected = reply["choices"][0]["text"]
    assert expected
    for same in (ids, [PROMPT], [ids]):
        assert text(server, prompt=same) == expected


def test_without_a_limit_sixteen_tokens_come(server: Running) -> None:
    usage = complete(server, max_tokens=None).json()["usage"]
    assert usage["completion_tokens"] <= 16


def test_a_stream_gives_the_same_text_and_the_tokens_at_its_end(server: Running) -> None:
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    lines = complete(server, **asked).text.strip().split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]

    assert lines[-1] == "data: [DONE]"
    assert "".join(one["choices"][0]["text"] for one in events[:-1]) == text(server)
    reasons = [one["choices"][0]["finish_reason"] for one in events[:-1]]
    assert reasons == [None] * (len(reasons) - 1) + ["length"]
    assert [one["usage"] for one in events[:-1]] == [None] * (len(events) - 1)
    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["completion_tokens"] == 8


def test_probabilities_have_the_older_form(server: Running) -> None:
    found = complete(server, logprobs=3).json()["choices"][0]["logprobs"]

    assert len(found["tokens"]) == len(found["token_logprobs"]) == len(found["text_offset"]) > 1
    for token, logprob, top in zip(
        found["tokens"], found["token_logprobs"], found["top_logprobs"], strict=True
    ):
        assert 1 <= len(top) <= 3
        assert top[token] == pytest.approx(logprob, abs=1e-4)
    assert found["text_offset"][:2] == [0, len(found["tokens"][0])]


def test_adapters_and_stops_work_here_too(server: Running) -> None:
    whole = text(server, max_tokens=16)
    stop = whole[3:7]
    assert text(server, max_tokens=16, stop=stop) == whole[: whole.find(stop)]
    assert text(server, model="red") != text(server)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"prompt": ["a", "b"]}, "one prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [10**9]}, "below"),
        ({"prompt": [10**30]}, "below"),
        ({"prompt": [-1]}, "prompt"),
        ({"prompt": [True]}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": [0] * 3000}, "together at most"),
        ({"echo": True}, "does not support echo"),
        ({"suffix": "x"}, "does not support suffix"),
        ({"best_of": 3}, "does not support best_of"),
        ({"logprobs": 6}, "logprobs"),
        ({"messages": []}, "does not support messages"),
    ],
)
def test_what_is_not_offered_is_refused_by_its_name(
    server: Running, body: dict[str, Any], words: str
) -> None:
    reply = complete(server, **body)
    assert reply.status_code == 400
    assert words in reply.json()["error"]["message"]
