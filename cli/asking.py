"""Questions from the terminal: a single one, or the rows of a file."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from getpass import getuser
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from domain.documents import SourceState
from domain.errors import GenerationError
from domain.labels import EVERYONE
from domain.questions import AnswerKind, Audience, Message, Question
from knowledge.embedders.limits import known_as

if TYPE_CHECKING:
    from cli.rows import QuestionRow
    from cli.wiring import Container

Row = TypeVar("Row")
Result = TypeVar("Result")


def person() -> str:
    """The person who uses this terminal; containers often give a user a number and no name."""
    try:
        name = getuser()
    except (KeyError, OSError):  # OSError from Python 3.13 on
        name = f"uid-{os.getuid()}"
    return f"cli:{name}"


def readable(container: "Container") -> Audience:
    """The audience of questions from this terminal: everyone, and every whole workspace.

    The person at the terminal runs the expert for these workspaces. Documents that only a channel
    or a person may read are not used.
    """
    return Audience.of(EVERYONE, *container.grants.team_labels())


def question_of(
    text: str,
    history: tuple[Message, ...] = (),
    name: str = "",
    audience: Audience = Audience.everyone(),  # noqa: B008 - it is frozen
) -> Question:
    """A question from the terminal; it is answered from what ``audience`` may read.

    Its id is made from ``name``, so the same name is the same question. Without a name it is always
    a new question.
    """
    name = name or f"cli:{uuid4().hex}"
    return Question(name, text, person(), datetime.now(UTC), audience, history)


class Batch:
    """The rows of a file as questions.

    A row keeps its id while everything that its answer depends on stays the same: the live adapter,
    the model, the sources and some settings. So a batch that is run again asks only the rows that
    have no answer yet; after a night, a rollback or an ingest it asks all of them again.
    """

    def __init__(self, container: "Container") -> None:
        self._answers = container.answers
        self._audience = readable(container)
        chosen = container.settings
        sources = [
            (source.uri, source.checksum, sorted(source.audience.labels))
            for source in container.sources.all()
            if source.state is not SourceState.REMOVED
        ]
        about = (
            container.live_adapter(),
            *(_model(container), known_as(chosen.embedder, chosen.embeddings_dimensions)),
            chosen.embeddings_url,
            *(chosen.passages, chosen.prompt_budget, chosen.max_tokens, chosen.show_unsupported),
            sorted(self._audience.labels),
            sorted(sources),
        )
        self._answered_by = json.dumps(about)

    def question(self, row: "QuestionRow") -> Question:
        """The row as a question; as a new one if its old answer only quoted passages."""
        turns = [(turn.role, turn.content) for turn in row.turns]
        about = json.dumps([row.id, row.question, turns, self._answered_by])
        name = f"batch:{sha256(about.encode()).hexdigest()[:32]}"
        times = 1
        asked = question_of(row.question, row.turns, name, self._audience)
        while (known := self._answers.answer_to(asked.id)) and known.kind is AnswerKind.QUOTED:
            times += 1
            name_again = f"{name}:{times}"
            asked = question_of(row.question, row.turns, name_again, self._audience)
        return asked


def _model(container: "Container") -> str:
    try:
        return container.server.model
    except GenerationError:
        return ""  # answers then only quote passages, and such rows are always asked again


def each_in_order(
    rows: Sequence[Row], work: Callable[[Row], Result], at_once: int
) -> Iterator[Future[Result]]:
    """Each row's result as a finished future, in the order of the rows, as soon as possible.

    If the caller stops early, also by Ctrl-C, it waits only for the rows that are being processed.
    """
    with ThreadPoolExecutor(at_once) as threads:
        coming = [threads.submit(work, row) for row in rows]
        try:
            for each in coming:
                each.exception()  # waits
                yield each
        finally:
            for each in coming:
                each.cancel()
