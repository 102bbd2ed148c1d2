"""Shows the best passages with what stands before and after them: chunks are small to be found."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.candidates import Candidate
from domain.documents import Chunk
from domain.protocols import PassageIndex
from domain.questions import Audience, Passage
from knowledge.chunk import heading_of

WIDENED = 2
"""How many passages are widened: more would leave less room for others in a prompt."""

CHARACTERS = 1_600
"""The most that a widened passage holds."""

_REACH = 3  # chunks before it, and after it
_BETWEEN = "\n\n"


def with_neighbours(
    passages: Sequence[Passage],
    candidates: Mapping[tuple[str, str], Candidate],
    index: PassageIndex,
    audience: Audience,
    k: int,
) -> list[Passage]:
    """The first ``k``; the first of these with their neighbours, as far as ``CHARACTERS`` allow.

    A passage that is shown within another one is not shown again. ``candidates`` are what was
    found, by their keys. Raises IndexUnavailable.
    """
    first = {one.key: candidates[one.key] for one in passages[:WIDENED]}
    around: dict[str, dict[int, Chunk]] = {}
    for chunk in index.around(list(first.values()), _REACH, audience):
        around.setdefault(chunk.document, {})[chunk.place] = chunk
    kept: list[Passage] = []
    shown: set[str] = set()  # ids: copies in other documents have the same
    for passage in passages:
        if len(kept) == k:
            break
        if passage.id in shown:
            continue
        if passage.key in first:
            near = _near(passage, first[passage.key].place, around.get(passage.document, {}), shown)
            shown |= {chunk.id for chunk in near}
            passage = replace(passage, text=_joined(near, passage)) if near else passage
        kept.append(passage)
    return kept


def _near(
    passage: Passage, place: int, around: Mapping[int, Chunk], shown: set[str]
) -> list[Chunk]:
    """The passage's own chunk and those beside it that fit, in reading order.

    What comes before is taken first: what introduces something tells what it is about.
    """
    if place not in around or around[place].id != passage.id:
        return []  # the document has just changed
    first = last = place
    size = len(passage.text)
    grows = True
    while grows:
        grows = False
        for one in (first - 1, last + 1):
            chunk = around.get(one)
            if chunk is None or chunk.id in shown:
                continue
            added = len(_BETWEEN) + len(chunk.text) + len(heading_of(chunk)) + 1
            if size + added <= CHARACTERS:
                size += added
                first, last = min(first, one), max(last, one)
                grows = True
    return [around[one] for one in range(first, last + 1)]


def _joined(chunks: Sequence[Chunk], passage: Passage) -> str:
    """Their texts; where the headings change, the new one stands above."""
    texts: list[str] = []
    title = passage.title
    for chunk in chunks:
        heading = heading_of(chunk)
        texts.append(f"{heading}\n{chunk.text}" if chunk.title != title and heading else chunk.text)
        title = chunk.title
    return _BETWEEN.join(texts)
