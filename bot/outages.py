"""Tells admins once that no question is answered any more, and once that it is over.

An outage is that several questions in a row were given up, or got only the nearest passages because
no model answered: the model server, the index or what else they need does not work. All of it is
known from the database, so several bots, and one that was killed, tell it once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.notices import notice
from bot.slack.client import Me
from domain.errors import REFUSED
from domain.jobs import Job, JobKind, JobState
from domain.questions import AnswerKind
from records.answers import Answers
from records.jobs import Jobs
from records.runs import SILENCE, Runs

_KEY = "outage"
"""The key of the jobs: the latest one says whether it lasts."""
_MANY = 3
"""So many questions in a row are not given up by chance."""
_RECENT = timedelta(days=1)
_LOOKED_AT = 50
"""So many of the latest jobs in quarantine, and of the latest answers, are looked at."""

_FROM_MODEL = frozenset((AnswerKind.ANSWERED, AnswerKind.UNSURE))
"""These need all parts; a refusal may come from the search alone."""

_OVER = (
    "Questions are answered again. Whose question was given up may press **Try again** below it; "
    "an admin may let it be tried again on the page Jobs of the console, or with `phi3 jobs retry`."
)
_NO_MODEL = "The model server does not answer, so people got only the nearest passages."


class Outages:
    def __init__(self, me: Me, answers: Answers, jobs: Jobs, runs: Runs) -> None:
        self._me = me
        self._answers = answers
        self._jobs = jobs
        self._runs = runs

    def look(self) -> None:
        """Adds a job if an outage began or ended. Raises DatabaseUnavailable."""
        long_ago = datetime.now(UTC) - _RECENT
        latest = self._answers.latest_kinds(_LOOKED_AT)
        answered_at = next((at for at, kind in latest if kind in _FROM_MODEL), None)
        told, team = self._latest_told(), self._me.team
        if told and told.request.startswith(f"notice:outage:{team}:"):
            if answered_at and answered_at > told.created_at:
                over = told.request.replace("outage", "over", 1)
                self._jobs.add([notice(over, _KEY, _OVER, team)])
            return
        since = max(answered_at or long_ago, long_ago)
        given_up = self._given_up(since)
        quoted = self._quoted(latest, since)
        if len(given_up) + len(quoted) >= _MANY:
            began = min([*quoted, *(one.updated_at for one in given_up)])
            request = f"notice:outage:{team}:{began.timestamp():.6f}"
            why = given_up[0].reason if given_up else _NO_MODEL
            text = _outage(began, len(given_up) + len(quoted), why)
            self._jobs.add([notice(request, _KEY, text, team)])

    def _latest_told(self) -> Job | None:
        """The latest of these notices, but for those for one person."""
        jobs = self._jobs.of_key(JobKind.NOTICE, _KEY)
        own = (one for one in jobs if one.team == self._me.team and not one.person)
        return max(own, key=lambda one: one.id, default=None)

    def _given_up(self, since: datetime) -> list[Job]:
        """Questions that were given up since then, the newest first.

        Where Slack refused the answer, a channel is closed, and others are answered.
        """
        found = self._jobs.open_page([JobState.QUARANTINED], _LOOKED_AT)
        given_up = {
            one.key: one  # of a question that was tried again there are several
            for one in found
            if one.kind is JobKind.QUESTION
            and one.updated_at > since
            and not one.reason.startswith(REFUSED)
        }
        return sorted(given_up.values(), key=lambda one: one.updated_at, reverse=True)

    def _quoted(
        self, latest: Sequence[tuple[datetime, AnswerKind]], since: datetime
    ) -> list[datetime]:
        """When people got only passages since then, but for nights: training may need that."""
        quoted = [at for at, kind in latest if kind is AnswerKind.QUOTED and at > since]
        for run in self._runs.latest(1) if quoted else ():
            until = run.finished_at or run.heartbeat_at + SILENCE
            quoted = [at for at in quoted if not run.started_at <= at <= until]
        return quoted


def _outage(began: datetime, count: int, why: str) -> str:
    return (
        f"No question is answered any more, {count} in a row since {began:%H:%M} UTC. The reason "
        f"of the latest one: {why} `phi3 doctor` says what is wrong. I tell you when questions are "
        "answered again."
    )
