"""Numbers the passages that support the sentences of an answer, and marks what none supports.

The model is not asked to number its sources: small models invent numbers, and an invented number
looks like proof. Instead `domain.support` compares each sentence of the answer with the passages
that the model was shown.
"""

import re
from collections import deque
from collections.abc import Sequence

from domain.function_words import STOPWORDS
from domain.languages import function_words
from domain.markdown import Markdown
from domain.questions import Citation, Passage, Sentence
from domain.support.check import Checked, Checker
from domain.support.sources import Source
from domain.words import words

UNSUPPORTED = "[?]"
"""What is shown behind a sentence that no passage supports."""

_LINKING = frozenset("([:")
_HIRAGANA = re.compile(r"[\u3041-\u309f\u30fc]+")
_LINE = re.compile(r"^([ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+)?(.+)$", re.MULTILINE)


def content_words(text: str) -> frozenset[str]:
    """The lower-cased words of ``text`` that carry meaning; all of its words if none does.

    In another language than English these are fewer if the language is clear. Of Japanese, what is
    written in hiragana alone is mostly particles and endings.
    """
    found = frozenset(word.lower() for word in words(text))
    content = found - STOPWORDS - function_words(text)
    return frozenset(word for word in content if not _HIRAGANA.fullmatch(word)) or found


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


def numbered(
    text: str,
    citations: Sequence[Citation],
    sentences: Sequence[Sentence] = (),
    *,
    mark: str = "[{}]",
) -> str:
    """``text`` with `` [n]`` after each cited sentence, and `` [?]`` after each unsupported one.

    ``mark`` says how a mark is written. Code, links and the lines of tables stay as they are.
    Headings, which claim nothing, are not marked as unsupported.
    """
    markdown = Markdown(text)
    marks = [(end, mark.format(citation.n)) for citation in citations for end in citation.ends]
    marks += [
        (sentence.end, mark.format("?"))
        for sentence in sentences
        if not sentence.supported and not markdown.is_heading(sentence.end)
    ]
    placed: dict[int, tuple[str, dict[str, None]]] = {}
    for end, mark in marks:
        if place := markdown.place(end):
            placed.setdefault(place.at, (place.before, {}))[1][mark] = None
    pieces: list[str] = []
    start = 0
    for at in sorted(placed):
        before, shown = placed[at]
        pieces += (text[start:at], before, " ".join(shown), _between(before, text[at:][:80]))
        start = at
    return "".join([*pieces, text[start:]])


def _between(before: str, rest: str) -> str:
    """What keeps a mark apart from the ``rest`` of the text."""
    if before.startswith("\n"):
        # The mark is a paragraph of its own.
        return before.rstrip(" ") if rest.startswith("\n") and rest.split("\n")[1].strip() else ""
    # Together with these, a number would be a link.
    return " " if rest[:1] in _LINKING else ""


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
