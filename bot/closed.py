"""Tells a person directly that an answer cannot be written where the question stands."""

import logging

from bot.blocks import text_message
from bot.slack_client import SlackClient
from bot.slack_errors import may_pass
from domain.errors import MessengerRefused
from domain.questions import Question
from domain.text import truncate

log = logging.getLogger(__name__)

_WHY = {
    "cannot_reply_to_message": "Slack allows no replies to that message",
    "channel_not_found": "I do not see that conversation any more",
    "is_archived": "the channel is archived",
    "not_in_channel": "I am not a member of that channel",
    "restricted_action_thread_locked": "the thread is locked",
    "thread_not_found": "the thread is gone",
}
_NOT_ALLOWED = "I am not allowed to write there"


def closed(question: Question, error: Exception) -> str:
    """One sentence that says why the question has no answer."""
    code = error.code if isinstance(error, MessengerRefused) else ""
    asked = truncate(" ".join(question.text.split()), 200)
    return f"I cannot answer your question “{asked}”, because {_WHY.get(code, _NOT_ALLOWED)}."


class DirectMessages:
    """Direct messages about questions, one for each; it is found again by its mark."""

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack

    def tell_closed(self, question: Question, error: Exception, *, unsure: bool) -> None:
        """Tells the person who asked. ``unsure`` says that an earlier attempt may have done that.

        If Slack does not let the bot write to them either, that is only logged. Raises
        MessengerError if Slack does not answer.
        """
        mark = f"{question.answer_id}:closed"
        if unsure and self._is_told(question.asked_by, mark):
            return
        message = text_message(closed(question, error))
        try:
            self._slack.post(question.asked_by, message.text, message.blocks, mark=mark)
        except MessengerRefused as refused:
            if may_pass(refused):
                raise
            log.warning("Nobody can be told that %s is not answered: %s", question.id, refused)

    def _is_told(self, person: str, mark: str) -> bool:
        try:
            channel = self._slack.direct_channel(person)
            posted = self._slack.messages(channel, "", "0") if channel else []
        except MessengerRefused as error:
            if not may_pass(error):
                return False
            raise
        return any(each.is_own and each.mark == mark for each in posted)
