"""Writes the numbers of sources, and the marks of what none supports, into an answer's text."""

from collections.abc import Sequence

from domain.markdown import Markdown
from domain.questions import Citation, Sentence

UNSUPPORTED = "[?]"
"""What is shown behind a sentence that no passage supports."""

_LINKING = frozenset("([:")


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
