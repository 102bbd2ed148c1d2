"""Models for tests: the real SmolLM2, converted once and kept between runs."""

from pathlib import Path

import pytest

_KEPT = Path(__file__).parents[1] / ".phi3" / "test-models"


@pytest.fixture(scope="session")
def smollm2_home() -> Path:
    """A ``PHI3_HOME`` that holds the converted SmolLM2-135M-Instruct.

    It takes about 15 s the first time on a machine. It needs the extra ``small``.
    """
    from serving.default_model import SMOLLM2
    from serving.models import resolve  # imports torch: seconds

    pytest.importorskip("gguf", reason="the extra small is not installed")
    resolve(SMOLLM2, _KEPT)
    return _KEPT
