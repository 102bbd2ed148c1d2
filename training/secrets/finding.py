"""What a text, a training row or a line of a report holds that nobody may learn from it."""

import re
from collections.abc import Iterable
from functools import lru_cache

from domain.adapters import Example
from domain.prompt import REFUSAL
from training.secrets.keys import holds_key
from training.secrets.kinds import Held
from training.secrets.passwords import holds_code, holds_password, tells_code, tells_password
from training.secrets.personal import (
    holds_account,
    holds_card,
    holds_email,
    holds_identity,
    holds_phone,
)

_SECRETS = ((Held.KEY, holds_key), (Held.PASSWORD, holds_password), (Held.CODE, holds_code))
_PERSONAL = (
    (Held.CARD, holds_card),
    (Held.ACCOUNT, holds_account),
    (Held.IDENTITY, holds_identity),
    (Held.PHONE, holds_phone),
    (Held.EMAIL, holds_email),
)

_DIGIT_OR_ADDRESS = re.compile(r"[\d@]|\bat\b|\bät\b", re.IGNORECASE)
"""What all personal data that is looked for has: a mail address may be spelt."""


@lru_cache(maxsize=2_048)  # many rows share a passage
def secret_in(text: str) -> Held | None:
    """The first kind of secret that ``text`` holds: what opens a door, a system or an account."""
    return next((kind for kind, holds in _SECRETS if holds(text)), None)


def held_by(text: str) -> Held | None:
    """The first kind of secret or personal data that ``text`` holds."""
    if found := secret_in(text):
        return found
    if not _DIGIT_OR_ADDRESS.search(text):
        return None
    return next((kind for kind, holds in _PERSONAL if holds(text)), None)


def told(question: str, answer: str) -> Held | None:
    """What an answer tells together with its question, as ``4711`` to a question for a code."""
    if answer == REFUSAL:
        return None
    if tells_code(question, answer):
        return Held.CODE
    if tells_password(question, answer):
        return Held.PASSWORD
    # The number alone does not say that it is a person's, and the question does.
    return Held.PHONE if holds_phone(f"{' '.join(question.split())} {answer}") else None


def held_by_row(row: Example) -> Held | None:
    """What a training row holds.

    The question, its history and the answer are learned, so they hold nothing. Passages may have
    the phone number of a person, since they are only read; but no secret, which an answer could
    quote.
    """
    said = (turn.content for turn in row.prompt[1:-1])
    return (
        _first(held_by(text) for text in (row.completion, row.question, *said))
        or told(row.question, row.completion)
        or _first(secret_in(passage.text) for passage in row.passages)
    )


def shown(text: str, question: str = "") -> str:
    """``text`` as a report may show it: only the kind of what it holds, if it holds any."""
    held = held_by(text) or (told(question, text) if question else None)
    return f"(holds {held})" if held else text


def _first(found: Iterable[Held | None]) -> Held | None:
    return next((held for held in found if held), None)
