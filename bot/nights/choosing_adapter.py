"""The form in which an admin chooses the adapter that is to answer."""

from collections.abc import Sequence

from bot.answers.blocks import SlackBlock
from bot.nights.presses import AdapterPress, adapter_press
from bot.slack.events import Payload
from domain.adapters import Adapter, AdapterState, ChangeKind
from domain.text import truncate

ADAPTER_FORM = "adapter_form"
"""The form's callback_id."""

MOST = 25
"""How many adapters can be chosen from."""

_NAME = "adapter"

_ONCE = {
    AdapterState.HELD: "waits for an approval",
    AdapterState.CANARY: "on trial",
    AdapterState.RETIRED: "answered before",
}


def adapter_form(adapters: Sequence[Adapter], seen: str | None) -> SlackBlock:
    """``adapters`` are at least one; their names are short enough to be a value."""
    return {
        "type": "modal",
        "callback_id": ADAPTER_FORM,
        "private_metadata": str(AdapterPress(ChangeKind.PROMOTE, "", seen)),
        "title": _plain("Promote an adapter"),
        "submit": _plain("Promote"),
        "close": _plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": _NAME,
                "label": _plain("Which adapter answers from the next question on?"),
                "element": {
                    "type": "static_select",
                    "action_id": _NAME,
                    "options": [_option(one) for one in adapters[:MOST]],
                },
                "hint": _plain(f"Now {seen or 'the model as it was installed'} answers."),
            }
        ],
    }


def no_adapter_form() -> SlackBlock:
    return {
        "type": "modal",
        "title": _plain("Promote an adapter"),
        "close": _plain("Close"),
        "blocks": [
            {
                "type": "section",
                "text": _plain("There is no other adapter that could answer: no night made one."),
            }
        ],
    }


def filled_adapter_form(body: Payload) -> AdapterPress | None:
    view = body["view"]
    known = adapter_press(str(view.get("private_metadata") or ""))
    chosen = view["state"]["values"][_NAME][_NAME].get("selected_option") or {}
    name = str(chosen.get("value") or "")
    return AdapterPress(ChangeKind.PROMOTE, name, known.seen) if known and name else None


def _option(adapter: Adapter) -> SlackBlock:
    about = f"{adapter.name}, {_ONCE.get(adapter.state, adapter.state)}"
    return {"text": _plain(truncate(about, 75)), "value": adapter.name[:150]}


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text[:2_000]}
