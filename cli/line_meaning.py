"""What a line of a thread means, as `bot.questions.meant` uses it."""

from collections.abc import Callable

from bot.questions.meant import Meaning
from domain.embeddings import Vector
from domain.protocols import Embedder
from knowledge.embedders.places import DEFAULT


def line_meaning(embedder: Callable[[], Embedder], *, is_remote: bool) -> Meaning | None:
    """A vector by the index's own model, which is loaded anyway to answer.

    It was learned with one model only what vectors say of lines, so those of another are left out,
    also while an index of another model answers. No other machine is asked for a line that may be
    for nobody.
    """
    if is_remote:
        return None

    def vector(text: str) -> Vector:
        model = embedder()
        return model.embed_passages([text])[0].vector if model.model == DEFAULT else ()

    return vector
