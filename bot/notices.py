"""Tells admins once what happened by itself: how a trial ended, which adapter the model server
cannot load, that no question is answered any more.

It is told in the channel of the nights' reports, or else to each of the admins that are named in
the settings.
"""

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.answers.blocks import text_message
from bot.jobs.runner import Runner
from bot.posting import PostedOnce
from bot.slack.client import Me, SlackClient
from domain.jobs import Job, JobKind, NewJob
from records.jobs import Jobs

log = logging.getLogger(__name__)


class Notices:
    """The work for jobs of the kind NOTICE.

    ``is_shared``: the model answers in several workspaces, so the admins of one of them are not
    those who look after it, and nothing is told; of adapters their Home tab says it.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        channel: str,
        admins: Iterable[str],
        jobs: Jobs,
        runner: Runner,
        *,
        is_shared: bool,
    ) -> None:
        self._slack = slack
        self._channel = channel
        self._admins = sorted(admins)
        self._jobs = jobs
        self._is_shared = is_shared
        self._once = PostedOnce(slack, me)
        runner.handles(JobKind.NOTICE, self)

    def do(self, job: Job) -> None:
        """Raises MessengerError and RecordsError."""
        text = json.loads(job.payload)["text"]
        wanted = job.person or self._channel
        if self._is_shared:
            return
        if not wanted:
            self._jobs.add(
                notice(job.request, job.key, text, job.team, one) for one in self._admins
            )
            return
        channel = self._once.channel(wanted)
        if self._once.found(job, channel, job.created_at) is None:
            message = text_message(text)
            self._slack.post(channel or wanted, message.text, message.blocks, mark=job.request)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        log.warning("The admins are not told what happened (%s): %s", job.request, error)


def notice(request: str, key: str, text: str, team: str, person: str = "") -> NewJob:
    """The job that tells ``text``, once for each ``request``.

    Notices with one ``key`` are told one after the other. Without a ``person`` it is told to whom
    the settings name.
    """
    return NewJob(
        kind=JobKind.NOTICE,
        key=key,
        request=f"{request}:{person}" if person else request,
        team=team,
        person=person,
        report="",
        payload=json.dumps({"version": 1, "text": text}),
        created_at=datetime.now(UTC),
    )
