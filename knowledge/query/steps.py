"""The steps of a search, in their order, and a record of what each of them did."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Key = tuple[str, str]
"""A document and the id of one of its chunks."""


class Step(StrEnum):
    """A step that can be switched off. ``docs/retrieval.md`` says what each is worth."""

    FOLLOWUPS = "followups"
    SPELLING = "spelling"
    WORDS = "words"
    WINDOWS = "windows"
    TOKENS = "tokens"
    CODES = "codes"
    RERANKING = "reranking"
    NEWEST = "newest"
    COPIES = "copies"
    NEIGHBOURS = "neighbours"


class Keyed(Protocol):
    @property
    def key(self) -> Key: ...


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did.

    ``note`` is what it made of the question, if it changed that. ``orders`` says whether it orders
    chunks; then ``order`` is theirs after it, best first.
    """

    step: Step
    note: str = ""
    order: tuple[Key, ...] = ()
    orders: bool = False


@dataclass(slots=True)
class Steps:
    """The steps of one search. ``without`` are switched off."""

    without: Collection[Step] = ()
    done: list[Done] = field(default_factory=list)

    def has(self, step: Step) -> bool:
        return step not in self.without

    def say(self, step: Step, note: str) -> None:
        self.done.append(Done(step, note))

    def show(self, step: Step, ordered: Iterable[Keyed]) -> None:
        self.done.append(Done(step, order=tuple(one.key for one in ordered), orders=True))
