"""The tokens of an answer as a server gives them: each with what was likely in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai.types.chat.chat_completion_chunk import ChoiceLogprobs


@dataclass(frozen=True, slots=True)
class LikelyToken:
    """A token's text, and the likeliest tokens in its place: each one's text and probability.

    Several tokens may have the same text.
    """

    text: str
    likely: tuple[tuple[str, float], ...]


def tokens_of(logprobs: "ChoiceLogprobs | None") -> Sequence[LikelyToken]:
    """The tokens of one piece; empty if the server gives none."""
    content = (logprobs.content if logprobs else None) or ()
    return tuple(
        LikelyToken(
            one.token,
            tuple((each.token, exp(each.logprob)) for each in one.top_logprobs or (one,)),
        )
        for one in content
    )
