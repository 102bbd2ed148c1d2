"""The estimate of tokens, compared with the tokenizers of both model families."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tokens import at_most, beginning, estimate
from tests.models import smollm2_home
from tests.texts import TEXTS
from tests.tiny_phi3 import build_tiny_phi3

if TYPE_CHECKING:  # takes seconds to import
    from transformers import PreTrainedTokenizerBase

__all__ = ["smollm2_home"]

by_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


@pytest.fixture(scope="module")
def phi3(tmp_path_factory: pytest.TempPathFactory) -> "PreTrainedTokenizerBase":
    from transformers import AutoTokenizer

    folder = build_tiny_phi3(tmp_path_factory.mktemp("phi3"))
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def smollm2(smollm2_home: Path) -> "PreTrainedTokenizerBase":
    from transformers import AutoTokenizer

    folder = smollm2_home / "models" / "SmolLM2-135M-Instruct"
    return AutoTokenizer.from_pretrained(folder)


def counted(tokenizer: "PreTrainedTokenizerBase", text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False))


@by_text
def test_bytes_are_never_fewer_than_tokens(
    text: str, phi3: "PreTrainedTokenizerBase", smollm2: "PreTrainedTokenizerBase"
) -> None:
    for tokenizer in (phi3, smollm2):
        for times in (1, 20):
            assert counted(tokenizer, text * times) <= at_most(text * times)


@by_text
def test_estimate_is_never_below_the_count_of_a_vocabulary_of_a_usual_size(
    text: str, smollm2: "PreTrainedTokenizerBase"
) -> None:
    for times in (1, 20):
        assert counted(smollm2, text * times) <= estimate(text * times) <= at_most(text * times) * 2


def test_estimate_for_english_is_not_much_too_high(smollm2: "PreTrainedTokenizerBase") -> None:
    assert estimate(TEXTS["English"]) <= 3 * counted(smollm2, TEXTS["English"])


@given(st.text(max_size=200))
def test_any_text_is_within_its_bytes(text: str) -> None:
    assert estimate(text) <= 2 * at_most(text)


@given(st.text(max_size=200), st.integers(0, 100))
def test_a_beginning_is_a_prefix_and_fits(text: str, tokens: int) -> None:
    begun = beginning(text, tokens)
    assert text.startswith(begun)
    assert (
        estimate(begun) <= tokens + 8
    )  # the beginning of a run may have more tokens for its length
    assert begun == text or estimate(text) > tokens
