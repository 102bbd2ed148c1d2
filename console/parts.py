"""What the pages are made of. cli/console_parts.py gives what is not in records."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from console.answering import Answering
from console.channels import EVERYBODY, KnownChannels
from console.day_figures import DayFigures
from console.last_check import LastCheck
from console.needs.asking import AskingNeeds
from console.needs.gaps import GapNeeds
from console.needs.health import HealthNeeds
from console.needs.nights import NightNeeds
from console.needs.people import PeopleNeeds
from console.needs.slack_sign_in import SlackSignIn
from console.needs.sources import SourceNeeds
from console.needs.today import TodayNeeds
from console.standing import Standing
from console.visitors import Visitor
from domain.console import ConsoleRole, ConsoleSession
from domain.labels import channel_of, is_channel, person_label, team_label
from domain.questions import Audience
from records.audit import AuditLog
from records.console_sessions import ConsoleSessions
from records.database import Database
from records.days import Days
from records.grants import Grants


@dataclass(frozen=True)
class Address:
    """How people reach the console: ``url`` begins its links, without a slash at the end.

    ``names`` are the hosts in it and further ones that requests may name.
    """

    url: str
    names: frozenset[str] = frozenset()

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")

    def link(self, secret: str) -> str:
        """A one-time link to sign in."""
        return f"{self.url}/sign-in/{secret}"


@dataclass(frozen=True)
class Parts:
    """``admins_read_all``: whether admins may choose to read what only others may.

    ``slack`` is None where people cannot sign in with Slack.
    """

    database: Database
    address: Address
    today: TodayNeeds
    health: HealthNeeds
    asking: AskingNeeds
    nights: NightNeeds
    sources: SourceNeeds
    gaps: GapNeeds
    people: PeopleNeeds
    admins_read_all: bool = False
    slack: SlackSignIn | None = None

    @property
    def sessions(self) -> ConsoleSessions:
        return ConsoleSessions(self.database)

    @property
    def audit(self) -> AuditLog:
        return AuditLog(self.database)

    @cached_property
    def day_figures(self) -> DayFigures:
        return DayFigures(Days(self.database), self.today.zone)

    @cached_property
    def answering(self) -> Answering:
        return Answering(self.asking.answer)

    @cached_property
    def last_check(self) -> LastCheck:
        return LastCheck(self.health.check)

    @cached_property
    def _channels(self) -> KnownChannels | None:
        return KnownChannels(self.slack.can_read) if self.slack else None

    @cached_property
    def _standing(self) -> Standing | None:
        return Standing(self.slack.admit) if self.slack else None

    def session_of(self, secret: str) -> ConsoleSession | None:
        """Who is signed in with this secret, in the role that they have now.

        The session of somebody who may not use the console any more is ended. Raises
        DatabaseUnavailable.
        """
        session = self.sessions.find(secret)
        if session is None:
            return None
        role = self._role_now(session)
        if role is None:
            self.sessions.end(session.id)
            return None
        if role is not session.role:
            # Stored, since Slack may not answer when it is asked again, by another process.
            self.sessions.lower(session.id, role)
        may_read_all = self.admins_read_all and role is ConsoleRole.ADMIN
        return replace(session, role=role, reads_all=session.reads_all and may_read_all)

    def _role_now(self, session: ConsoleSession) -> ConsoleRole | None:
        """None for who may not use the console any more."""
        if not session.person:
            return session.role
        # Where people cannot sign in with Slack any more, nobody can say what they may.
        return self._standing.role(session) if self._standing else None

    def visitor_of(self, session: ConsoleSession) -> Visitor:
        """Somebody with the labels of all members, and their own. Raises DatabaseUnavailable.

        Of those who signed in with Slack it is asked which channels they can read, for others which
        are public.
        """
        grants = Grants(self.database)
        everybody = grants.all_members()
        if self._channels is None:
            return Visitor(session, everybody)
        if not session.person:
            return Visitor(session, everybody, self.are_public())
        own = [team_label(session.team), person_label(session.team, session.person)]
        can_read = self._channels.of(session.person)

        def reads(label: str) -> bool:
            channel = channel_of(label, session.team)
            return bool(channel) and can_read(channel)

        own += filter(reads, grants.channels(session.team))
        return Visitor(session, everybody.together_with(Audience.of(*own)), reads)

    def are_public(self) -> Callable[[str], bool]:
        """For one page: whether the channel of a label is public now; False if nobody knows."""
        if self._channels is None:
            return lambda _: True
        is_public = self._channels.of(EVERYBODY)

        def can_all_read(label: str) -> bool:
            team = label.split(":")[1] if is_channel(label) else ""
            channel = channel_of(label, team)
            return bool(channel) and is_public(channel)

        return can_all_read
