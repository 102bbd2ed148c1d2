"""What was at fault in the answers that people rated bad, and what should have been found.

To compare a correction with the passages takes milliseconds, so only the latest are compared
strictly, and of many thousands the earlier ones by their words alone.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass

from domain.causes import Cause, cause_of
from domain.questions import RatedAnswer, Verdict
from training.secrets.finding import shown

STRICTLY = 300
"""Of how many of the latest bad answers the corrections are compared strictly."""

CASES = 200
"""How many retrieval cases are listed at most, the latest."""


@dataclass(frozen=True, slots=True)
class RetrievalCase:
    """A question whose right passage was not found, to be searched again.

    ``wanted`` is what somebody wrote as the right answer, ``source`` where that stands; one of them
    may be empty, and so may ``question``, if not everyone could read it. Of what holds a secret,
    only the kind is said.
    """

    answer_id: str
    question: str
    wanted: str
    source: str


class Causes:
    """The causes of all rated answers; ``add`` them in order of time."""

    def __init__(self) -> None:
        self._known: dict[str, Cause] = {}
        self._latest: deque[RatedAnswer] = deque()

    def add(self, rated: RatedAnswer) -> None:
        if not any(one.verdict is Verdict.DOWN for one in rated.ratings):
            return
        self._latest.append(rated)
        if len(self._latest) > STRICTLY:
            self._keep(self._latest.popleft(), roughly=True)

    def of_answers(self) -> Mapping[str, Cause]:
        """The cause of each answer that has one, by the answer's id."""
        for one in self._latest:
            self._keep(one, roughly=False)
        return self._known

    def counts(self) -> Counter[Cause]:
        return Counter(self.of_answers().values())

    def retrieval_cases(self) -> list[RetrievalCase]:
        """Those of the latest bad answers, oldest first."""
        known = self.of_answers()
        missed = (one for one in self._latest if known.get(one.answer.id) is Cause.RETRIEVAL)
        return [_case(one) for one in missed][-CASES:]

    def _keep(self, rated: RatedAnswer, *, roughly: bool) -> None:
        if cause := cause_of(rated, roughly=roughly):
            self._known[rated.answer.id] = cause


def _case(rated: RatedAnswer) -> RetrievalCase:
    given = [one for one in rated.ratings if one.correction or one.source]
    wanted = next((one.correction for one in reversed(given) if one.correction), "")
    source = next((one.source for one in reversed(given) if one.source), "")
    if not rated.was_open:
        return RetrievalCase(rated.answer.id, "", "", "")
    asked = rated.question.text
    return RetrievalCase(rated.answer.id, shown(asked), shown(wanted, asked), source)
