"""Makes a backup while everything runs.

The index is read first, which takes longest, and the database afterwards, all at one moment. What
the database names by then and was not read yet is read last. So the database is the truth: what the
index has besides is not restored, and what is missing all the same (it was replaced at that very
moment) is read from its source again.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from cli.backup.kept_settings import kept_settings
from cli.backup.manifest import Kind, Manifest, StoredIndex
from cli.backup.reading import Progress, opened_backup
from cli.backup.writing import Writer, written
from cli.forgotten import read_forgotten
from cli.indexes import place_of
from cli.lacking import still_named
from domain.adapters import Adapter, AdapterState
from domain.documents import IndexPlace
from domain.errors import BackupFailed, NotPublished
from domain.protocols import PassageIndex
from knowledge.sources.uploads import Uploads
from records.database import file_of
from records.snapshot import Snapshot, snapshot
from records.tables import SCHEMA

if TYPE_CHECKING:
    from cli.wiring import Container

_OF_A_PASSAGE = 4_000
"""Bytes that a passage takes at least: its text, its vector, and often the signs of its tokens."""

_ANSWERING = (AdapterState.LIVE, AdapterState.CANARY, AdapterState.HELD)
_REPORT = ("report.json", "report.html", "comparison.png")


@dataclass(frozen=True, slots=True)
class Made:
    """``lacking`` counts those of the sources' ``documents`` whose passages are not all in
    the file.
    """

    file: Path
    manifest: Manifest
    size: int
    documents: int
    lacking: int


def make_backup(container: "Container", file: Path, progress: Progress) -> Made:
    """Writes the backup ``file``. Raises BackupFailed, RetrievalError, StoreFailed and
    DatabaseUnavailable; then there is no such file.
    """
    at = datetime.now(UTC)
    folders, _ = _folders(container, _answering(container))
    uploads = Uploads(container.settings.uploads)
    copied = [path for folder in folders.values() for path in folder.iterdir()]
    _check_room(container, file, [*copied, *uploads.all()])
    with written(file, lambda half: _check(half, progress)) as writer:
        opened = container.indexes.live.current()  # the same one, also if it is replaced meanwhile
        read = _write_passages(opened.index, writer, progress)
        with snapshot(container.settings.database) as rows:
            # A night may have published one since; the rows name those that answer now.
            answering = _answering(container)
            _write_rows(rows, writer, progress)
            named = rows.documents()
        _write_late(opened.index, writer, named, read, progress)
        half = {document for document, chunks in named.items() if read.get(document) != chunks}
        lacking = still_named(container, half)
        adapters, missing = _folders(container, answering)
        _write_files(container, writer, adapters, uploads.all(), progress)
        settings, secrets = kept_settings(container.settings)
        manifest = Manifest(
            id=uuid4().hex,
            program=version("phi3-expert"),
            revision=SCHEMA,
            made_at=at,
            database="sqlite" if file_of(container.settings.database) else "postgresql",
            index=StoredIndex(
                place_of(opened.name).value,
                opened.embedder.model,
                opened.embedder.dimension,
                documents=len(read),
                passages=sum(read.values()),
            ),
            adapters={one.name: one.state.value for one in adapters},
            missing=missing,
            settings=settings,
            secrets=secrets,
            parts=tuple(writer.parts),
        )
        writer.end(manifest)
    return Made(file, manifest, file.stat().st_size, len(named), lacking)


def _check(half: Path, progress: Progress) -> None:
    """Reads back what is on the disk. Raises BackupFailed."""
    with opened_backup(half) as backup:
        backup.verify(progress)


def _write_passages(index: PassageIndex, writer: Writer, progress: Progress) -> dict[str, int]:
    """Writes the documents; returns how many passages of each were written."""
    read: dict[str, int] = {}
    lines = _passages(index, sorted(index.documents()), read, "Copying documents", progress)
    writer.add_lines("index/passages.jsonl.gz", Kind.PASSAGES, "index", lines)
    return read


def _write_late(
    index: PassageIndex,
    writer: Writer,
    named: Mapping[str, int],
    read: dict[str, int],
    progress: Progress,
) -> None:
    """Writes what of the ``named`` documents was not ``read``, and adds it to that."""
    late = sorted(document for document, chunks in named.items() if read.get(document) != chunks)
    lines = _passages(index, late, read, "Copying what was added meanwhile", progress)
    writer.add_lines("index/late.jsonl.gz", Kind.PASSAGES, "late", lines)


def _passages(
    index: PassageIndex, documents: list[str], read: dict[str, int], doing: str, say: Progress
) -> Iterator[bytes]:
    from knowledge.index.carried import read_documents, to_lines

    for done, one in enumerate(read_documents(index, documents), 1):
        if one:
            yield from to_lines(one)
            read[one.document] = len(one.chunks)
        say(doing, done, len(documents))


def _write_rows(rows: Snapshot, writer: Writer, progress: Progress) -> None:
    tables = rows.tables
    for done, table in enumerate(tables):
        progress("Copying the database", done, len(tables))
        writer.add_lines(f"database/{table}.jsonl.gz", Kind.ROWS, table, rows.lines(table))


def _write_files(
    container: "Container",
    writer: Writer,
    adapters: Mapping[Adapter, Path],
    uploads: Sequence[Path],
    progress: Progress,
) -> None:
    places = {
        f"adapters/{one.name}/{path.name}": path
        for one, folder in adapters.items()
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
    nights = container.settings.home / "nights"
    reports = [path for name in _REPORT for path in sorted(nights.glob(f"*/{name}"))]
    places |= {f"nights/{path.parent.name}/{path.name}": path for path in reports}
    home = container.settings.uploads
    places |= {f"uploads/{path.relative_to(home).as_posix()}": path for path in uploads}
    for done, (place, path) in enumerate(places.items()):
        progress("Copying adapters, reports and uploads", done, len(places))
        try:
            writer.add_file(f"files/{done:06}", place, path)
        except FileNotFoundError:  # it was just forgotten, or sent again
            continue
    entries = container.settings.forgotten_list
    if read_forgotten(entries) is not None:
        lines = entries.read_bytes().splitlines(keepends=True)
        writer.add_lines("lists/forgotten.jsonl.gz", Kind.FORGOTTEN, "forgotten", lines)


def _answering(container: "Container") -> list[Adapter]:
    """The adapters that answer, or that a rollback or an admin may let answer."""
    chosen = [one for one in container.adapters.all() if one.state in _ANSWERING]
    live = [one for one in chosen if one.state is AdapterState.LIVE]
    chosen += [before for one in live for before in container.adapters.before(one.name)]
    return list(dict.fromkeys(chosen))


def _folders(
    container: "Container", adapters: Sequence[Adapter]
) -> tuple[dict[Adapter, Path], tuple[str, ...]]:
    """The folders of adapters; the second value names those whose files are gone.

    Raises StoreFailed if the address of the adapters does not answer. The starter comes with the
    program.
    """
    found: dict[Adapter, Path] = {}
    missing: list[str] = []
    for one in adapters:
        try:
            folder = container.adapter_places.folder_of(one)
        except NotPublished:
            missing.append(one.name)
            continue
        if folder.is_dir():
            found[one] = folder
        else:
            missing.append(one.name)
    return found, tuple(missing)


def _check_room(container: "Container", file: Path, copied: Sequence[Path]) -> None:
    """Raises BackupFailed if the disk has clearly too little room."""
    database = file_of(container.settings.database)
    needed = database.stat().st_size // 2 if database else 0
    contents = [one.stat().st_size for one in (container.settings.home / "index").glob("*.chunks")]
    if container.indexes.place is IndexPlace.WEAVIATE:
        contents = [container.index.count() * _OF_A_PASSAGE]
    needed += sum(contents)
    for path in copied:
        with suppress(FileNotFoundError):
            needed += path.stat().st_size
    try:
        free = shutil.disk_usage(file.parent).free
    except OSError as e:
        raise BackupFailed("The folder of the backup is not there.", str(file.parent)) from e
    if free < needed:
        raise BackupFailed(
            f"The backup needs some {needed / 2**20:,.0f} MB, and the disk has {free / 2**20:,.0f} "
            "MB left.",
            str(file.parent),
        )
