"""The packages that phi3-expert brings with it, with all extras that are in the lock file."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
NOT_LOCKED = frozenset({"ocr"})
"""Extras that the lock file leaves out."""


@dataclass(frozen=True, slots=True)
class Part:
    """A package that is installed here; ``extras`` bring it, or none if it always comes."""

    name: str
    distribution: Distribution
    extras: tuple[str, ...]


def parts() -> list[Part]:
    """In the order of their normal names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras: dict[str, list[str]] = project["optional-dependencies"]
    ours = f"{project['name']}["  # an extra that names another one
    always = _closure(project["dependencies"])
    found = {name: Part(name, one, ()) for name, one in always.items()}
    for extra in sorted(extras.keys() - NOT_LOCKED):
        wanted = [each for each in extras[extra] if not each.startswith(ours)]
        for name, one in _closure(wanted).items():
            if name not in always:
                before = found[name].extras if name in found else ()
                found[name] = Part(name, one, (*before, extra))
    return sorted(found.values(), key=lambda part: part.name)


def _closure(requirements: Iterable[str]) -> dict[str, Distribution]:
    """What these requirements bring on this machine."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(each), "") for each in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, for_extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": for_extra}):
            continue
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:  # the lock file leaves it out
                continue
            waiting += [(Requirement(each), extra) for each in found[name].requires or ()]
    return found
