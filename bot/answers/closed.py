"""Tells a person directly that an answer cannot be written where the question stands."""

import logging

from bot.answers.blocks import SlackMessage, text_message
from bot.slack.client import SlackClient
from bot.slack.errors import may_pass
from bot.words import words_of
from domain.errors import MessengerRefused
from domain.questions import Question
from domain.text import truncate

log = logging.getLogger(__name__)

_WHY = {
    "cannot_reply_to_message": "no_replies",
    "channel_not_found": "not_seen",
    "is_archived": "archived",
    "not_in_channel": "not_member",
    "restricted_action_thread_locked": "thread_locked",
    "thread_not_found": "thread_gone",
}


def closed(question: Question, error: Exception) -> str:
    """One sentence that says why the question has no answer."""
    words = words_of(question)
    code = error.code if isinstance(error, MessengerRefused) else ""
    asked = truncate(" ".join(question.text.split()), 200)
    why = getattr(words, _WHY.get(code, "not_allowed"))
    return words.closed.format(question=asked, why=why)


class DirectMessages:
    """Direct messages about questions, one for each; it is found again by its mark."""

    def __init__(self, slack: SlackClient) -> None:
        self._slack = slack

    def tell_closed(self, question: Question, error: Exception, *, unsure: bool) -> None:
        """Tells the person who asked why nothing can be written there, as ``tell`` does."""
        self.tell(question, text_message(closed(question, error)), "closed", unsure=unsure)

    def tell(self, question: Question, message: SlackMessage, why: str, *, unsure: bool) -> None:
        """Tells the person who asked. ``unsure`` says that an earlier attempt may have done that.

        ``why`` is one word, which the mark of the message has. If Slack does not let the bot write
        to them either, that is only logged. Raises MessengerError if Slack does not answer.
        """
        mark = f"{question.answer_id}:{why}"
        if unsure and self._is_told(question.asked_by, mark):
            return
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
