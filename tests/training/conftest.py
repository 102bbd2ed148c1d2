"""The tiny Phi-3 that the tests of the training share."""

from pathlib import Path

import pytest

from tests.models import smollm2_home

__all__ = ["smollm2_home"]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.tiny_phi3 import build_tiny_phi3

    return build_tiny_phi3(tmp_path_factory.mktemp("models") / "tiny-phi3")
