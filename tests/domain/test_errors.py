"""Every error says one thing to people, and another to the terminal and the log."""

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain.errors
from domain.errors import (
    EmptyAnswer,
    IndexUnavailable,
    MessengerRefused,
    NoAdapters,
    NotFound,
    Phi3Error,
    ServerUnavailable,
    Stopped,
    public_text,
)

ROOT = Path(__file__).parents[2]
_ADVICE = re.compile(r"PHI3_[A-Z]|SLACK_[A-Z]|`phi3 |pip install")


def raised(file: Path) -> Iterator[tuple[type[Phi3Error], str]]:
    """The errors that are made in a file, with their messages as they are written."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            kind = getattr(domain.errors, node.func.id, None)
            if isinstance(kind, type) and issubclass(kind, Phi3Error):
                yield kind, ast.unparse(node.args[0])


def test_people_read_the_message_and_the_log_both() -> None:
    error = ServerUnavailable("The model server does not answer.", "http://gpu:8000")
    assert error.public == "The model server does not answer."
    assert str(error) == "The model server does not answer. (http://gpu:8000)"


def test_advice_for_whoever_runs_the_program_is_told_to_nobody_else() -> None:
    error = IndexUnavailable("Weaviate does not answer: correct PHI3_WEAVIATE_URL.")
    assert public_text(error) == "The documents cannot be searched at the moment."
    assert public_text(EmptyAnswer()) == EmptyAnswer().public
    assert public_text(NotFound("The question is gone.")) == "The question is gone."


@pytest.mark.slow
def test_no_message_that_people_are_told_names_a_setting_or_a_command() -> None:
    """Looks at what is raised where people in Slack may be told of it."""
    told = {
        f"{file}: {message}"
        for package in ("bot", "domain", "records", "knowledge")
        for file in (ROOT / package).rglob("*.py")
        for kind, message in raised(file)
        if not kind.told and _ADVICE.search(message)
    }
    assert told == set()


def test_both_are_one_line_without_passwords() -> None:
    error = Phi3Error("It\nfailed.", "at http://u:s3cret@host\n  twice")
    assert str(error) == "It failed. (at http://***@host twice)"
    assert error.detail == "at http://***@host twice"


def test_message_of_a_foreign_error_is_shown_to_nobody() -> None:
    assert public_text(OSError("/home/x/phi3.db")) == "Something went wrong on my side."
    assert public_text(Phi3Error("It failed.", "/home/x")) == "It failed."


def test_an_error_is_the_same_after_pickling() -> None:
    for error in (
        Phi3Error("It failed.", "here"),
        MessengerRefused("ratelimited", "to post", 3.0),
        EmptyAnswer(),
        Stopped(),
        NoAdapters("at http://gpu:8000"),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert (str(copy), vars(copy)) == (str(error), vars(error))


def test_tree_in_the_docstring_is_the_real_one() -> None:
    classes = {
        name: each
        for name, each in vars(domain.errors).items()
        if isinstance(each, type) and issubclass(each, Phi3Error)
    }
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (domain.errors.__doc__ or "").splitlines():
        name = line.strip(" │├└─")
        if name in classes:
            depth = (len(line) - len(name)) // 4 - 1
            path[depth:] = [name]
            drawn[name] = path[depth - 1] if depth else ""
    assert drawn == {
        name: each.__base__.__name__ if each is not Phi3Error else ""
        for name, each in classes.items()
        if each.__base__
    }
