"""The page of the design shows the packages as import-linter's contracts have them."""

import re
import tomllib
from typing import Any

from tests.docs.homes import ROOT, page
from tools.packages_picture import FILE, drawn, layers_of, vendors_of

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
CONTRACTS: list[dict[str, Any]] = tomllib.loads(PYPROJECT)["tool"]["importlinter"]["contracts"]


def test_the_picture_is_as_the_contracts_are_now() -> None:
    drawn_now = drawn(PYPROJECT)
    assert FILE.read_text(encoding="utf-8") == drawn_now, "run python -m tools.packages_picture"
    for name in (name for layer in layers_of(CONTRACTS) for name in layer):
        assert f">{name}</text>" in drawn_now


def test_a_library_is_with_the_packages_that_may_import_it() -> None:
    found = vendors_of(CONTRACTS)
    assert "slack_bolt" in found["bot"]
    assert "transformers" in found["serving"]
    assert "transformers" in found["training"]
    assert found["domain"] == []


def test_the_page_says_what_each_package_does() -> None:
    told = re.findall(r"^\| `(\w+)` \| \w", page("design.md"), re.MULTILINE)
    assert sorted(told) == sorted(name for layer in layers_of(CONTRACTS) for name in layer)
