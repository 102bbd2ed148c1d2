"""Damaged files: what a broken disk, a cut transfer or an attacker makes of real ones."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import strategies as st

from domain.blocks import Content
from domain.errors import IngestError

FILES = Path(__file__).parents[1] / "files"


def file(name: str) -> bytes:
    """The bytes of one of the files made by real programs."""
    return (FILES / name).read_bytes()


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """``content`` cut off, and with some bytes changed."""
    kept = content[: draw(st.integers(len(content) // 4, len(content)))]
    changed = bytearray(kept)
    places = st.tuples(st.integers(0, len(kept) - 1), st.integers(0, 255))
    for place, byte in draw(st.lists(places, max_size=20)):
        changed[place] = byte
    return bytes(changed)


def survives(read: Callable[[], Content]) -> None:
    """Fails unless ``read`` gives content, or an error that is meant for people."""
    with suppress(IngestError):
        assert read().blocks
