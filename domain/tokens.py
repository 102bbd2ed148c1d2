"""Estimates how many tokens a text has, without the model's tokenizer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

_RUN = re.compile(r"\s+|\S+")
_PLAIN_WORD = 24
"""Longer ASCII words are taken as addresses, keys or encoded data, which have more tokens."""

# Tokens for each character, a little more than was measured with SmolLM2's tokenizer (49,152
# tokens) on texts of each kind. The measured values, with spaces, stand behind the languages.
_LATIN_LETTER = 0.55  # English 0.23, German 0.39, Polish 0.51, Finnish 0.48, capitals 0.43
_CYRILLIC_LETTER = 1.0  # Russian 0.75
_SPACE = 0.2  # between words; it mostly belongs to the next word's token
_SPACES = 0.5  # several spaces in a row, and line ends: 0.38
# Digits are 1.0, base64 0.78, hexadecimal 0.91, tables 0.67: one token a character.
# Chinese 1.91, Japanese 1.71, Korean 1.89, Hindi 1.06, Arabic 0.98, Hebrew 1.07, Greek 0.86, Thai
# 1.89, emoji 2.57: no more than the bytes of their UTF-8.


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a text an embedding model reads: what is longer is as good as not there.

    ``tokens`` is the most that it reads, its own special tokens counted in. ``tokenizer`` is the
    path of the model's tokenizer.json; without one tokens are estimated.
    """

    tokens: int
    tokenizer: str = ""


def at_most(text: str) -> int:
    """An upper bound of the tokens, for tokenizers that fall back on bytes.

    Those of Phi-3, Llama and SmolLM2 do. It is one token for each byte of UTF-8, and one for the
    space that some tokenizers put in front.
    """
    return len(text.encode(errors="replace")) + 1


def estimate(text: str) -> int:
    """Estimates the tokens of ``text`` for a vocabulary of tens of thousands; rather too many.

    For English the result is about twice the true number, for other scripts up to three times.
    """
    return ceil(
        sum(
            _of_known_run(run) if len(run) <= _PLAIN_WORD else _of_run(run)
            for run in _RUN.findall(text)
        )
    )


def beginning(text: str, tokens: float) -> str:
    """The longest beginning of ``text`` that has at most ``tokens`` by the estimate."""
    for run in _RUN.finditer(text):
        cost = _of_run(run[0])
        if cost > tokens:
            # The run may be one very long word, so it is cut in proportion to its length.
            return text[: run.start() + int(len(run[0]) * tokens / cost)]
        tokens -= cost
    return text


class Estimates:
    """A TokenCounter that only estimates, without a model server."""

    @property
    def context(self) -> None:
        return None

    def count(self, texts: Sequence[str]) -> list[int]:
        return [estimate(text) for text in texts]


def _of_run(run: str) -> float:
    if run.isspace():
        return _SPACE if run == " " else max(1, _SPACES * len(run))
    if not run.isascii():
        return sum(map(_of_character, run))
    if run.isalpha() and len(run) <= _PLAIN_WORD:
        return max(1, _LATIN_LETTER * len(run))
    if len(run) > _PLAIN_WORD or any(map(str.isdigit, run)):
        return len(run) + 1  # a space before a digit is a token of its own
    return sum(map(_of_character, run))


_of_known_run = lru_cache(maxsize=50_000)(_of_run)  # texts repeat their words


def _of_character(character: str) -> float:
    if character.isascii():
        return _LATIN_LETTER if character.isalpha() else 1
    if "\u0400" <= character <= "\u04ff":
        return _CYRILLIC_LETTER
    return len(character.encode(errors="replace"))
