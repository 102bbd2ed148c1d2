"""What a line of a thread means, as `bot.questions.meant` uses it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock

from bot.questions.meant import Meaning
from domain.embeddings import Vector
from domain.protocols import Embedder
from knowledge.embedders import packaged_e5
from knowledge.embedders.places import DEFAULT

_THREADS = "OMP_NUM_THREADS"
_loading = Lock()


def line_meaning(embedder: Callable[[], Embedder], *, is_remote: bool) -> Meaning:
    """Vectors by a model that reads many languages, if it is installed, and by the index's own.

    What vectors say of lines was learned with these two models; those of another model of the
    index are of no use. No other machine is asked about a line that may be for nobody. The index's
    model is loaded anyway to answer, and embeds the line like a question, so that it waits for one
    batch of passages at most.
    """

    def vectors(text: str) -> Mapping[str, Vector]:
        found = dict[str, Vector]()
        if not is_remote and (model := embedder()).model == DEFAULT:
            found[DEFAULT] = model.embed_question(text).vector
        with _loading:
            _load()
        if vector := packaged_e5.e5_vector(text):
            found[packaged_e5.MODEL] = vector
        return found

    return vectors


@cache
def _load() -> None:
    with _one_thread():
        packaged_e5.loaded()


@contextmanager
def _one_thread() -> Iterator[None]:
    """A line is short, and threads that wait for each other would take the cores of others.

    The package's own OpenMP reads this once, when it is loaded.
    """
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before
