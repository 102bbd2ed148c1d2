"""Makes the index of a restored deployment from the passages of its backup."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cli.backup.manifest import Kind
from cli.backup.reading import Backup, Progress
from domain.documents import Embedded
from records.snapshot import snapshot

if TYPE_CHECKING:
    from cli.wiring import Container

_BATCH = 256  # passages written at a time
_TIDY = 16_384  # passages after which the index is reorganized


def restore_index(backup: Backup, container: "Container", progress: Progress) -> tuple[int, int]:
    """Writes the documents that the database has, for those who may read them as it says.

    Returns how many there are, and how many others must be read from their sources again. Raises
    RetrievalError, BackupInvalid and DatabaseUnavailable.
    """
    with snapshot(container.settings.database) as rows:
        named = rows.documents()
    stored = backup.manifest.index
    if stored is None:
        return 0, len(named)
    written: set[str] = set()
    total = sum(part.lines for part in backup.manifest.of_kind(Kind.PASSAGES))
    passages = untidy = 0
    with container.indexes.made_anew(stored.model, stored.dimension) as index:
        for batch in _batches(backup, stored.dimension):
            passages += _size(batch)
            whole = [one for one in batch if named.get(one.document) == len(one.chunks)]
            # What nobody may read any more is in none of these, and is not written.
            readers = container.sources.readers([one.document for one in whole])
            given = [(one, readers[one.document]) for one in whole if one.document in readers]
            index.replace(*(one.for_readers(who) for one, who in given))
            written.update(readers)
            untidy += _size(whole)
            if untidy > _TIDY:
                index.tidy()
                untidy = 0
            progress("Writing the index", passages, total)
        index.tidy()
    return len(written), len(container.sources.readers(named.keys() - written))


def _batches(backup: Backup, dimension: int) -> Iterator[list[Embedded]]:
    from knowledge.index.carried import from_lines

    for part in backup.manifest.of_kind(Kind.PASSAGES):
        batch: list[Embedded] = []
        for one in from_lines(backup.lines(part), dimension):
            batch.append(one)
            if _size(batch) >= _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _size(documents: Sequence[Embedded]) -> int:
    return sum(len(one.chunks) for one in documents)
