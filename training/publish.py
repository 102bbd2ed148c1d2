"""Publishes an adapter's files so that a reader sees either all of them or none.

The folder is written under a hidden temporary name, with its manifest last. Then everything is
flushed to the disk and the folder is renamed. After that it never changes: the manifest contains
the SHA-256 of the weights, and ``verify`` compares it.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from hashlib import file_digest
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import rmtree
from typing import Any

from domain.errors import PublishFailed
from domain.prompt import PROMPT_VERSION
from training.recipe import Recipe
from training.unfinished import CHECKPOINTS, HALF, unfinished

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
MANIFEST = "manifest.json"

_VERSION = 1
"""The manifest's version; a manifest without one is read as version 1."""

_LIBRARIES = ("torch", "transformers", "peft", "trl", "bitsandbytes")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an adapter is and was made from. ``example_ids`` are the answers' ids.

    ``refuse_above``: it refuses where the probability of a refusal is above this (see
    `training.refusals`); None if its answers stay as they are.
    """

    name: str
    base_model: str
    sha256: str
    prompt_version: str
    recipe: Recipe
    example_ids: tuple[str, ...]
    libraries: dict[str, str]
    created_at: datetime
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
            sha256=_sha256(half / WEIGHTS),
            prompt_version=PROMPT_VERSION,
            recipe=recipe,
            example_ids=tuple(example_ids),
            libraries=_libraries(),
            created_at=datetime.now(UTC),
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


def set_refuse_above(folder: Path, probability: float | None) -> None:
    """Writes into a published adapter's manifest where it refuses.

    A night does this before the adapter answers anybody, and never again. A reader sees the old
    manifest or the new one. Raises PublishFailed.
    """
    manifest = replace(read_manifest(folder), refuse_above=probability)
    half = folder / f"{HALF}{MANIFEST}"
    try:
        _write_manifest(half, manifest)
        half.chmod(0o600)
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(folder / MANIFEST)
        _flush_folder(folder)
    except OSError as e:
        half.unlink(missing_ok=True)
        raise PublishFailed(f"The adapter {folder.name} cannot be written.", str(e)) from e


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
        found = _sha256(folder / WEIGHTS)
        complete = (folder / CONFIG).is_file()
    except OSError as e:
        raise PublishFailed(f"{folder.name} is no complete adapter.", f"{folder}: {e}") from e
    if not complete:
        raise PublishFailed(
            f"{folder.name} is no complete adapter: {CONFIG} is missing.", str(folder)
        )
    if found != manifest.sha256:
        raise PublishFailed(
            f"The weights of {folder.name} are not those that were published: restore them, or "
            "roll back with `phi3 adapters rollback`.",
            str(folder),
        )
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Reads an adapter's manifest, also one of an older version; unknown keys are ignored.

    Raises PublishFailed if it is missing, broken, or of a newer version.
    """
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
        written_by = int(read.get("v", _VERSION))
        if written_by <= _VERSION:
            return _manifest(read)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise PublishFailed(f"{folder.name} is no complete adapter.", f"{folder}: {e}") from e
    raise PublishFailed(f"The adapter {folder.name} was made by a newer version of phi3: update.")


def learned_from(folders: Iterable[Path], answer_ids: Collection[str]) -> list[str]:
    """The names of the adapters that were trained on one of the answers.

    Folders that no longer exist are left out: nothing can load those adapters.
    """
    wanted = frozenset(answer_ids)
    found = []
    for folder in folders:
        if (folder / MANIFEST).is_file():
            manifest = read_manifest(folder)
            if not wanted.isdisjoint(manifest.example_ids):
                found.append(manifest.name)
    return found


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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


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
        "v": _VERSION,
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
