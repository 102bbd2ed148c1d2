"""The calls that answer: chat and plain completions, and the counting of tokens."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.spans import continued
from serving.chat import ChatCompletion, ChatRequest
from serving.chat_replies import ChatForm
from serving.completions import Completion, CompletionRequest
from serving.engine import RequestRefused
from serving.options import Options
from serving.replies import Form, stream, whole
from serving.schema import body_of
from serving.served import Served
from serving.stops import until_stop
from serving.text_replies import TextForm
from serving.tokenizing import TokenizeRequest, Tokens


def answer_calls(served: Served) -> APIRouter:
    """/v1/chat/completions, /v1/completions and vLLM's /tokenize."""
    router = APIRouter()
    engine, bodies = served.engine, served.bodies

    async def reply(
        request: Request,
        model: str,
        options: Options,
        form: Form,
        prompt: Sequence[int],
        *,
        likely: bool,
    ) -> Response:
        pieces = engine.generate(
            prompt,
            None if model == engine.name else model,
            options.limit,
            likely=likely,
            sampling=options.sampling,
        )
        if options.stops:
            pieces = until_stop(pieces, options.stops)
        step = continued("generate", request.headers)
        pieces = served.metrics.watched(pieces, len(prompt), step)
        if not options.stream:
            return await whole(model, form, request, pieces, len(prompt))
        with_usage = options.wants_usage
        return await stream(model, form, request, pieces, len(prompt), with_usage=with_usage)

    @router.post(
        "/v1/chat/completions",
        dependencies=served.open,
        response_model=ChatCompletion,
        openapi_extra=body_of(ChatRequest),
    )
    async def chat(request: Request) -> Response:
        body = await bodies.read(request, ChatRequest)
        await served.check_model(body.model)
        prompt = await bodies.run(
            engine.prompt,
            [turn.message() for turn in body.messages],
            add_generation_prompt=body.add_generation_prompt,
            continue_final_message=body.continue_final_message,
        )
        form = ChatForm(body, engine.text_of)
        return await reply(request, body.model, body, form, prompt, likely=body.logprobs)

    @router.post(
        "/v1/completions",
        dependencies=served.open,
        response_model=Completion,
        openapi_extra=body_of(CompletionRequest),
    )
    async def complete(request: Request) -> Response:
        body = await bodies.read(request, CompletionRequest)
        await served.check_model(body.model)
        asked = body.asked
        if isinstance(asked, str):
            prompt = await bodies.run(engine.tokens, asked, special=True)
        else:
            prompt = _known(asked, engine.vocabulary)
        if not prompt:
            raise RequestRefused("The prompt has no tokens.")
        form = TextForm(body, engine.text_of)
        likely = body.logprobs is not None
        return await reply(request, body.model, body, form, prompt, likely=likely)

    @router.post("/tokenize", dependencies=served.open, openapi_extra=body_of(TokenizeRequest))
    async def tokenize(request: Request) -> Tokens:
        body = await bodies.read(request, TokenizeRequest)
        await served.check_model(body.model or engine.name)
        if body.messages is not None:
            messages = [turn.message() for turn in body.messages]
            tokens = await bodies.run(
                engine.prompt, messages, add_generation_prompt=body.add_generation_prompt
            )
        else:
            special = body.add_special_tokens is not False
            tokens = await bodies.run(engine.tokens, body.prompt or "", special=special)
        return Tokens(count=len(tokens), max_model_len=engine.context, tokens=tokens)

    return router


def _known(ids: Sequence[int], vocabulary: int) -> list[int]:
    """The ids, if they are all of tokens that the model knows. Raises RequestRefused."""
    if any(one >= vocabulary for one in ids):
        raise RequestRefused(f"The ids of tokens are below {vocabulary}.")
    return list(ids)
