"""Counts tokens as an embedding model does."""

from collections.abc import Callable
from functools import lru_cache

from tokenizers import Tokenizer

from domain.tokens import Reach, estimate

SPECIAL = 4
"""Tokens that a model may put around a text: two, and those of a short prompt like ``query:``"""


def counter(reach: Reach) -> Callable[[str], int]:
    """Counts the tokens of a text, without the special ones; it is loaded for the first text."""
    path = reach.tokenizer
    if not path:
        return estimate
    return lambda text: len(tokenizer_of(path).encode(text, add_special_tokens=False).ids)


@lru_cache(maxsize=4)
def tokenizer_of(path: str) -> Tokenizer:
    """It neither cuts nor fills texts. It is shared, so nobody may change it."""
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
