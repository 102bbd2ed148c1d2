"""What plain completions look like."""

from collections.abc import Callable, Iterable
from itertools import accumulate, islice
from typing import Any

from pydantic import BaseModel

from serving.api import Finish
from serving.batcher import Piece
from serving.completions import Completion, CompletionRequest, TextChoice, TextLogprobs
from serving.likely import Likely


class TextForm:
    """The form of the answers to ``body``; ``text_of`` gives the text of one token."""

    prefix = "cmpl-"
    chunk_object = "text_completion"

    def __init__(self, body: CompletionRequest, text_of: Callable[[int], str]) -> None:
        self._body = body
        self._text_of = text_of
        self._written = 0  # characters of tokens so far

    def whole(self, pieces: list[Piece], finish: Finish) -> dict[str, Any]:
        return {
            "text": "".join(piece.text for piece in pieces),
            "logprobs": self._logprobs(pieces),
            "finish_reason": finish,
        }

    def part(self, piece: Piece) -> dict[str, Any]:
        logprobs = self._logprobs([piece])
        return {
            "index": 0,
            "text": piece.text,
            "logprobs": logprobs and logprobs.model_dump(),
            "finish_reason": piece.finish,
        }

    def completion(self, values: dict[str, Any]) -> BaseModel:
        return Completion(**{**values, "choices": [TextChoice(**values["choices"][0])]})

    def _logprobs(self, pieces: Iterable[Piece]) -> TextLogprobs | None:
        most = self._body.logprobs
        if most is None:
            return None
        found = [each for piece in pieces for each in piece.likely]
        tokens = [self._text_of(token) for token, _ in found]
        *offsets, self._written = accumulate(map(len, tokens), initial=self._written)
        return TextLogprobs(
            tokens=tokens,
            token_logprobs=[likely.chosen for _, likely in found],
            top_logprobs=[self._top(likely, most) for _, likely in found] if most else None,
            text_offset=offsets,
        )

    def _top(self, likely: Likely, most: int) -> dict[str, float]:
        both = islice(zip(likely.ids, likely.logprobs, strict=True), most)
        top: dict[str, float] = {}
        for token, logprob in both:
            top.setdefault(self._text_of(token), logprob)
        return top
