"""Ends an answer at the first of some texts, also where that text comes in several pieces."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from serving.batcher import Piece


async def until_stop(pieces: AsyncIterator[Piece], stops: Sequence[str]) -> AsyncIterator[Piece]:
    """The pieces up to the first of ``stops``, which is left out, as all that follows it.

    Text that may be the beginning of one waits for the next piece. Of a piece that is passed on in
    two parts, the tokens come with the first part.
    """
    async with aclosing(pieces):  # type: ignore[type-var]
        held: list[Piece] = []
        async for piece in pieces:
            held.append(piece)
            text = "".join(each.text for each in held)
            found = _first(text, stops)
            if found is not None:
                passed, _ = _split(held, found)
                yield replace(passed, finish="stop")
                return
            if piece.finish:
                yield replace(_split(held, len(text))[0], finish=piece.finish)
                return
            passed, held = _split(held, len(text) - _begun(text, stops))
            if passed.text or passed.likely:
                yield passed


def _first(text: str, stops: Sequence[str]) -> int | None:
    """Where the first of ``stops`` begins."""
    return min((at for stop in stops if (at := text.find(stop)) >= 0), default=None)


def _begun(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end may be the beginning of one of ``stops``."""
    sizes = (
        size
        for stop in stops
        for size in range(1, min(len(stop), len(text) + 1))
        if text.endswith(stop[:size])
    )
    return max(sizes, default=0)


def _split(held: Sequence[Piece], end: int) -> tuple[Piece, list[Piece]]:
    """The first ``end`` characters as one piece, and what is left."""
    text, likely, rest = "", list(held[0].likely[:0]), list[Piece]()
    for piece in held:
        taken = piece.text[: end - len(text)]
        if rest or (not taken and piece.text):
            rest.append(piece)
            continue
        text += taken
        likely += piece.likely
        if len(taken) < len(piece.text):
            rest.append(replace(piece, text=piece.text[len(taken) :], likely=()))
    return Piece(text, held[-1].tokens, likely=tuple(likely)), rest
