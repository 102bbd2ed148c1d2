"""What goes through the connection of one call: first `Call`, then `Piece`s, and at last an end.

Each piece is answered with whether more are wanted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.errors import Phi3Error


@dataclass(frozen=True, slots=True)
class Call:
    """``work`` is a function of a module; it is given the container there, and then ``given``.

    With ``streams`` it gets ``listener`` too, a function for each piece of its result.
    """

    work: Callable[..., Any]
    given: tuple[Any, ...]
    streams: bool


@dataclass(frozen=True, slots=True)
class Piece:
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    error: Phi3Error
