"""Turns token ids into text, piece by piece."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


def special_tokens(tokenizer: "PreTrainedTokenizerFast") -> frozenset[str]:
    """The tokens that ``tokenizer`` marks as special and recognises anywhere in a text."""
    added = tokenizer.added_tokens_decoder.values()
    return frozenset(token.content for token in added if token.special)


class Detokeniser:
    """Turns ids into text as they come: only whole characters, and no special tokens.

    A few earlier ids are decoded again with the new ones, since it depends on the token before
    whether a token begins with a space. text-generation-inference and vLLM do the same. So does
    DecodeStream of `tokenizers`, but it raises a bare Exception on bytes that are not UTF-8, which
    Phi-3's byte tokens can produce.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._context = 0
        self._read = 0

    def step(self, ids: Sequence[int]) -> str:
        """The text that ``ids`` complete; empty while a character is still unfinished."""
        self._ids.extend(ids)
        before = self._decode(self._ids[self._context : self._read])
        text = self._decode(self._ids[self._context :])
        if len(text) <= len(before) or text.endswith(_UNFINISHED):
            return ""
        self._context, self._read = self._read, len(self._ids)
        return text[len(before) :]

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True)
