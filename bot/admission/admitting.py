"""Says to one person, in one sentence, that a question is not answered: by a list, or by a quota.

Nothing else happens then: no sign that it arrived, no search, nothing that others see.
"""

import logging
from datetime import UTC, datetime, timedelta
from math import ceil

from bot.admission.denying import denial
from bot.answers.blocks import text_message
from bot.answers.closed import DirectMessages
from bot.answers.delivery import Delivery
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from bot.slack.message_ref import message_ref
from bot.words import ENGLISH, Words, words_of
from domain.admission import DAY, Access, OverQuota, Whose
from domain.errors import MessengerRefused
from domain.questions import Question
from records.quotas import Quotas

log = logging.getLogger(__name__)

_MINUTES = timedelta(minutes=90)
"""A wait that is longer than this is told in hours."""


class Admitting:
    """``access`` has the lists of channels and people, ``quotas`` counts questions."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        access: Access,
        quotas: Quotas,
        delivery: Delivery,
        direct: DirectMessages,
    ) -> None:
        self._slack = slack
        self._me = me
        self._access = access
        self._quotas = quotas
        self._delivery = delivery
        self._direct = direct

    def is_denied(self, person: str, channel: str) -> bool:
        return self._access.denies_person(person) or self._access.denies_channel(channel)

    def denial(self, person: str, channel: str, words: Words = ENGLISH) -> str:
        """Why the lists let nobody answer, in ``words``; empty if they do."""
        return denial(self._access, person, channel, words)

    def refusal(self, question: Question, *, counts: bool = True) -> str:
        """Why a question is not answered; empty if it is.

        Then it is counted, but only once; without ``counts`` that is left for later. Raises
        DatabaseUnavailable.
        """
        at, person = message_ref(question.id), question.asked_by
        if why := self.denial(person, at.channel, words_of(question)):
            return why
        if not question.text:
            return ""
        now = datetime.now(UTC)
        count = self._quotas.count if counts else self._quotas.used_up
        over = count(question.id, self._me.team, person, at.channel, now)
        return _used_up(question, over, now) if over else ""

    def tell(self, question: Question, why: str, *, unsure: bool) -> None:
        """Tells the person who asked, where they asked; or directly, if Slack refuses that.

        ``unsure``: an earlier attempt may have told them already. Raises MessengerError if Slack
        does not answer, and DatabaseUnavailable.
        """
        message, at = text_message(why), message_ref(question.id)
        if at.channel.startswith("D"):
            self._delivery.end(question, message, unsure=unsure)
            return
        thread = message_ref(question.place).ts
        try:
            self._slack.post_ephemeral(
                at.channel,
                question.asked_by,
                message.text,
                message.blocks,
                # Slack shows such a message only in a thread that has replies.
                thread if thread != at.ts else "",
            )
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.info("Told directly, since Slack refuses it in %s: %s", at.channel, error)
            self._direct.tell(question, message, "refused", unsure=unsure)


def _used_up(question: Question, over: OverQuota, now: datetime) -> str:
    words, quota = words_of(question), over.quota
    template = words.quota_person if quota.whose is Whose.PERSON else words.quota_channel
    period = words.one_day if quota.per == DAY else words.one_hour
    left = max(over.again_at - now, timedelta(minutes=1))
    if left <= _MINUTES:
        wait = words.minutes.format(count=ceil(left / timedelta(minutes=1)))
    else:
        wait = words.hours.format(count=ceil(left / timedelta(hours=1)))
    return template.format(most=quota.most, period=period, wait=wait)
