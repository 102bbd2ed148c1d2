"""What a line of a thread means, as `bot.questions.meant` uses it."""

from collections.abc import Callable, Mapping

from bot.questions.meant import Meaning
from domain.embeddings import Vector
from domain.protocols import Embedder
from knowledge.embedders import packaged_e5
from knowledge.embedders.places import DEFAULT


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
        if vector := packaged_e5.e5_vector(text):
            found[packaged_e5.MODEL] = vector
        return found

    return vectors
