"""Questions and answers that a visitor may see, and how their pages are named."""

from collections.abc import Sequence

from console.visit import Visit
from domain.errors import NotFound
from domain.questions import Answer, Passage, Question
from records.answers import Answers
from records.grants import Grants
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


def are_readable(visit: Visit, passages: Sequence[Passage]) -> list[bool]:
    """Which passages the visitor may read today: a document may be narrowed or removed since."""
    if visit.visitor.reads_all:
        return [True] * len(passages)
    wanted = {address for one in passages for address in (one.source, *one.also)}
    allowed = Grants(visit.parts.database).readable(wanted, visit.visitor.audience)
    return [not allowed.isdisjoint((one.source, *one.also)) for one in passages]
