"""The options that chat and plain completions share, and which ones the server refuses.

An option that is null counts as left out. One that the server does not support is refused by its
name, unless its value asks for what the server does in any case.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from serving.sampling import Sampling

MOST_STOPS = 4
"""The most texts that end an answer, as in OpenAI's API."""

_LONGEST_STOP = 1000

# Values that ask for what the server does in any case.
_NEUTRAL: Mapping[str, tuple[object, ...]] = {
    "n": (1,),
    "best_of": (1,),
    "echo": (False,),
    "suffix": ("",),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
}

# What says who asks, or how the request is kept or paid for.
_IGNORED = frozenset(
    "user store metadata service_tier parallel_tool_calls safety_identifier prompt_cache_key "
    "prompt_cache_retention prediction".split()
)

_WHY: Mapping[str, str] = {
    "response_format": (
        "this server does not support response_format: only text can be asked for, "
        "since answers are not bound to a grammar"
    ),
    "tools": "this server does not support tools: its models know none",
    "functions": "this server does not support functions: its models know none",
    "n": "this server does not support n: it gives one answer to a request",
}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Stop = Annotated[str, Field(max_length=_LONGEST_STOP)]
Stops = Annotated[list[Stop], BeforeValidator(_listed), Field(max_length=MOST_STOPS)]


class StreamOptions(BaseModel):
    model_config = ConfigDict(strict=True)

    include_usage: bool | None = None


class Options(BaseModel):
    """What both kinds of requests may say besides what they ask."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    stop: Stops = []

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_honoured(cls, body: object) -> object:
        if not isinstance(body, dict):
            return body
        kept = {
            key: value for key, value in body.items() if value is not None and key not in _IGNORED
        }
        for option in [option for option in kept if option not in cls.model_fields]:
            if not _is_neutral(option, kept.pop(option)):
                words = _WHY.get(option, f"this server does not support {option[:50]}")
                raise PydanticCustomError("unsupported", "{words}", {"words": words, "at": option})
        return kept

    @property
    def limit(self) -> int | None:
        """The most tokens of the answer; None: as many as fit."""
        return self.max_tokens

    @property
    def sampling(self) -> Sampling | None:
        """How tokens are drawn; None: the likeliest ones are taken."""
        if not self.temperature:
            return None
        top_p = 1.0 if self.top_p is None else self.top_p
        if self.seed is None:
            return Sampling(self.temperature, top_p)
        return Sampling(self.temperature, top_p, self.seed)

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with the number of tokens."""
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def stops(self) -> tuple[str, ...]:
        return tuple(filter(None, self.stop))


def _is_neutral(option: str, value: Any) -> bool:
    return any(
        value == neutral and isinstance(value, bool) is isinstance(neutral, bool)
        for neutral in _NEUTRAL.get(option, ())
    )
