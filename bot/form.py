"""The form that 👎 opens: what was wrong, and what would be right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.blocks import SlackBlock, rich
from bot.events import Payload
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
    reason: str
    correction: str
    too_long: Mapping[str, str]
    """The message for each field whose text is too long."""


def form(answer_id: str) -> SlackBlock:
    """The form that asks what was wrong and what would be right."""
    options = [{"text": _plain(reason), "value": str(n)} for n, reason in enumerate(REASONS)]
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": answer_id,
        "title": _plain("What was wrong?"),
        "submit": _plain("Send"),
        "close": _plain("Skip"),
        "blocks": [
            _input("kind", "What was wrong?", {"type": "static_select", "options": options}),
            _input("details", "In your words", _text_field()),
            _input("correction", "The right answer, as I should have given it", _text_field()),
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
    return SubmittedForm(
        answer_id=body["view"]["private_metadata"],
        person=body["user"]["id"],
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


def _text_field() -> SlackBlock:
    return {"type": "plain_text_input", "multiline": True, "max_length": _LONGEST}


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
