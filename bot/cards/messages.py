"""What the bot writes in the thread of a question that an expert was asked."""

from bot.answers.blocks import (
    TEXT,
    Element,
    SlackBlock,
    SlackMessage,
    button,
    rich_text,
    section,
    word,
)
from bot.answers.safe import escape_mrkdwn
from bot.words import Words, words_for, words_of
from domain.cards import Card
from domain.questions import Question
from domain.text import truncate, visible

KEEP_CARD = "keep_card"
"""The action_id of the button that opens the form of a card; its value is the card's id."""

WITHDRAW_CARD = "withdraw_card"
"""The action_id of the button that takes a card back; its value is the card's id."""

_QUESTION, _ASKED, _ANSWER = 300, 1_000, 2_000
"""Characters that are shown; of a question to the expert more."""


def asking_mark(question: Question, expert: str = "") -> str:
    """The mark of the message that asks an expert; without one, what all of them begin with."""
    return f"{question.answer_id}:expert:{expert}"


def offer_mark(card: Card) -> str:
    """The mark of the message that offers to keep what the expert wrote, and then says so."""
    return f"{card.id}:offer"


def words_about(card: Card, question: Question | None) -> Words:
    """The words in which a card is spoken of; ``question`` is gone if it was deleted."""
    return words_of(question) if question else words_for(card.question)


def asking(question: Question, expert: str, asker: str, words: Words) -> SlackMessage:
    """Asks the expert, who is mentioned, what the person with the name ``asker`` asked."""
    said = words.expert_asked.format(asker=asker, question=_line(question.text, _ASKED))
    return _to(expert, said)


def offered(card: Card, question: str, name: str, words: Words) -> SlackMessage:
    """Offers the expert with this name to keep what they wrote."""
    said = words.card_offered.format(name=name, question=_line(question, _QUESTION))
    return _with_buttons(said, button(words.card_keep, KEEP_CARD, card.id))


def kept(card: Card, words: Words) -> SlackMessage:
    """Replaces the offer when the card is verified.

    It shows the answer where nobody is told that in the thread: so a change can be seen.
    """
    said = words.card_kept.format(name=card.name, question=_line(card.question, _QUESTION))
    change = button(words.card_change, KEEP_CARD, card.id)
    withdraw = button(words.card_withdraw, WITHDRAW_CARD, card.id)
    (element,) = withdraw["elements"]
    element["confirm"] = {
        "title": _plain(truncate(words.card_withdraw, 100)),
        "text": _plain(words.card_sure),
        "confirm": _plain(truncate(words.card_withdraw, 30)),
        "deny": _plain(truncate(words.close, 30)),
    }
    message = _with_buttons(said, change | {"elements": [*change["elements"], element]})
    if _is_told(card):
        return message
    answer = truncate(visible(card.answer), _ANSWER)
    quote: Element = {"type": "rich_text_quote", "elements": list(word(answer))}
    shown, buttons = message.blocks
    return SlackMessage(message.text, (rich_text(*shown["elements"], quote), buttons))


def withdrawn(card: Card, words: Words) -> SlackMessage:
    """Replaces the offer when the card was taken back."""
    return _with_buttons(words.card_withdrawn, button(words.card_keep, KEEP_CARD, card.id))


def told(card: Card, words: Words) -> SlackMessage:
    """Tells whoever asked, who is mentioned, what was confirmed."""
    said = words.card_told.format(
        name=card.name,
        question=_line(card.question, _QUESTION),
        answer=truncate(visible(card.answer), _ANSWER),
    )
    return _to(card.asked_by, said)


def _is_told(card: Card) -> bool:
    """Whether the asker is, or was, told in the thread what the card says now."""
    if card.asked_by in ("", card.confirmed_by):
        return False
    if card.confirmed_at is None or card.told_at is None:
        return True
    return card.confirmed_at < card.told_at


def _to(person: str, said: str) -> SlackMessage:
    mention: Element = {"type": "user", "user_id": person}
    blocks = (rich_text(section(mention, *word(f", {said}"))),)
    return SlackMessage(f"<@{person}>, {_brief(said)}", blocks)


def _with_buttons(said: str, buttons: SlackBlock) -> SlackMessage:
    return SlackMessage(_brief(said), (rich_text(section(*word(said))), buttons))


def _brief(said: str) -> str:
    """What notifications show: each character may take five when it is escaped."""
    return escape_mrkdwn(truncate(said, TEXT // 5 - 20))


def _line(text: str, longest: int) -> str:
    return truncate(" ".join(visible(text).split()), longest)


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
