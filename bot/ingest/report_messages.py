"""The messages that report on jobs: one for each request, posted once and then updated."""

import logging
from collections.abc import Sequence

from bot.answers.blocks import SlackBlock, text_message
from bot.slack.client import SlackClient
from bot.slack.errors import may_pass
from bot.slack.message_ref import MessageRef, message_ref
from domain.errors import MessengerRefused, MessengerUnavailable
from domain.jobs import Job
from records.jobs import Jobs

log = logging.getLogger(__name__)

_SKEW = 60
"""How many seconds Slack's clock may be behind this machine's."""


class ReportMessages:
    """A message of a request is found again after a crash by its mark, the request's name."""

    def __init__(self, slack: SlackClient, jobs: Jobs) -> None:
        self._slack = slack
        self._jobs = jobs

    def of(self, job: Job, text: str) -> MessageRef:
        """The message that reports on a request: the existing one, or a new one with ``text``.

        It is stored with the jobs of the request. Its ts is empty if nobody can be told.
        """
        at = message_ref(job.report)
        if at.ts:
            return at
        at = self._found(job, at) or self._posted(job, at, text)
        if at.ts:
            self._jobs.set_report(job.request, str(at))
        return at

    def _posted(self, job: Job, at: MessageRef, text: str) -> MessageRef:
        message, mark = text_message(text), job.request
        try:
            ts = self._slack.post(at.channel, message.text, message.blocks, at.thread, mark=mark)
            return at.at(ts)
        except MessengerUnavailable:
            # It may have been posted: the next attempt looks for it.
            if found := self._find(job, at):
                return found
            raise
        except MessengerRefused as error:
            if may_pass(error):
                raise
        # The bot may not be in the channel of a command: then only the person is told.
        try:
            channel, ts = self._slack.posted(job.person, message.text, message.blocks, mark=mark)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("Nobody can be told of an ingest: %s", error)
            return at
        return MessageRef(at.team, channel, ts)

    def _found(self, job: Job, at: MessageRef) -> MessageRef | None:
        """The message that an earlier attempt posted, if there is one."""
        return self._find(job, at) if job.reason else None

    def _find(self, job: Job, at: MessageRef) -> MessageRef | None:
        since = f"{job.created_at.timestamp() - _SKEW:.6f}"
        try:
            posted = self._slack.messages(at.channel, at.thread, since)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            return None
        marked = (at.at(each.ts) for each in posted if each.is_own and each.mark == job.request)
        return next(marked, None)

    def progress(self, at: MessageRef, text: str) -> None:
        """Shows progress. It is tried only once, so that the reading does not wait for it."""
        message = text_message(text)
        try:
            if at.ts:
                self._slack.update(at.channel, at.ts, message.text, message.blocks, steady=False)
        except (MessengerRefused, MessengerUnavailable) as error:
            log.info("The progress of an ingest is not shown: %s", error)

    def show(self, at: MessageRef, text: str, below: Sequence[SlackBlock] = ()) -> None:
        """Shows the report, with blocks ``below`` it.

        Raises MessengerError if Slack does not answer; it is shown later.
        """
        message = text_message(text)
        try:
            if at.ts:
                self._slack.update(at.channel, at.ts, message.text, (*message.blocks, *below))
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("The report of an ingest is not shown: %s", error)
