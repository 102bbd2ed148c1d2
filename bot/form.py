"""The form that 👎 opens: what was wrong, what would be right, and where that stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.blocks import SlackBlock, rich
from bot.events import Payload
from domain.questions import Fault
from domain.ratings import Correction
from domain.text import is_blank

FORM = "what_was_wrong"
"""The form's callback_id."""

FAULTS = {
    Fault.WRONG: "It is wrong",
    Fault.OUTDATED: "It is out of date",
    Fault.INCOMPLETE: "It is not complete",
    Fault.WRONG_SOURCE: "It is from the wrong source",
    Fault.UNWANTED: "I should not have answered",
}

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
    was_filled: bool
    """Whether it was opened with what the person wrote before, so that empty fields are meant."""
    fault: Fault | None
    correction: str
    source: str
    too_long: Mapping[str, str]
    """The message for each field whose text is too long."""


def form(answer_id: str, opened_at: datetime, known: Correction | None = None) -> SlackBlock:
    """The form; ``known`` is what the person wrote before, and is filled in."""
    state = {"answer": answer_id, "at": opened_at.timestamp(), "filled": known is not None}
    options = {fault: {"text": _plain(text), "value": fault} for fault, text in FAULTS.items()}
    fault: SlackBlock = {"type": "radio_buttons", "options": list(options.values())}
    if known and known.fault:
        fault["initial_option"] = options[known.fault]
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": json.dumps(state),
        "title": _plain("What was wrong?"),
        "submit": _plain("Send"),
        "close": _plain("Skip"),
        "blocks": [
            _input(_FAULT, "What was wrong?", fault),
            _input(
                _CORRECTION,
                "The right answer, as I should have given it",
                _text_field(_CORRECTION, known.text if known else ""),
            ),
            _input(
                _SOURCE,
                "Where it stands: a link, or the name of a document",
                _text_field(_SOURCE, known.source if known else ""),
            ),
        ],
    }


def thanks() -> SlackBlock:
    text = "Thank you. With a right answer, the next nights can learn from it."
    return {
        "type": "modal",
        "title": _plain("Noted"),
        "close": _plain("Close"),
        "blocks": list(rich(text)),
    }


def filled(body: Payload) -> SubmittedForm:
    """What a submitted form says; fields that were left out are empty."""
    values = body["view"]["state"]["values"]
    chosen = _value(values, _FAULT).get("selected_option") or {}
    known = {str(fault): fault for fault in FAULTS}
    texts = {field: _text_of(values, field) for field in _LONGEST}
    answer_id, opened_at, was_filled = _state(body["view"]["private_metadata"])
    return SubmittedForm(
        answer_id=answer_id,
        person=body["user"]["id"],
        opened_at=opened_at,
        was_filled=was_filled,
        fault=known.get(str(chosen.get("value"))),
        **texts,
        too_long={
            field: f"This has {len(text):,} characters; at most {_LONGEST[field]:,} are allowed."
            for field, text in texts.items()
            if len(text) > _LONGEST[field]
        },
    )


def _state(metadata: str) -> tuple[str, datetime, bool]:
    """The answer's id, when the form was opened, and whether it was filled then.

    A form that an earlier version opened says only the answer's id.
    """
    if not metadata.startswith("{"):
        return metadata, datetime.now(UTC), False
    state = json.loads(metadata)
    opened_at = datetime.fromtimestamp(float(state["at"]), UTC)
    return str(state["answer"]), opened_at, bool(state["filled"])


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
