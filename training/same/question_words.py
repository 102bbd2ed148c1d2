"""Finds what a question asks for: a person, a place, a time, whether something is allowed, …

``What is the deadline?`` asks for a time as ``When is the deadline?`` does, and ``What does it
cost?`` is ``How much is it?``. A question without a question word, as people type into a search,
asks what something is.
"""

import re
from enum import StrEnum


class Kind(StrEnum):
    """What is asked for. MAY, MUST and IS are answered by yes or no."""

    WHAT = "what"
    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    WHY = "why"
    HOW = "how"
    HOW_LONG = "how long"
    HOW_OFTEN = "how often"
    HOW_MANY = "how many"
    HOW_MUCH = "how much"
    DO_IF = "what to do"
    HAPPENS = "what happens"
    MAY = "may"
    MUST = "must"
    IS = "is"

    @property
    def is_yes_or_no(self) -> bool:
        return self in (Kind.MAY, Kind.MUST, Kind.IS)


_BE = r"(?:is|are|was|were|would be|will be|be|s)"
_DO = r"(?:do|does|should|must|can|could|shall|would|will|have|has|am|are|need)"
_WE = r"(?:i|we|you|one|people|someone|somebody|anyone|staff|he|she|they)"
_THE = r"(?:the |our |your |a |an )?(?:right |best |correct |proper |usual |exact |easiest )?"
_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)"

# The first that is found at a place counts; what stands there is no content of the question.
_WORDED: tuple[tuple[str, Kind, str], ...] = (
    (
        rf"what {_DO} {_WE} (?:(?:have|need) to )?do (?:if|when|after|in case|about|with|now)",
        Kind.DO_IF,
        "",
    ),
    (r"what (?:to do|now)(?: if| when| after| in case| about| with)?", Kind.DO_IF, ""),
    (rf"what {_DO} {_WE} (?:(?:have|need) to )?do (?:to|for)", Kind.HOW, ""),
    (rf"what {_DO} {_WE} (?:(?:have|need) to )?do", Kind.DO_IF, ""),
    (
        r"what (?:happens|will happen|would happen|happened)(?: if| when| to| after| in case)?",
        Kind.HAPPENS,
        "",
    ),
    (rf"what {_BE} {_THE}(?:way|procedure|process|method|steps?) (?:to|for|of)", Kind.HOW, ""),
    (r"(?:what|which) (?:steps|procedure|process)", Kind.HOW, ""),
    (r"in (?:what|which) way", Kind.HOW, ""),
    (
        rf"(?:what {_BE} {_THE}reason(?:s)?|(?:for )?what reasons?|how come|"
        rf"whats the reason)(?: for| that)?",
        Kind.WHY,
        "",
    ),
    (rf"what {_BE} {_THE}(?:total )?number of|what number of", Kind.HOW_MANY, ""),
    (rf"what {_BE} the (?:maximum|max|most) number of", Kind.HOW_MANY, "maximum"),
    (r"how (?:many times|often|frequently|regularly)|at what intervals?", Kind.HOW_OFTEN, ""),
    (rf"how long|how (?:many|much) (?:{_TIME}|time)(?! of\b)", Kind.HOW_LONG, ""),
    (rf"what {_BE} {_THE}duration of", Kind.HOW_LONG, ""),
    (r"how many", Kind.HOW_MANY, ""),
    (r"how much", Kind.HOW_MUCH, ""),
    (
        r"(?:by|before) (?:when|what time|what date|which date)|what is the latest|"
        r"whats the latest",
        Kind.WHEN,
        "deadline",
    ),
    (r"(?:until|till|til) (?:when|what time)|how late", Kind.WHEN, "until"),
    (r"how early|whats the earliest|what is the earliest", Kind.WHEN, "earliest"),
    (
        r"how soon|(?:at |on |from |in )?(?:what|which) (?:times?|dates?|days?|month|year)",
        Kind.WHEN,
        "",
    ),
    (
        rf"(?:what {_BE} |whats )?{_THE}(?:opening hours|opening times|business hours|"
        rf"hours of operation)(?: of| for)?",
        Kind.WHEN,
        "open",
    ),
    (
        r"(?:(?:in|on|at|to|from) )?(?:what|which) (?:place|location|room|floor|building|spot|"
        r"town|city|country)",
        Kind.WHERE,
        "",
    ),
    (r"(?:what|which) (?:person|people|colleague|department|team|one of us)", Kind.WHO, ""),
    (r"how old", Kind.WHAT, "age"),
    (r"how (?:tall|high)", Kind.WHAT, "height"),
    (r"how (?:heavy)", Kind.WHAT, "weight"),
    (r"how (?:big|large|small)", Kind.WHAT, "size"),
    (r"how wide", Kind.WHAT, "width"),
    (r"how far", Kind.WHAT, "distance"),
    (r"how deep", Kind.WHAT, "depth"),
    (r"how (?:hot|warm|cold)", Kind.WHAT, "temperature"),
    (r"how fast", Kind.WHAT, "speed"),
    (r"(?:how|what) about", Kind.WHAT, ""),
    (r"why|wherefore", Kind.WHY, ""),
    (r"who|whom|whose", Kind.WHO, ""),
    (
        rf"where(?= (?:{_DO}|{_BE}|did|to|exactly|abouts)\b)|where\Z|wheres|whereabouts",
        Kind.WHERE,
        "",
    ),
    (rf"when(?= (?:{_DO}|{_BE}|did|may|exactly)\b)|when\Z|whens", Kind.WHEN, ""),
    (r"how|hows", Kind.HOW, ""),
    (r"what|whats|which", Kind.WHAT, ""),
)
_FIRST = (
    "what|whats|which|how|hows|why|wherefore|who|whom|whose|where|wheres|whereabouts|when|whens|in|"
    "for|at|on|from|to|by|before|until|till|til|the|our|your|a|an|opening|business|hours"
)
_QUESTION_WORD = re.compile(
    rf"(?<= )(?=(?:{_FIRST}) )(?:"
    + "|".join(
        rf"(?P<w{n}>{worded})(?= )".replace(r"\Z", r"(?= \Z)")
        for n, (worded, _, _) in enumerate(_WORDED)
    )
    + ")"
)
_WEAK = re.compile(r"(?<= )(when|where)(?= )")
_WEAK_KINDS = {"when": Kind.WHEN, "where": Kind.WHERE}

_ASKS_IF = frozenset(
    "is are was were am do does did can could may might must should shall will would has have if "
    "whether isnt arent dont doesnt cant couldnt shouldnt need".split()
)
_MAY = re.compile(
    r"(?<= )(?:may|might|can|could|allowed|allow|allows|permitted|permit to|permissible|possible|"
    r"ok|okay|fine to|able to|forbidden|prohibited|banned|acceptable)(?= )"
)
_MUST = re.compile(
    r"(?<= )(?:must|have to|has to|need|needs|needed|required|requires|require|mandatory|"
    r"obligatory|"
    r"compulsory|necessary|obliged|supposed to|should|shall|obligation)(?= )"
)
_STATED = re.compile(
    r"(?<= )(?:allowed|permitted|forbidden|prohibited|banned|mandatory|compulsory|obligatory|"
    r"required)(?= )"
)


def kind_of(text: str) -> tuple[Kind, str]:
    """What is asked, and ``text`` without the words that say it.

    ``text`` is in lower case, has one blank between two words, and one before and behind all.
    """
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    if first in _ASKS_IF and not (first in ("if", "have") and _QUESTION_WORD.search(text)):
        return _yes_or_no(text), text
    if found := _QUESTION_WORD.search(text):
        assert found.lastgroup
        _, kind, stands = _WORDED[int(found.lastgroup[1:])]
        return kind, f"{text[: found.start()]}{stands}{text[found.end() :]}"
    if weak := _WEAK.search(text):
        return _WEAK_KINDS[weak[1]], f"{text[: weak.start()]}{text[weak.end() :]}"
    return (_yes_or_no(text) if _STATED.search(text) else Kind.WHAT), text


def may(text: str) -> bool:
    """Whether ``text`` asks for what is possible or allowed."""
    return _MAY.search(text) is not None


def must(text: str) -> bool:
    """Whether ``text`` asks for what is needed."""
    return _MUST.search(text) is not None


def _yes_or_no(text: str) -> Kind:
    allowed, needed = _MAY.search(text), _MUST.search(text)
    if needed and not (allowed and allowed.start() < needed.start()):
        return Kind.MUST
    return Kind.MAY if allowed else Kind.IS
