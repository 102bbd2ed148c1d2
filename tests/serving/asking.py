"""Questions for the tiny Phi-3, and its answers."""

from collections.abc import Mapping
from typing import Any

import httpx

from domain.questions import Message
from serving.client import ServerClient

SHORT = (Message("user", "How many days of holiday?"),)

# About 430 tokens of the tiny tokenizer: longer than a page of the cache (256). If pages were
# shared, those of the former adapter would be used.
LONG = (
    Message("system", "Answer in the passages' own words."),
    Message("user", "Each person has thirty days of paid holiday a year. " * 25),
)


def answer(
    client: ServerClient,
    prompt: tuple[Message, ...] = SHORT,
    adapter: str | None = None,
    max_tokens: int = 24,
) -> str:
    return "".join(client.stream(prompt, adapter=adapter, max_tokens=max_tokens))


def post(url: str, path: str, body: Mapping[str, Any] | None, **headers: str) -> httpx.Response:
    return httpx.post(f"{url}/v1/{path}", json=body, headers=headers, timeout=30)


def chat(url: str, **body: Any) -> httpx.Response:
    plain = {"model": "tiny-phi3", "messages": [{"role": "user", "content": "How many?"}]}
    return post(url, "chat/completions", plain | {"max_tokens": 8} | body)
