"""What a person sees in the bot's Home tab: their questions, and what is done with them."""

from collections.abc import Iterable, Mapping, Sequence

from bot.answers.blocks import (
    Element,
    SlackBlock,
    button,
    heading,
    link,
    rich_text,
    section,
    word,
)
from bot.slack.message_ref import is_message_ref, message_ref
from domain.blocks import Where
from domain.cards import Card
from domain.gaps import same_words
from domain.links import THREAD, link_to
from domain.questions import RatedAnswer
from domain.text import truncate, visible

TRAINING = "home_training"
"""The action_id of the button that changes whether the night trains on what a person asks."""

DELETION = "home_deletion"
"""The action_id of the button that deletes everything about the person."""

KEEP_OUT, TAKE_IN = "keep out", "take in"
"""The values of that button."""

QUESTIONS = 10
"""How many questions are shown."""

_QUESTION, _ANSWER = 150, 300
NO_CARDS: Mapping[str, Card] = {}

_NONE = "You have asked nothing yet: write to me, or mention me in a channel."
_TRAINED = (
    "At night the model may learn from answers that everyone can read and that were rated good or "
    "corrected. That includes your questions, ratings and corrections, and answers that you "
    "confirmed."
)
_KEPT_OUT = (
    "The nights train on nothing that you ask, rate or correct, from the next one on. Your ratings "
    "are still counted."
)
_SURE = (
    "Your questions with their answers, your ratings, your corrections and the answers that you "
    "confirmed are deleted for good. Messages in Slack stay."
)
_CHOOSE_AGAIN = " So is your choice that nothing is trained on: make it again if you come back."


def home_view(
    asked: Sequence[RatedAnswer],
    *,
    may_train: bool,
    workspace: str = "",
    confirmed: Mapping[str, Card] = NO_CARDS,
) -> SlackBlock:
    """``asked`` has the person's latest questions, newest first; ``workspace`` is its address.

    ``confirmed`` has what experts answered since, by the questions' ids.
    """
    rows = [_row(one, workspace, confirmed.get(one.question.id)) for one in asked[:QUESTIONS]]
    blocks = [
        heading("My questions"),
        *(rich_text(row) for row in rows or [section(*word(_NONE))]),
        {"type": "divider"},
        heading("My data"),
        rich_text(section(*word(_TRAINED if may_train else _KEPT_OUT))),
        button("Do not train on mine", TRAINING, KEEP_OUT)
        if may_train
        else button("Train on mine again", TRAINING, TAKE_IN),
        _delete_button(_SURE if may_train else _SURE + _CHOOSE_AGAIN),
    ]
    return {"type": "home", "blocks": blocks}


def _delete_button(sure: str) -> SlackBlock:
    block = button("Delete everything about me", DELETION, "delete")
    block["elements"][0] |= {
        "style": "danger",
        "confirm": {
            "title": _plain("Delete everything?"),
            "text": _plain(sure),
            "confirm": _plain("Delete"),
            "deny": _plain("Cancel"),
        },
    }
    return block


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}


def latest_of_each(asked: Iterable[RatedAnswer]) -> list[RatedAnswer]:
    """The first of those that ask the same: what is asked again has another answer by then."""
    found: dict[str, RatedAnswer] = {}
    for one in asked:
        found.setdefault(same_words(one.question.text), one)
    return list(found.values())


def _row(one: RatedAnswer, workspace: str, card: Card | None) -> Element:
    asked = truncate(" ".join(one.question.text.split()), _QUESTION) or "…"
    said = (
        f"{card.name or 'An expert'} answered: {visible(card.answer)}" if card else one.answer.text
    )
    told = truncate(" ".join(said.split()), _ANSWER)
    address = _address(one, workspace)
    shown = [link(address, asked)] if address else list(word(asked, bold=True))
    return section(*shown, *word(f"\n{told}"))


def _address(one: RatedAnswer, workspace: str) -> str | None:
    if not is_message_ref(one.question.id):
        return None
    at = message_ref(one.question.id)
    thread = message_ref(one.question.place).ts or at.ts
    uri = f"{THREAD}:{at.team}:{at.channel}:{thread}"
    return link_to(uri, Where(anchor=at.ts), workspace)
