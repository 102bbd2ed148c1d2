"""Counts tokens as an embedding model does."""

from collections.abc import Callable
from functools import lru_cache

from tokenizers import Tokenizer

from domain.tokens import Reach, estimate

SPECIAL = 4
"""Tokens that a model may put around a text: two, and those of a short prompt like ``query:``"""


def counter(reach: Reach) -> Callable[[str], int]:
    """Counts the tokens of a text, without the special ones."""
    return _by(reach.tokenizer) if reach.tokenizer else estimate


@lru_cache(maxsize=4)
def _by(path: str) -> Callable[[str], int]:
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
