"""Tells admins once that no question is answered any more, and once that it is over.

An outage is that several questions in a row were given up: the model server, the index or what else
they need does not work. All of it is known from the database, so several bots, and one that was
killed, tell it once.
"""

from datetime import UTC, datetime, timedelta

from bot.notices import notice
from bot.slack.client import Me
from domain.errors import REFUSED
from domain.jobs import Job, JobKind, JobState
from records.answers import Answers
from records.jobs import Jobs

_KEY = "outage"
"""The key of the jobs: the latest one says whether it lasts."""
_MANY = 3
"""So many questions in a row are not given up by chance."""
_RECENT = timedelta(days=1)
_LOOKED_AT = 50
"""So many of the latest jobs in quarantine are looked at."""

_OVER = (
    "Questions are answered again. Whose question was given up may press *Try again* below it; an "
    "admin may let it be tried again on the page Jobs of the console, or with `phi3 jobs retry`."
)


class Outages:
    def __init__(self, me: Me, answers: Answers, jobs: Jobs) -> None:
        self._me = me
        self._answers = answers
        self._jobs = jobs

    def look(self) -> None:
        """Adds a job if an outage began or ended. Raises DatabaseUnavailable."""
        recent, long_ago = self._answers.recent(1), datetime.now(UTC) - _RECENT
        answered_at = recent[0].answer.created_at if recent else long_ago
        told, team = self._latest_told(), self._me.team
        if told and told.request.startswith(f"notice:outage:{team}:"):
            if answered_at > told.created_at:
                over = told.request.replace("outage", "over", 1)
                self._jobs.add([notice(over, _KEY, _OVER, team)])
            return
        given_up = self._given_up(max(answered_at, long_ago))
        if len(given_up) >= _MANY:
            request = f"notice:outage:{team}:{given_up[-1].id}"
            self._jobs.add([notice(request, _KEY, _outage(given_up), team)])

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
        questions = [one for one in found if one.kind is JobKind.QUESTION]
        return [
            one
            for one in questions
            if one.updated_at > since and not one.reason.startswith(REFUSED)
        ]


def _outage(given_up: list[Job]) -> str:
    return (
        f"No question is answered any more: since {given_up[-1].updated_at:%H:%M} UTC I gave up "
        f"{len(given_up)}, the latest one for this reason: {given_up[0].reason} `phi3 doctor` says "
        "what is wrong. I tell you when questions are answered again."
    )
