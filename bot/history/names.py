"""The names by which people are known in Slack."""

from collections.abc import Callable
from typing import Any

from bot.slack_errors import may_pass
from domain.errors import MessengerRefused
from domain.text import is_blank, truncate

_LONGEST = 80


class Names:
    """Asks Slack once for each person; a new one is made for each reading of a collection.

    ``look`` gives what users.info says.
    """

    def __init__(self, look: Callable[[str], dict[str, Any]]) -> None:
        self._look = look
        self._known: dict[str, str] = {}

    def of(self, person: str) -> str:
        """The name, or the id where Slack does not tell. Raises MessengerError in an outage."""
        if person not in self._known:
            self._known[person] = self._ask(person) if person else ""
        return self._known[person]

    def _ask(self, person: str) -> str:
        try:
            user = self._look(person)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            return person
        profile = user.get("profile") or {}
        candidates = (
            profile.get("display_name"),
            profile.get("real_name"),
            user.get("real_name"),
            user.get("name"),
        )
        for candidate in candidates:
            name = " ".join(str(candidate or "")[: 2 * _LONGEST].split())
            if not is_blank(name):
                return truncate(name, _LONGEST, "…")
        return person
