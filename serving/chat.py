"""Requests and responses of OpenAI's chat completions."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from domain.questions import Message
from serving.api import MOST_LIKELY, MOST_MESSAGES, Finish, Name, Usage
from serving.options import Options

_NOT_READ = ("tool_calls", "function_call", "audio")


class TextPart(BaseModel):
    """A part of a turn; pictures and other parts are refused."""

    model_config = ConfigDict(strict=True)

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """One turn. ``developer`` is OpenAI's newer name for ``system``.

    The content is text, or a list of parts of text. Only an assistant's may be null.
    """

    model_config = ConfigDict(strict=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[TextPart], Field(max_length=MOST_MESSAGES)]

    @model_validator(mode="before")
    @classmethod
    def _only_text(cls, turn: object) -> object:
        if not isinstance(turn, dict):
            return turn
        for key in _NOT_READ:
            if turn.get(key):
                raise ValueError(f"this server does not support {key}")
        if turn.get("role") == "assistant" and turn.get("content", "") is None:
            return turn | {"content": ""}
        return turn

    @field_validator("content", mode="after")
    @classmethod
    def _joined(cls, value: str | list[TextPart]) -> str:
        return value if isinstance(value, str) else "".join(part.text for part in value)

    def message(self) -> Message:
        assert isinstance(self.content, str)
        return Message("system" if self.role == "developer" else self.role, self.content)


Conversation = Annotated[list[ChatMessage], Field(min_length=1, max_length=MOST_MESSAGES)]


class ChatRequest(Options):
    """The body of a chat completion request; an option that is not supported is refused.

    ``continue_final_message`` is vLLM's: the answer goes on with the last message.
    """

    model: Name
    messages: Conversation
    max_completion_tokens: int | None = Field(None, ge=1)
    add_generation_prompt: bool = True
    continue_final_message: bool = False
    logprobs: bool = False
    top_logprobs: int | None = Field(None, ge=0, le=MOST_LIKELY)

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
        if self.top_logprobs and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs: true")
        return self

    @property
    def limit(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens


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
    refusal: None = None


class Answer(BaseModel):
    """The assistant's turn. The server itself refuses nothing: that is an error."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class ChatChoice(BaseModel):
    index: int = 0
    message: Answer
    logprobs: Logprobs | None
    finish_reason: Finish


class ChatCompletion(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage
