"""Numbers the passages that support the sentences of an answer, and marks what none supports.

The model is not asked to number its sources: small models invent numbers, and an invented number
looks like proof. Instead `domain.support` compares each sentence of the answer with the passages
that the model was shown.
"""

import re
from collections import deque
from collections.abc import Sequence

from domain.markdown import Markdown
from domain.questions import Citation, Passage, Sentence
from domain.support.check import Checked, Checker
from domain.support.sources import Source

_LINE = re.compile(r"^([ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+)?(.+)$", re.MULTILINE)


def cite(text: str, passages: Sequence[Passage], question: str = "") -> tuple[Citation, ...]:
    """The numbered sources of ``text``; see ``cited``."""
    return cited(text, Checker(passages, question).check(text))


def cited(text: str, checked: Sequence[Checked]) -> tuple[Citation, ...]:
    """The numbered sources of ``text`` in order of first use, one for each passage.

    If no sentence is supported, the nearest passage is returned without ``ends``, for people to
    look at.
    """
    markdown = Markdown(text)
    found: dict[str, tuple[Source, list[int]]] = {}
    for one in checked:
        if one.nearest and one.supported:
            ends = found.setdefault(one.nearest.passage.id, (one.nearest, []))[1]
            place = markdown.place(one.span.end)
            if place and place.at not in ends:
                ends.append(place.at)
    if not any(ends for _, ends in found.values()):
        nearest = next((one.nearest for one in checked if one.nearest), None)
        found = {nearest.passage.id: (nearest, [])} if nearest else {}
    return tuple(_citation(n, source, ends) for n, (source, ends) in enumerate(found.values(), 1))


def nearest(checker: Checker, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The ``passages``, each with the sentence that is nearest to the question."""
    found = [checker.nearest_in(passage) for passage in passages]
    return tuple(_citation(n, one, ()) for n, one in enumerate(filter(None, found), 1))


def judged(checked: Sequence[Checked]) -> tuple[Sentence, ...]:
    """The sentences of an answer, each with whether a passage supports it."""
    return tuple(
        Sentence(one.span.start, one.span.end, one.supported, tuple(sorted(one.differs)))
        for one in checked
    )


def supported(text: str, passages: Sequence[Passage], sentences: Sequence[Sentence] = ()) -> str:
    """``text`` without the sentences that no passage supports; ``Yes.`` needs no support.

    A line with a supported sentence keeps its list marker; other lines are removed. ``sentences``
    are those of a recorded answer, which were compared when it was made.
    """
    compared = sentences or judged(Checker(passages).check(text))
    rest = deque(one for one in compared if one.supported)
    kept = []
    for line in _LINE.finditer(text):
        said = []
        while rest and rest[0].end <= line.end():
            sentence = rest.popleft()
            said.append(text[sentence.start : sentence.end])
        if said:
            kept.append((line[1] or "") + " ".join(said))
    return "\n".join(kept)


def _citation(n: int, source: Source, ends: Sequence[int]) -> Citation:
    passage = source.passage
    return Citation(
        n,
        passage.source,
        passage.title,
        source.span.text,
        passage.id,
        tuple(ends),
        passage.where,
        passage.newer,
    )
