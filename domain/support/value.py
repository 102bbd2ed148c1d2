"""One number of a sentence: what it can mean, and whether another one means the same."""

from dataclasses import dataclass

from domain.support.units import CURRENCIES, UNITS

Measure = tuple[str, float]
"""What is measured, and how much of it in that dimension's smallest unit."""

_SCALES_OF_HEAT = ("temperature in °C", "temperature in °F")
_EXACT = 1e-14
"""How much of itself a number may differ for how it is reckoned: 20481733 is no 20481734."""


@dataclass(frozen=True, slots=True)
class Value:
    """One number. ``raw`` are the amounts as written, ``measures`` what they mean with a unit.

    There are several where a number can be read in more than one way, as ``1.000`` and ``3/4``.
    ``loose`` values, such as ``a day``, may be left out and added. ``bound`` is 1 for at least and
    -1 for at most. ``at`` is the token behind which it stands. ``label`` are its digits if they
    name something, as in ``Python 3.10``, which is no ``Python 3.1``.
    """

    raw: frozenset[float]
    measures: frozenset[Measure] = frozenset()
    loose: bool = False
    bound: int = 0
    at: int = 0
    label: str = ""

    def equals(self, other: "Value") -> bool:
        """Whether both can mean the same; a number without a unit can have any."""
        if self.label and other.label:
            return self.label == other.label
        if self.measures and other.measures:
            return any(
                kind == its_kind and same(amount, its_amount)
                for kind, amount in self.measures
                for its_kind, its_amount in other.measures
            )
        return any(same(one, its) for one in self.raw for its in other.raw)

    @property
    def scales(self) -> frozenset[str]:
        """The dimensions, in which months are a time as days are."""
        return self.kinds | {"duration"} if "months" in self.kinds else self.kinds

    @property
    def kinds(self) -> frozenset[str]:
        """The dimensions; ``number`` for one without a unit."""
        return frozenset(kind for kind, _ in self.measures) or frozenset(("number",))


def measured(amount: frozenset[float], unit: str) -> Value:
    """``amount`` of ``unit``; degrees can be of any scale, and no price has three decimals."""
    dimension, factor = UNITS[unit]
    if dimension in CURRENCIES:
        amount = frozenset((max(amount, key=abs),))
    can_be = ("degrees", *_SCALES_OF_HEAT) if dimension == "degrees" else (dimension,)
    return Value(amount, frozenset((each, one * factor) for one in amount for each in can_be))


def loose(measure: Measure) -> Value:
    """A number that may be left out: ``a day``."""
    return Value(frozenset((1.0,)), frozenset({measure}), loose=True)


def same(one: float, other: float) -> bool:
    """Whether two amounts are the same, however they were reckoned."""
    return abs(one - other) <= _EXACT * max(1.0, abs(one), abs(other))
