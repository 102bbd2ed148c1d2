"""What the server's calls take and give, as an OpenAPI document.

The calls read their bodies themselves, with limits, so the framework does not know the shapes.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving.api import ErrorBody, LoadAdapter, MakeRoom, UnloadAdapter
from serving.chat import ChatRequest
from serving.completions import CompletionRequest
from serving.tokenizing import TokenizeRequest

_BODIES: tuple[type[BaseModel], ...] = (
    ChatRequest,
    CompletionRequest,
    TokenizeRequest,
    LoadAdapter,
    UnloadAdapter,
    MakeRoom,
)
_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_OPEN = ("/health", "/ping", "/version")
_EVENT = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}
_ERROR = {
    "description": "What is wrong, in OpenAI's shape.",
    "content": {_JSON: {"schema": {"$ref": _REF.format(model="ErrorBody")}}},
}


def body_of(shape: type[BaseModel]) -> dict[str, Any]:
    """The part of a call's description that says what its body is."""
    schema = {"$ref": _REF.format(model=shape.__name__)}
    return {"requestBody": {"required": True, "content": {_JSON: {"schema": schema}}}}


def describe(app: FastAPI) -> None:
    """Makes ``app`` say at /openapi.json what its calls take and give."""
    known: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not known:
            known.update(_document(app))
        return known

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    shapes = [(shape, "validation") for shape in _BODIES]
    _, more = models_json_schema([*shapes, (ErrorBody, "validation")], ref_template=_REF)  # type: ignore[list-item]
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {}).update(more["$defs"])
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["paths"]["/ping"] = {
        method: {
            "operationId": f"ping_{method}",
            "summary": "Ping",
            "responses": {"200": {"description": "It is ready."}},
        }
        for method in ("get", "post")
    }
    for path, calls in document["paths"].items():
        for call in calls.values():
            _complete(path, call)
    return document


def _complete(path: str, call: dict[str, Any]) -> None:
    """Adds the errors, the key, and what else the server answers with."""
    replies = call["responses"]
    replies.pop("422", None)
    replies["4XX"] = _ERROR
    if path in _OPEN:
        replies["503"] = replies["200"]
    else:
        call["security"] = [{"key": []}]
        replies["503"] = _ERROR
    if path == "/metrics":
        replies["200"]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    if path.endswith("completions"):
        replies["200"]["content"]["text/event-stream"] = {"schema": _EVENT}
