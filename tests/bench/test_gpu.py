"""The parts of the benchmark on a GPU that run without one."""

from pathlib import Path

import pytest

from domain.questions import Message
from tests.serving.conftest import running


def test_without_a_gpu_it_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.gpu import measure

    monkeypatch.setattr("serving.default_model._gpus", lambda: 0)
    with pytest.raises(SystemExit, match="NVIDIA GPU") as ended:
        measure(tmp_path)
    assert "\n" not in str(ended.value)


@pytest.mark.slow
def test_streams_are_asked_at_once_and_say_how_they_ended(tiny: Path) -> None:
    from openai import OpenAI

    from bench.streams import ask_all, firsts

    prompts = [(Message("user", f"How many days in month {n}?"),) for n in range(3)]
    with running(tiny) as server:
        client = OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)
        asked = ask_all(client, [tiny.name, tiny.name, "unknown"], prompts, 4)
        client.close()
    *good, unknown = asked.answers
    assert [answer.tokens for answer in good if not answer.error]
    assert all(answer.first > 0 for answer in good)
    assert "unknown" in unknown.error
    assert asked.speed > 0
    assert " ms, p95 " in firsts([asked])


@pytest.mark.slow
def test_the_random_embedding_model_is_one_for_both_embedders(tmp_path: Path) -> None:
    from bench.random_models import build_minilm
    from knowledge.embedders.bert_files import read_bert
    from knowledge.embedders.onnx import OnnxEmbedder
    from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder

    folder = build_minilm(tmp_path)
    embedders = (
        OnnxEmbedder("random", read_bert(folder)),
        SentenceTransformersEmbedder(str(folder), device="cpu"),
    )
    one, other = (each.embed_passages(["thirty days of holiday"])[0].vector for each in embedders)
    assert list(one) == pytest.approx(list(other), abs=1e-5)
