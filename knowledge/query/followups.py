"""Makes a follow-up question one that can be searched for alone."""

from domain.questions import Question
from domain.words import words

_SHORT = 8
_REFERRING = 14
_TURN = 300
_REFERS = frozenset(
    "it its that those these this they them their he she him her one ones same instead else "
    "there then such both either neither "
    "davon dafür dazu dieser dieses dort cela ça celui celle ceux eso esto ese esos "
    "それ その これ この 这个 那个 它们 这些 那些".split()
)


def standalone_question(question: Question) -> str:
    """What to search for: the question, with the earlier turns before it if it refers to them.

    A short question, or one with a word like "that", refers to them. A long one says what it is
    about; then the earlier turns would only lead the search to an earlier topic.
    """
    if not (question.history and _refers_back(question.text)):
        return question.text
    turns = question.history[-2:]
    return "\n".join([*(turn.content[:_TURN] for turn in turns), question.text])


def _refers_back(text: str) -> bool:
    found = [word.lower() for word in words(text)]
    return len(found) <= _SHORT or (len(found) <= _REFERRING and not _REFERS.isdisjoint(found))
