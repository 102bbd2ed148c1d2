"""Every error has two texts: one for anyone, and one for the terminal and the log."""

import pickle

import domain.errors
from domain.errors import (
    EmptyAnswer,
    MessengerRefused,
    NoAdapters,
    Phi3Error,
    ServerUnavailable,
    public_text,
)


def test_people_read_the_message_and_the_log_both() -> None:
    error = ServerUnavailable("The model server does not answer.", "http://gpu:8000")
    assert error.public == "The model server does not answer."
    assert str(error) == "The model server does not answer. (http://gpu:8000)"


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
