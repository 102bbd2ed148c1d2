"""Finds out who is a member of the workspace, a guest, an admin, and who is not a person."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
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
    GONE = auto()
    """Left the workspace, and reads nothing there any more."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What Slack said of a person; ``asked`` is by the clock of ``monotonic``, in seconds."""

    standing: Standing
    is_admin: bool
    asked: float


class People:
    """Asks Slack about each person at most once in five minutes.

    If Slack refuses to answer, as it does for an app that was installed without the scope
    users:read, a person is treated as a guest, who may read the least. ``admins`` are the ids of
    those who may look after the bot; if there are none, the workspace's own admins and owners may.
    """

    def __init__(
        self,
        look: Callable[[str], dict[str, Any]],
        me: Me,
        admins: frozenset[str] = frozenset(),
    ) -> None:
        self._look = look
        self._me = me
        self._admins = admins
        self._lock = Lock()
        self._known: dict[str, _Known] = {}
        self._refusals: set[str] = set()

    def is_member(self, person: str) -> bool:
        """Raises MessengerError if Slack does not answer and nothing recent is known."""
        return self.standing(person) is Standing.MEMBER

    def standing(self, person: str) -> Standing:
        """Raises as ``is_member``."""
        if person in (SLACKBOT, self._me.user):
            return Standing.BOT
        try:
            return self._look_up(person).standing
        except MessengerError as error:
            return self._during_outage(person, error)

    def is_admin(self, person: str) -> bool:
        """Whether a person may look after the bot.

        Nobody is known to be one while Slack does not answer: then it raises MessengerError, unless
        the settings name the admins, or Slack was asked in the last five minutes.
        """
        if self._admins:
            return person in self._admins
        return person not in (SLACKBOT, self._me.user) and self._look_up(person).is_admin

    def is_named(self, person: str) -> bool:
        """Whether the settings name a person as an admin."""
        return person in self._admins

    def _look_up(self, person: str) -> _Known:
        """Raises MessengerError if Slack does not answer now."""
        with self._lock:
            known = self._known.get(person)
        if known and monotonic() - known.asked <= _FRESH_SECONDS:
            return known
        try:
            user = self._look(person)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            self._tell_once(error)
            return _Known(Standing.GUEST, is_admin=False, asked=monotonic())
        team = self._me.team
        known = _Known(standing_of(user, team), is_admin_of(user, team), monotonic())
        with self._lock:
            self._known[person] = known
        return known

    def _during_outage(self, person: str, error: MessengerError) -> Standing:
        with self._lock:
            known = self._known.get(person)
        if known and monotonic() - known.asked <= _OUTAGE_SECONDS:
            return known.standing
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
    if user.get("deleted"):
        return Standing.GONE
    if any(user.get(flag) for flag in _GUEST) or not _belongs_to(user, team):
        return Standing.GUEST
    return Standing.MEMBER


def is_admin_of(user: dict[str, Any], team: str) -> bool:
    """Whether the person that ``users.info`` describes is an admin or owner of ``team``.

    People of other workspaces are not, whatever they are at home.
    """
    is_one = user.get("is_admin") is True or user.get("is_owner") is True
    return is_one and standing_of(user, team) is Standing.MEMBER


def _belongs_to(user: dict[str, Any], team: str) -> bool:
    """Whether the person belongs to ``team``: people in shared channels may have another team."""
    teams = (user.get("enterprise_user") or {}).get("teams") or ()
    return user.get("team_id", team) == team or team in teams
