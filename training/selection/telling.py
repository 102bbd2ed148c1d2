"""The order in which rows are taken: those that say most first, and of these the newest."""

from collections.abc import Iterable

from domain.adapters import Example, Origin


def most_telling_first(rows: Iterable[Example]) -> list[Example]:
    """``rows``, which are oldest first, in the order in which a night takes them.

    Corrections come first, then answers that were only liked. Within each of the two, rows on which
    several people agree come first.
    """
    newest_first = list(rows)[::-1]
    return sorted(newest_first, key=_rank)


def _rank(row: Example) -> tuple[bool, bool]:
    return row.origin is Origin.THUMB_UP, len(row.by) < 2
