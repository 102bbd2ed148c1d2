"""Makes a deployment from a backup: here, with the database and the index that the settings name.

Everything is checked first. A file in the home says from then on that a restore is not at its end,
and no other command uses the home; the same restore, called again, begins anew. The database is
filled in one transaction. The index and the files follow it, and what was forgotten since.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import migrations
from cli.alive import running_roles
from cli.backup.kept_settings import as_env_file
from cli.backup.manifest import Kind, Manifest, Part
from cli.backup.reading import Backup, Progress, check_version, opened_backup
from cli.forgotten import Forgetting, add_forgotten, forgotten_in, read_forgotten
from cli.home import RESTORING, make_home
from domain.errors import BackupFailed, ConfigError, NotEmpty, Phi3Error
from records.database import Database
from records.filling import fill
from records.live_index import LiveIndex
from records.snapshot import snapshot
from records.sources import Sources

if TYPE_CHECKING:
    from cli.settings import Settings
    from cli.wiring import Container
    from domain.documents import Embedded

SETTINGS = "restored-settings.env"

_BATCH = 256  # passages written to the index at a time
_TIDY = 16_384  # passages after which the index is reorganized
_DATABASE = 3  # how many times its rows a database takes: with its indexes, and its log meanwhile
_MARGIN = timedelta(minutes=10)
"""What was forgotten so shortly before a backup may be in it: forgetting takes a while."""


@dataclass(slots=True)
class Restored:
    """What there is now. ``unread`` counts documents that the backup has no passages of.

    ``forgotten`` counts what was forgotten again; None if there was no list here. ``key_fits`` says
    whether the key of the settings opens the tokens of the workspaces.
    """

    manifest: Manifest
    rows: int = 0
    documents: int = 0
    unread: int = 0
    adapters: tuple[str, ...] = ()
    forgotten: int | None = None
    workspaces: int = 0
    key_fits: bool = True
    settings: Path | None = None


def restore_backup(
    file: Path, settings: "Settings", progress: Progress, *, replace: bool
) -> Restored:
    """Raises BackupInvalid, and BackupFailed if something is here and must not be replaced: then
    nothing has changed. Raises other errors of the parts; then call it again.
    """
    from cli.wiring import Container

    home = settings.home
    with opened_backup(file) as backup:
        manifest = backup.manifest
        check_version(manifest, migrations.revisions())
        replace = replace or _began(home) == manifest.id
        _check_home(home, replace=replace)
        _check_room(home, manifest)
        backup.verify(progress)
        make_home(home)
        _fill_database(backup, settings, progress, replace=replace)
        done = Restored(manifest, rows=_rows(manifest))
        with Container(settings) as container:
            _restore_index(backup, container, progress, done)
            _restore_files(backup, container, progress, done)
            _forget_again(backup, container, progress, done)
            _look_at_workspaces(container, done)
        if manifest.settings or manifest.secrets:
            done.settings = home / SETTINGS
            done.settings.write_text(as_env_file(manifest.settings, manifest.secrets), "utf-8")
        (home / RESTORING).unlink()
    return done


def _rows(manifest: Manifest, table: str = "") -> int:
    """The rows of a table, or of all; the first line of each names its columns."""
    parts = manifest.of_kind(Kind.ROWS)
    return sum(max(part.lines - 1, 0) for part in parts if table in ("", part.of))


def _began(home: Path) -> str:
    """The id of the backup whose restore did not end here; empty if there is none."""
    try:
        return str(json.loads((home / RESTORING).read_text("utf-8"))["backup"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _check_home(home: Path, *, replace: bool) -> None:
    if roles := running_roles(home):
        raise BackupFailed(f"{', '.join(roles)} runs with this home: stop it first.", str(home))
    if replace:
        return
    if (home / RESTORING).exists():
        raise BackupFailed(
            "A restore of another backup has not ended here: run that one again, or let this one "
            "take its place with --replace.",
            str(home),
        )
    for name in ("adapters", "nights"):
        if any(one.is_dir() for one in (home / name).glob("*")):
            raise _not_empty(f"{home / name} is not empty")


def _check_room(home: Path, manifest: Manifest) -> None:
    rows = sum(part.unpacked for part in manifest.of_kind(Kind.ROWS))
    needed = manifest.unpacked + rows * (_DATABASE - 1)
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise BackupFailed(
            f"What is in the backup needs some {needed / 2**20:,.0f} MB, and the disk has "
            f"{free / 2**20:,.0f} MB left.",
            str(home),
        )


def _not_empty(why: str) -> BackupFailed:
    return BackupFailed(
        "There is something here already: restore into an empty PHI3_HOME and database, or let the "
        "backup take its place with --replace.",
        why,
    )


def _fill_database(
    backup: Backup, settings: "Settings", progress: Progress, *, replace: bool
) -> None:
    """Fills the database, or leaves it as it was."""
    manifest, marker = backup.manifest, settings.home / RESTORING
    is_new = not marker.exists()
    _write_marker(marker, manifest.id)

    def rows() -> Iterator[tuple[str, Iterator[bytes]]]:
        parts = manifest.of_kind(Kind.ROWS)
        for done, part in enumerate(parts):
            progress("Filling the database", done, len(parts))
            yield part.of, backup.lines(part)

    try:
        if not replace:
            _check_index(settings, manifest)
        migrations.fill(
            settings.database,
            manifest.revision,
            lambda connection: fill(connection, rows()),
            replace=replace,
        )
    except Phi3Error as error:
        if is_new:
            marker.unlink()
        if isinstance(error, NotEmpty):
            raise _not_empty(error.detail) from error
        raise


def _check_index(settings: "Settings", manifest: Manifest) -> None:
    """Raises BackupFailed if another deployment may have its index where this one would be."""
    from cli.indexes import Indexes

    database = Database(settings.database)
    indexes = Indexes(settings, LiveIndex(database), Sources(database))
    if (index := manifest.index) and not indexes.is_free(index.model, index.dimension):
        raise _not_empty("the collection in Weaviate; PHI3_WEAVIATE_COLLECTION names another one")


def _write_marker(marker: Path, backup: str) -> None:
    half = marker.with_name(f".half-{marker.name}")
    with half.open("w", encoding="utf-8") as file:
        json.dump({"backup": backup}, file)
        file.flush()
        os.fsync(file.fileno())
    half.replace(marker)


def _restore_index(
    backup: Backup, container: "Container", progress: Progress, done: Restored
) -> None:
    """Writes the documents that the database has, for those who may read them as it says."""
    with snapshot(container.settings.database) as rows:
        named = rows.documents()
    stored = backup.manifest.index
    if stored is None:
        done.unread = len(named)
        return
    written: set[str] = set()
    total = sum(part.lines for part in backup.manifest.of_kind(Kind.PASSAGES))
    passages = untidy = 0
    with container.indexes.made_anew(stored.model, stored.dimension) as index:
        for batch in _batches(backup, stored.dimension):
            passages += sum(len(one.chunks) for one in batch)
            whole = [one for one in batch if named.get(one.document) == len(one.chunks)]
            readers = container.sources.readers([one.document for one in whole])
            # What nobody may read any more is not written.
            index.replace(
                *(
                    one.for_readers(readers[one.document])
                    for one in whole
                    if one.document in readers
                )
            )
            written.update(readers)
            untidy += sum(len(one.chunks) for one in whole)
            if untidy > _TIDY:
                index.tidy()
                untidy = 0
            progress("Writing the index", passages, total)
        index.tidy()
    done.documents = len(written)
    done.unread = len(container.sources.readers(named.keys() - written))


def _batches(backup: Backup, dimension: int) -> "Iterator[list[Embedded]]":
    from knowledge.index.carried import from_lines

    for part in backup.manifest.of_kind(Kind.PASSAGES):
        batch: list[Embedded] = []
        for one in from_lines(backup.lines(part), dimension):
            batch.append(one)
            if sum(len(each.chunks) for each in batch) >= _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _restore_files(
    backup: Backup, container: "Container", progress: Progress, done: Restored
) -> None:
    """Writes them instead of what is there."""
    home = container.settings.home
    for folder in (home / "adapters", home / "nights", home / "cache"):
        rmtree(folder, ignore_errors=True)
    parts = backup.manifest.of_kind(Kind.FILE)
    folders: dict[str, list[Part]] = {}
    for part in parts:
        folders.setdefault(part.of.rpartition("/")[0], []).append(part)
    adapters = []
    for at, (place, its) in enumerate(folders.items()):
        progress("Writing adapters and reports", at, len(folders))
        folder = _write_folder(backup, home / place, its)
        if place.startswith("adapters/") and folder.name in backup.manifest.adapters:
            container.adapters.moved(folder.name, container.adapter_places.publish(folder))
            adapters.append(folder.name)
    reports = {
        run: home / "nights" / Path(report).name for run, report in container.runs.reports().items()
    }
    container.runs.moved({run: str(to) for run, to in reports.items() if to.is_dir()})
    done.adapters = tuple(adapters)


def _write_folder(backup: Backup, folder: Path, parts: list[Part]) -> Path:
    """The folder with exactly these files, which appear together."""
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    half = folder.with_name(f".half-{folder.name}")
    rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    for part in parts:
        backup.copy(part, half / Path(part.of).name)
    rmtree(folder, ignore_errors=True)
    half.rename(folder)
    return folder


def _forget_again(
    backup: Backup, container: "Container", progress: Progress, done: Restored
) -> None:
    """Forgets what was forgotten since the backup was made, as far as a list here says so."""
    from cli.forgetting import forget_again

    file = container.settings.forgotten_list
    here = read_forgotten(file)
    earlier = [
        one
        for part in backup.manifest.of_kind(Kind.FORGOTTEN)
        for one in forgotten_in(backup.lines(part))
    ]
    if new := [one for one in earlier if one not in (here or [])]:
        add_forgotten(file, *new)
    since = _since(here or [], backup.manifest.made_at)
    for at, one in enumerate(since):
        progress("Forgetting what was forgotten since", at, len(since))
        forget_again(container, one)
    done.forgotten = None if here is None else len(since)


def _look_at_workspaces(container: "Container", done: Restored) -> None:
    done.workspaces = _rows(done.manifest, "installations")
    if done.workspaces and container.settings.token_key.get_secret_value():
        try:
            container.installations.all()
        except ConfigError:
            done.key_fits = False


def _since(found: list[Forgetting], made_at: datetime) -> list[Forgetting]:
    return [one for one in found if one.at > made_at - _MARGIN]
