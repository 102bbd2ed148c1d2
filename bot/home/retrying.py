"""Lets sources that failed be read again, as an admin pressed in the Home tab."""

from datetime import UTC, datetime

from bot.answers.blocks import text_message
from bot.home.admin import AdminPart
from bot.home.tab import Home
from bot.jobs.runner import Runner
from bot.slack.client import Me, SlackClient
from domain.errors import MessengerError, public_text
from domain.jobs import Job, JobKind, NewJob
from records.jobs import Jobs

_NOT_ADMIN = "Nothing was done: only admins may press that."
_NOT_NOW = (
    "Nothing was done: Slack does not say now whether you are an admin. Press again in a minute."
)


class Retrying:
    """The work for jobs of the kind RETRY, whose key is a source's uri."""

    def __init__(
        self, slack: SlackClient, me: Me, part: AdminPart, home: Home, jobs: Jobs, runner: Runner
    ) -> None:
        self._slack = slack
        self._me = me
        self._part = part
        self._home = home
        self._jobs = jobs
        runner.handles(JobKind.RETRY, self)

    def want(self, uri: str, person: str, id_: str) -> None:
        """Stores a press, whose ``id_`` is its own. Raises DatabaseUnavailable."""
        job = NewJob(
            kind=JobKind.RETRY,
            key=uri,
            request=f"{JobKind.RETRY}:{self._me.team}:{person}:{id_}",
            team=self._me.team,
            person=person,
            report="",
            payload='{"version": 1}',
            created_at=datetime.now(UTC),
        )
        self._jobs.add([job])

    def do(self, job: Job) -> None:
        if why_not := self.refusal(job.person) or self._part.retry(job.person, job.key):
            self._tell(job.person, why_not)
        self._home.opened(job.person)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        self._tell(job.person, f"The source is not read again: {public_text(error)}")

    def refusal(self, person: str) -> str:
        """Why a person may not do what only admins may; empty if they may."""
        try:
            return "" if self._part.is_admin(person) else _NOT_ADMIN
        except MessengerError:
            return _NOT_NOW

    def _tell(self, person: str, text: str) -> None:
        message = text_message(text)
        self._slack.post(person, message.text, message.blocks)
