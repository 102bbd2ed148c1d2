"""The form in which a channel's people choose when the bot answers there."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.answers.blocks import SlackBlock
from bot.slack.events import Payload
from domain.channels import ChannelSettings, When

CHANNEL_FORM = "channel_form"
"""The form's callback_id."""

IN_WORDS = {
    When.MENTIONS: "only mentions",
    When.FOLLOW_UPS: "mentions, and follow-ups in my threads",
    When.QUESTIONS: "every question, if the documents support the whole answer",
}

_WHEN, _EMOJI, _EXPERT = "when", "emoji", "expert"
_NAME = re.compile(r"[\w+'-]{1,100}")
_RATINGS = {"+1", "thumbsup", "-1", "thumbsdown"}
_NO_NAME = "Write the name of one emoji, such as :eyes:"
_IS_RATING = "Thumbs rate answers: choose another emoji."


@dataclass(frozen=True, slots=True)
class FilledChannelForm:
    """``errors`` has a message for each wrong field."""

    channel: str
    person: str
    chosen: ChannelSettings
    errors: Mapping[str, str] = field(default_factory=dict)

    def wrong(self, why: str) -> dict[str, str]:
        """An error that belongs to no field."""
        return {_WHEN: why[:2_000]}


def channel_form(channel: str, known: ChannelSettings) -> SlackBlock:
    options = {
        when: {"text": _plain(f"I answer {text}"), "value": when} for when, text in IN_WORDS.items()
    }
    emoji: SlackBlock = {"type": "plain_text_input", "max_length": 110}
    if known.emoji:
        emoji["initial_value"] = f":{known.emoji}:"
    when = {
        "type": "radio_buttons",
        "options": list(options.values()),
        "initial_option": options[known.when],
    }
    expert: SlackBlock = {"type": "users_select"}
    if known.expert:
        expert["initial_user"] = known.expert
    return {
        "type": "modal",
        "callback_id": CHANNEL_FORM,
        "private_metadata": json.dumps([channel]),
        "title": _plain("Settings here"),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "blocks": [
            _input(_WHEN, "When do I answer in this channel?", when),
            _input(
                _EMOJI,
                "Which emoji asks me to answer a message?",
                emoji,
                "Whoever reacts to a message with it gets an answer in the message's thread.",
            ),
            _input(
                _EXPERT,
                "Who knows what the documents do not say?",
                expert,
                "A button under such an answer asks this person in its thread.",
            ),
        ],
    }


def filled_channel_form(body: Payload) -> FilledChannelForm:
    view = body["view"]
    values = view["state"]["values"]
    (channel,) = json.loads(view["private_metadata"])
    when = When(values[_WHEN][_WHEN]["selected_option"]["value"])
    emoji = str(values[_EMOJI][_EMOJI].get("value") or "").strip().strip(":").lower()
    expert = str(values[_EXPERT][_EXPERT].get("selected_user") or "")
    chosen = ChannelSettings(when, emoji, expert)
    errors = {}
    if emoji and not _NAME.fullmatch(emoji):
        errors[_EMOJI] = _NO_NAME
    elif emoji in _RATINGS:
        errors[_EMOJI] = _IS_RATING
    return FilledChannelForm(str(channel), body["user"]["id"], chosen, errors)


def _input(name: str, label: str, element: SlackBlock, hint: str = "") -> SlackBlock:
    return {
        "type": "input",
        "block_id": name,
        "optional": name != _WHEN,
        "label": _plain(label),
        "element": element | {"action_id": name},
    } | ({"hint": _plain(hint)} if hint else {})


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
