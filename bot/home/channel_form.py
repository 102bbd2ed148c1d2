"""The form in which a channel's people choose when and how the bot answers there."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from bot.answers.blocks import SlackBlock
from bot.slack.events import Payload
from bot.words import LANGUAGES
from domain.channels import ADDERS, CHOSEN, WISHES, ChannelSettings, From, When
from domain.text import is_blank, truncate, visible

CHANNEL_FORM = "channel_form"
"""The form's callback_id."""

OFFERED = 100
"""The most sources that a menu of Slack can offer."""

IN_WORDS = {
    When.MENTIONS: "only mentions",
    When.FOLLOW_UPS: "mentions, and follow-ups in my threads",
    When.QUESTIONS: "every question, if the documents support the whole answer",
}
SOURCES_IN_WORDS = {
    From.ALL: "all that may be read here",
    From.HERE: "only what was added in this channel",
    From.CHOSEN: "only what is chosen below",
}

_WHEN, _EMOJI, _EXPERT = "when", "emoji", "expert"
_WISHES, _SOURCES, _CHOSEN, _LANGUAGE, _ADDERS = (
    "wishes",
    "sources",
    "chosen",
    "language",
    "adders",
)
_AS_ASKED = "as_asked"
_NAME = re.compile(r"[\w+'-]{1,100}")
_RATINGS = {"+1", "thumbsup", "-1", "thumbsdown"}
_NO_NAME = "Write the name of one emoji, such as :eyes:"
_IS_RATING = "Thumbs rate answers: choose another emoji."
_TOO_LONG = f"At most {WISHES} characters are allowed."
_NONE_CHOSEN = "Choose at least one document or collection, or another source above."
_GONE = "One of these may not be read here any more: open the form again."
_TOO_MANY = "That are too many."


@dataclass(frozen=True, slots=True)
class FilledChannelForm:
    """``values`` are those of Slack, by block; a form of an earlier version has fewer blocks.

    ``seen`` names the settings that it was opened with; such a form may not say them.
    """

    channel: str
    person: str
    values: Mapping[str, Any]
    seen: str = ""

    def wrong(self, why: str) -> dict[str, str]:
        """An error that belongs to no field."""
        return {_WHEN: why[:2_000]}

    @property
    def chooses_sources(self) -> bool:
        return _CHOSEN in self.values

    def has_seen(self, known: ChannelSettings) -> bool:
        """Whether it was opened with these settings; else it would undo what was chosen since."""
        return self.seen in ("", _name_of(known))

    def over(
        self, known: ChannelSettings, offered: Collection[str]
    ) -> tuple[ChannelSettings, dict[str, str]]:
        """What is chosen then, and a message for each wrong field.

        What the form did not ask stays as it is ``known``. ``offered`` are the uris that may be
        chosen.
        """
        errors: dict[str, str] = {}
        changed: dict[str, Any] = {"when": When(self._of(_WHEN)["selected_option"]["value"])}
        changed["emoji"] = emoji = self._text(_EMOJI).strip(":").lower()
        changed["expert"] = str(self._of(_EXPERT).get("selected_user") or "")
        if emoji and not _NAME.fullmatch(emoji):
            errors[_EMOJI] = _NO_NAME
        elif emoji in _RATINGS:
            errors[_EMOJI] = _IS_RATING
        if _WISHES in self.values:
            # What the channel is told of it must be all that the model reads.
            wishes = visible(self._text(_WISHES))
            changed["wishes"] = "" if is_blank(wishes) else wishes
            if len(wishes) > WISHES:
                errors[_WISHES] = _TOO_LONG
        if _SOURCES in self.values:
            changed["sources"] = From(self._of(_SOURCES)["selected_option"]["value"])
        if _CHOSEN in self.values:
            uris = {value_of(uri): uri for uri in (*offered, *known.chosen)}
            picked = [one["value"] for one in self._of(_CHOSEN).get("selected_options") or ()]
            changed["chosen"] = tuple(uris[one] for one in picked if one in uris)
            if len(changed["chosen"]) < len(picked):
                errors[_CHOSEN] = _GONE
            elif len(picked) > CHOSEN:
                errors[_CHOSEN] = _TOO_MANY
        if _LANGUAGE in self.values:
            option = self._of(_LANGUAGE).get("selected_option") or {}
            said = str(option.get("value") or "")
            changed["language"] = said if said in LANGUAGES else ""
        if _ADDERS in self.values:
            people = tuple(map(str, self._of(_ADDERS).get("selected_users") or ()))
            changed["adders"] = people
            if len(people) > ADDERS:
                errors[_ADDERS] = _TOO_MANY
        chosen = replace(known, **changed)
        if chosen.sources is From.CHOSEN and not chosen.chosen:
            errors.setdefault(_CHOSEN if _CHOSEN in self.values else _WHEN, _NONE_CHOSEN)
        return chosen, errors

    def _of(self, block: str) -> Mapping[str, Any]:
        return (self.values.get(block) or {}).get(block) or {}

    def _text(self, block: str) -> str:
        return str(self._of(block).get("value") or "").strip()


def value_of(uri: str) -> str:
    """How an option of a menu names a source: its address may be too long for Slack."""
    return sha256(uri.encode(errors="replace")).hexdigest()[:32]


def channel_form(
    channel: str, known: ChannelSettings, offered: Mapping[str, str], people: Collection[str] = ()
) -> SlackBlock:
    """``offered`` has the names of what may be chosen, by uri; ``people`` are the known adders."""
    emoji: SlackBlock = {"type": "plain_text_input", "max_length": 110}
    if known.emoji:
        emoji["initial_value"] = f":{known.emoji}:"
    expert: SlackBlock = {"type": "users_select"}
    if known.expert:
        expert["initial_user"] = known.expert
    wishes: SlackBlock = {"type": "plain_text_input", "multiline": True, "max_length": WISHES}
    if known.wishes:
        wishes["initial_value"] = known.wishes
    adders: SlackBlock = {"type": "multi_users_select", "max_selected_items": ADDERS}
    if people:
        adders["initial_users"] = list(people)
    languages = {_AS_ASKED: "The language of the question"} | {
        name: words.language for name, words in LANGUAGES.items()
    }
    return {
        "type": "modal",
        "callback_id": CHANNEL_FORM,
        "private_metadata": json.dumps([channel, _name_of(known)]),
        "title": _plain("Settings here"),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "blocks": [
            _input(
                _WHEN,
                "When do I answer in this channel?",
                _one_of(
                    "radio_buttons",
                    {when: f"I answer {text}" for when, text in IN_WORDS.items()},
                    known.when,
                ),
            ),
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
            _input(
                _WISHES,
                "What should I know about answers here?",
                wishes,
                "Such as: answer in one sentence, for people without a technical background. The "
                "model reads it with each question. It changes nothing of what I read and cite.",
            ),
            _input(
                _SOURCES,
                "Which sources do I answer from?",
                _one_of(
                    "radio_buttons",
                    {each: text.capitalize() for each, text in SOURCES_IN_WORDS.items()},
                    known.sources,
                ),
            ),
            *_choosing(known, offered),
            _input(
                _LANGUAGE,
                "In which language do I answer?",
                _one_of("static_select", languages, known.language or _AS_ASKED),
            ),
            _input(
                _ADDERS,
                "Who may add documents in this channel?",
                adders,
                "If nobody is chosen: everybody who may add documents elsewhere.",
            ),
        ],
    }


def _choosing(known: ChannelSettings, offered: Mapping[str, str]) -> list[SlackBlock]:
    """The menu of sources, if there is anything to choose."""
    if not offered:
        return []
    options = {
        uri: {"text": _plain(truncate(name, 75)), "value": value_of(uri)}
        for uri, name in offered.items()
    }
    menu: SlackBlock = {
        "type": "multi_static_select",
        "options": list(options.values()),
        "max_selected_items": CHOSEN,
    }
    if already := [options[uri] for uri in known.chosen if uri in options]:
        menu["initial_options"] = already
    hint = "Whoever may not read one of these still does not get it."
    return [_input(_CHOSEN, "Documents and collections", menu, hint)]


def filled_channel_form(body: Payload) -> FilledChannelForm:
    view = body["view"]
    channel, *seen = map(str, json.loads(view["private_metadata"]))
    return FilledChannelForm(channel, body["user"]["id"], view["state"]["values"], *seen)


def _name_of(settings: ChannelSettings) -> str:
    """What tells settings from others: they themselves are too long for the form to carry."""
    return sha256(repr(settings).encode(errors="replace")).hexdigest()[:32]


def _one_of(kind: str, options: Mapping[str, str], chosen: str) -> SlackBlock:
    shown = {key: {"text": _plain(text), "value": str(key)} for key, text in options.items()}
    first = next(iter(shown.values()))
    return {
        "type": kind,
        "options": list(shown.values()),
        "initial_option": shown.get(chosen, first),
    }


def _input(name: str, label: str, element: SlackBlock, hint: str = "") -> SlackBlock:
    return {
        "type": "input",
        "block_id": name,
        "optional": name not in (_WHEN, _SOURCES),
        "label": _plain(label),
        "element": element | {"action_id": name},
    } | ({"hint": _plain(hint)} if hint else {})


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
