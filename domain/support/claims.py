"""Which sentences of an answer say something that a passage could support."""

import re

from domain.support.statement import Statement

_YES_AND_NO = frozenset("yes no ja nein oui non sí".split())
_SAYS_NOTHING = re.compile(
    r"(?:sure|of course|certainly|thank|let me know|feel free|(?:i )?hope (?:this|that)"
    r"|if you have (?:any )?(?:other|more|further)|the (?:documents?|passages?) (?:do|does) not)\b"
)


def says_something(text: str, claim: Statement) -> bool:
    """Whether a sentence says anything that a passage could support."""
    lows = {word.low for word in claim.words if not word.is_sign}
    if lows <= _YES_AND_NO or text.endswith("?") or text.startswith("```"):
        return False
    strict = claim.names or any(not value.loose for value in claim.values)
    if not strict and (text.endswith(":") or _SAYS_NOTHING.match(text.casefold())):
        return False
    return bool(strict or claim.stems) or any(one.negations for one in claim.clauses)
