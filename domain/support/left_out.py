"""Numbers that leave out their unit: ``Beans rest four days, blends ten`` means ten days."""

from collections.abc import Sequence
from dataclasses import replace

from domain.support.tokens import Token
from domain.support.value import Value

_NOT_LEFT_OUT = frozenset(("clock", "weekday", "date", "month", "ordinal", "times", "colour"))
_ENDING = frozenset(",;")
NUMBERED = frozenset(
    "line lines room rooms row rows hall gate dock wing building zone section block type class "
    "group category part form box plan ward platform option level grade bay lane shift team tier "
    "step channel phase version release page car track floor table no number nr cabin chapter "
    "figure point item article clause stage unit batch extension".split()
)
"""Words before a number that names one of several."""

_BINDING = NUMBERED | frozenset("until to and or between week day year month under over".split())
"""Words before a number that has no unit there."""


def with_unit_before(words: Sequence[Token], values: Sequence[Value]) -> list[Value]:
    """The values, of which those that leave out their unit have that of the one before."""
    told: list[Value] = []
    before: Value | None = None
    for value in values:
        if before and _leaves_out_unit(words, value):
            told.append(_in_unit_of(before, value))
            continue
        if value.measures and not value.loose:
            is_plain = len(value.raw) == 1 and 0.0 not in value.raw
            before = value if is_plain and not value.kinds & _NOT_LEFT_OUT else None
        told.append(value)
    return told


def _in_unit_of(before: Value, value: Value) -> Value:
    (amount,), (its,) = value.raw, before.raw
    return replace(
        value, measures=frozenset((kind, amount * all_ / its) for kind, all_ in before.measures)
    )


def _leaves_out_unit(words: Sequence[Token], value: Value) -> bool:
    """Whether it is a number alone where a part of the sentence ends, and no label: ``room 5``."""
    if value.measures or value.loose or len(value.raw) != 1 or not value.at:
        return False
    before, behind = words[value.at - 1], words[value.at + 1 : value.at + 2]
    is_label = not before.low.isalpha() or before.text[:1].isupper() or before.low in _BINDING
    return not is_label and (not behind or behind[0].low in _ENDING)
