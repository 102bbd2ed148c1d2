"""What holds for a question in its channel: whose documents may be used, and its rules."""

from collections.abc import Callable, Collection
from dataclasses import replace

from bot.questions.earlier import thread_of
from bot.slack.conversations import Conversations
from bot.slack.message_ref import message_ref
from bot.slack.people import People
from domain.cards import cards_of
from domain.channels import ChannelSettings, From, When
from domain.labels import person_label
from domain.questions import Answer, Audience, Question


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
        team: str,
    ) -> None:
        self._conversations = conversations
        self._people = people
        self._settings = settings
        self._team = team

    def asked_there(self, question: Question, *, shared: bool = False) -> Question:
        """The question with the audience and the rules of its channel, as they are now.

        ``shared`` is what the event said of the channel.
        """
        at = message_ref(question.id)
        channel, settings = at.channel, self._settings(at.channel)
        rules = settings.rules
        if rules.only is not None:
            # What was confirmed in the channel itself is always among it.
            rules = replace(rules, only=rules.only | {cards_of(at.team, channel)})
        audience = self.audience(channel, question.asked_by, settings.sources, shared=shared)
        if question.is_private:
            audience = self.for_one(audience, question.asked_by, settings.sources)
        return replace(question, audience=audience, rules=rules)

    def hears_follow_ups(self, channel: str) -> bool:
        """Whether a channel has threads in which lines without a mention are answered."""
        is_direct = channel.startswith("D")
        return not is_direct and self._settings(channel).when is not When.MENTIONS

    def audience(
        self,
        channel: str,
        person: str,
        sources: From = From.ALL,
        *,
        shared: bool = False,
        fresh: bool = False,
    ) -> Audience:
        """Whose documents may be used for what ``person`` is answered in a channel.

        ``fresh``: Slack is asked, whatever is known.
        """
        look = self._conversations.as_it_is_now if fresh else self._conversations.conversation
        conversation = look(channel, shared=shared)
        is_guest = not self._people.is_member(person)
        audience = conversation.audience(person, is_guest=is_guest)
        if sources is From.HERE:
            # What was added in the channel was given to it, besides perhaps to the workspace.
            own = conversation.own(person).labels & audience.labels
            return Audience(own, audience.public)
        return audience

    def for_one(self, audience: Audience, person: str, sources: From = From.ALL) -> Audience:
        """``audience`` for an answer that only ``person`` sees: their own documents besides.

        Such an answer is not public, and so it is never trained on.
        """
        own = (
            ()
            if sources is From.HERE or not audience.labels
            else (person_label(self._team, person),)
        )
        return Audience(audience.labels.union(own), public=False)


def used_sources(question: Question, answer: Answer, files: Collection[str] = ()) -> frozenset[str]:
    """The sources that a reader of the answer must be able to read.

    Who reads it where it was asked can read its thread there, and the ``files`` that came with it.
    """
    sources = {passage.source for passage in answer.passages}
    sources |= {passage.newer.source for passage in answer.passages if passage.newer}
    return frozenset(sources - {thread_of(question), *files})
