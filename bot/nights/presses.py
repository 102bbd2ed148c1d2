"""The buttons with which admins decide about adapters, and what a press on one says."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.answers.blocks import SlackBlock
from domain.adapters import ANY_ADAPTER, ChangeKind
from domain.errors import RecordsError

DECIDES = re.compile("^adapter_")
"""The action_ids of the buttons; the kind of change follows."""

CHOOSE = "choose_adapter"
"""The action_id of the button that opens the form in which an adapter is chosen."""

_VERSION = 1

_LABELS = {
    ChangeKind.APPROVE: "Approve",
    ChangeKind.HOLD: "Hold",
    ChangeKind.LIFT: "Lift the hold",
    ChangeKind.ROLLBACK: "Roll back",
}

_PRESSED = frozenset([ChangeKind.PROMOTE, *_LABELS])


@dataclass(frozen=True, slots=True)
class AdapterPress:
    """What somebody wants. ``seen`` is the newest adapter that answered when the button was shown:
    the one on trial, or else the live one.
    """

    kind: ChangeKind
    adapter: str = ""
    seen: str | None = None

    def __str__(self) -> str:
        return json.dumps(
            {
                "version": _VERSION,
                "kind": self.kind,
                "adapter": self.adapter,
                "seen": self.seen,
            }
        )


def adapter_press(text: str) -> AdapterPress | None:
    """The press that ``str`` wrote; None for any other text."""
    try:
        fields = json.loads(text)
        kind, adapter, seen = ChangeKind(fields["kind"]), fields["adapter"], fields["seen"]
    except (ValueError, KeyError, TypeError):
        return None
    if fields.get("version") != _VERSION:
        raise RecordsError("A newer version of phi3 showed this button: update phi3.")
    if not isinstance(adapter, str) or not isinstance(seen, str | None):
        return None
    if kind not in _PRESSED or seen == ANY_ADAPTER:
        return None
    return AdapterPress(kind, adapter, seen)


def buttons(presses: Iterable[AdapterPress]) -> SlackBlock:
    """A row of buttons; there must be at least one."""
    return {"type": "actions", "elements": [_button(press) for press in presses]}


def choose_button(seen: str | None) -> SlackBlock:
    """The button *Promote…*, an element of a row."""
    value = str(AdapterPress(ChangeKind.PROMOTE, "", seen))
    return {
        "type": "button",
        "action_id": CHOOSE,
        "text": _plain("Promote…"),
        "value": value,
    }


def _button(press: AdapterPress) -> SlackBlock:
    made: SlackBlock = {
        "type": "button",
        "action_id": f"adapter_{press.kind}",
        "text": _plain(_LABELS[press.kind]),
        "value": str(press),
    }
    if press.kind is ChangeKind.APPROVE:
        made["style"] = "primary"
    if press.kind is ChangeKind.ROLLBACK:
        now = f"{press.seen} stops answering" if press.seen else "The adapter stops answering"
        made["style"] = "danger"
        made["confirm"] = {
            "title": _plain("Roll back?"),
            "text": _plain(
                f"{now}, and what answered before it answers all from the next question on."
            ),
            "confirm": _plain("Roll back"),
            "deny": _plain("Cancel"),
        }
    return made


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text[:300]}
