"""What holds for a question in its channel: whose documents may be used, and its rules."""

from collections.abc import Callable
from dataclasses import replace

from bot.slack.conversations import Conversations
from bot.slack.message_ref import message_ref
from bot.slack.people import People
from domain.channels import ChannelSettings, From
from domain.questions import Audience, Question


class Places:
    """``settings`` are those of a channel. Every method raises DatabaseUnavailable.

    Slack is asked again at each attempt: the channel may have been shared since the last one.
    Raises MessengerError if Slack does not answer and nothing recent is known.
    """

    def __init__(
        self,
        conversations: Conversations,
        people: People,
        settings: Callable[[str], ChannelSettings],
    ) -> None:
        self._conversations = conversations
        self._people = people
        self._settings = settings

    def asked_there(self, question: Question, *, shared: bool = False) -> Question:
        """The question with the audience and the rules of its channel, as they are now.

        ``shared`` is what the event said of the channel.
        """
        channel = message_ref(question.id).channel
        settings = self._settings(channel)
        audience = self.audience(channel, question.asked_by, settings.sources, shared=shared)
        return replace(question, audience=audience, rules=settings.rules)

    def audience(
        self, channel: str, person: str, sources: From = From.ALL, *, shared: bool = False
    ) -> Audience:
        """Whose documents may be used for what ``person`` is answered in a channel."""
        conversation = self._conversations.conversation(channel, shared=shared)
        is_guest = not self._people.is_member(person)
        audience = conversation.audience(person, is_guest=is_guest)
        if sources is From.HERE:
            # What was added in the channel was given to it, besides perhaps to the workspace.
            own = conversation.own(person).labels & audience.labels
            return Audience(own, audience.public)
        return audience
