"""Numbers that name something: ``Python 3.10`` is not ``Python 3.1``, but 3.10 € are 3.1 €."""

from collections.abc import Sequence
from dataclasses import replace

from domain.support.left_out import NUMBERED
from domain.support.tokens import Token
from domain.support.value import Value


def labelled(words: Sequence[Token], values: Sequence[Value]) -> list[Value]:
    """The values, of which those that name something have their digits for a label."""
    return [
        replace(one, label=words[one.at].low) if _is_label(words, one) else one for one in values
    ]


def _is_label(words: Sequence[Token], value: Value) -> bool:
    """Whether it has no unit and stands behind a name, or a word such as ``version``."""
    whole, _, part = words[value.at].low.partition(".")
    if value.measures or not value.at or not (whole.isdecimal() and part.isdecimal()):
        return False
    before = words[value.at - 1]
    is_name = before.text[:1].isupper() and not before.opens
    return is_name or before.low in NUMBERED
