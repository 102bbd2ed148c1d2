"""What the page Gaps needs: the gaps as somebody may see them, and closing one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.gaps import Gap, GapQuestion
from domain.questions import Audience, Question


class GapViewer(Protocol):
    """Who looks: which questions they may see, and which documents they may read."""

    def may_read(self, question: Question) -> bool: ...

    def audience(self, channels: Iterable[str]) -> Audience: ...


class NearDocument(Protocol):
    @property
    def address(self) -> str: ...

    @property
    def title(self) -> str: ...


class GapView(Protocol):
    """Counts are of everything; words, documents and the owner of what the viewer may read."""

    @property
    def gap(self) -> Gap: ...
    @property
    def questions(self) -> int: ...
    @property
    def people(self) -> int: ...
    @property
    def new(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def rated_bad(self) -> int: ...
    @property
    def hidden(self) -> int: ...
    @property
    def last_at(self) -> datetime: ...
    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def readable(self) -> Sequence[GapQuestion]: ...
    @property
    def documents(self) -> Sequence[NearDocument]: ...


@dataclass(frozen=True, slots=True)
class GapNeeds:
    """``largest`` finds open gaps, the largest first; ``one`` a single one, None if it has ended.

    ``refresh`` puts what failed lately into gaps, which takes seconds. ``close`` says that a gap is
    answered by now: its questions are asked again, and who asked is told; False if it is not open.
    They raise DatabaseUnavailable and RetrievalError.
    """

    largest: Callable[[GapViewer, int], Sequence[GapView]]
    one: Callable[[str, GapViewer], GapView | None]
    refresh: Callable[[], None]
    close: Callable[[str, str], bool]
