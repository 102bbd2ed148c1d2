"""Makes a deployment from a backup: here, with the database and the index that the settings name.

Everything is checked first. A file in the home says from then on that a restore is not at its end,
and no other command uses the home; the same restore, called again, begins anew. The database is
filled in one transaction. The index and the files follow it, and what was forgotten since.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import migrations
from cli.alive import running_roles
from cli.backup.begun import Begun, end_begun, read_begun, write_begun
from cli.backup.damaged import put_aside
from cli.backup.files_of import restore_files
from cli.backup.forgotten_since import forget_since
from cli.backup.index_of import restore_index
from cli.backup.kept_settings import as_env_file
from cli.backup.manifest import Kind, Manifest
from cli.backup.reading import Backup, Progress, check_version, opened_backup
from cli.forgotten import read_forgotten
from cli.home import make_home
from domain.errors import BackupFailed, ConfigError, DatabaseDamaged, NotEmpty, Phi3Error
from records.database import Database, file_of
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
    whether the key of the settings opens the tokens of the workspaces. ``damaged`` is the new name
    of a SQLite database that could not be read.
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
    damaged: Path | None = None


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
        before = read_begun(home)
        goes_on = before is not None and before.replaces and before.backup == manifest.id
        listed = before.listed if before else read_forgotten(settings.forgotten_list) is not None
        begun = Begun(manifest.id, replaces=replace or goes_on, listed=listed)
        _check_home(home, before, begun)
        _check_room(home, manifest)
        backup.verify(progress)
        make_home(home)
        done = Restored(manifest, rows=_rows(manifest))
        done.damaged = _fill_database(backup, settings, progress, begun)
        with Container(settings) as container:
            # What was done since then in Slack, such as an answer, is looked for first.
            container.jobs.take_from_all("It is from a backup.")
            done.documents, done.unread = restore_index(backup, container, progress)
            done.adapters = restore_files(backup, container, progress)
            forgotten = forget_since(backup, container, progress)
            done.forgotten = forgotten if listed else None
            _look_at_workspaces(container, done)
        done.settings = _write_settings(home, manifest)
        end_begun(home)
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


def _check_home(home: Path, before: Begun | None, begun: Begun) -> None:
    if roles := running_roles(home):
        raise BackupFailed(f"{', '.join(roles)} runs with this home: stop it first.", str(home))
    if begun.replaces:
        return
    if before and before.backup != begun.backup:
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
    backup: Backup, settings: "Settings", progress: Progress, begun: Begun
) -> Path | None:
    """Fills the database, or leaves it as it was; returns the new name of a damaged one."""
    home, manifest = settings.home, backup.manifest
    before = read_begun(home)
    write_begun(home, begun)

    def rows() -> Iterator[tuple[str, Iterator[bytes]]]:
        # Only now is it known that nothing is lost if this is killed, and called again.
        write_begun(home, replace(begun, replaces=True))
        parts = manifest.of_kind(Kind.ROWS)
        for done, part in enumerate(parts):
            progress("Filling the database", done, len(parts))
            yield part.of, backup.lines(part)

    def fill_tables() -> None:
        migrations.fill(
            settings.database,
            manifest.revision,
            lambda connection: fill(connection, rows()),
            replace=begun.replaces,
        )

    try:
        if not begun.replaces:
            _check_index(settings, manifest)
        return _filled(fill_tables, settings, replace=begun.replaces)
    except Phi3Error as error:
        if before is None or not before.replaces:
            end_begun(home)
        if isinstance(error, NotEmpty):
            raise _not_empty(error.detail) from error
        raise


def _filled(fill_tables: Callable[[], None], settings: "Settings", *, replace: bool) -> Path | None:
    """Fills the tables, in a new SQLite file if the one that is here is damaged."""
    try:
        fill_tables()
    except DatabaseDamaged as error:
        file = file_of(settings.database)
        if file is None or not replace:
            raise _not_empty(error.detail) from error
    else:
        return None
    with put_aside(file) as damaged:
        fill_tables()
    return damaged


def _check_index(settings: "Settings", manifest: Manifest) -> None:
    """Raises BackupFailed if another deployment may have its index where this one would be."""
    from cli.indexes import Indexes

    database = Database(settings.database)
    indexes = Indexes(settings, LiveIndex(database), Sources(database))
    if (index := manifest.index) and not indexes.is_free(index.model, index.dimension):
        raise _not_empty("the collection in Weaviate; PHI3_WEAVIATE_COLLECTION names another one")


def _look_at_workspaces(container: "Container", done: Restored) -> None:
    done.workspaces = _rows(done.manifest, "installations")
    if done.workspaces and container.settings.token_key.get_secret_value():
        try:
            container.installations.all()
        except ConfigError:
            done.key_fits = False
