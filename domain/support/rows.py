"""The rows of a table in words: each cell with the name of its column, and what marks say.

A mark, such as ``✓`` or ``no``, says whether it has what its column names: ``not Part-time``.
"""

from collections.abc import Iterator, Sequence

Said = Sequence[bool | None]
"""What the cells of a row say if they are marks, or else None."""

_CHECKS = frozenset("✓ ✔ ✔️ ✅ ☑ ☑️".split())
_CROSSES = frozenset("✗ ✘ ❌ ✖ ✖️ × ✕".split())
_YES = frozenset("yes ja oui sí हाँ हां はい".split())
_NO = frozenset("no nein non नहीं いいえ".split())
_FULL = frozenset("● ◉ ⬤".split())
_RING, _LETTER = "○", "x"
_MARKS = _CHECKS | _CROSSES | _YES | _NO | _FULL | {_RING, _LETTER}
_NONE = frozenset(("", "-", "–", "—"))
"""What says no beside marks, and nothing in other columns."""


def in_words(names: Sequence[str], cells: Sequence[str], said: Said) -> str:
    """A row with the names of its columns; of a column of marks it has only the name, or not it."""
    if len(names) != len(cells):
        return "; ".join(cells)
    return ("; " if len(cells) > 2 else ": ").join(
        f"{name}: {cell}" if says is None else name if says else f"not {name}"
        for name, cell, says in zip(names, cells, said, strict=True)
    )


def said_by_marks(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Said]:
    """What each row says below ``names``; the first column names what the others are told of.

    An ``x`` is a no beside a ``✓``, and a ``○`` beside a ``●``.
    """
    whole = [[cell.casefold() for cell in row] for row in rows if len(row) == len(names)]
    is_marked = [at > 0 and _are_marks(cells) for at, cells in enumerate(zip(*whole, strict=True))]
    signs = frozenset[str]().union(*whole)
    no = _CROSSES | _NO | _NONE
    if not signs.isdisjoint(_CHECKS):
        no |= {_LETTER}
    if not signs.isdisjoint(_FULL):
        no |= {_RING}
    for row in rows:
        yield [
            cell.casefold() not in no if marked else None
            for cell, marked in zip(row, is_marked, strict=False)
        ]


def _are_marks(cells: Sequence[str]) -> bool:
    return not _MARKS.isdisjoint(cells) and _MARKS.issuperset(set(cells) - _NONE)
