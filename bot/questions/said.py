"""What a message says to the bot: what is asked, and whether its person wants it for themselves."""

from dataclasses import dataclass

from bot.private.wish import without_wish
from bot.questions.manners import Manner, manner


@dataclass(frozen=True, slots=True)
class Said:
    """``text`` is what is asked, without the wish; empty unless the manner is OTHER.

    ``is_private``: the person wants the answer for themselves alone.
    """

    manner: Manner
    text: str
    is_private: bool


def said(text: str, *, has_files: bool = False, may_wish: bool = False) -> Said:
    """``may_wish``: others would read the answer, and the words are for the bot."""
    asked, is_private = without_wish(text) if may_wish else (text, False)
    how = Manner.OTHER if has_files else manner(asked)
    is_asked = how is Manner.OTHER
    return Said(how, asked if is_asked else "", is_private and is_asked)
