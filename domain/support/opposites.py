"""Words and limits that are opposites: open and closed, more than and less than."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from domain.support.statement import is_content_word
from domain.support.units import NUMBERS
from domain.support.value import Value
from domain.support.vocabulary import denied, stem

_PAIRS = (
    "more:less more:fewer most:least increase:decrease increases:decreases raise:lower "
    "inside:outside indoors:outdoors left:right top:bottom upper:lower front:rear front:back "
    "larger:smaller bigger:smaller heavier:lighter wider:narrower faster:slower older:younger "
    "thicker:thinner warmer:colder deeper:shallower "
    "top:lowest bottom:highest highest:lowest "
    "morning:afternoon:evening:night first:last hot:cold warm:cold high:low higher:lower "
    "longer:shorter earlier:later before:after above:below internal:external buy:sell push:pull "
    "within:outside in:outside "
    "clockwise:anticlockwise clockwise:counterclockwise horizontal:vertical "
    "upstairs:downstairs north:south east:west positive:negative even:odd wet:dry full:empty "
    "on:off start:stop enable:disable enabled:disabled lock:unlock "
    "input:output import:export upload:download sender:recipient "
    "weekday:weekend:night weekdays:weekends:nights spring:summer:autumn:winter public:private "
    "gross:net cash:card temporary:permanent domestic:international fixed:variable "
    "manual:automatic manually:automatically single:double:triple oral:written minor:major "
    "fresh:frozen mother:father diesel:petrol:electric credit:debit arrival:departure "
    "entrance:exit incoming:outgoing inbound:outbound profit:loss win:lose urban:rural "
    "northern:southern eastern:western forwards:backwards thick:thin strong:weak cheap:expensive "
    "large:small big:small dark:bright old:new old:young after:during after:while "
    "stay:leave remain:leave stays:leaves remains:leaves pass:fail passes:fails passed:failed "
    "male:female adult:child adults:children input:output oiled:dry"
)


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _PAIRS.split():
        words = group.split(":")
        for word in words:
            found.setdefault(word, set()).update(words)
    return {word: frozenset(others - {word}) for word, others in found.items()}


_OPPOSITES = _opposites()
_REFUSING = tuple(
    frozenset(words.split())
    for words in (
        "refuse refused refuses refusal reject rejected rejects rejection decline declined denied "
        "deny denies denial abgelehnt ablehnen ablehnung refusé refusée refus rechazado rechazada",
        "close closes closed closing closure shut shuts geschlossen schließen schließt fermé "
        "fermée ferme fermeture cerrado cerrada cierra cierre",
    )
)
CLOSED = 1
"""Which of them is about being closed."""

_OPEN = frozenset(
    "open opens opened opening offen öffnet geöffnet ouvert ouverte ouvre abierto abierta abre "
    "run runs running available".split()
)
_FREE = frozenset(
    "free complimentary gratis kostenlos kostenfrei gratuit gratuite gratuitement gratuito "
    "gratuita".split()
)
_PAYING = frozenset(map(stem, "pay cost zahlen bezahlen payer payant pagar pago".split()))
_ORDERING = frozenset(
    "before after during while above below earlier later higher lower longer shorter more less "
    "fewer "
    "larger smaller bigger heavier lighter wider narrower faster slower older younger thicker "
    "thinner warmer colder deeper shallower in inside within outside".split()
)
_PRONOUNS = frozenset("it that this them these those".split())
_BEHIND_STATES = frozenset(
    "and or but when if while during at in until unless after before all again for".split()
)
_FIRST_AND_SECOND = ("before", "after")
_REST = frozenset(
    "above below beyond larger smaller higher lower bigger longer shorter heavier lighter "
    "afterwards thereafter otherwise".split()
)
_THEN = frozenset((("after", "that"), ("since", "then"), ("until", "then"), ("before", "that")))
_MOST, _REACH = 10, 5
"""How far behind such a word the word may stand that it belongs to."""
# The first six can change places with the clauses; beside a number the others are its bound.
_TELLING = frozenset(_OPPOSITES) - frozenset(
    "before after during while first last more less fewer most least longer shorter earlier "
    "later above below "
    "higher lower in larger smaller bigger heavier lighter wider narrower faster slower older "
    "younger thicker thinner warmer colder deeper shallower".split()
)


def flips(
    our_words: Sequence[str],
    their_words: Sequence[str],
    our_values: Sequence[Value],
    their_values: Sequence[Value],
) -> int:
    """How many words and limits of ours are the opposite of theirs."""
    ours, theirs = _states(our_words), _states(their_words)
    words = sum(
        not (_OPPOSITES[word] & ours)
        and word not in theirs
        and bool((_OPPOSITES[word] & theirs) - {"in"})
        for word in ours & _TELLING
    )
    limits = sum(
        any(value.equals(its) and value.bound * its.bound < 0 for its in their_values)
        and not any(value.equals(its) and value.bound * its.bound >= 0 for its in their_values)
        for value in our_values
        if value.bound and not value.loose
    )
    return words + limits


def _states(lows: Sequence[str]) -> frozenset[str]:
    """The words, without an ``on`` or ``off`` that is no state: ``on Monday``, ``a day off``."""
    return frozenset(
        word for at, word in enumerate(lows) if word not in ("on", "off") or _is_state(lows, at)
    )


def _is_state(lows: Sequence[str], at: int) -> bool:
    behind = lows[at + 1] if at + 1 < len(lows) else ""
    ends = not behind.isalpha() or behind in _BEHIND_STATES
    return ends and not (at and lows[at - 1] in ("day", "days", "time", "half", "week", "weeks"))


def tells_of_the_rest(lows: Sequence[str]) -> bool:
    """Whether a limit is also told from its other side: ``Anything above goes to the director``."""
    return (
        not _THEN.isdisjoint(pairwise(lows))
        or any(
            word in _REST
            and lows[at - 1 : at] not in (["or"], ["and"])  # "14 days or longer"
            and not any(low == "than" or _is_number(low) for low in lows[at + 1 : at + 4])
            for at, word in enumerate(lows)
        )
    )


def refused(lows: Iterable[str]) -> frozenset[int]:
    """What is refused or closed there; both sides may speak of a refusal, or of closing."""
    return frozenset(n for n, words in enumerate(_REFUSING) if not words.isdisjoint(lows))


def opens(lows: Iterable[str]) -> bool:
    """Whether something is open or runs: without that, what "closes" may as well "end"."""
    return not _OPEN.isdisjoint(lows)


def costs(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether one side says that something is free, and the other one that it is paid for."""
    return any(
        _is_free(some) and not _is_free(others) and not _PAYING.isdisjoint(map(stem, others))
        for some, others in ((ours, theirs), (theirs, ours))
    )


def _is_free(lows: Sequence[str]) -> bool:
    """Whether nothing is paid; one may also be free to do something, or feel free."""
    return any(
        low in _FREE and lows[at - 1 : at] != ["feel"] and lows[at + 1 : at + 2] != ["to"]
        for at, low in enumerate(lows)
    )


def denials(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many words of one side have an ``un`` more than the other, as in ``unannounced``."""
    return sum(
        stem(base) in map(stem, others)
        for some, others in ((ours, theirs), (theirs, ours))
        for base in {denied(some, at) for at, word in enumerate(some) if word not in others} - {""}
    )


def reversals(ours: Sequence[str], theirs: Sequence[str], besides: Sequence[str]) -> int:
    """How often ours says ``before`` of what theirs says ``after`` of, and the like.

    ``besides`` are all words of theirs: what has both may mean another clause.
    """
    mine, its = _relations(ours), _relations(theirs)
    also = {word for word, of in _relations(besides) if of and word != "in"} if mine else set[str]()
    also |= {"after"} if "afterwards" in besides else set()
    also |= {one for one, next_ in pairwise(besides) if next_ in _PRONOUNS}
    return sum(
        word not in also
        and not any(of & its_of for its_word, its_of in its if its_word == word)
        and any(of & its_of for its_word, its_of in its if its_word in _OPPOSITES[word] - _TELLING)
        for word, of in mine
    ) + sum(_are_exchanged(ours, theirs, word) for word in _FIRST_AND_SECOND)


def _are_exchanged(ours: Sequence[str], theirs: Sequence[str], word: str) -> bool:
    """Whether ours says ``A before B``, and theirs ``B before A``."""
    if ours.count(word) != 1 or theirs.count(word) != 1:
        return False
    mine, its = _around(ours, ours.index(word)), _around(theirs, theirs.index(word))
    return bool(mine[0] & its[1] - mine[1] - its[0] and mine[1] & its[0] - mine[0] - its[1])


def _around(lows: Sequence[str], at: int) -> tuple[frozenset[str], frozenset[str]]:
    """The content words before and behind the one at ``at``."""
    return (
        frozenset(map(stem, filter(is_content_word, lows[:at]))),
        frozenset(map(stem, filter(is_content_word, lows[at + 1 :]))),
    )


def _relations(lows: Sequence[str]) -> list[tuple[str, frozenset[str]]]:
    """Each word of an order, with the words behind it that say of what: ``before``, the end."""
    return [
        (
            word,
            frozenset(map(stem, filter(is_content_word, lows[at + 1 : at + _REACH]))),
        )
        for at, word in enumerate(lows)
        if word in _ORDERING
        and not any(map(_is_number, lows[at + 1 : at + 3]))
        and _ORDERING.isdisjoint(lows[at + 1 : at + 2])  # "outside in the yard"
    ][:_MOST]


def _is_number(low: str) -> bool:
    """Whether it is a number, of which the word before is the bound."""
    return low[0].isdigit() or low in NUMBERS
