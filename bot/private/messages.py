"""What stands above a private answer."""

from bot.answers.blocks import SlackMessage, link, rich_text, section, word
from bot.answers.safe import escape_mrkdwn
from bot.slack.message_ref import message_ref
from bot.words import words_of
from domain.blocks import Where
from domain.links import THREAD, link_to
from domain.questions import Question
from domain.text import truncate, visible

_QUESTION = 500
"""Characters of the question."""


def about(question: Question, workspace: str) -> SlackMessage:
    """Names the question, which is a link to where it was asked in the ``workspace``."""
    said = words_of(question).asked_privately
    asked = truncate(" ".join(visible(question.text).split()), _QUESTION) or "…"
    at, thread = message_ref(question.id), message_ref(question.place)
    uri = f"{THREAD}:{at.team}:{at.channel}:{thread.ts or at.ts}"
    address = link_to(uri, Where(anchor=at.ts), workspace)
    shown = [link(address, asked)] if address else list(word(asked, bold=True))
    blocks = (rich_text(section(*word(f"{said} "), *shown)),)
    return SlackMessage(escape_mrkdwn(f"{said} {asked}"), blocks)
