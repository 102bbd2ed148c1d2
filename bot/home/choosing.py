"""Lets the people of a channel choose when and how the bot answers there."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from bot.admission.denying import denial
from bot.answers.blocks import text_message
from bot.history.names import Names
from bot.home.channel_form import (
    IN_WORDS,
    SOURCES_IN_WORDS,
    FilledChannelForm,
    channel_form,
)
from bot.jobs.workers import Workers
from bot.listening.telling import Telling
from bot.slack.client import Me, SlackClient
from bot.slack.events import Request
from bot.slack.people import People
from domain.admission import Access
from domain.channels import ChannelSettings, From
from domain.errors import MessengerError, public_text
from records.channels import Channels

log = logging.getLogger(__name__)

_NOT_DIRECT = "In a direct message I answer everything: there is nothing to choose."
_NOT_GUESTS = "Only members of this workspace choose when I answer in a channel."

_CHANGED = (
    "Somebody changed these settings after this form was opened: the channel was told who and "
    "what. Close the form, and open it again."
)

_ENDED = {
    "emoji": "an emoji that asks me",
    "expert": "a person who is asked what the documents do not say",
    "wishes": "what the model is told",
    "sources": "only some of the sources",
    "language": "a language of its own",
    "adders": "only some people who may add documents here",
}
"""What is said of a setting that was taken away, by its field."""

_NAMED = 5
"""The most chosen sources that are named."""

Offer = Callable[[str, str, ChannelSettings], dict[str, str]]
"""What may be chosen in a channel, by a person: the names by uri."""


class Choosing:
    """Members of the workspace choose, and everybody in the channel sees what they chose."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        people: People,
        names: Names,
        channels: Channels,
        offer: Offer,
        telling: Telling,
        forms: Workers,
        access: Access,
    ) -> None:
        self._slack = slack
        self._me = me
        self._people = people
        self._names = names
        self._channels = channels
        self._offer = offer
        self._telling = telling
        self._forms = forms
        self._access = access

    def settings(self, channel: str) -> ChannelSettings:
        """Raises DatabaseUnavailable."""
        return self._channels.settings(self._me.team, channel)

    def chosen(self, channels: Collection[str]) -> dict[str, ChannelSettings]:
        """What was chosen, by channel, where something was. Raises DatabaseUnavailable."""
        return self._channels.chosen(self._me.team, channels)

    def open(self, request: Request) -> str:
        """Opens the form; returns what to say instead. Raises DatabaseUnavailable."""
        if why := denial(self._access, request.person, request.channel):
            return why
        if request.channel.startswith("D"):
            return _NOT_DIRECT
        known = self.settings(request.channel)
        self._forms.submit(
            partial(self._open, request, known), partial(self._telling.not_opened, request)
        )
        return ""

    def save(self, form: FilledChannelForm) -> dict[str, str]:
        """Stores what was chosen, or returns why not, by field. Raises DatabaseUnavailable."""
        if why := denial(self._access, form.person, form.channel):
            return form.wrong(why)
        known = self.settings(form.channel)
        try:
            if not self._people.is_member(form.person):
                return form.wrong(_NOT_GUESTS)
            is_asked = form.chooses_sources
            offered = self._offer(form.channel, form.person, known) if is_asked else {}
        except MessengerError as error:
            log.warning("Settings of a channel were not saved: %s", error)
            return form.wrong(f"Not saved: {public_text(error)} Send again in a minute.")
        chosen, errors = form.over(known, offered)
        if errors or chosen == known:
            return errors
        is_latest = form.has_seen(known)
        if not is_latest or not self._channels.choose(self._me.team, form.channel, chosen, known):
            return form.wrong(_CHANGED)
        self._forms.submit(
            partial(self._tell, form, known, chosen, offered),
            partial(log.warning, "Nobody told: %s"),
        )
        return {}

    def _open(self, request: Request, known: ChannelSettings) -> None:
        if not self._people.is_member(request.person):
            # A guest may not even see the names of what members can read.
            self._slack.post_ephemeral(request.channel, request.person, _NOT_GUESTS)
            return
        offered = self._offer(request.channel, request.person, known)
        adders = [person for person in known.adders if person]
        view = channel_form(request.channel, known, offered, adders)
        self._slack.open_view(request.trigger, view)

    def _tell(
        self,
        form: FilledChannelForm,
        before: ChannelSettings,
        chosen: ChannelSettings,
        offered: Mapping[str, str],
    ) -> None:
        """``offered`` has the names of what everybody there may read."""
        name = self._names.of
        said = [f"{name(form.person)} chose for this channel: I answer {IN_WORDS[chosen.when]}."]
        if chosen.emoji:
            said.append(f"The emoji {chosen.emoji} on a message asks me to answer it.")
        if chosen.expert:
            said.append(f"{name(chosen.expert)} is asked what the documents do not say.")
        if chosen.wishes:
            said.append(f"The model is told: “{chosen.wishes}”")
        if chosen.sources is From.HERE:
            said.append(f"I answer from {SOURCES_IN_WORDS[From.HERE]}.")
        if chosen.sources is From.CHOSEN:
            said.append(f"I answer only from {_sources(chosen.chosen, offered)}.")
        if chosen.language:
            said.append(f"I answer in {chosen.language}.")
        if chosen.adders:
            people = ", ".join(name(person) for person in chosen.adders if person)
            said.append(f"Only {people or 'nobody'} may add documents here.")
        if ended := [text for name, text in _ENDED.items() if _is_ended(name, before, chosen)]:
            said.append(f"No longer: {', '.join(ended)}.")
        message = text_message(" ".join(said))
        self._slack.post(form.channel, message.text, message.blocks)


def _is_ended(name: str, before: ChannelSettings, chosen: ChannelSettings) -> bool:
    """Whether something was chosen in this field, and nothing is now."""
    default, now = getattr(ChannelSettings(), name), getattr(chosen, name)
    return bool(now == default and getattr(before, name) != default)


def _sources(chosen: Sequence[str], names: Mapping[str, str]) -> str:
    """The names of what was chosen, as far as they are known, and how many there are besides."""
    named = [f"“{names[uri]}”" for uri in chosen if uri in names][:_NAMED]
    left = len(chosen) - len(named)
    if not named:
        return "1 source that was chosen" if left == 1 else f"{left} sources that were chosen"
    return ", ".join(named) + (f" and {left} more" if left else "")
