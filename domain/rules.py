"""What a channel's people chose for the answers that are given there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """``wishes`` is what they wrote for the model, ``language`` the English name of one, or empty.

    ``only`` names the sources and collections that are searched; None: all that may be read.
    """

    wishes: str = ""
    language: str = ""
    only: frozenset[str] | None = None


NO_RULES = Rules()
