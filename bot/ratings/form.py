"""The form that 👎 opens: what was wrong, what would be right, and where that stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.answers.blocks import SlackBlock, rich
from bot.slack.events import Payload
from bot.words import ENGLISH, Words
from bot.words.faults import faults
from domain.questions import Fault
from domain.ratings import Correction
from domain.text import is_blank

FORM = "what_was_wrong"
"""The form's callback_id."""

_LONGEST = {"correction": 3_000, "source": 1_000}
"""The most characters of each field; Slack allows 3,000."""

_FAULT, _CORRECTION, _SOURCE = "fault", *_LONGEST


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form that somebody has filled in."""

    answer_id: str
    person: str
    opened_at: datetime
    """When it was opened, by Slack's clock."""
    made_at: datetime | None
    """When the answer was made that it is about; None if an earlier version opened it."""
    was_filled: bool
    """Whether it was opened with what the person wrote before, so that empty fields are meant."""
    fault: Fault | None
    correction: str
    source: str
    too_long: Mapping[str, int]
    """How many characters each field has that has too many."""


def form(
    answer_id: str,
    opened_at: datetime,
    made_at: datetime,
    known: Correction | None = None,
    words: Words = ENGLISH,
) -> SlackBlock:
    """The form about an answer as it was made at a time: made anew, it keeps its id.

    ``known`` is what the person wrote before, and is filled in.
    """
    state = {
        "answer": answer_id,
        "at": opened_at.timestamp(),
        "made": made_at.isoformat(),
        "filled": known is not None,
    }
    options = {
        fault: {"text": _plain(text), "value": fault} for fault, text in faults(words).items()
    }
    fault: SlackBlock = {"type": "radio_buttons", "options": list(options.values())}
    if known and known.fault:
        fault["initial_option"] = options[known.fault]
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": json.dumps(state),
        "title": _plain(words.what_was_wrong),
        "submit": _plain(words.send),
        "close": _plain(words.skip),
        "blocks": [
            _input(_FAULT, words.what_was_wrong, fault),
            _input(
                _CORRECTION,
                words.right_answer,
                _text_field(_CORRECTION, known.text if known else ""),
            ),
            _input(
                _SOURCE,
                words.where_it_stands,
                _text_field(_SOURCE, known.source if known else ""),
            ),
        ],
    }


def thanks(words: Words = ENGLISH, *, may_learn: bool = True) -> SlackBlock:
    """``may_learn``: a night may learn from what was written."""
    return {
        "type": "modal",
        "title": _plain(words.thanks_title),
        "close": _plain(words.close),
        "blocks": list(rich(words.thanks if may_learn else words.thanks_only)),
    }


def too_long(form: SubmittedForm, words: Words) -> dict[str, str]:
    """The message for each field whose text is too long."""
    return {
        field: words.too_many_characters.format(count=f"{count:,}", most=f"{_LONGEST[field]:,}")
        for field, count in form.too_long.items()
    }


def filled(body: Payload) -> SubmittedForm:
    """What a submitted form says; fields that were left out are empty."""
    values = body["view"]["state"]["values"]
    chosen = _value(values, _FAULT).get("selected_option") or {}
    known = {str(fault): fault for fault in Fault}
    texts = {field: _text_of(values, field) for field in _LONGEST}
    answer_id, opened_at, made_at, was_filled = _state(body["view"]["private_metadata"])
    return SubmittedForm(
        answer_id=answer_id,
        person=body["user"]["id"],
        opened_at=opened_at,
        made_at=made_at,
        was_filled=was_filled,
        fault=known.get(str(chosen.get("value"))),
        **texts,
        too_long={field: len(text) for field, text in texts.items() if len(text) > _LONGEST[field]},
    )


def _state(metadata: str) -> tuple[str, datetime, datetime | None, bool]:
    """The answer's id, when the form was opened, when the answer was made, and whether it was
    filled then.

    A form that an earlier version opened does not say when the answer was made, or only its id.
    """
    if not metadata.startswith("{"):
        return metadata, datetime.now(UTC), None, False
    state = json.loads(metadata)
    opened_at = datetime.fromtimestamp(float(state["at"]), UTC)
    made_at = datetime.fromisoformat(state["made"]) if "made" in state else None
    return str(state["answer"]), opened_at, made_at, bool(state["filled"])


def _value(values: dict[str, Any], field: str) -> dict[str, Any]:
    return (values.get(field) or {}).get("value") or {}


def _text_of(values: dict[str, Any], field: str) -> str:
    text = str(_value(values, field).get("value") or "").strip()
    return "" if is_blank(text) else text


def _input(block_id: str, label: str, element: SlackBlock) -> SlackBlock:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": _plain(label),
        "element": element | {"action_id": "value"},
    }


def _text_field(field: str, text: str) -> SlackBlock:
    longest = _LONGEST[field]
    element: SlackBlock = {
        "type": "plain_text_input",
        "multiline": field == _CORRECTION,
        "max_length": longest,
    }
    return element | ({"initial_value": text[:longest]} if text else {})


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
