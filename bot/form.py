"""The form that 👎 opens: what was wrong, and what would be right."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.blocks import SlackBlock, rich
from bot.events import Payload
from domain.ratings import Correction
from domain.text import is_blank

FORM = "what_was_wrong"
"""The form's callback_id."""

REASONS = (
    "It is not right",
    "It is not complete",
    "It is out of date",
    "It names the wrong source",
    "The documents do say it",
    "It does not answer the question",
)

_LONGEST = 3_000  # the most characters that Slack allows in a field


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form that somebody has filled in."""

    answer_id: str
    person: str
    opened_at: datetime
    """When it was opened, by Slack's clock."""
    was_filled: bool
    """Whether it was opened with what the person wrote before, so that empty fields are meant."""
    reason: str
    correction: str
    too_long: Mapping[str, str]
    """The message for each field whose text is too long."""


def form(answer_id: str, opened_at: datetime, known: Correction | None = None) -> SlackBlock:
    """The form that asks what was wrong and what would be right; ``known`` is filled in."""
    state = {"answer": answer_id, "at": opened_at.timestamp(), "filled": known is not None}
    options = [{"text": _plain(reason), "value": str(n)} for n, reason in enumerate(REASONS)]
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": json.dumps(state),
        "title": _plain("What was wrong?"),
        "submit": _plain("Send"),
        "close": _plain("Skip"),
        "blocks": [
            _input("kind", "What was wrong?", {"type": "static_select", "options": options}),
            _input("details", "In your words", _text_field(known.reason if known else "")),
            _input(
                "correction",
                "The right answer, as I should have given it",
                _text_field(known.text if known else ""),
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
    kind = (values.get("kind", {}).get("value") or {}).get("selected_option") or {}
    chosen = str(kind.get("value", ""))
    known = chosen.isdecimal() and int(chosen) < len(REASONS)
    details, correction = _text_of(values, "details"), _text_of(values, "correction")
    answer_id, opened_at, was_filled = _state(body["view"]["private_metadata"])
    return SubmittedForm(
        answer_id=answer_id,
        person=body["user"]["id"],
        opened_at=opened_at,
        was_filled=was_filled,
        reason=": ".join(filter(None, (REASONS[int(chosen)] if known else "", details))),
        correction=correction,
        too_long={
            field: f"This has {len(text):,} characters; at most {_LONGEST:,} are allowed."
            for field, text in (("details", details), ("correction", correction))
            if len(text) > _LONGEST
        },
    )


def _text_of(values: dict[str, Any], field: str) -> str:
    text = str((values.get(field, {}).get("value") or {}).get("value") or "").strip()
    return "" if is_blank(text) else text


def _input(block_id: str, label: str, element: SlackBlock) -> SlackBlock:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": _plain(label),
        "element": element | {"action_id": "value"},
    }


def _text_field(text: str) -> SlackBlock:
    field = {"type": "plain_text_input", "multiline": True, "max_length": _LONGEST}
    return field | ({"initial_value": text[:_LONGEST]} if text else {})


def _state(metadata: str) -> tuple[str, datetime, bool]:
    """The answer's id, when the form was opened, and whether it was filled then.

    A form that an earlier version opened says only the answer's id.
    """
    if not metadata.startswith("{"):
        return metadata, datetime.now(UTC), False
    state = json.loads(metadata)
    opened_at = datetime.fromtimestamp(float(state["at"]), UTC)
    return str(state["answer"]), opened_at, bool(state["filled"])


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
