"""Reads an adapter's folder once, and checks it against its manifest, before anything is parsed.

What is loaded are the very bytes that were hashed, so a folder that changes meanwhile changes
nothing.
"""

import errno
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import Any

from domain.errors import AdapterNotLoaded, AdapterUnfit

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
MANIFEST = "manifest.json"

VERSION = 1
"""The manifest's version; a manifest without one is read as version 1."""

_LARGEST_CONFIG = 2**20
_LARGEST_MANIFEST = 2**26  # it lists the rows of the training


@dataclass(frozen=True, slots=True)
class AdapterFiles:
    """The content of a verified folder. ``sha256`` stands for all of it that is served."""

    name: str
    config: dict[str, Any]
    weights: bytes
    sha256: str


def allowed(folder: str, roots: Sequence[Path]) -> Path:
    """The folder that a path names, if it is below one of ``roots``, also after its links.

    Raises AdapterNotLoaded.
    """
    try:
        path = Path(folder).resolve()
        str(path).encode()  # it is told to clients
        within = any(root.resolve() in path.parents for root in roots)
    # ValueError: a NUL character, or no text at all. OSError: too long, or a link loop, which was a
    # RuntimeError.
    except (RuntimeError, ValueError, OSError) as e:
        raise AdapterNotLoaded("The path of the adapter names no folder.", f"{folder}: {e}") from e
    if not within:
        raise AdapterNotLoaded(
            "Adapters are loaded from the server's own folders only; "
            "PHI3_ADAPTER_FOLDERS names further ones.",
            folder,
        )
    return path


def read_verified(folder: Path, name: str, base: str, most: int) -> AdapterFiles:
    """Reads the adapter ``name`` of the model ``base``; its weights have at most ``most`` bytes.

    Raises AdapterNotLoaded, which says what is wrong with the folder.
    """
    with _opened(folder) as within:
        manifest = _object(MANIFEST, _read(within, MANIFEST, _LARGEST_MANIFEST))
        _check_manifest(manifest, name, base)
        config = _read(within, CONFIG, _LARGEST_CONFIG)
        weights = _read(within, WEIGHTS, most)
    found = sha256(weights).hexdigest()
    if manifest.get("sha256") != found:
        raise AdapterUnfit(f"The weights of {name} are not those of its manifest.")
    config_found = sha256(config).hexdigest()
    if _expected_config(manifest) not in (None, config_found):
        raise AdapterUnfit(f"The {CONFIG} of {name} is not that of its manifest.")
    both = sha256(f"{config_found} {found}".encode()).hexdigest()
    return AdapterFiles(name, _object(CONFIG, config), weights, both)


def is_newer(manifest: dict[str, Any]) -> bool:
    """Whether a later version of this program wrote it, so that it may mean something else.

    Raises ValueError if its version is no number.
    """
    version = manifest.get("v", VERSION)
    if type(version) is not int:
        raise ValueError(f"its version is {shown(version, 20)}")
    return version > VERSION


def _check_manifest(manifest: dict[str, Any], name: str, base: str) -> None:
    try:
        newer = is_newer(manifest)
    except ValueError as e:
        raise AdapterUnfit(f"{MANIFEST} cannot be read: {e}.") from e
    if newer:
        raise AdapterNotLoaded(f"The adapter {name} was made by a newer version of phi3: update.")
    if manifest.get("name") != name:
        raise AdapterUnfit(
            f"The folder holds the adapter {shown(manifest.get('name'))}, not {name}."
        )
    if manifest.get("base_model") != base:
        trained_on = shown(manifest.get("base_model"))
        raise AdapterNotLoaded(
            f"The adapter {name} was trained on {trained_on}; this server runs {base}."
        )


def _expected_config(manifest: dict[str, Any]) -> object:
    """The configuration's SHA-256; None in manifests of older versions."""
    files = manifest.get("files")
    return files.get(CONFIG) if isinstance(files, dict) else None


def shown(value: object, most: int = 100) -> str:
    """What a file says, on one line and not too long, as it may be repeated in an error."""
    text = str(value)[:most]
    return " ".join(text.encode(errors="replace").decode().split())


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as e:
        raise AdapterNotLoaded("The adapter's folder cannot be read.", f"{folder}: {e}") from e
    try:
        yield opened
    finally:
        os.close(opened)


def _read(folder: int, name: str, most: int) -> bytes:
    """The content of a plain file; a link is not followed, and a pipe is not waited for."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        opened = os.open(name, flags, dir_fd=folder)
        try:
            content = _content(opened, name, most)
        finally:
            os.close(opened)
    except FileNotFoundError as e:
        raise AdapterNotLoaded(f"The folder holds no adapter: {name} is missing.") from e
    except OSError as e:
        if e.errno in (errno.ELOOP, errno.ENXIO):
            raise AdapterUnfit(f"{name} is not a plain file.") from e
        raise AdapterNotLoaded(f"{name} cannot be read.", str(e)) from e
    if len(content) > most:
        raise AdapterUnfit(f"{name} has more than {most} bytes, the most that can be right.")
    return content


def _content(opened: int, name: str, most: int) -> bytes:
    """At most one byte more than ``most``."""
    state = os.fstat(opened)
    if not S_ISREG(state.st_mode):
        raise AdapterUnfit(f"{name} is not a plain file.")
    with os.fdopen(opened, "rb", closefd=False) as file:
        return file.read(most + 1)


def _object(name: str, content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    # RecursionError: far too many brackets.
    except (ValueError, RecursionError) as e:
        raise AdapterUnfit(f"{name} cannot be read.", str(e)) from e
    if not isinstance(value, dict):
        raise AdapterUnfit(f"{name} is not a JSON object.")
    return value
