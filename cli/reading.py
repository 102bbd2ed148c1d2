"""Reads sources that are named in the terminal, with a progress bar."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.asking import person
from cli.printing import progress
from domain.documents import SourceState
from domain.questions import Audience

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.documents import IngestReport
    from knowledge.ingest_run import IngestProgress


def read_sources(
    container: "Container",
    targets: Sequence[str],
    audience: Audience | None = None,
    *,
    confirmed: bool = False,
) -> "IngestReport":
    """Reads files, folders and URLs; `Ingestor.ingest` explains the arguments."""
    with _shown() as show:
        return container.ingestor.ingest(
            targets, audience, person(), confirmed=confirmed, progress=show
        )


def read_again(container: "Container", uris: Sequence[str]) -> "IngestReport":
    """Reads sources again; by default all that are not removed."""
    every = [row.uri for row in container.sources.all() if row.state is not SourceState.REMOVED]
    with _shown() as show:
        return container.ingestor.refresh(uris or every, progress=show)


@contextmanager
def _shown() -> "Iterator[Callable[[IngestProgress], None]]":
    with progress() as bars:
        task = bars.add_task("Reading", total=None)
        yield lambda step: bars.update(task, completed=step.done, total=step.total)
