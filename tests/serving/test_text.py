"""Token ids to text, with tokenizers of both families."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers

from domain.control_tokens import strip_control_tokens
from serving.models import resolve
from serving.text import Detokeniser, special_tokens
from tests.tiny_phi3 import build_tiny_phi3

TEXT = "Each person – 30 days of “paid” holiday. 日本 🙂\n\n  é"


def like_phi3() -> Tokenizer:
    """A tokenizer like Phi-3's: spaces belong to words, unknown characters become bytes."""
    words = [
        "<unk>",
        "<|end|>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "▁",
        *"Each prsondyfi",
    ]
    tokenizer = Tokenizer(
        models.BPE(
            {word: n for n, word in enumerate(dict.fromkeys(words))},
            [],
            byte_fallback=True,
            unk_token="<unk>",
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    tokenizer.add_special_tokens(["<|end|>"])
    return tokenizer


def like_smollm2(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(build_tiny_phi3(folder) / "tokenizer.json"))


@pytest.fixture(params=["phi3", "smollm2"])
def tokenizer(request: pytest.FixtureRequest, tmp_path: Path) -> Tokenizer:
    return like_phi3() if request.param == "phi3" else like_smollm2(tmp_path)


def pieces(tokenizer: Tokenizer, ids: list[int]) -> list[str]:
    detokeniser = Detokeniser(tokenizer)
    return [detokeniser.step([token]) for token in ids]


def test_pieces_make_up_exactly_the_text(tokenizer: Tokenizer) -> None:
    assert "".join(pieces(tokenizer, tokenizer.encode(TEXT).ids)) == TEXT


def test_no_piece_has_half_a_character(tokenizer: Tokenizer) -> None:
    assert not any("\ufffd" in piece for piece in pieces(tokenizer, tokenizer.encode(TEXT).ids))


def test_a_character_that_is_never_finished_is_left_out(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("day 🙂").ids[:-1]

    assert "".join(pieces(tokenizer, ids)).rstrip() == "day"


def test_special_tokens_are_never_shown(tokenizer: Tokenizer) -> None:
    end = tokenizer.token_to_id("<|end|>")
    assert end is not None
    ids = [end, *tokenizer.encode("Each day").ids, end]

    assert "".join(pieces(tokenizer, ids)).strip() == "Each day"


def test_invalid_bytes_do_not_stop_the_answer() -> None:
    tokenizer = like_phi3()
    broken = tokenizer.token_to_id("<0xC3>")
    assert broken is not None
    ids = [*tokenizer.encode("Each").ids, broken, *tokenizer.encode("day").ids]

    text = "".join(pieces(tokenizer, ids))

    assert text.startswith("Each")
    assert text.endswith("day")


def test_every_special_token_of_the_small_model_is_removed_from_texts(smollm2_home: Path) -> None:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    files = resolve("SmolLM2-135M-Instruct", smollm2_home)
    tokenizer = AutoTokenizer.from_pretrained(files.path)
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    special = special_tokens(tokenizer)
    assert {"<|im_start|>", "<reponame>", "<file_sep>", "<empty_output>"} <= special
    text = strip_control_tokens(" ".join(sorted(special)), special)
    read = tokenizer.convert_ids_to_tokens(tokenizer.encode(text, add_special_tokens=False))
    assert special.isdisjoint(read)
    assert text.split() == ["<", "filename>", "<", "repo_name>", "<", "reponame>"]
