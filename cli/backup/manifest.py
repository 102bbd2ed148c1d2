"""What a backup says of itself: who made it, when, of what, and the hash of every part.

It is checked before it is used: whoever hands somebody a backup may have written it by hand.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

from domain.errors import BackupInvalid
from knowledge.sources.uploads import is_upload
from serving.adapter_manifest import is_name

FORMAT = 2
"""The version of the file's layout; a program reads its own and earlier ones. 1 had no uploads."""

NAME = "manifest.json"
LARGEST = 2**26
"""The most bytes of a manifest; it lists a few parts and the settings."""

LONGEST_LINE = 2**26
"""The most bytes of a line in a part; a document's passage or a row has far fewer."""

T = TypeVar("T")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[a-z]{1,20}/[A-Za-z0-9_.-]{1,70}")
_VARIABLE = re.compile(r"[A-Z0-9_]{1,100}")
_REVISION = re.compile(r"[0-9]{4}")


class Kind(StrEnum):
    """What a part is. ``rows`` are of one table; ``file`` belongs at a place in the home."""

    ROWS = "rows"
    PASSAGES = "passages"
    FORGOTTEN = "forgotten"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Part:
    """``of`` is the name of the table, or the place of the file, as ``nights/night-1/report.html``
    or ``uploads/KEY/VERSION/NAME``.

    ``size`` and ``sha256`` are those of the part as it is in the file. Parts other than files are
    lines, packed by gzip; ``unpacked`` has their bytes, and ``lines`` their number.
    """

    name: str
    kind: Kind
    of: str
    size: int
    sha256: str
    unpacked: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """The index that answered. ``place`` is where it was; the backup suits every place."""

    place: str
    model: str
    dimension: int
    documents: int
    passages: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """``settings`` are those that were not at their defaults; ``secrets`` only names those that are
    left out. ``adapters`` are names, by their states; ``missing`` are those whose files were gone.
    """

    id: str
    program: str
    revision: str
    made_at: datetime
    database: str
    index: StoredIndex | None
    adapters: Mapping[str, str]
    missing: tuple[str, ...]
    settings: Mapping[str, str]
    secrets: tuple[str, ...]
    parts: tuple[Part, ...]

    def of_kind(self, kind: Kind) -> list[Part]:
        return [part for part in self.parts if part.kind is kind]

    @property
    def unpacked(self) -> int:
        """Bytes of all parts once they are unpacked."""
        return sum(max(part.unpacked, part.size) for part in self.parts)

    def as_bytes(self) -> bytes:
        return json.dumps(
            {"format": FORMAT, **asdict(self)}, default=_written, indent=1, ensure_ascii=False
        ).encode("utf-8", "replace")


def parse(text: bytes) -> Manifest:
    """Raises BackupInvalid if it is none, or of a newer program."""
    try:
        read = json.loads(text)
        if int(read["format"]) > FORMAT:
            raise newer(str(read.get("program", "")))
        made = {each.name: read[each.name] for each in fields(Manifest)}
        index = read["index"]
        made |= {
            "made_at": datetime.fromisoformat(read["made_at"]).astimezone(UTC),
            "index": None if index is None else _checked(StoredIndex(**index)),
            "adapters": {_text(name): _text(state) for name, state in read["adapters"].items()},
            "settings": {_text(name): _text(value) for name, value in read["settings"].items()},
            "missing": tuple(map(_text, read["missing"])),
            "secrets": tuple(map(_text, read["secrets"])),
            "parts": tuple(_part(one) for one in read["parts"]),
        }
        manifest = _checked(Manifest(**made))
        _check(manifest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as e:
        raise BackupInvalid("The backup's manifest cannot be read.", repr(e)[:200]) from e
    return manifest


def newer(program: str) -> BackupInvalid:
    return BackupInvalid(
        f"The backup was made by a newer version of phi3 ({program[:20] or 'unknown'}): update "
        "phi3, then restore it."
    )


def _part(read: Mapping[str, Any]) -> Part:
    part = _checked(Part(**{**read, "kind": Kind(read["kind"])}))
    numbers = part.size, part.unpacked, part.lines
    if min(numbers) < 0 or not _SHA256.fullmatch(part.sha256) or not _PART.fullmatch(part.name):
        raise ValueError(f"a part {part.name[:80]!r}")
    if part.kind is Kind.FILE and not _is_place(*part.of.split("/")):
        raise ValueError(f"a file {part.of[:80]!r}")
    return part


def _is_place(folder: str, *names: str) -> bool:
    """Whether a file of a home may be there."""
    if folder == "uploads":
        return len(names) == 3 and is_upload(*names)
    return folder in ("adapters", "nights") and len(names) == 2 and all(map(is_name, names))


def _check(manifest: Manifest) -> None:
    places = [(part.kind, part.of) for part in manifest.parts]
    names = [part.name for part in manifest.parts]
    if len(set(places)) != len(places) or len(set(names)) != len(names):
        raise ValueError("a part comes twice")
    if not _REVISION.fullmatch(manifest.revision):
        raise ValueError("a revision")
    if not all(map(is_name, manifest.adapters)):
        raise ValueError("an adapter")
    if not all(map(_VARIABLE.fullmatch, (*manifest.settings, *manifest.secrets))):
        raise ValueError("a setting")
    if manifest.index and manifest.index.dimension <= 0:
        raise ValueError("an index")


def _checked(made: T) -> T:
    """``made``, if its texts and numbers are of the types that they are said to be."""
    for name, kind in get_type_hints(type(made)).items():
        value = getattr(made, name)
        if kind in (str, int) and type(value) is not kind:
            raise TypeError(f"{name} is {type(value).__name__}")
    return made


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)
