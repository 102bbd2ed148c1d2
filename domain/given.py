"""What comes with a question, and is used for its answer alone."""

from dataclasses import dataclass

from domain.questions import Passage


@dataclass(frozen=True, slots=True)
class Given:
    """Passages of attached files, or of the thread in which the question was asked.

    They come before those that are found in the documents. Their audience is the question's own.
    ``to_summarise``: nothing is searched for, a summary of them is wanted.
    """

    passages: tuple[Passage, ...] = ()
    to_summarise: bool = False


NOTHING = Given()
