"""Which files an adapter consists of, as its manifest says. It is fast to import."""

import json
import re
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path

from serving.adapter_files import CONFIG, MANIFEST, VERSION, WEIGHTS, is_newer

__all__ = [
    "CONFIG",
    "MANIFEST",
    "VERSION",
    "WEIGHTS",
    "first_difference",
    "is_name",
    "is_newer",
    "listed_files",
]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def is_name(text: str) -> bool:
    """Whether it can be an adapter's name, or a file's: it leads out of no folder."""
    return bool(_NAME.fullmatch(text))


def listed_files(manifest: bytes) -> dict[str, str | None]:
    """The files that a manifest's text names, with their SHA-256.

    Of the configuration it may not be known: manifests of older versions have only that of the
    weights. Raises ValueError if the text is no manifest.
    """
    try:
        read = json.loads(manifest)
    except RecursionError as e:  # far too many brackets
        raise ValueError("it is no manifest") from e
    try:
        files = {CONFIG: None, **read.get("files", {}), WEIGHTS: read.get("sha256")}
    except (AttributeError, TypeError) as e:
        raise ValueError("it is no manifest") from e
    for name, expected in files.items():
        known = isinstance(expected, str) or (name == CONFIG and expected is None)
        if not is_name(name) or name == MANIFEST or not known:
            raise ValueError(f"it names a file that an adapter cannot have: {name[:80]!r}")
    return files


def first_difference(folder: Path, files: Mapping[str, str | None]) -> str | None:
    """The name of the first file that is not as ``files`` says, or None.

    Raises OSError if one is missing.
    """
    for name, expected in files.items():
        found = sha256_of(folder / name)
        if expected is not None and found != expected:
            return name
    return None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
