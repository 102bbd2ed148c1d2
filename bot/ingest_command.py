"""Finds out what a request wants: to add documents, to remove some, or to show their state."""

from enum import Enum, auto

from bot.urls import without_urls

_SIGNS = ".,;:!?…&+-–()[]\"'“”’"
_COURTESY = frozenset(
    "add read ingest please pls thanks thank you this that these those the a and also too it them "
    "page pages site file files document documents doc docs link links url urls address addresses "
    "here from for to is are new our my me can could would".split()
)
"""Words that do not change what is wanted. Any other word might mean the opposite."""


class Verb(Enum):
    ADD = auto()
    REMOVE = auto()
    STATUS = auto()
    HELP = auto()
    UNKNOWN = auto()
    """The words are not clear, so nothing is done."""


def verb_of(text: str, *, has_files: bool = False) -> Verb:
    """What ``text`` asks for; it may contain addresses, or come with files."""
    rest = without_urls(text)
    words = [word for each in rest.casefold().split() if (word := each.strip(_SIGNS))]
    has_sources = has_files or rest != text
    if words[:1] == ["ingest"]:
        words = words[1:]
    match words:
        case ["status"] if not has_sources:
            return Verb.STATUS
        case ["help"] if not has_sources:
            return Verb.HELP
        case ["remove", *others] if _COURTESY.issuperset(others):
            return Verb.REMOVE
        case []:
            return Verb.ADD if has_sources else Verb.HELP
    return Verb.ADD if _COURTESY.issuperset(words) else Verb.UNKNOWN
