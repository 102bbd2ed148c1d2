"""What the console leaves to a worker (cli/worker): all that needs the index or a model.

Each function's first argument is the container of the process that does it.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.documents import Chunk, IngestReport
    from domain.questions import Answer, Question
    from knowledge.query.explained import Explained

EXPLAINED = 10
"""Passages of a search whose steps are shown."""

T = TypeVar("T")


class Work(Protocol):
    """Does work with a container, here or in another process."""

    def run(
        self,
        work: Callable[..., T],
        *given: object,
        listener: Callable[[str], None] | None = None,
    ) -> T:
        """What ``work`` returns of the container and ``given``; raises what it raises.

        ``listener`` is given to it too, if there is one.
        """
        ...

    def begin(self, work: Callable[..., object]) -> None:
        """Begins some work without waiting for its end."""
        ...


class WorkHere:
    """Does all work in this process, with its container."""

    def __init__(self, container: "Container") -> None:
        self._container = container

    def run(
        self,
        work: Callable[..., T],
        *given: object,
        listener: Callable[[str], None] | None = None,
    ) -> T:
        if listener:
            return work(self._container, *given, listener=listener)
        return work(self._container, *given)

    def begin(self, work: Callable[..., object]) -> None:
        """Nothing is done before it is needed."""


def prepare_to_answer(container: "Container") -> None:
    """Loads what the first question needs. Raises RetrievalError and ConfigError."""
    answerer, searcher = container.answerer, container.searcher
    assert answerer
    assert searcher
    if not container.settings.embeddings_url:
        container.embedder.embed_question("Is anybody there?")


def answer(
    container: "Container", question: "Question", listener: Callable[[str], None]
) -> "Answer":
    """Raises Phi3Error."""
    return container.answerer.answer(question, listener)


def explain(container: "Container", question: "Question") -> "Explained":
    """Raises RetrievalError."""
    return container.searcher.explain(question, EXPLAINED)


def passages_of(container: "Container", document: str, first: int, most: int) -> "Sequence[Chunk]":
    """Up to ``most`` passages of a document, from number ``first`` on. Raises RetrievalError."""
    return list(islice(container.index.chunks(document), first, first + most))


def would_read(container: "Container", address: str, is_site: bool) -> "IngestReport":
    """Raises IngestError and RetrievalError."""
    from cli.reading import read_targets
    from cli.targets import Wanted

    report, _ = read_targets(container, [address], Wanted(site=is_site), dry_run=True)
    return report


def read_again(container: "Container", uri: str) -> None:
    """Raises RetrievalError."""
    container.ingestor.refresh([uri])


def refresh_gaps(container: "Container") -> None:
    """Puts what failed lately into gaps. Raises DatabaseUnavailable and RetrievalError."""
    from bot.gaps.finding import GapFinder
    from records.gaps import Gaps

    records = Gaps(container.database)
    finder = GapFinder(records, lambda: container.embedder)
    for team in records.teams():
        finder.refresh(team, datetime.now(UTC))


def forget_person(container: "Container", person: str) -> str:
    """Returns a sentence. Raises NotFound, RunInProgress and RetrievalError."""
    from cli.forgetting import forget_person as forget

    done = forget(container, person)
    counts = [f"{n} {kind.replace('_', ' ')}" for kind, n in done.deleted.items() if n]
    return f"Deleted: {', '.join(counts) or 'nothing'}. {done.advice}".strip()
