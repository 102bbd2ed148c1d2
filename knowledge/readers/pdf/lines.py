"""Words become lines, and the lines of a page stand in the order in which they are read.

Columns are told from tables by their lines: those of a column fill its width with running text.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from knowledge.readers.pdf.page import Word

_GAP = 1.1  # times the size of the letters, from which on a gap parts two pieces of a row
_GUTTER = 0.8  # times the size of the letters; narrower gaps part no columns
_LEAST = 3  # lines that a column has at least
_HEADINGS = 5  # in a row without text between them
_WIDEST = 500  # words of a row beside which raised ones are looked for
_DEPTH = 5  # how often a part of a page is divided again
_NARROWEST = 0.12  # of the page's text; narrower columns are marks or numbers
_LONG = 5  # words of a line, from which on it is hardly a cell
_SENTENCE = 3.5  # words of a line that is a sentence
_RUNNING = 0.3  # the share of lines that begin in lower case, from which on text runs over lines
_SAME = 0.6  # the share of lines at the height of others, from which on they may be rows
_PLACES = 160  # where a gutter is looked for, over the width of a part


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one row with no wide gap between them."""

    words: tuple[Word, ...]
    x0: float
    x1: float
    base: float
    size: float

    @property
    def y0(self) -> float:
        return self.base - 0.8 * self.size

    @property
    def y1(self) -> float:
        return self.base + 0.2 * self.size

    @property
    def begins_lower(self) -> bool:
        return self.words[0].text[:1].islower()


def pieces(words: Sequence[Word]) -> list[Piece]:
    """The rows of ``words``, each divided at its wide gaps, from the top to the bottom."""
    return [piece for row in _rows(words) for piece in _parted(row)]


def _rows(words: Sequence[Word]) -> list[list[Word]]:
    """Words that stand on one base line; raised and lowered small ones belong to the row."""
    large = sorted(words, key=lambda word: (word.base, word.x0))
    rows: list[list[Word]] = []
    small: list[Word] = []
    usual = median(word.size for word in words) if words else 0.0
    for word in large:
        if word.size < 0.85 * usual and not word.is_spaced:
            small.append(word)
        elif rows and word.base - rows[-1][0].base <= 0.25 * min(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    bases = [row[0].base for row in rows]
    ends = [list(row) for row in rows]
    for word in small:
        near = _row_beside(word, ends, bases)
        if near is None:
            rows.append([word])
        else:
            rows[near].append(word)
    return sorted((sorted(row, key=lambda w: w.x0) for row in rows), key=lambda row: row[0].base)


def _row_beside(word: Word, rows: list[list[Word]], bases: list[float]) -> int | None:
    """The row to a word of which ``word`` is joined, raised or lowered."""
    at = bisect_right(bases, word.base)
    best: tuple[float, int] | None = None
    for index in range(max(0, at - 4), min(len(rows), at + 4)):
        is_far = abs(bases[index] - word.base) > 0.7 * rows[index][0].size
        if is_far or len(rows[index]) > _WIDEST:
            continue
        gap = min(abs(word.x0 - other.x1) for other in rows[index])
        if gap < 0.3 * word.size + 1 and (best is None or gap < best[0]):
            best = gap, index
    return best[1] if best else None


def _parted(row: list[Word]) -> Iterable[Piece]:
    start = 0
    end = row[0].x1
    for i in range(1, len(row) + 1):
        if i < len(row):
            gap = row[i].x0 - end
            end = max(end, row[i].x1)
            if gap < _GAP * max(row[i].size, row[i - 1].size):
                continue
        words = tuple(row[start:i])
        lengths: Counter[tuple[float, float]] = Counter()
        for word in words:
            lengths[round(word.size, 1), word.base] += len(word.text)
        size, base = lengths.most_common(1)[0][0]
        yield Piece(words, words[0].x0, max(w.x1 for w in words), base, size)
        start = i


def flows(parts: list[Piece], depth: int = 0) -> list[list[Piece]]:
    """The pieces of a page as parts of one column each, in reading order."""
    if len(parts) < 2 * _LEAST or depth > _DEPTH:
        return [parts] if parts else []
    gutter = _gutter(parts)
    if gutter is None:
        return [parts]
    found: list[list[Piece]] = []
    is_open = False
    bands = _bands(parts, gutter)
    for i, band in enumerate(bands):
        if i + 1 < len(bands):
            bands[i + 1][:0] = _headings_below(band, gutter)
        left = [each for each in band if each.x1 <= gutter]
        right = [each for each in band if each.x0 >= gutter]
        if _are_columns(left, right):
            found += flows(left, depth + 1)
            found += flows(right, depth + 1)
            is_open = False
        elif is_open:
            found[-1].extend(band)
        else:
            found.append(band)
            is_open = True
    return found


def _headings_below(band: list[Piece], gutter: float) -> list[Piece]:
    """Takes the headings off ``band`` that stand below both of its columns."""
    taken: list[Piece] = []
    usual = median(each.size for each in band)
    while len(band) > 2 * _LEAST and len(taken) < _HEADINGS:
        last = max(band, key=lambda each: each.base)
        is_left = last.x1 <= gutter
        beside = [each.y1 for each in band if (each.x1 <= gutter) != is_left]
        is_heading = last.size > 1.1 * usual or all(word.is_bold for word in last.words)
        if not (beside and is_heading and last.y0 > max(beside)):
            break
        band.remove(last)
        taken.insert(0, last)
    return taken


def _gutter(parts: list[Piece]) -> float | None:
    """Where a line down the page parts most lines from others beside them, and crosses few."""
    x0, x1 = min(each.x0 for each in parts), max(each.x1 for each in parts)
    width = x1 - x0
    if width <= 0:
        return None
    step = width / _PLACES
    crossed = [0] * (_PLACES + 2)
    for each in parts:
        crossed[max(0, int((each.x0 - x0) / step))] += 1
        crossed[min(_PLACES, int((each.x1 - x0) / step)) + 1] -= 1
    count, runs = 0, []
    for i in range(_PLACES + 1):
        count += crossed[i]
        runs.append(count)
    best: tuple[int, float] | None = None
    first, last = int(_PLACES * _NARROWEST), int(_PLACES * (1 - _NARROWEST))
    for place in _low_places(runs, first, last):
        middle = x0 + (place + 0.5) * step
        gain = sum(
            len(band)
            for band in _bands(parts, middle)
            if _are_columns(
                [each for each in band if each.x1 <= middle],
                [each for each in band if each.x0 >= middle],
            )
        )
        if gain and (best is None or gain > best[0]):
            best = gain, middle
    return best[1] if best else None


def _low_places(runs: list[int], first: int, last: int) -> list[int]:
    """The middles of the few lowest stretches of ``runs``."""
    stretches = []
    start = first
    for i in range(first + 1, last + 2):
        if i > last or runs[i] != runs[start]:
            lower_before = start == first or runs[start - 1] > runs[start]
            lower_after = i > last or runs[i] > runs[start]
            if lower_before and lower_after:
                stretches.append((runs[start], (start + i - 1) // 2))
            start = i
    return [place for _, place in sorted(stretches)[:8]]


def _bands(parts: list[Piece], gutter: float) -> list[list[Piece]]:
    """Parts of the page one below the other: those which ``gutter`` parts, and those it crosses."""
    ordered = sorted(parts, key=lambda each: (each.y0, each.x0))
    bands: list[list[Piece]] = [[]]
    was_crossed = False
    for each in ordered:
        is_crossed = each.x0 < gutter < each.x1
        if is_crossed != was_crossed and bands[-1]:
            bands.append([])
        was_crossed = is_crossed
        bands[-1].append(each)
    return bands


def _are_columns(left: list[Piece], right: list[Piece]) -> bool:
    """Whether two groups of pieces that stand side by side are columns of text, and no table."""
    if min(len(left), len(right)) < _LEAST:
        return False
    size = median(each.size for each in (*left, *right))
    if min(each.x0 for each in right) - max(each.x1 for each in left) < _GUTTER * size:
        return False
    if min(max(a.y1 for a in left), max(b.y1 for b in right)) <= max(
        min(a.y0 for a in left), min(b.y0 for b in right)
    ):
        return False
    if _is_prose(left) and _is_prose(right):
        return True
    return not _are_rows(left, right) and all(
        median(len(each.words) for each in side) >= 3 for side in (left, right)
    )


def _is_prose(side: list[Piece]) -> bool:
    width = max(each.x1 - each.x0 for each in side)
    words = median(len(each.words) for each in side)
    fill = median((each.x1 - each.x0) / max(width, 1) for each in side)
    lower = sum(each.begins_lower for each in side) / len(side)
    ends = sum(each.words[-1].text.endswith((".", "!", "?")) for each in side) / len(side)
    runs_on = words >= 2.5 and lower >= _RUNNING and fill >= 0.5
    return runs_on or words >= _LONG or (words >= _SENTENCE and ends >= 0.5)


def _are_rows(left: list[Piece], right: list[Piece]) -> bool:
    bases = sorted(each.base for each in left)
    same = 0
    for each in right:
        at = bisect_right(bases, each.base)
        near = bases[max(0, at - 1) : at + 1]
        same += any(abs(base - each.base) < 0.2 * each.size for base in near)
    return same >= _SAME * len(right)
