"""What the Yes or No that an answer begins with says of the question."""

from collections.abc import Sequence

from domain.support.polarity import negations
from domain.support.statement import Statement
from domain.support.tokens import Token

_YES = frozenset("yes yeah yep sure ja oui sí sim".split())
_NO = frozenset("no nope nein non não".split())
_POLAR = frozenset(
    "is are was were am do does did can could may might must should shall will would has have had "
    "isn't aren't ok okay allowed".split()
)
_LIMITED = frozenset("but unless except although though only if when until as".split())
_NOT = Token("not", "not", opens=False)


def says_yes_and_no(claim: Statement, asked: Statement) -> bool:
    """Whether it is like ``Yes, dogs are not allowed`` to ``Are dogs allowed?``.

    ``Yes, but not on Sundays`` is not, and neither is any answer to a question with a not.
    """
    if not _is_polar(asked) or not _begins_with(claim, _YES):
        return False
    return _LIMITED.isdisjoint(claim.lows) and len(negations(claim.words)) % 2 == 1


def implied(claim: Statement, asked: Statement) -> Sequence[Token]:
    """The question as a sentence that a Yes or No at the beginning says; empty if none is there.

    ``No, the hall is closed`` to ``May dogs enter?`` says: ``may dogs not enter``.
    """
    if not _is_polar(asked) or not _begins_with(claim, _YES | _NO):
        return ()
    said = [word for word in asked.words if word.text != "?"]
    return [said[0], _NOT, *said[1:]] if claim.words[0].low in _NO else said


def _is_polar(asked: Statement) -> bool:
    """Whether a question is answered by Yes or No, and has no not."""
    first = next((word.low for word in asked.words if not word.is_sign), "")
    return first in _POLAR and not negations(asked.words)


def _begins_with(claim: Statement, some: frozenset[str]) -> bool:
    said = claim.words
    return len(said) > 1 and said[0].low in some and said[1].is_sign
