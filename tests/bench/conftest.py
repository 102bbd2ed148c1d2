"""The fixtures of the server's tests: the small Phi-3, and SmolLM2."""

from tests.serving.conftest import smollm2_home, tiny

__all__ = ["smollm2_home", "tiny"]
