"""A release holds what it should, and is the same each time."""

import hashlib
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.parts import ROOT, parts
from tools.release import archive, build, objection_to, version_of

CHANGES = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- All.\n"


@pytest.mark.slow
def test_a_version_with_a_date_and_nothing_left_over_is_a_release() -> None:
    assert objection_to("0.2.0", CHANGES, "") == ""
    assert "committed" in objection_to("0.2.0", CHANGES, " M README.md")
    assert "[0.3.0]" in objection_to("0.3.0", CHANGES, "")
    undated = CHANGES.replace(" - 2026-12-01", "")
    assert "heading" in objection_to("0.2.0", undated, "")
    more = CHANGES.replace("## [0", "### Fixed\n\n- This.\n\n## [0")
    assert "Unreleased" in objection_to("0.2.0", more, "")


@pytest.mark.slow
def test_the_files_of_a_release_are_complete_and_the_same_each_time(tmp_path: Path) -> None:
    version = version_of((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folder, again = tmp_path / "one", tmp_path / "two"
    names = {file.name for file in build(folder, version)}
    archive(again)
    for file in again.iterdir():
        assert file.read_bytes() == (folder / file.name).read_bytes()
    wheel, source = f"phi3_expert-{version}-py3-none-any.whl", f"phi3_expert-{version}.tar.gz"
    listed, licences = f"phi3-expert-{version}.cdx.json", f"phi3-expert-{version}-licences.md"
    assert names == {wheel, source, listed, licences, "SHA256SUMS"}

    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert "cli/app.py" in zipfile.ZipFile(folder / wheel).namelist()
    with tarfile.open(folder / source) as packed:
        inside = {name.partition("/")[2] for name in packed.getnames()}
    assert {"pyproject.toml", "requirements/all.lock", "docs/index.md", "LICENSE"} <= inside
    assert not any(name.startswith((".venv", ".phi3", "dist", "build")) for name in inside)

    bom = json.loads((folder / listed).read_text())
    assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == ("CycloneDX", "phi3-expert")
    assert len(bom["components"]) == len(parts())
    assert [each["name"] for each in bom["components"] if not each.get("licenses")] == [
        "cuda-toolkit"  # which names none
    ]
    locked = (ROOT / "requirements" / "all.lock").read_text()
    for each in bom["components"]:
        assert f"\n{each['name'].lower().replace('_', '-')}=={each['version']}" in f"\n{locked}"
