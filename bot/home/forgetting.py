"""Deletes what is stored about a person who wants that, and tells them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from bot.answers.blocks import text_message
from bot.home.tab import Home
from bot.jobs.runner import Interrupted, Runner
from bot.slack.client import Me, SlackClient
from domain.errors import NotFound, RunInProgress
from domain.jobs import Job, JobKind, NewJob
from records.jobs import Jobs

_DELETED = (
    "Everything that was stored about you is deleted: your questions with their answers, your "
    "ratings and corrections, the answers that you confirmed, and the documents that only you "
    "could ask about. An adapter that was trained on "
    "them answers until a night replaces it. Messages in Slack stay: delete those yourself."
)
_NOT_DELETED = (
    "What is stored about you could not be deleted, or not all of it: press the button again, or "
    "ask whoever runs me."
)


class Forgetting:
    """The work for jobs of the kind FORGET. ``forget`` deletes everything about a person.

    ``forget`` raises NotFound if nothing is stored, and RunInProgress during a night, which has
    read what it trains on: then it is done after the night. ``forgotten`` is called afterwards, and
    shows again, without it, what has shown it.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        home: Home,
        forget: Callable[[str], object],
        forgotten: Callable[[], object],
        jobs: Jobs,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._me = me
        self._home = home
        self._forget = forget
        self._forgotten = forgotten
        self._jobs = jobs
        self._runner = runner
        runner.handles(JobKind.FORGET, self)

    def want(self, person: str) -> None:
        """Stores that a person wants it, again if it failed. Raises DatabaseUnavailable."""
        now = datetime.now(UTC)
        job = NewJob(
            kind=JobKind.FORGET,
            key=person,
            request=f"{JobKind.FORGET}:{person}",
            team=self._me.team,
            person=person,
            report="",
            payload='{"version": 1}',
            created_at=now,
        )
        if self._jobs.add([job]):
            return
        for earlier in self._jobs.of_request(job.request):
            with suppress(NotFound):  # it waits, or runs
                self._jobs.revive(earlier.id, now)

    def do(self, job: Job) -> None:
        """Deletes this job too: what is told afterwards is lost if the process ends just then."""
        try:
            self._forget(job.key)
        except NotFound:
            pass  # An earlier attempt did it.
        except RunInProgress as error:
            raise Interrupted(error.public) from error
        self._tell(job.key, _DELETED)
        self._home.opened(job.key)
        self._forgotten()

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:  # noqa: ARG002 - see the log
        self._tell(job.key, _NOT_DELETED)

    def _tell(self, person: str, text: str) -> None:
        message = text_message(text)
        self._slack.post(person, message.text, message.blocks)
