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
from pathlib import Path
from typing import TYPE_CHECKING

import migrations
from cli.alive import running_roles
from cli.backup.files_of import restore_files
from cli.backup.forgotten_since import forget_since
from cli.backup.index_of import restore_index
from cli.backup.kept_settings import as_env_file
from cli.backup.manifest import Kind, Manifest
from cli.backup.reading import Backup, Progress, check_version, opened_backup
from cli.home import RESTORING, make_home
from domain.errors import BackupFailed, ConfigError, NotEmpty, Phi3Error
from records.database import Database
from records.filling import fill
from records.live_index import LiveIndex
from records.sources import Sources

if TYPE_CHECKING:
    from cli.settings import Settings
    from cli.wiring import Container

SETTINGS = "restored-settings.env"

_DATABASE = 3  # how many times its rows a database takes: with its indexes, and its log meanwhile


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
        replace = replace or _begun(home) == (manifest.id, True)
        _check_home(home, manifest.id, replace=replace)
        _check_room(home, manifest)
        backup.verify(progress)
        make_home(home)
        _fill_database(backup, settings, progress, replace=replace)
        done = Restored(manifest, rows=_rows(manifest))
        with Container(settings) as container:
            # What was done since then in Slack, such as an answer, is looked for first.
            container.jobs.take_from_all("It is from a backup.")
            done.documents, done.unread = restore_index(backup, container, progress)
            done.adapters = restore_files(backup, container, progress)
            done.forgotten = forget_since(backup, container, progress)
            _look_at_workspaces(container, done)
        done.settings = _write_settings(home, manifest)
        (home / RESTORING).unlink()
    return done


def _write_settings(home: Path, manifest: Manifest) -> Path | None:
    """None if everything was at its default. Raises BackupFailed."""
    if not manifest.settings and not manifest.secrets:
        return None
    file = home / SETTINGS
    try:
        file.write_text(as_env_file(manifest.settings, manifest.secrets), "utf-8")
    except OSError as e:
        raise BackupFailed("The home cannot be written.", f"{file}: {e.strerror}") from e
    return file


def _rows(manifest: Manifest, table: str = "") -> int:
    """The rows of a table, or of all; the first line of each names its columns."""
    parts = manifest.of_kind(Kind.ROWS)
    return sum(max(part.lines - 1, 0) for part in parts if table in ("", part.of))


def _begun(home: Path) -> tuple[str, bool]:
    """The id of the backup whose restore did not end here; empty if there is none.

    And whether it had seen that nothing was here, or was to replace what was.
    """
    try:
        read = json.loads((home / RESTORING).read_text("utf-8"))
        return str(read["backup"]), read.get("replaces") is True
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "", False


def _check_home(home: Path, backup: str, *, replace: bool) -> None:
    if roles := running_roles(home):
        raise BackupFailed(f"{', '.join(roles)} runs with this home: stop it first.", str(home))
    if replace:
        return
    if (home / RESTORING).exists() and _begun(home)[0] != backup:
        raise BackupFailed(
            "A restore of another backup has not ended here: run that one again, or let this one "
            "take its place with --replace.",
            str(home),
        )
    for name in ("adapters", "nights", "uploads"):
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
    is_new = not _begun(settings.home)[1]
    _write_marker(marker, manifest.id, replaces=replace)

    def rows() -> Iterator[tuple[str, Iterator[bytes]]]:
        # Only now is it known that nothing is lost if this is killed, and called again.
        _write_marker(marker, manifest.id, replaces=True)
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


def _write_marker(marker: Path, backup: str, *, replaces: bool) -> None:
    half = marker.with_name(f".half-{marker.name}")
    try:
        with half.open("w", encoding="utf-8") as file:
            json.dump({"backup": backup, "replaces": replaces}, file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(marker)
    except OSError as e:
        raise BackupFailed("The home cannot be written.", f"{marker}: {e.strerror}") from e


def _look_at_workspaces(container: "Container", done: Restored) -> None:
    done.workspaces = _rows(done.manifest, "installations")
    if done.workspaces and container.settings.token_key.get_secret_value():
        try:
            container.installations.all()
        except ConfigError:
            done.key_fits = False
