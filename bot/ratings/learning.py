"""Tells whether a night may learn from what a person says of an answer."""

from domain.errors import NotFound
from domain.questions import RatedAnswer
from records.answers import Answers
from records.consent import Consent


class Learning:
    """``are_shared``: the model is for several workspaces, and none of their answers train it."""

    def __init__(self, answers: Answers, consent: Consent, *, are_shared: bool) -> None:
        self._answers = answers
        self._consent = consent
        self._are_shared = are_shared

    def may_learn(self, answer_id: str, person: str) -> bool:
        """Whether people should be told that it may. Raises DatabaseUnavailable."""
        if self._are_shared:
            return False
        try:
            question = self._answers.question_of(answer_id)
            rated = RatedAnswer(question, self._answers.get(answer_id))
        except NotFound:
            return False
        is_open = rated.was_open and not question.is_private
        return is_open and not self._consent.kept_out() & {person, question.asked_by}
