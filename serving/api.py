"""What several of the server's calls share: names, tokens, model cards, adapters and errors."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

MOST_MESSAGES = 1000
"""The most turns of one conversation, and the most parts of one turn."""

MOST_LIKELY = 20
"""The most tokens that are given for each place."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
Finish = Literal["stop", "length"]


class LoadAdapter(BaseModel):
    """Loads the adapter in a folder under a name, as in vLLM."""

    model_config = ConfigDict(strict=True)

    lora_name: Name
    lora_path: str = Field(min_length=1, max_length=4096)


class MakeRoom(BaseModel):
    """``what`` to give back; it is taken back after so many ``seconds``, unless asked again."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["cache", "model"]
    seconds: float = Field(gt=0, le=3600)


class UnloadAdapter(BaseModel):
    model_config = ConfigDict(strict=True)

    lora_name: Name


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    @classmethod
    def of(cls, prompt: int, completion: int) -> Self:
        return cls(
            prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
        )


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


class Version(BaseModel):
    version: str


class Problem(BaseModel):
    """What is wrong; ``param`` names the part of the request."""

    model_config = ConfigDict(extra="forbid")

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    """An error in OpenAI's shape."""

    model_config = ConfigDict(extra="forbid")

    error: Problem


def error_body(
    message: str, kind: str, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
