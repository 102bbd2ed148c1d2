"""The page of licences is fresh, and every licence is one that somebody considered."""

import sys
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from tools.licences import CONSIDERED, FILE, licence_of, page, unexpected
from tools.parts import Part, parts


class Said(Distribution):
    """A package that says this of itself."""

    def __init__(self, **told: str) -> None:
        self._told = told

    @property
    def metadata(self) -> Message:  # type: ignore[override]
        message = Message()
        for name, value in self._told.items():
            message[name.replace("_", "-")] = value
        return message

    def read_text(self, filename: str) -> None: ...

    def locate_file(self, path: object) -> Path:
        return Path()


@pytest.fixture(scope="module")
def found() -> list[Part]:
    return parts()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems get other packages")
def test_the_page_of_licences_is_fresh(found: list[Part]) -> None:
    assert FILE.read_text(encoding="utf-8") == page(found), "run make licences"


@pytest.mark.slow
def test_no_package_comes_under_a_licence_that_nobody_considered(found: list[Part]) -> None:
    assert unexpected(found) == []
    names = {"nvidia-*" if part.name.startswith("nvidia-") else part.name for part in found}
    assert CONSIDERED.keys() <= names


@pytest.mark.slow
def test_what_is_only_for_the_tests_or_the_docs_is_not_among_the_parts(found: list[Part]) -> None:
    names = {part.name for part in found}
    assert {"sqlalchemy", "torch", "psycopg", "ray"} <= names
    assert not names & {"pytest", "zensical", "moto", "pip-audit", "phi3-expert"}
    extras = {part.name: part.extras for part in found}
    assert extras["sqlalchemy"] == ()
    assert extras["trl"] == ("train",)


@pytest.mark.parametrize(
    ("told", "licence", "is_expected"),
    [
        ({"License_Expression": "Apache-2.0 OR MIT"}, "Apache-2.0 OR MIT", True),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT", True),
        ({"License": "BSD 3-clause\nand its text"}, "BSD-3-Clause", True),
        ({"License": "GPLv2"}, "GPL-2.0-only", False),
        ({"License_Expression": "MIT AND AGPL-3.0-only"}, "MIT AND AGPL-3.0-only", False),
        ({"License": "Ask us"}, "Ask us", False),
        ({}, "", False),
    ],
)
def test_a_package_that_says_no_free_licence_is_named(
    told: dict[str, str], licence: str, is_expected: bool
) -> None:
    one = Said(**told)
    assert licence_of(one) == licence
    assert bool(unexpected([Part("new", one, ())])) is not is_expected
