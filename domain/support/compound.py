"""Numbers that are written as two: ``an hour and 30 minutes``, ``30 May``."""

from collections.abc import Sequence
from dataclasses import replace

from domain.support.tokens import Token
from domain.support.value import Value


def joined(words: Sequence[Token], found: Sequence[Value]) -> list[Value]:
    """The values, of which ``an hour and 30 minutes`` is one."""
    whole: list[Value] = []
    for one in found:
        last = whole[-1] if whole else None
        between = [word.low for word in words[last.at + 1 : one.at]] if last else []
        if (
            last
            and last.kinds == one.kinds == {"duration"}
            and len(last.measures) == len(one.measures) == 1
            and (between[1:] == ["and"] or (len(between) <= 1 and not one.loose))
        ):
            (long,), (short,) = last.measures, one.measures
            unit = long[1] / max(last.raw, default=1.0)
            if short[1] < unit:
                total = long[1] + short[1]
                whole[-1] = Value(frozenset(), frozenset({("duration", total)}), at=last.at)
                continue
        whole.append(one)
    return whole


def dated(found: Sequence[Value]) -> list[Value]:
    """The values, of which the day of a month has its month: ``30 May`` is no ``30 September``."""
    months = {
        one.at: month
        for one in found
        for kind, month in one.measures
        if kind == "month" and not one.raw
    }
    whole = []
    for one in found:
        month = next((months[one.at + n] for n in (1, -1, 2) if one.at + n in months), 0.0)
        if month and not one.measures and one.raw and all(1 <= day <= 31 for day in one.raw):
            one = replace(one, measures=frozenset(("date", 100 * month + day) for day in one.raw))
        whole.append(one)
    return whole
