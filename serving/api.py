"""The requests and responses of the part of OpenAI's API that the server supports."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from domain.questions import Message

# Options that are accepted but change nothing, since decoding is greedy and gives one answer.
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "temperature": (0,),
    "n": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "stop": ([], ""),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "response_format": ({"type": "text"},),
}
_IGNORED = ("seed", "user", "store", "metadata", "service_tier", "parallel_tool_calls")


MOST_MESSAGES = 1000
"""The most turns of one conversation, and the most parts of one turn."""

MOST_LIKELY = 20
"""The most tokens that are given for each place."""

Name = Annotated[str, Field(min_length=1, max_length=200)]


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """One turn. ``developer`` is OpenAI's newer name for ``system``."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, value: object) -> object:
        if isinstance(value, list):
            if len(value) > MOST_MESSAGES:
                raise ValueError(f"at most {MOST_MESSAGES} parts are read")
            return "".join(TextPart.model_validate(part).text for part in value)
        return value

    def message(self) -> Message:
        return Message("system" if self.role == "developer" else self.role, self.content)


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    """The body of a chat completion request; an option that is not supported is refused.

    ``continue_final_message`` is vLLM's: the answer goes on with the last message.
    """

    model_config = ConfigDict(extra="forbid")

    model: Name
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    top_p: float | None = Field(None, gt=0, le=1)  # greedy decoding ignores it
    add_generation_prompt: bool = True
    continue_final_message: bool = False
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=MOST_LIKELY)

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_honoured(cls, body: object) -> object:
        if not isinstance(body, dict):
            return body
        kept = {key: value for key, value in body.items() if key not in _IGNORED}
        for option, neutral in _NEUTRAL.items():
            value = kept.pop(option, None)
            if value is not None and value not in neutral:
                raise ValueError(_refusal(option))
        return kept

    @model_validator(mode="after")
    def _continues_or_begins(self) -> Self:
        if self.add_generation_prompt is self.continue_final_message:
            raise ValueError(
                "either add_generation_prompt or continue_final_message must be true, not both"
            )
        if self.continue_final_message and self.messages[-1].role != "assistant":
            raise ValueError("continue_final_message needs a last message of the assistant")
        return self

    @model_validator(mode="after")
    def _top_only_with_logprobs(self) -> Self:
        if self.top_logprobs is not None and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs: true")
        return self

    @property
    def limit(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens


class TokenizeRequest(BaseModel):
    """What to count: a text, or a conversation as it would be prompted. vLLM has the same."""

    model_config = ConfigDict(extra="forbid")

    model: Name | None = None
    prompt: str | None = None
    messages: list[ChatMessage] | None = Field(None, min_length=1, max_length=MOST_MESSAGES)
    add_special_tokens: bool | None = None
    add_generation_prompt: bool = True
    return_token_strs: Literal[False] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("either prompt or messages must be given")
        if self.messages is not None and self.add_special_tokens:
            raise ValueError("the chat template adds the special tokens of messages")
        return self


class Tokens(BaseModel):
    count: int
    max_model_len: int
    tokens: list[int]
    token_strs: None = None


class LoadAdapter(BaseModel):
    lora_name: Name
    lora_path: str = Field(min_length=1, max_length=4096)


class UnloadAdapter(BaseModel):
    lora_name: Name


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    @classmethod
    def of(cls, prompt: int, completion: int) -> "Usage":
        return cls(
            prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
        )


class TopLogprob(BaseModel):
    """A token with its log-probability; ``bytes`` are those of its text."""

    token: str
    logprob: float
    bytes: list[int]

    @classmethod
    def of(cls, token: str, logprob: float) -> Self:
        return cls(token=token, logprob=logprob, bytes=list(token.encode()))


class TokenLogprob(TopLogprob):
    top_logprobs: list[TopLogprob] = []


class Logprobs(BaseModel):
    content: list[TokenLogprob]


class Delta(BaseModel):
    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(BaseModel):
    index: int = 0
    delta: Delta
    logprobs: Logprobs | None = None
    finish_reason: Literal["stop", "length"] | None = None


class Chunk(BaseModel):
    """One event of a streamed completion."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None


class Choice(BaseModel):
    index: int = 0
    message: dict[str, str]
    logprobs: Logprobs | None = None
    finish_reason: Literal["stop", "length"]


class Completion(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class ModelCard(BaseModel):
    """A model or adapter, as in vLLM.

    ``root`` is the adapter's folder and ``parent`` its base; ``max_model_len`` is how many tokens
    prompt and answer may have together.
    """

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "phi3-expert"
    root: str
    parent: str | None = None
    max_model_len: int | None = None


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelCard]


def error_body(message: str, kind: str, code: str | None = None) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _refusal(option: str) -> str:
    if option == "temperature":
        return "this server decodes greedily: temperature must be 0 or left out"
    return f"this server does not support {option}"
