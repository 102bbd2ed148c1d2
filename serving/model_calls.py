"""The calls about models: OpenAI's list of them, and vLLM's loading and unloading of adapters."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from serving.api import LoadAdapter, ModelCard, ModelList, UnloadAdapter
from serving.error_replies import LONGEST_SHOWN
from serving.schema import body_of
from serving.served import Served


def model_calls(served: Served) -> APIRouter:
    """/v1/models, /v1/models/{id}, /v1/load_lora_adapter and /v1/unload_lora_adapter."""
    router = APIRouter()
    engine = served.engine

    def cards() -> list[ModelCard]:
        def card(name: str, root: str, parent: str | None) -> ModelCard:
            return ModelCard(
                id=name,
                created=served.created,
                root=root,
                parent=parent,
                max_model_len=engine.context,
            )

        base = card(engine.name, engine.name, None)
        adapters = engine.adapters.items()
        return [base, *(card(name, folder, engine.name) for name, folder in adapters)]

    @router.get("/v1/models", dependencies=served.keyed)
    async def models() -> ModelList:
        return ModelList(data=cards())

    @router.get("/v1/models/{name:path}", dependencies=served.keyed)
    async def model(name: str) -> ModelCard:
        if not name:
            raise HTTPException(404)
        await served.check_model(name)
        return next(card for card in cards() if card.id == name)

    @router.post(
        "/v1/load_lora_adapter",
        dependencies=served.open,
        response_class=PlainTextResponse,
        openapi_extra=body_of(LoadAdapter),
    )
    async def load(request: Request) -> PlainTextResponse:
        body = await served.bodies.read(request, LoadAdapter)
        loader = served.loader
        if not (loader and await loader.load_from(body.lora_path, body.lora_name)):
            await engine.load_adapter(body.lora_name, body.lora_path)
        return PlainTextResponse(f"Success: LoRA adapter '{body.lora_name}' added successfully.")

    @router.post(
        "/v1/unload_lora_adapter",
        dependencies=served.open,
        response_class=PlainTextResponse,
        openapi_extra=body_of(UnloadAdapter),
    )
    async def unload(request: Request) -> PlainTextResponse:
        body = await served.bodies.read(request, UnloadAdapter)
        if body.lora_name not in engine.adapters:
            raise HTTPException(404, f"The adapter {body.lora_name[:LONGEST_SHOWN]} is not loaded.")
        await engine.unload_adapter(body.lora_name)
        return PlainTextResponse(f"Success: LoRA adapter '{body.lora_name}' removed successfully.")

    return router
