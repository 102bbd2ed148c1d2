"""Asks a model server with one client library, as that does by default: NAME URL KEY MODEL.

It is run by a Python of another environment, and imports nothing of this project. It prints a line
of JSON: what the library gave.
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

QUESTION = "How many days of holiday?"


def openai(url: str, key: str, model: str) -> Iterator[str]:
    from openai import OpenAI

    client: Any = OpenAI(base_url=url, api_key=key)
    messages = [{"role": "user", "content": QUESTION}]
    assert model in [one.id for one in client.models.list().data]
    assert client.models.retrieve(model).id == model
    whole = client.chat.completions.create(model=model, messages=messages, max_tokens=8)
    assert whole.usage.completion_tokens <= 8
    yield whole.choices[0].message.content
    chunks = client.chat.completions.create(
        model=model,
        messages=messages,
        max_tokens=8,
        stream=True,
        stream_options={"include_usage": True},
    )
    *parts, last = list(chunks)
    assert last.usage.total_tokens == whole.usage.total_tokens
    assert [part.choices[0].finish_reason for part in parts[:-1]] == [None] * (len(parts) - 1)
    yield "".join(part.choices[0].delta.content or "" for part in parts)
    drawn = [
        client.chat.completions.create(
            model=model, messages=messages, max_tokens=8, temperature=0.9, seed=5
        )
        for _ in range(2)
    ]
    assert drawn[0].choices[0].message.content == drawn[1].choices[0].message.content
    assert client.completions.create(model=model, prompt="Once", max_tokens=4).choices[0].text


def langchain(url: str, key: str, model: str) -> Iterator[str]:
    from langchain_openai import ChatOpenAI, OpenAI

    chat: Any = ChatOpenAI(base_url=url, api_key=key, model=model)
    yield chat.bind(max_tokens=8).invoke(QUESTION).content
    yield "".join(part.content for part in chat.bind(max_tokens=8).stream(QUESTION))
    warm: Any = ChatOpenAI(
        base_url=url, api_key=key, model=model, temperature=0.7, stop=["\n"], max_tokens=8
    )
    assert warm.invoke([("system", "Be short."), ("human", QUESTION)]).content is not None
    plain: Any = OpenAI(base_url=url, api_key=key, model=model, max_tokens=4)
    assert plain.invoke("Once")


def llama_index(url: str, key: str, model: str) -> Iterator[str]:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    # Its default temperature is 0.1, and cannot be left out.
    chat: Any = OpenAILike(
        api_base=url, api_key=key, model=model, is_chat_model=True, max_tokens=8, temperature=0
    )
    turns = [ChatMessage(role="user", content=QUESTION)]
    yield chat.chat(turns).message.content
    yield "".join(part.delta or "" for part in chat.stream_chat(turns))
    usual: Any = OpenAILike(api_base=url, api_key=key, model=model, max_tokens=4)
    assert usual.complete("Once").text


def litellm(url: str, key: str, model: str) -> Iterator[str]:
    import litellm as library

    ask: Any = library.completion
    asked = {
        "model": f"openai/{model}",
        "api_base": url,
        "api_key": key,
        "messages": [{"role": "user", "content": QUESTION}],
        "max_tokens": 8,
    }
    yield ask(**asked).choices[0].message.content
    yield "".join(part.choices[0].delta.content or "" for part in ask(**asked, stream=True))
    assert ask(**asked, temperature=0.7, top_p=0.9, seed=1, stop=["\n"]).choices
    refused = ""
    try:
        ask(**asked, n=2)
    except library.BadRequestError as e:
        refused = str(e)
    assert "does not support n" in refused


CLIENTS: dict[str, Callable[[str, str, str], Iterator[str]]] = {
    "openai": openai,
    "langchain": langchain,
    "llama_index": llama_index,
    "litellm": litellm,
}

if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    sys.stdout.write(f"{json.dumps(list(CLIENTS[name](*rest)))}\n")
