"""README and docs agree with the program: its tree, commands, settings and links."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.commands.every import app
from cli.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = {
    page.relative_to(ROOT): page.read_text(encoding="utf-8")
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
TEXT = "\n".join(PAGES.values())
COMMANDS = typer.main.get_command(app)
PACKAGES = {file.parent.name for file in ROOT.glob("*/__init__.py")} | {"deploy", "tests"}


def settings() -> set[str]:
    return {
        str(field.validation_alias) if field.validation_alias else f"PHI3_{name.upper()}"
        for name, field in Settings.model_fields.items()
    }


def shown() -> set[str]:
    """Every `phi3 …` on a line of its own in README and docs, to be typed as it is."""
    return {*re.findall(r"^(?: {4,}|\$ )(?:\w+=\S+ )*(phi3 .*)$", TEXT, re.MULTILINE)}


def called() -> set[str]:
    """Every `phi3 …` in code in README and docs."""
    return shown().union(re.findall(r"`(phi3 [^`]*)`", TEXT))


def leaf(line: str) -> tuple[Any, list[str]]:
    """The command that a line calls, or a group of commands, and the words for it."""
    command: Any = COMMANDS
    words = shlex.split(line.partition("  #")[0])[1:]
    while words and hasattr(command, "commands") and words[0] != "--help":
        command = command.commands[words.pop(0)]
    return command, words


def test_every_setting_has_a_row_and_every_row_a_setting() -> None:
    table = PAGES[Path("docs/settings.md")]
    assert set(re.findall(r"^\| `((?:PHI3|SLACK)_\w+)` \|", table, re.MULTILINE)) == settings()


def test_every_setting_that_the_text_names_exists() -> None:
    named = re.findall(r"(?:PHI3|SLACK)_[A-Z_]+[A-Z]", TEXT)
    misspelt = {"PHI3_MODLE"}  # on purpose, to show what is said of it
    assert {name.removesuffix("_FILE") for name in named} - misspelt <= settings()


@pytest.mark.parametrize("line", sorted(called()))
def test_every_command_that_the_text_names_exists(line: str) -> None:
    command, words = leaf(line)
    options = {"--help"}.union(*(parameter.opts for parameter in command.params))
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("line", sorted(shown()))
def test_every_command_on_a_line_of_its_own_is_complete(line: str) -> None:
    """Those on pages with what they print are run, too: tests/docs."""
    command, words = leaf(line)
    command.make_context(line, words)  # raises UsageError


def test_the_tree_is_the_one_on_disk() -> None:
    listed = set(re.findall(r"^    (\w+)/ +\S", PAGES[Path("docs/design.md")], re.MULTILINE))
    there = {
        each.name
        for each in ROOT.iterdir()
        if each.is_dir() and not each.name.startswith((".", "__")) and any(each.rglob("*.*"))
    } - {"build", "dist"}  # made, and not in git
    assert listed == there


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_file_that_a_page_links_to_exists(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)#]+)", PAGES[page]):
        assert (ROOT / page.parent / link).exists(), link


def test_every_page_is_in_the_navigation_of_the_site_once() -> None:
    config = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    listed = re.findall(r"'([\w-]+\.md)'", str(config["project"]["nav"]))
    assert sorted(listed) == sorted(page.name for page in PAGES if page.parent.name == "docs")


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name == "docs"], ids=str)
def test_no_page_of_the_site_links_out_of_it(page: Path) -> None:
    """A file of the code is named in backticks instead."""
    assert not re.search(r"\]\(\.\./", PAGES[page])


def test_make_targets_in_the_text_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^    )make ([\w./]+)", TEXT, re.MULTILINE):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_file_of_the_code_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(sorted(PACKAGES))})/[\w./-]+\.\w+)`", PAGES[page])
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_changelog_has_the_form_of_keep_a_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", changelog, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", each) for each in headings[1:])
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", changelog, re.MULTILINE)) <= kinds
