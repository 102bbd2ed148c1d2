"""Groups texts of about the same meaning by their vectors, in less than quadratic time.

Each vector joins the group whose leader is nearest and near enough, or leads a new group. Then
groups are joined by their centres in the same way, and each vector goes to the nearest centre. A
centre is the mean of its vectors, not of length 1, so that what it is compared by is the average
cosine of all pairs: otherwise large groups would come ever nearer to each other. A leader is looked
for only in the cells that are nearest to the vector, of about √n, so the time grows with n·√n.
"""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.embeddings import Vector
from domain.protocols import Embedder

Matrix = NDArray[np.float32]

_SHARE = 0.45
"""How far between unrelated texts (0) and equal ones (1) the similarity of texts must be."""

_PROBES = 4
"""In how many cells a leader is looked for."""

_ROUNDS = 4
"""How often groups are joined by their centres, at most."""

_UNRELATED = (
    "How many days of leave do I have?",
    "Which printer is on the second floor?",
    "Who won the football match yesterday?",
    "What is the boiling point of ethanol?",
    "How do I reset my password?",
    "When does the train to Vienna leave?",
    "Can I bring my dog to the meeting?",
    "Which database does the billing service use?",
    "Who painted the ceiling of the chapel?",
    "How is a soufflé baked?",
    "What does the insurance pay for glasses?",
    "Where are the keys of the bike shed?",
)


def near_enough(embedder: Embedder) -> float:
    """From which cosine on two texts are about the same for a model.

    Some models give a cosine of 0.8 to texts that have nothing in common. Raises RetrievalError.
    """
    vectors = _matrix([one.vector for one in embedder.embed_passages(_UNRELATED)])
    cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    usual = float(np.clip(cosines.mean(), 0.0, 0.95))
    return usual + _SHARE * (1.0 - usual)


def groups(vectors: Sequence[Vector], known: Sequence[Vector], near: float) -> list[int]:
    """The number of each vector's group; the vectors have length 1.

    Groups 0, 1, … have the centres ``known``, as ``centre`` makes them, which are never joined; new
    groups follow. The order of ``vectors`` does not matter, and equal vectors are in one group.
    """
    if not len(vectors):
        return []
    given = _matrix(vectors)
    # One order for all orders in which they may be given.
    points, places = np.unique(given, axis=0, return_inverse=True)
    counts = np.bincount(places.ravel(), minlength=len(points)).astype(np.float32)
    fixed = _matrix(known) if len(known) else np.empty((0, points.shape[1]), np.float32)
    found = _Grouping(points, counts, fixed, near).numbers()
    return [int(number) for number in found[places.ravel()]]


class _Grouping:
    def __init__(
        self, points: Matrix, counts: NDArray[np.float32], fixed: Matrix, near: float
    ) -> None:
        self._points = points
        self._counts = counts
        self._fixed = fixed
        self._near = near
        everything = np.concatenate([fixed, points])
        step = max(len(everything) // ceil(sqrt(len(everything))), 1)
        self._pivots = _apart(everything[::step], near)

    def numbers(self) -> NDArray[np.int64]:
        of = self._led(self._points, range(len(self._points)))
        for _ in range(_ROUNDS):
            centres, sizes = self._centres(of)
            largest = sorted(range(len(centres)), key=lambda n: (-sizes[n], n))
            joined = self._led(centres, [n for n in largest if n >= len(self._fixed)])
            if len(np.unique(joined)) == len(centres):
                break
            of = joined[of]
        centres, _ = self._centres(of)
        leaders = self._cells()
        for number in range(len(self._fixed), len(centres)):
            leaders.add(centres[number], number)
        final = [leaders.nearest(point) for point in self._points]
        of = np.array(
            [mine if other is None else other for mine, other in zip(of, final, strict=True)]
        )
        return self._renumbered(of)

    def _led(self, points: Matrix, order: Sequence[int]) -> NDArray[np.int64]:
        """The number of the group that each point joins or leads, taken in an order.

        Points that are not in ``order`` are the known centres, and keep their numbers.
        """
        of = np.arange(len(points), dtype=np.int64)
        leaders = self._cells()
        new = len(self._fixed)
        for n in order:
            found = leaders.nearest(points[n])
            if found is None:
                leaders.add(points[n], new)
                found, new = new, new + 1
            of[n] = found
        return of

    def _centres(self, of: NDArray[np.int64]) -> tuple[Matrix, NDArray[np.float32]]:
        """The centre and the size of each group; known centres stay where they are."""
        count = max(int(of.max()) + 1, len(self._fixed))
        sums = np.zeros((count, self._points.shape[1]), np.float32)
        sizes = np.zeros(count, np.float32)
        np.add.at(sums, of, self._points * self._counts[:, None])
        np.add.at(sizes, of, self._counts)
        centres = sums / np.maximum(sizes, 1.0)[:, None]
        centres[: len(self._fixed)] = self._fixed
        return centres.astype(np.float32), sizes

    def _cells(self) -> "_Cells":
        cells = _Cells(self._pivots, self._near)
        for number, centre in enumerate(self._fixed):
            cells.add(centre, number)
        return cells

    def _renumbered(self, of: NDArray[np.int64]) -> NDArray[np.int64]:
        """New groups numbered in the order of their first points, without gaps."""
        numbers = {n: n for n in range(len(self._fixed))}
        return np.array([numbers.setdefault(int(n), len(numbers)) for n in of], dtype=np.int64)


class _Cells:
    """The leaders of groups, each in the cell of the pivot that it is nearest to."""

    def __init__(self, pivots: Matrix, near: float) -> None:
        self._pivots = pivots
        self._near = near
        self._leaders: dict[int, Matrix] = {}
        self._numbers: dict[int, list[int]] = {}

    def add(self, vector: Matrix, number: int) -> None:
        cell = int(np.argmax(self._pivots @ vector))
        numbers = self._numbers.setdefault(cell, [])
        rows = self._leaders.get(cell)
        if rows is None or len(rows) == len(numbers):
            grown = np.zeros((max(2 * len(numbers), 8), len(vector)), np.float32)
            grown[: len(numbers)] = rows if rows is not None else 0
            self._leaders[cell] = rows = grown
        rows[len(numbers)] = vector
        numbers.append(number)

    def nearest(self, vector: Matrix) -> int | None:
        """The number of the nearest leader; None if none is near enough."""
        best: tuple[float, int] | None = None
        for cell in self._probed(vector):
            if numbers := self._numbers.get(int(cell)):
                cosines = self._leaders[int(cell)][: len(numbers)] @ vector
                n = int(np.argmax(cosines))
                found = float(cosines[n]), -numbers[n]
                best = found if best is None else max(best, found)
        # A text is near itself, whatever its rounding.
        return -best[1] if best and best[0] >= self._near - 1e-6 else None

    def _probed(self, vector: Matrix) -> NDArray[Any]:
        cosines = self._pivots @ vector
        if len(cosines) <= _PROBES:
            return np.arange(len(cosines))
        return np.argpartition(-cosines, _PROBES)[:_PROBES]


def _apart(sample: Matrix, near: float) -> Matrix:
    """Those of a sample that are not near to an earlier one, so that dense regions have few."""
    kept = [sample[0]]
    for row in sample[1:]:
        if float(np.max(np.stack(kept) @ row)) < near:
            kept.append(row)
    return np.stack(kept)


def _matrix(vectors: Sequence[Vector]) -> Matrix:
    return np.asarray(vectors, dtype=np.float32)


def centre(vectors: Sequence[Vector]) -> Vector:
    """The mean of some vectors, at least one; it is shorter than they are."""
    return [float(number) for number in _matrix(vectors).mean(axis=0)]
