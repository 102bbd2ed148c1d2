"""What of a sentence another language writes alike: numbers with their units, codes and names."""

from dataclasses import dataclass
from functools import cached_property

from domain.support.scripts import is_negated
from domain.support.statement import Statement
from domain.support.value import Value

_TIMES = frozenset(("clock", "weekday", "month"))


@dataclass(frozen=True)
class Read:
    """A sentence, and what of it another language writes alike."""

    text: str
    said: Statement
    head: tuple[Statement, ...] = ()

    @cached_property
    def values(self) -> list[Value]:
        return [value for one in (self.said, *self.head) for value in one.values]

    @cached_property
    def keys(self) -> frozenset[str]:
        return self.said.keys.union(*(one.keys for one in self.head))

    @cached_property
    def sure_names(self) -> frozenset[str]:
        return frozenset(
            name.key for one in (self.said, *self.head) for name in one.names if name.sure
        )

    @cached_property
    def is_negated(self) -> bool:
        return is_negated(self.text) or any(one.negations % 2 for one in self.said.clauses)

    def has(self, value: Value) -> bool:
        """Whether it has that number; one without a unit may be in the unit of its column."""
        units = frozenset[str]().union(*(one.units for one in (self.said, *self.head)))
        return any(
            (value.equals(its) or _are_hours(value, its) or _are_hours(its, value))
            and (its.measures or not value.measures or not units or value.kinds & units)
            for its in self.values
        )

    def turns(self, value: Value) -> bool:
        """Whether that number is the least here, and the most there."""
        if value.kinds & _TIMES:
            return False  # "from Monday to Friday" is not the same order of words everywhere
        return any(value.equals(its) and value.bound * its.bound < 0 for its in self.values)


@dataclass(frozen=True)
class ForeignClaim:
    """What of a sentence of an answer has to stand in a passage."""

    read: Read
    values: tuple[Value, ...]
    codes: frozenset[str]
    names: frozenset[str]
    doubtful: frozenset[str]

    @property
    def has_any(self) -> bool:
        return bool(self.values or self.codes or self.names)

    def count(self, source: Read) -> int:
        """How much of it stands in a sentence of a passage."""
        return sum(map(source.has, self.values)) + len((self.codes | self.names) & source.keys)


def _are_hours(time: Value, hours: Value) -> bool:
    """Whether a time may be a duration, as the French ``deux heures``."""
    lasting = {("duration", 3600 * one) for one in time.raw}
    return "clock" in time.kinds and not lasting.isdisjoint(hours.measures)
