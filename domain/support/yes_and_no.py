"""What the Yes or No that an answer begins with says of the question.

So do the answers that a passage has to questions of its own, as in an FAQ.
"""

from collections.abc import Sequence

from domain.support.polarity import negations
from domain.support.statement import Statement
from domain.support.tokens import Token

_YES = frozenset("yes yeah yep sure ja oui sí sim हाँ हां".split())
_NO = frozenset("no nope nein non não नहीं".split())
_NOTS = frozenset("not nicht pas".split())
_SOFTENING = frozenset("unfortunately sorry leider malheureusement désolé desgraciadamente".split())
"""What may stand before a Yes, a No or a not, and says nothing."""

_LABELS = frozenset("q question a answer f frage antwort réponse p pregunta r respuesta".split())
_NOT_POLAR = frozenset(
    "who whom whose what which when where why how wer wen wem was welche welcher welches wann wo "
    "warum wie qui quel quelle quand où pourquoi comment quién qué cuál cuándo dónde cómo".split()
)
"""Words of questions that Yes and No do not answer."""

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


def answered(question: Sequence[Token], words: Sequence[Token]) -> tuple[Token, ...]:
    """The first sentence below a question of a passage, with what its Yes or No says; or nothing.

    ``No, they bring their own`` below ``Do contractors get a laptop?`` says: ``do not contractors
    get a laptop, they bring their own``.
    """
    asked = [word for word in _without_label(question) if word.text != "?"]
    said = _without_label(words)
    at = next((n for n, word in enumerate(said) if not _is_softening(word)), len(said))
    low, behind = "".join(word.low for word in said[at : at + 1]), said[at + 1 :]
    is_alone = not behind or behind[0].is_sign
    denies = bool(asked) and ((low in _NO and is_alone) or (low in _NOTS and bool(negations(said))))
    affirms = bool(asked) and low in _YES and is_alone
    is_polar = _NOT_POLAR.isdisjoint(word.low for word in asked) and not negations(asked)
    if not is_polar or not (denies or affirms):
        return ()
    told = [asked[0], _NOT, *asked[1:]] if denies else asked
    return (*told, *behind)


def _without_label(words: Sequence[Token]) -> Sequence[Token]:
    """The words without a ``Q:`` or ``Answer:``."""
    is_labelled = len(words) > 1 and words[0].low in _LABELS and words[1].text == ":"
    return words[2:] if is_labelled else words


def _is_softening(word: Token) -> bool:
    return word.is_sign or word.low in _SOFTENING


def _is_polar(asked: Statement) -> bool:
    """Whether a question is answered by Yes or No, and has no not."""
    first = next((word.low for word in asked.words if not word.is_sign), "")
    return first in _POLAR and not negations(asked.words)


def _begins_with(claim: Statement, some: frozenset[str]) -> bool:
    said = claim.words
    return len(said) > 1 and said[0].low in some and said[1].is_sign
