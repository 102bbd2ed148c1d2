"""Questions and answers that a visitor may see, and how their pages are named."""

from console.visit import Visit
from domain.errors import NotFound
from domain.questions import Answer, Question
from records.answers import Answers
from records.questions import Questions

KIND = "console:"
"""What the ids of questions from the console begin with."""

_NOT_HERE = "There is no such question, or you may not see it."


def name_of(question: Question) -> str:
    """What names a question of the console in addresses; empty for others."""
    return question.id.removeprefix(KIND) if question.id.startswith(KIND) else ""


def question_named(visit: Visit, name: str) -> Question:
    """The question ``console:NAME``. Raises NotFound, also if the visitor may not see it."""
    found = Questions(visit.parts.database).find(KIND + name)
    if found is None or not visit.visitor.may_see(found):
        raise NotFound(_NOT_HERE)
    return found


def answer_seen(visit: Visit, answer_id: str) -> tuple[Question, Answer]:
    """An answer with its question. Raises NotFound, also if the visitor may not see it."""
    answers = Answers(visit.parts.database)
    question = answers.question_of(answer_id)
    if not visit.visitor.may_see(question):
        raise NotFound(_NOT_HERE)
    return question, answers.get(answer_id)
