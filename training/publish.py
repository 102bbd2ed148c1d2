"""Publishes an adapter's files so that a reader sees either all of them or none.

The folder is written under a hidden temporary name, with its manifest last. Then everything is
flushed to the disk and the folder is renamed. After that it never changes: the manifest contains
the SHA-256 of every file, and ``verify`` compares them.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import rmtree
from typing import Any

from domain.errors import PublishFailed
from domain.prompt import PROMPT_VERSION
from serving.adapter_manifest import (
    CONFIG,
    MANIFEST,
    VERSION,
    WEIGHTS,
    first_difference,
    is_newer,
    sha256_of,
)
from training.recipe import Recipe
from training.unfinished import CHECKPOINTS, HALF, unfinished

__all__ = ["CONFIG", "MANIFEST", "WEIGHTS", "Manifest", "publish", "verify"]

_LIBRARIES = ("torch", "transformers", "peft", "trl", "bitsandbytes")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an adapter is and was made from. ``example_ids`` are the answers' ids.

    ``files`` are the SHA-256 of all files by name, ``sha256`` is that of the weights; manifests of
    older versions have only the latter. Those have ``refuse_above`` too, which the database has now
    (`domain.adapters.Adapter`).
    """

    name: str
    base_model: str
    sha256: str
    prompt_version: str
    recipe: Recipe
    example_ids: tuple[str, ...]
    libraries: dict[str, str]
    created_at: datetime
    files: dict[str, str] = field(default_factory=dict)
    refuse_above: float | None = None


def publish(
    adapters: Path,
    name: str,
    base_model: str,
    recipe: Recipe,
    example_ids: Sequence[str],
    write: Callable[[Path], None],
) -> Manifest:
    """Calls ``write`` with a temporary folder, and publishes that as ``adapters/name``.

    If a training was killed less than a day ago, the folder contains its checkpoints.
    Raises PublishFailed if the name is taken, the weights are missing or the disk fails, and
    whatever ``write`` raises. After an error no folder of that name is left.
    """
    if (adapters / name).exists():
        raise PublishFailed(f"The adapter {name} exists already; an adapter never changes.")
    half = adapters / f"{HALF}{name}"
    try:
        adapters.mkdir(mode=0o700, parents=True, exist_ok=True)
        _begin(half, unfinished(adapters))
        write(half)
        rmtree(half / CHECKPOINTS, ignore_errors=True)
        manifest = Manifest(
            name=name,
            base_model=base_model,
            sha256=sha256_of(half / WEIGHTS),
            prompt_version=PROMPT_VERSION,
            recipe=recipe,
            example_ids=tuple(example_ids),
            libraries=_libraries(),
            created_at=datetime.now(UTC),
            files=_hashes(half),
        )
        _write_manifest(half / MANIFEST, manifest)
        _close_to_others(half)
        _flush(half)
        half.rename(adapters / name)
        _flush_folder(adapters)
    except OSError as e:
        raise PublishFailed(f"The adapter {name} cannot be written.", str(e)) from e
    finally:
        rmtree(half, ignore_errors=True)
    return manifest


def _hashes(folder: Path) -> dict[str, str]:
    """The files' hashes by their names, without the manifest's: that is written last."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    return {path.name: sha256_of(path) for path in files if path.name != MANIFEST}


def _begin(half: Path, killed: Path | None) -> None:
    """Makes the temporary folder: a new one, or that of a killed training."""
    if killed != half:
        rmtree(half, ignore_errors=True)
    if killed is None:
        half.mkdir(mode=0o700)
    else:
        killed.rename(half)


def verify(folder: Path) -> Manifest:
    """Checks that a published adapter is unchanged, and returns its manifest.

    Raises PublishFailed if anything is missing or changed.
    """
    manifest = read_manifest(folder)
    try:
        changed = first_difference(folder, manifest.files | {WEIGHTS: manifest.sha256})
        complete = (folder / CONFIG).is_file()
    except OSError as e:
        raise PublishFailed(f"{folder.name} is no complete adapter.", f"{folder}: {e}") from e
    if not complete:
        raise PublishFailed(
            f"{folder.name} is no complete adapter: {CONFIG} is missing.", str(folder)
        )
    if changed:
        what = "weights" if changed == WEIGHTS else changed
        raise PublishFailed(
            f"The {what} of {folder.name} are not those that were published: restore them, or "
            "roll back with `phi3 adapters rollback`.",
            str(folder),
        )
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Reads an adapter's manifest, also one of an older version; unknown keys are ignored.

    Raises PublishFailed if it is missing, broken, or of a newer version.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
    except OSError as e:
        raise PublishFailed(f"{folder.name} is no complete adapter.", f"{folder}: {e}") from e
    return parse_manifest(text, folder.name)


def parse_manifest(text: bytes, name: str) -> Manifest:
    """``read_manifest`` of the adapter ``name``, whose manifest's text is given."""
    try:
        read = json.loads(text)
        if not is_newer(read):
            return _manifest(read)
    # RecursionError: far too many brackets.
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise PublishFailed(f"{name} is no complete adapter.", str(e)) from e
    raise PublishFailed(f"The adapter {name} was made by a newer version of phi3: update.")


def learned_from(manifests: Iterable[Manifest], answer_ids: Collection[str]) -> list[str]:
    """The names of the adapters that were trained on one of the answers."""
    wanted = frozenset(answer_ids)
    return [one.name for one in manifests if not wanted.isdisjoint(one.example_ids)]


def _manifest(read: dict[str, Any]) -> Manifest:
    known = {field.name for field in fields(Recipe)}
    return Manifest(
        name=read["name"],
        base_model=read["base_model"],
        sha256=read["sha256"],
        prompt_version=read["prompt_version"],
        recipe=Recipe(**{key: value for key, value in read["recipe"].items() if key in known}),
        example_ids=tuple(read["example_ids"]),
        libraries=read.get("libraries", {}),
        created_at=datetime.fromisoformat(read["created_at"]),
        files=dict(read.get("files", {})),
        refuse_above=read.get("refuse_above"),
    )


def remove_orphans(adapters: Path, known: Collection[str]) -> list[str]:
    """Removes unfinished folders, and folders of adapters that are not among ``known``.

    The unfinished one whose training can go on stays. Returns the removed folders' names. Must not
    run while a night is writing an adapter.
    """
    goes_on = unfinished(adapters)
    orphans = [
        folder
        for folder in (adapters.iterdir() if adapters.is_dir() else ())
        if folder.is_dir() and folder.name not in known and folder != goes_on
        if folder.name.startswith(HALF) or (folder / MANIFEST).is_file()
    ]
    for folder in orphans:
        rmtree(folder, ignore_errors=True)
    return [folder.name for folder in orphans]


def _libraries() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _write_manifest(path: Path, manifest: Manifest) -> None:
    rows = {
        "v": VERSION,
        **asdict(manifest),
        "created_at": manifest.created_at.isoformat(),
    }
    path.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


def _close_to_others(folder: Path) -> None:
    """Makes the files readable only for their owner: weights can repeat what people wrote."""
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _flush(folder: Path) -> None:
    """Flushes the files to the disk, so that none is incomplete once the folder is renamed."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
