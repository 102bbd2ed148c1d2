"""The small Phi-3 of the server's tests."""

from tests.serving.conftest import tiny

__all__ = ["tiny"]
