"""Lets the people of a channel choose when the bot answers there."""

import logging
from functools import partial

from bot.answers.blocks import text_message
from bot.history.names import Names
from bot.home.channel_form import IN_WORDS, FilledChannelForm, channel_form
from bot.jobs.workers import Workers
from bot.slack.client import Me, SlackClient
from bot.slack.events import Request
from bot.slack.people import People
from domain.channels import ChannelSettings
from domain.errors import MessengerError
from records.channels import Channels

log = logging.getLogger(__name__)

_NOT_DIRECT = "In a direct message I answer everything: there is nothing to choose."
_NOT_GUESTS = "Only members of this workspace choose when I answer in a channel."


class Choosing:
    """Members of the workspace choose, and everybody in the channel sees what they chose."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        people: People,
        names: Names,
        channels: Channels,
        forms: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._people = people
        self._names = names
        self._channels = channels
        self._forms = forms

    def settings(self, channel: str) -> ChannelSettings:
        """Raises DatabaseUnavailable."""
        return self._channels.settings(self._me.team, channel)

    def open(self, request: Request) -> str:
        """Opens the form; returns what to say instead. Raises DatabaseUnavailable."""
        if request.channel.startswith("D"):
            return _NOT_DIRECT
        view = channel_form(request.channel, self.settings(request.channel))
        self._forms.submit(
            partial(self._slack.open_view, request.trigger, view),
            partial(log.warning, "The settings of a channel could not be shown: %s"),
        )
        return ""

    def save(self, form: FilledChannelForm) -> str:
        """Stores what was chosen; returns why not. Raises DatabaseUnavailable."""
        try:
            if not self._people.is_member(form.person):
                return _NOT_GUESTS
        except MessengerError as error:
            return f"Not saved: {error.public} Send again in a minute."
        if self.settings(form.channel) != form.chosen:
            self._channels.choose(self._me.team, form.channel, form.chosen)
            self._forms.submit(partial(self._tell, form), partial(log.warning, "Nobody told: %s"))
        return ""

    def _tell(self, form: FilledChannelForm) -> None:
        chosen = form.chosen
        said = [f"{self._names.of(form.person)} chose for this channel: I answer "]
        said += [f"{IN_WORDS[chosen.when]}."]
        if chosen.emoji:
            said += [f" The emoji {chosen.emoji} on a message asks me to answer it."]
        if chosen.expert:
            said += [f" {self._names.of(chosen.expert)} is asked what the documents do not say."]
        message = text_message("".join(said))
        self._slack.post(form.channel, message.text, message.blocks)
