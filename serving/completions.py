"""Requests and responses of OpenAI's plain completions: a text goes on."""

from typing import Annotated, Literal, cast

from pydantic import BaseModel, Field, field_validator

from serving.api import Finish, Name, Usage
from serving.options import Options

MOST_LIKELY = 5
"""The most tokens that are given for each place, as in OpenAI's API."""

_USUAL_LIMIT = 16  # tokens of an answer, where the request names no limit, as in OpenAI's API
_MOST_IDS = 1_000_000

Id = Annotated[int, Field(ge=0)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=_MOST_IDS)]
Prompt = (
    str
    | Ids
    | Annotated[list[str], Field(min_length=1, max_length=1)]
    | Annotated[list[Ids], Field(min_length=1, max_length=1)]
)


class CompletionRequest(Options):
    """The body of a completion request: one prompt, as a text or as ids of tokens.

    A list may hold the prompt, too, but no second one.
    """

    model: Name
    prompt: Prompt
    logprobs: int | None = Field(None, ge=0, le=MOST_LIKELY)

    @field_validator("prompt", mode="before")
    @classmethod
    def _only_one(cls, value: object) -> object:
        if isinstance(value, list) and len(value) > 1 and not isinstance(value[0], int):
            raise ValueError("this server takes one prompt in a request")
        return value

    @property
    def asked(self) -> str | list[int]:
        """The prompt, as a text or as ids."""
        first = self.prompt if isinstance(self.prompt, str) else self.prompt[0]
        return cast(list[int], self.prompt) if isinstance(first, int) else first

    @property
    def limit(self) -> int | None:
        return self.max_tokens or _USUAL_LIMIT


class TextLogprobs(BaseModel):
    """A list for each: the tokens, their log-probabilities, the likeliest tokens in their places,
    and where in the text they begin.
    """

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]] | None
    text_offset: list[int]


class TextChoice(BaseModel):
    index: int = 0
    text: str
    logprobs: TextLogprobs | None
    finish_reason: Finish | None


class Completion(BaseModel):
    """The whole completion, or one event of a streamed one."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[TextChoice]
    usage: Usage | None = None
