"""The names by which people are known in Slack."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from bot.slack.errors import waiting_for_slack
from domain.errors import MessengerRefused, MessengerUnavailable
from domain.text import is_blank, truncate

_LONGEST = 80
_FRESH_SECONDS = 86_400.0
_OUTAGE_SECONDS = 60.0
_MOST = 50_000
"""The most people who are remembered."""


class Names:
    """Asks Slack about each person once a day; several threads may use it.

    Once Slack did not answer, it is asked about nobody for a minute: a text names many people.
    ``look`` gives what users.info says.
    """

    def __init__(self, look: Callable[[str], dict[str, Any]]) -> None:
        self._look = look
        self._known: dict[str, tuple[float, str]] = {}
        self._unanswered = -_OUTAGE_SECONDS
        """When Slack did not answer last, by the clock of ``monotonic``."""

    def of(self, person: str) -> str:
        """The name, or the id where Slack does not tell. Raises MessengerUnavailable."""
        if not person:
            return ""
        asked, name = self._known.get(person, (0.0, ""))
        if not name or monotonic() - asked > _FRESH_SECONDS:
            name = self._asked(person)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[person] = monotonic(), name
        return name

    def _asked(self, person: str) -> str:
        if monotonic() - self._unanswered <= _OUTAGE_SECONDS:
            raise MessengerUnavailable("Slack did not tell a name a moment ago.")
        try:
            return self._ask(person)
        except MessengerUnavailable:
            self._unanswered = monotonic()
            raise

    def _ask(self, person: str) -> str:
        try:
            with waiting_for_slack():
                user = self._look(person)
        except MessengerRefused:
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
