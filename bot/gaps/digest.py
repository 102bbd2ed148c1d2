"""The weekly digest of gaps: one job finds them, and one for each reader sends it.

The jobs are named by the time at which the digest was due, so that of several processes one sends
it. Each message has a mark, by which it is found if it is not known whether it was posted.
"""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.gaps.digest_message import digest
from bot.gaps.finding import GapFinder
from bot.gaps.overview import Overview, Viewer
from bot.gaps.viewers import Viewers
from bot.history.names import Names
from bot.jobs.runner import Runner
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from bot.slack.people import is_admin_of
from domain.errors import MessengerRefused
from domain.jobs import Job, JobKind, NewJob
from domain.weekly import Weekly
from records.jobs import Jobs

log = logging.getLogger(__name__)

_LOOKED_AT = 100
"""How many gaps are looked at: of some the reader may read nothing."""

_LATE = timedelta(hours=23)
"""How late a digest is still begun. Jobs are kept at least a day, so it is not begun twice."""


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When the digest is due, and for whom; ``weekly`` is None if nobody wants it.

    It goes to ``channel`` (an id, or a name with #) if there is one, or else to each of ``admins``,
    or else to the workspace's admins and owners.
    """

    weekly: Weekly | None
    zone: str = "UTC"
    channel: str = ""
    admins: frozenset[str] = frozenset()


class Digest:
    """The work for jobs of the kind DIGEST: the key is the team, or who reads it."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        viewers: Viewers,
        names: Names,
        finder: GapFinder,
        overview: Overview,
        plan: DigestPlan,
        jobs: Jobs,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._me = me
        self._viewers = viewers
        self._names = names
        self._finder = finder
        self._overview = overview
        self._plan = plan
        self._jobs = jobs
        self._added: datetime | None = None
        runner.handles(JobKind.DIGEST, self)

    def add_due(self, now: datetime | None = None) -> None:
        """Adds the week's job when it is due. Raises DatabaseUnavailable."""
        now = now or datetime.now(UTC)
        if self._plan.weekly is None:
            return
        due = self._plan.weekly.latest(now, self._plan.zone)
        if due != self._added and now - due <= _LATE:
            self._jobs.add([self._job(self._me.team, due, now)])
            self._added = due

    def do(self, job: Job) -> None:
        """Raises MessengerError, RecordsError and RetrievalError."""
        due = datetime.fromisoformat(json.loads(job.payload)["due"])
        if job.key != self._me.team:
            self._send(job.key, due)
            return
        self._finder.refresh(self._me.team)
        if self._overview.has_gaps(self._me.team):
            now = datetime.now(UTC)
            self._jobs.add(self._job(reader, due, now) for reader in self._readers())

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """Nobody waits for it, and next week there is another."""
        log.warning("The digest is not sent to %s: %s", job.key, error)

    def _job(self, reader: str, due: datetime, now: datetime) -> NewJob:
        return NewJob(
            kind=JobKind.DIGEST,
            key=reader,
            request=f"digest:{self._me.team}:{due.isoformat()}:{reader}",
            team=self._me.team,
            person=reader if reader.startswith(("U", "W")) else "",
            report="",
            payload=json.dumps({"version": 1, "due": due.isoformat()}),
            created_at=now,
        )

    def _readers(self) -> list[str]:
        """The ids of the channel or of the people who get it."""
        channel = self._plan.channel
        if channel.startswith("#"):
            found = self._slack.public_channel(channel.removeprefix("#"))
            if not found:
                log.warning("There is no public channel %s for the digest.", channel)
            return [found] if found else []
        if channel:
            return [channel]
        if self._plan.admins:
            return sorted(self._plan.admins)
        people = self._slack.people()
        return sorted(str(one["id"]) for one in people if is_admin_of(one, self._me.team))

    def _send(self, reader: str, due: datetime) -> None:
        views = self._overview.largest(self._me.team, self._viewer(reader), _LOOKED_AT)
        mark = f"digest:{due.isoformat()}"
        if not views or self._is_sent(reader, mark, due):
            return
        message = digest(views, self._names.of)
        self._slack.post(reader, message.text, message.blocks, mark=mark)

    def _viewer(self, reader: str) -> Viewer:
        if reader.startswith(("U", "W")):
            return self._viewers.person(reader)
        return self._viewers.channel(reader, self._slack.members(reader))

    def _is_sent(self, reader: str, mark: str, due: datetime) -> bool:
        is_person = reader.startswith(("U", "W"))
        channel = self._slack.direct_channel(reader) if is_person else reader
        since = f"{(due - timedelta(hours=1)).timestamp():.6f}"
        try:
            posted = self._slack.messages(channel, "", since) if channel else []
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.info("It is not known whether the digest is in %s: %s", channel, error)
            return False
        return any(one.is_own and one.mark == mark for one in posted)
