"""Whether a passage contains a text word for word, so that the text is the document's own words."""

from collections.abc import Iterator, Sequence

from domain.function_words import STOPWORDS
from domain.words import words

_ENDS = " \t\n.,;:!?\"'“”„«»‘’()"
_APOSTROPHES = "'’"
_IN_NUMBERS = ".,:/-–"
_SIGNS = "-−–"
_NOT = frozenset(
    "not no never nor neither without cannot except unless "
    "nicht kein keine keinen keinem keiner nie ohne ne pas jamais sans nunca sin".split()
)


def stands_in(text: str, passages: Sequence[str]) -> bool:
    """Whether one of the ``passages`` contains ``text``, in any case and with any blanks.

    Words and numbers must be whole: "5 years" does not stand in "1.5 years" nor in "2-5 years". A
    "not" directly before or behind it would belong to it: "you may" does not stand in "you may not
    smoke". A text without a word that carries meaning stands nowhere.
    """
    wanted = _plain(text).strip(_ENDS)
    if STOPWORDS.issuperset(words(wanted)):
        return False
    return any(
        _is_whole(passage, start, start + len(wanted))
        for passage in map(_plain, passages)
        for start in _places(passage, wanted)
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _places(passage: str, wanted: str) -> Iterator[int]:
    at = passage.find(wanted)
    while at >= 0:
        yield at
        at = passage.find(wanted, at + len(wanted))


def _is_whole(passage: str, start: int, end: int) -> bool:
    before, behind = passage[max(0, start - 40) : start], passage[end : end + 40]
    return not (
        _goes_on(before[::-1], passage[start])
        or _goes_on(behind, passage[end - 1])
        or (before[-1:] in _SIGNS and before[-1:] and passage[start].isdigit())
        or _is_not(_last_word(before))
        or _is_not(_first_word(behind))
    )


def _goes_on(beside: str, edge: str) -> bool:
    """Whether the word or number at an ``edge`` of the text goes on in what is ``beside`` it."""
    first, second = beside[:1], beside[1:2]
    if first.isalnum() or first == "_":
        return edge.isalnum()
    if first and first in _APOSTROPHES:
        is_genitive = second == "s" and not beside[2:3].isalnum()
        return second.isalnum() and edge.isalnum() and not is_genitive
    return bool(first) and first in _IN_NUMBERS and second.isdigit() and edge.isdigit()


def _last_word(before: str) -> str:
    """The word before the text; empty if a sign stands between."""
    cut = before.rstrip(" ")
    return cut.rpartition(" ")[2] if cut[-1:].isalnum() else ""


def _first_word(behind: str) -> str:
    return behind.lstrip(" ").partition(" ")[0].rstrip(".,;:!?)") if behind[:1] == " " else ""


def _is_not(word: str) -> bool:
    return word in _NOT or word.replace("’", "'").endswith("n't")
