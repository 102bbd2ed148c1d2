"""Whether an answer says Yes to what the rest of its sentence denies."""

from domain.support.polarity import negations
from domain.support.statement import Statement

_YES = frozenset("yes yeah yep sure ja oui sí sim".split())
_POLAR = frozenset(
    "is are was were am do does did can could may might must should shall will would has have had "
    "isn't aren't ok okay allowed".split()
)
_LIMITED = frozenset("but unless except although though only if when until as".split())


def says_yes_and_no(claim: Statement, asked: Statement) -> bool:
    """Whether it is like ``Yes, dogs are not allowed`` to ``Are dogs allowed?``.

    ``Yes, but not on Sundays`` is not, and neither is any answer to a question with a not.
    """
    said = claim.words
    if len(said) < 2 or said[0].low not in _YES or not said[1].is_sign:
        return False
    first = next((word.low for word in asked.words if not word.is_sign), "")
    if first not in _POLAR or negations(asked.words) or not _LIMITED.isdisjoint(claim.lows):
        return False
    return len(negations(said)) % 2 == 1
