"""The fixtures of the server's tests, for the small Phi-3."""

from tests.serving.conftest import tiny

__all__ = ["tiny"]
