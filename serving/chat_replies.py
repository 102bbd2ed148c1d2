"""What chat completions look like."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from pydantic import BaseModel

from serving.api import Finish
from serving.batcher import Piece
from serving.chat import (
    Answer,
    ChatChoice,
    ChatCompletion,
    ChatRequest,
    Logprobs,
    TokenLogprob,
    TopLogprob,
)
from serving.likely import Likely


class ChatForm:
    """The form of the answers to ``body``; ``text_of`` gives the text of one token."""

    prefix = "chatcmpl-"
    chunk_object = "chat.completion.chunk"

    def __init__(self, body: ChatRequest, text_of: Callable[[int], str]) -> None:
        self._body = body
        self._text_of = text_of
        self._begun = False

    def whole(self, pieces: list[Piece], finish: Finish) -> dict[str, Any]:
        return {
            "message": Answer(content="".join(piece.text for piece in pieces)),
            "logprobs": self._logprobs(pieces),
            "finish_reason": finish,
        }

    def part(self, piece: Piece) -> dict[str, Any]:
        role = {} if self._begun else {"role": "assistant"}
        self._begun = True
        logprobs = self._logprobs([piece])
        return {
            "index": 0,
            "delta": {**role, "content": piece.text},
            "logprobs": logprobs and logprobs.model_dump(),
            "finish_reason": piece.finish,
        }

    def completion(self, values: dict[str, Any]) -> BaseModel:
        return ChatCompletion(**{**values, "choices": [ChatChoice(**values["choices"][0])]})

    def _logprobs(self, pieces: Iterable[Piece]) -> Logprobs | None:
        if not self._body.logprobs:
            return None
        found = (each for piece in pieces for each in piece.likely)
        return Logprobs(content=[self._token(token, likely) for token, likely in found])

    def _token(self, token: int, likely: Likely) -> TokenLogprob:
        most = self._body.top_logprobs or 0
        both = islice(zip(likely.ids, likely.logprobs, strict=True), most)
        return TokenLogprob(
            **dict(TopLogprob.of(self._text_of(token), likely.chosen)),
            top_logprobs=[TopLogprob.of(self._text_of(one), logprob) for one, logprob in both],
        )
