"""Where a chunk stands in its document, as columns of an index."""

from collections.abc import Mapping
from typing import Any

from domain.blocks import Where
from domain.documents import Chunk

NUMBERS = ("page", "slide", "place")
TEXTS = ("sheet", "anchor")
COLUMNS = (*NUMBERS, *TEXTS)


def columns(chunk: Chunk) -> dict[str, int | str]:
    where = chunk.where
    return {
        "page": where.page,
        "slide": where.slide,
        "place": chunk.place,
        "sheet": where.sheet,
        "anchor": where.anchor,
    }


def where_of(row: Mapping[str, Any]) -> Where:
    """Rows that an earlier version wrote say nothing of it."""
    return Where(
        page=int(row.get("page") or 0),
        slide=int(row.get("slide") or 0),
        sheet=str(row.get("sheet") or ""),
        anchor=str(row.get("anchor") or ""),
    )


def place_of(row: Mapping[str, Any]) -> int:
    return int(row.get("place") or 0)
