"""Requests and responses of vLLM's /tokenize."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from serving.api import Name
from serving.chat import Conversation


class TokenizeRequest(BaseModel):
    """What to count: a text, or a conversation as it would be prompted. vLLM has the same."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: Name | None = None
    prompt: str | None = None
    messages: Conversation | None = None
    add_special_tokens: bool | None = None
    add_generation_prompt: bool = True
    return_token_strs: Literal[False] | None = None

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, body: object) -> object:
        if not isinstance(body, dict):
            return body
        return {key: value for key, value in body.items() if value is not None}

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
