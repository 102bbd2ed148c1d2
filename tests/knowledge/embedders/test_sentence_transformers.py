import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import ConfigError
from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder


def test_unknown_model_is_an_error_of_one_line() -> None:
    with pytest.raises(ConfigError, match="PHI3_EMBEDDER") as error:
        SentenceTransformersEmbedder("nobody/has-this-model")
    assert "\n" not in str(error.value)


def test_folder_without_a_model_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PHI3_EMBEDDER"):
        SentenceTransformersEmbedder(str(tmp_path))


@pytest.mark.slow
def test_loading_and_embedding_print_nothing() -> None:
    script = (
        "from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder as E;"
        "e = E();"
        "print(e.model, e.dimension, len(e.embed_question('x').vector))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["sentence-transformers/all-MiniLM-L6-v2", "384", "384"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("backend", "package"), [("onnx", "optimum-onnx"), ("openvino", "optimum-intel")]
)
def test_backend_that_is_not_installed_is_named_with_its_package(
    backend: str, package: str
) -> None:
    with pytest.raises(ConfigError, match=f"{backend} needs the package {package}") as error:
        SentenceTransformersEmbedder(backend=backend)
    assert "\n" not in str(error.value)


def test_backend_for_another_version_of_transformers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "optimum"
    package.mkdir()
    (package / "__init__.py").touch()
    lacks = "from transformers.modeling_utils import something_that_is_gone"
    (package / "onnxruntime.py").write_text(lacks)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=r"optimum-onnx, in a version that supports") as error:
        SentenceTransformersEmbedder(backend="onnx")
    assert "something_that_is_gone" in error.value.detail
