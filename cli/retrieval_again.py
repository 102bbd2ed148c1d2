"""A night's plan, after which the questions whose right passage was not found are asked again."""

from dataclasses import replace
from datetime import UTC, datetime
from logging import getLogger
from typing import TYPE_CHECKING
from uuid import uuid4

from cli.night_plan import night_plan
from domain.errors import RetrievalError
from domain.questions import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.wiring import Container
    from domain.questions import Passage
    from training.selection.plan import Plan

_log = getLogger(__name__)


def plan_and_search_again(container: "Container") -> "Plan":
    """The night's rows, with which right passages are found by now; that is also stored.

    If the search fails, what was found before stays. Raises DatabaseUnavailable.
    """
    from records.retrieval_cases import RetrievalCases
    from training.found_by_now import found_by_now

    chosen, members = night_plan(container), container.grants.all_members()

    def search(text: str) -> "Sequence[Passage]":
        now = datetime.now(UTC)
        question = Question(f"test:{uuid4().hex}", text, "", now, members)
        return container.searcher.search(question).passages

    try:
        found = found_by_now(chosen.retrieval_cases, search)
    except RetrievalError as e:
        _log.warning("What was not found could not be searched again: %s", e)
        return chosen
    RetrievalCases(container.database).keep(found, datetime.now(UTC))
    return replace(chosen, found_by_now=found)
