"""The part of a passage that is shown in place of an answer."""

from domain.questions import Passage
from domain.support.check import Checker

LONGEST = 400
"""Characters of an excerpt."""

_WORD = 40
"""A word is not cut within so many characters; longer ones, and scripts without blanks, are."""


def excerpt(question: str, passage: Passage, room: int = LONGEST) -> str:
    """At most ``room`` characters around the sentence that has most of the question's words.

    What is left out before or behind is shown as ``…``, and white space as single blanks.
    """
    text = passage.text
    if len(text) <= room:
        return " ".join(text.split())
    nearest = Checker([passage], question).nearest_in(passage)
    middle = (nearest.span.start + nearest.span.end) // 2 if nearest else 0
    room -= len("…  …")
    start = min(max(middle - room // 2, 0), len(text) - room)
    end = start + room
    if start and (blank := text.find(" ", start, start + _WORD)) >= 0:
        start = blank
    if end < len(text) and (blank := text.rfind(" ", end - _WORD, end)) > start:
        end = blank
    shown = " ".join(text[start:end].split())
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"
