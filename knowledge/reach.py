"""How much of a text an embedding model reads: what is longer than that is as good as not there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tokenizers import Tokenizer

from domain import tokens


@dataclass(frozen=True, slots=True)
class Reach:
    """``tokens`` is the most that the model reads of a text, its own special tokens counted in.

    ``tokenizer`` is the path of the model's tokenizer.json. Without one, as for a model behind an
    API, tokens are estimated, rather too many than too few.
    """

    tokens: int
    tokenizer: str = ""

    def counter(self) -> Callable[[str], int]:
        """Counts the tokens of a text, without the special ones."""
        return _counter(self.tokenizer) if self.tokenizer else tokens.estimate


SPECIAL = 4
"""Tokens that a model may put around a text: two, and those of a short prompt such as ``query:``"""


@lru_cache(maxsize=4)
def _counter(path: str) -> Callable[[str], int]:
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
