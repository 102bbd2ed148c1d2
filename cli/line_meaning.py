"""What a line of a thread means, as `bot.questions.meant` uses it."""

from collections.abc import Callable

from bot.questions.meant import Meaning
from domain.embeddings import Vector
from domain.protocols import Embedder
from knowledge.embedders.places import DEFAULT


def line_meaning(embedder: Callable[[], Embedder], *, is_remote: bool) -> Meaning | None:
    """A vector by the index's own model, which is loaded anyway to answer.

    What vectors say of lines was learned with one model, so there are none while an index of
    another model answers. No other machine is asked about a line that may be for nobody. It is
    embedded like a question, so that it waits for one batch of passages at most.
    """
    if is_remote:
        return None

    def vector(text: str) -> Vector:
        model = embedder()
        return model.embed_question(text).vector if model.model == DEFAULT else ()

    return vector
