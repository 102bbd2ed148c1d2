import threading
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ConfigError, RetrievalError
from knowledge.embedders.places import packaged
from knowledge.rerankers.choosing import chosen_reranker
from knowledge.rerankers.cross_encoder import CrossEncoderReranker

READS = 64  # tokens


def build(folder: Path, labels: int = 1) -> Path:
    """A small random cross-encoder, with the tokenizer of a real model."""
    import torch
    from transformers import AutoTokenizer
    from transformers.models.bert import BertConfig, BertForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained(str(packaged()))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=READS,
        num_labels=labels,
        initializer_range=0.5,  # so that scores differ
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("cross-encoder"))


@pytest.fixture(scope="module")
def reranker(folder: Path) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(folder))


TEXTS = [f"text {n} about {word}" for n, word in enumerate("leave pay frames tyres".split() * 5)]


@pytest.mark.slow
def test_each_text_has_the_score_of_its_pair_in_any_batch(reranker: CrossEncoderReranker) -> None:
    together = reranker.scores("How long is the warranty?", TEXTS)
    alone = [reranker.scores("How long is the warranty?", [text])[0] for text in TEXTS]
    assert together == pytest.approx(alone, abs=1e-5)
    assert len({round(score, 4) for score in together}) > 5


@pytest.mark.slow
def test_the_question_counts(reranker: CrossEncoderReranker) -> None:
    assert reranker.scores("warranty?", TEXTS) != reranker.scores("holidays?", TEXTS)


@pytest.mark.slow
def test_what_is_too_long_for_the_model_is_cut(reranker: CrossEncoderReranker) -> None:
    text = "ten years " * READS
    longer = text + "and one more " * 1_000
    short = reranker.scores("warranty?", [text])
    assert reranker.scores("warranty?", [longer]) == pytest.approx(short)
    assert len(reranker.scores("warranty? " * READS, [longer])) == 1


@pytest.mark.slow
def test_no_text_has_no_score(reranker: CrossEncoderReranker) -> None:
    assert reranker.scores("warranty?", []) == []


@pytest.mark.slow
def test_several_threads_get_the_scores_of_one(reranker: CrossEncoderReranker) -> None:
    expected = reranker.scores("warranty?", TEXTS)
    found: list[list[float]] = []
    threads = [
        threading.Thread(target=lambda: found.append(reranker.scores("warranty?", TEXTS)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [pytest.approx(expected, abs=1e-5)] * 4


@pytest.mark.slow
def test_a_name_without_a_server_is_a_model_of_this_machine(folder: Path) -> None:
    assert chosen_reranker(str(folder)).model == str(folder)


@pytest.mark.slow
def test_unknown_model_is_an_error_of_one_line() -> None:
    with pytest.raises(ConfigError, match="set PHI3_RERANKER") as error:
        CrossEncoderReranker("nobody/has-this-model")
    assert "\n" not in str(error.value)


def test_folder_without_a_model_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="set PHI3_RERANKER"):
        CrossEncoderReranker(str(tmp_path))


@pytest.mark.slow
def test_an_embedding_model_is_not_taken_for_a_cross_encoder() -> None:
    with pytest.raises(ConfigError, match="does not name a cross-encoder"):
        CrossEncoderReranker(str(packaged()))


@pytest.mark.slow
def test_a_model_that_gives_several_scores_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one score"):
        CrossEncoderReranker(str(build(tmp_path, labels=3)))


class Broken:
    """A model that gives these scores, or raises."""

    def __init__(self, *scores: float) -> None:
        self.given = scores

    def predict(self, *_: Any, **__: Any) -> tuple[float, ...]:
        if not self.given:
            raise RuntimeError("CUDA out of memory.\nTried to allocate 2 GiB.")
        return self.given


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "says"),
    [(Broken(1.0, float("nan")), "not finite"), (Broken(), "out of memory. Tried")],
)
def test_model_that_fails_is_an_error_of_one_line(folder: Path, model: Broken, says: str) -> None:
    reranker = CrossEncoderReranker(str(folder))
    reranker._model = model
    with pytest.raises(RetrievalError, match=says):
        reranker.scores("warranty?", ["a", "b"])
