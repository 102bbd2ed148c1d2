"""Asks the model server whole answers, and waits while it is busy: people's questions go first."""

from collections.abc import Callable, Iterator, Sequence
from time import sleep
from typing import TypeVar

from domain.errors import GenerationError, ServerBusy, ServerUnavailable
from domain.protocols import Generator
from domain.questions import Message

T = TypeVar("T")

_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait before each new try."""


def whole_answer(
    generator: Generator, prompt: Sequence[Message], adapter: str | None, max_tokens: int
) -> str:
    """The model's whole answer to a prompt. Raises GenerationError."""
    return patiently(
        lambda: "".join(generator.stream(prompt, adapter=adapter, max_tokens=max_tokens))
    )


def patiently(ask: Callable[[], T]) -> T:
    """What ``ask`` returns; it is called again while the server is busy. Raises its errors."""
    for wait in _WAITS:
        try:
            return ask()
        except ServerBusy:
            sleep(wait)
    return ask()


class PatientGenerator:
    """Implements Generator for answers that are compared: each is a model's own, or an error.

    While no server answers, people get quoted passages. Here a server that is away, or busy for too
    long, is a plain GenerationError, for which `Answerer` quotes nothing.
    """

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def model(self) -> str:
        return self._generator.model

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        try:
            yield whole_answer(self._generator, messages, adapter, max_tokens)
        except (ServerBusy, ServerUnavailable) as e:
            raise GenerationError(e.public, e.detail) from e
