"""Questions that were asked in the console: their names, and who may see them."""

from console.visit import Visit
from domain.errors import NotFound
from domain.questions import Question
from records.questions import Questions

KIND = "console:"
"""What the ids of questions from the console begin with."""


def name_of(question_id: str) -> str:
    """What names the question in the addresses of its pages."""
    return question_id.removeprefix(KIND)


def question_named(visit: Visit, name: str) -> Question:
    """The question ``console:NAME``. Raises NotFound, also if the visitor may not see it."""
    found = Questions(visit.parts.database).find(KIND + name)
    if found is None or not visit.visitor.may_see(found):
        raise NotFound("There is no such question, or you may not see it.")
    return found
