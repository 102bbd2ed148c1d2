"""Makes a release in dist/: wheel, source, SBOM, licences and checksums; the same commit, the same.

Nothing is uploaded.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from tools.licences import FILE as LICENCES
from tools.licences import licence_of
from tools.parts import ROOT, parts

DIST = ROOT / "dist"


def main() -> None:
    version = version_of((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if objection := objection_to(version, changes, _git("status", "--porcelain")):
        sys.exit(f"No release: {objection}")
    for made in build(DIST, version):
        print(made.relative_to(ROOT))


def version_of(pyproject: str) -> str:
    return str(tomllib.loads(pyproject)["project"]["version"])


def objection_to(version: str, changelog: str, uncommitted: str) -> str:
    """Why this state is no release, as a sentence; empty if it is one."""
    if uncommitted:
        return "there are changes that are not committed."
    dated = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    if not re.search(dated, changelog, re.MULTILINE):
        return f"CHANGELOG.md has no heading `## [{version}] - DATE`."
    between = re.search(r"^## \[Unreleased\]$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if between and between[1].strip():
        return "CHANGELOG.md has changes under Unreleased, which belong to the version."
    return ""


def build(folder: Path, version: str) -> list[Path]:
    """The files of the release, in ``folder``, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive(folder)
    listed = folder / f"phi3-expert-{version}.cdx.json"
    listed.write_text(json.dumps(sbom(), indent=2, sort_keys=True) + "\n", "utf-8")
    shutil.copy(LICENCES, folder / f"phi3-expert-{version}-licences.md")
    made = sorted(folder.iterdir())
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in made]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")
    return [*made, folder / "SHA256SUMS"]


def archive(folder: Path) -> None:
    """Builds the wheel and the source; the times in them are the commit's."""
    hatch = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(hatch, check=True, cwd=ROOT, env=_dated(), stdout=subprocess.DEVNULL)


def sbom() -> dict[str, Any]:
    """What the release brings, as CycloneDX; without what is installed here only for the tests."""
    program = Path(sys.executable).with_name("cyclonedx-py")
    options = "--pyproject pyproject.toml --output-reproducible --sv 1.6 --no-validate".split()
    command = [str(program), "environment", sys.executable, *options]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, env=_dated()
    )
    found: dict[str, Any] = json.loads(told.stdout)
    brought = {part.name: part.distribution for part in parts()}
    found["components"] = [
        each for each in found["components"] if canonicalize_name(each["name"]) in brought
    ]
    for each in found["components"]:
        licence = licence_of(brought[canonicalize_name(each["name"])])
        if licence and "licenses" not in each:
            each["licenses"] = [{"license": {"name": licence}}]
    kept = {each["bom-ref"] for each in found["components"]}
    root = found["metadata"]["component"]["bom-ref"]
    found["dependencies"] = [
        each | {"dependsOn": sorted(kept.intersection(each.get("dependsOn", ())))}
        for each in found["dependencies"]
        if each["ref"] in kept | {root}
    ]
    return found


def _dated() -> dict[str, str]:
    return os.environ | {"SOURCE_DATE_EPOCH": _git("log", "-1", "--format=%ct")}


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
