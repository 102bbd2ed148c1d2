"""Deletes what is stored about a person who wants that, and tells them."""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.answers.blocks import text_message
from bot.home.tab import Home
from bot.jobs.runner import Interrupted, Runner
from bot.posting import PostedOnce
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from domain.errors import MessengerRefused, NotFound, Phi3Error, RunInProgress
from domain.jobs import Job, JobKind, NewJob
from records.jobs import Jobs

log = logging.getLogger(__name__)

_LATER = timedelta(minutes=1)
"""After how long it is tried again to tell the person."""
_LONGEST = timedelta(days=1)
"""For how long that is tried."""

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

    The job is among what is deleted. So what Slack does not take afterwards is a new job, which
    also deletes what came since.
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
        self._once = PostedOnce(slack, me)
        runner.handles(JobKind.FORGET, self)

    def want(self, person: str) -> None:
        """Stores that a person wants it, again if it failed. Raises DatabaseUnavailable."""
        now = datetime.now(UTC)
        job = self._job(person, now, {})
        if self._jobs.add([job]):
            return
        for earlier in self._jobs.of_request(job.request):
            with suppress(NotFound):  # it waits, or runs
                self._jobs.revive(earlier.id, now)

    def do(self, job: Job) -> None:
        """What follows the deletion is lost only if the process ends just then."""
        try:
            self._forget(job.key)
        except NotFound:
            pass  # An earlier attempt did it.
        except RunInProgress as error:
            raise Interrupted(error.public) from error
        is_told = _is_done(partial(self._tell_once, job))
        self._home.opened(job.key)
        is_shown = _is_done(self._forgotten)
        if not (is_shown and is_told):
            self._try_later(job)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:  # noqa: ARG002 - see the log
        self._tell(job.key, _NOT_DELETED)

    def _tell_once(self, job: Job) -> None:
        """Tells the person, unless an earlier job did, of which Slack lost the answer."""
        is_first = _since(job) == job.created_at
        channel = "" if is_first else self._slack.direct_channel(job.key)
        if channel and self._once.marked(job.request, channel, _since(job)):
            return
        self._tell(job.key, _DELETED, job.request)

    def _tell(self, person: str, text: str, mark: str = "") -> None:
        message = text_message(text)
        self._slack.post(person, message.text, message.blocks, mark=mark)

    def _try_later(self, job: Job) -> None:
        now, since = datetime.now(UTC), _since(job)
        if now - since > _LONGEST:
            log.warning("A person is not told that everything about them is deleted")
            return
        self._jobs.add([self._job(job.key, now + _LATER, {"since": since.isoformat()})])

    def _job(self, person: str, at: datetime, known: dict[str, str]) -> NewJob:
        return NewJob(
            kind=JobKind.FORGET,
            key=person,
            request=f"{JobKind.FORGET}:{person}",
            team=self._me.team,
            person=person,
            report="",
            payload=json.dumps({"version": 1, **known}),
            created_at=at,
        )


def _since(job: Job) -> datetime:
    """When the person pressed the button."""
    since = json.loads(job.payload).get("since")
    return datetime.fromisoformat(since) if since else job.created_at


def _is_done(work: Callable[[], object]) -> bool:
    """Whether nothing is left to do: it is done, or Slack refuses it for good."""
    try:
        work()
    except Phi3Error as error:
        log.warning("After a deletion: %s", error)
        return isinstance(error, MessengerRefused) and not may_pass(error)
    return True
