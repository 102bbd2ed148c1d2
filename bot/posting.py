"""Finds out whether a job posted its message already, by the message's mark."""

from datetime import datetime

from bot.slack.client import Me, SlackClient
from bot.slack.message_ref import MessageRef
from domain.jobs import Job

_SKEW = 60
"""How many seconds Slack's clock may be behind this machine's."""


class PostedOnce:
    """Every method raises MessengerError."""

    def __init__(self, slack: SlackClient, me: Me) -> None:
        self._slack = slack
        self._me = me

    def channel(self, wanted: str) -> str:
        """The id of a channel, of which ``wanted`` is the id, #name or person; empty if unknown."""
        if wanted.startswith("#"):
            return self._slack.public_channel(wanted[1:])
        return self._slack.direct_channel(wanted) if wanted[:1] in ("U", "W") else wanted

    def found(self, job: Job, channel: str, since: datetime) -> MessageRef | None:
        """The message that an earlier attempt posted, if there is one."""
        if not channel or not (job.reason or job.attempts > 1):
            return None
        return self.marked(job.request, channel, since)

    def marked(self, mark: str, channel: str, since: datetime) -> MessageRef | None:
        """The message with a mark, if there is one."""
        for one in self._slack.messages(channel, "", f"{since.timestamp() - _SKEW:.6f}"):
            if one.is_own and one.mark == mark:
                return MessageRef(self._me.team, channel, one.ts)
        return None
