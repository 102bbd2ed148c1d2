"""Finds out who is a member of the workspace, who is a guest, and who is not a person."""

import logging
from collections.abc import Callable
from enum import Enum, auto
from threading import Lock
from time import monotonic
from typing import Any

from bot.slack.client import Me
from bot.slack.errors import may_pass
from domain.errors import MessengerError, MessengerRefused

log = logging.getLogger(__name__)

SLACKBOT = "USLACKBOT"

_FRESH_SECONDS = 300.0
_OUTAGE_SECONDS = 600.0
"""How long the last known standing of a person is used while Slack does not answer."""

_GUEST = "is_restricted", "is_ultra_restricted", "is_stranger"


class Standing(Enum):
    MEMBER = auto()
    GUEST = auto()
    """Sees only some channels, or belongs to another workspace."""
    BOT = auto()


class People:
    """Asks Slack about each person at most once in five minutes.

    If Slack refuses to answer, as it does for an app that was installed without the scope
    users:read, a person is treated as a guest, who may read the least.
    """

    def __init__(self, look: Callable[[str], dict[str, Any]], me: Me) -> None:
        self._look = look
        self._me = me
        self._lock = Lock()
        self._known: dict[str, tuple[float, Standing]] = {}
        self._refusals: set[str] = set()

    def is_member(self, person: str) -> bool:
        """Raises MessengerError if Slack does not answer and nothing recent is known."""
        return self.standing(person) is Standing.MEMBER

    def standing(self, person: str) -> Standing:
        """Raises as ``is_member``."""
        if person in (SLACKBOT, self._me.user):
            return Standing.BOT
        with self._lock:
            asked, known = self._known.get(person, (0.0, None))
        age = monotonic() - asked
        if known and age <= _FRESH_SECONDS:
            return known
        try:
            standing = standing_of(self._look(person), self._me.team)
        except MessengerRefused as error:
            if may_pass(error):
                return self._during_outage(known, age, error)
            self._tell_once(error)
            return Standing.GUEST
        except MessengerError as error:
            return self._during_outage(known, age, error)
        with self._lock:
            self._known[person] = (monotonic(), standing)
        return standing

    def _during_outage(self, known: Standing | None, age: float, error: MessengerError) -> Standing:
        if known and age <= _OUTAGE_SECONDS:
            return known
        raise error

    def _tell_once(self, error: MessengerRefused) -> None:
        with self._lock:
            is_new = error.code not in self._refusals
            self._refusals.add(error.code)
        if not is_new:
            return
        if error.code == "missing_scope":
            log.warning(
                "Slack does not say who is a guest, so everyone is treated as one and reads only "
                "what their channel was given: add the scope users:read to the app (`phi3 "
                "manifest` prints it) and install it again."
            )
        else:
            log.warning("Slack does not say who is a guest (%s): treated as one.", error.code)


def standing_of(user: dict[str, Any], team: str) -> Standing:
    """The standing, in the workspace ``team``, of the person that ``users.info`` describes."""
    if user.get("id") == SLACKBOT or user.get("is_bot") or user.get("is_workflow_bot"):
        return Standing.BOT
    if any(user.get(flag) for flag in _GUEST) or not _belongs_to(user, team):
        return Standing.GUEST
    return Standing.MEMBER


def _belongs_to(user: dict[str, Any], team: str) -> bool:
    """Whether the person belongs to ``team``: people in shared channels may have another team."""
    teams = (user.get("enterprise_user") or {}).get("teams") or ()
    return user.get("team_id", team) == team or team in teams
