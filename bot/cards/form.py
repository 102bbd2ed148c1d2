"""The form in which a person who knows makes an answer of what was written in a thread."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers.blocks import SlackBlock, small
from bot.slack.events import Payload
from bot.words import ENGLISH, Words
from domain.links import LONGEST_LINK, is_web
from domain.questions import Audience
from domain.text import is_blank, truncate

CARD_FORM = "card_form"
"""The form's callback_id."""

_QUESTION, _ANSWER, _LINK = "question", "answer", "link"
_LONGEST = {_QUESTION: 1_000, _ANSWER: 3_000, _LINK: LONGEST_LINK}
"""The most characters of each field; Slack allows 3,000."""

_LINES = 50
"""The most messages whose names the form carries: it carries 3,000 characters."""

_NO_LINK = re.compile(r"[\s<>\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form shows: ``lines`` are the ts of the messages that the answer is made of.

    ``version`` is that of the card.
    """

    card_id: str
    version: str
    question: str
    answer: str
    link: str
    lines: tuple[str, ...]
    readers: Audience


@dataclass(frozen=True, slots=True)
class FilledCard:
    """What a person sent; ``readers`` are those that the form named.

    ``version`` is that of the card that it showed; None if a form of an earlier version sent it.
    """

    card_id: str
    version: str | None
    person: str
    question: str
    answer: str
    link: str
    lines: str
    readers: Audience

    def errors(self, words: Words) -> dict[str, str]:
        """A message for each field that is wrong."""
        texts = {_QUESTION: self.question, _ANSWER: self.answer, _LINK: self.link}
        errors = {name: words.card_empty for name in (_QUESTION, _ANSWER) if not texts[name]}
        if self.link and (not is_web(self.link) or _NO_LINK.search(self.link)):
            errors[_LINK] = words.card_no_link
        for name, most in _LONGEST.items():
            if (count := len(texts[name])) > most:
                too_many = words.too_many_characters
                errors[name] = too_many.format(count=f"{count:,}", most=f"{most:,}")
        return errors

    def wrong(self, why: str) -> dict[str, str]:
        """An error that belongs to no field."""
        return {_ANSWER: why[:2_000]}


def card_form(draft: Draft, readers: str, words: Words = ENGLISH) -> SlackBlock:
    """The form, with what is known filled in; ``readers`` says who will read it."""
    texts = {_QUESTION: draft.question, _ANSWER: draft.answer, _LINK: draft.link}
    is_cut = any(len(text) > _LONGEST[name] for name, text in texts.items())
    state = {
        "card": draft.card_id,
        "version": draft.version,
        "lines": draft.lines[:_LINES],
        "readers": sorted(draft.readers.labels),
    }
    return {
        "type": "modal",
        "callback_id": CARD_FORM,
        "private_metadata": json.dumps(state),
        "title": _plain(truncate(words.card_keep, 24)),
        "submit": _plain(words.send),
        "close": _plain(words.close),
        "blocks": [
            _input(_QUESTION, words.card_question, texts, is_long=False),
            _input(_ANSWER, words.card_answer, texts, is_long=True),
            _input(_LINK, words.card_link, texts, is_long=False),
            *([small(words.card_cut)] if is_cut else []),
            small(words.card_readers.format(readers=readers)),
        ],
    }


def filled_card(body: Payload) -> FilledCard:
    """What a submitted form says."""
    view = body["view"]
    values, state = view["state"]["values"], json.loads(view["private_metadata"])
    texts = {name: _text(values, name) for name in _LONGEST}
    return FilledCard(
        card_id=str(state["card"]),
        version=state.get("version"),
        person=body["user"]["id"],
        question=" ".join(texts[_QUESTION].split()),
        answer=texts[_ANSWER],
        link=texts[_LINK],
        lines=" ".join(map(str, state["lines"])),
        readers=Audience.of(*map(str, state["readers"])),
    )


def _text(values: dict[str, Any], name: str) -> str:
    text = str(((values.get(name) or {}).get("value") or {}).get("value") or "").strip()
    return "" if is_blank(text) else text


def _input(name: str, label: str, texts: Mapping[str, str], *, is_long: bool) -> SlackBlock:
    most = _LONGEST[name]
    element: SlackBlock = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": is_long,
        "max_length": most,
    }
    if text := texts[name]:
        element["initial_value"] = text[:most]
    return {
        "type": "input",
        "block_id": name,
        "optional": name == _LINK,
        "label": _plain(label),
        "element": element,
    }


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
