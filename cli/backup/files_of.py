"""Writes the adapters, the reports of nights and the uploads of a restored deployment."""

from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from cli.backup.manifest import Kind, Part
from cli.backup.reading import Backup, Progress
from domain.errors import BackupFailed
from domain.links import UPLOAD

if TYPE_CHECKING:
    from cli.wiring import Container


def restore_files(backup: Backup, container: "Container", progress: Progress) -> tuple[str, ...]:
    """Writes them instead of what is there; returns the names of the adapters.

    Raises BackupFailed, StoreFailed and DatabaseUnavailable.
    """
    try:
        return _restore_files(backup, container, progress)
    except OSError as e:
        raise BackupFailed(
            "The home cannot be written.", f"{container.settings.home}: {e.strerror or e}"
        ) from e


def _restore_files(backup: Backup, container: "Container", progress: Progress) -> tuple[str, ...]:
    home = container.settings.home
    for folder in (home / "adapters", home / "nights", home / "cache", home / "uploads"):
        rmtree(folder, ignore_errors=True)
    parts = backup.manifest.of_kind(Kind.FILE)
    folders: dict[str, list[Part]] = {}
    known = {one.uri for one in container.collections.all()}
    for part in parts:
        if part.of.startswith("uploads/") and _uri_of(part) not in known:
            continue  # it was sent when the database was copied already
        folders.setdefault(part.of.rpartition("/")[0], []).append(part)
    adapters = []
    for at, (place, its) in enumerate(folders.items()):
        progress("Writing adapters, reports and uploads", at, len(folders))
        folder = _write_folder(backup, home / place, its)
        if place.startswith("adapters/") and folder.name in backup.manifest.adapters:
            container.adapters.moved(folder.name, container.adapter_places.publish(folder))
            adapters.append(folder.name)
    reports = {
        run: home / "nights" / Path(report).name for run, report in container.runs.reports().items()
    }
    container.runs.moved({run: str(to) for run, to in reports.items() if to.is_dir()})
    return tuple(adapters)


def _uri_of(upload: Part) -> str:
    _, key, _, name = upload.of.split("/")
    return f"{UPLOAD}:{key}/{name}"


def _write_folder(backup: Backup, folder: Path, parts: list[Part]) -> Path:
    """The folder with exactly these files, which appear together."""
    for above in (folder.parent.parent, folder.parent):
        above.mkdir(mode=0o700, exist_ok=True)
    half = folder.with_name(f".half-{folder.name}")
    rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    for part in parts:
        backup.copy(part, half / Path(part.of).name)
    rmtree(folder, ignore_errors=True)
    half.rename(folder)
    return folder
