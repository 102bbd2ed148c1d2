"""Reads people's inputs and corrections, and makes their ratings of them."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from domain.questions import Rating
from domain.ratings import Correction, RatingInput, rating_of
from records.rows import CORRECTION, RATING_INPUT, every
from records.tables import corrections, rating_inputs


def ratings_of(connection: Connection, answer_ids: Sequence[str]) -> dict[str, tuple[Rating, ...]]:
    """The ratings of each of the answers that has any, oldest first."""
    inputs = defaultdict[tuple[str, str], list[RatingInput]](list)
    query = select(*RATING_INPUT).where(rating_inputs.c.answer_id.in_(answer_ids))
    for given in every(connection, RatingInput, query):
        inputs[given.answer_id, given.by].append(given)
    written = select(*CORRECTION).where(corrections.c.answer_id.in_(answer_ids))
    of = {(one.answer_id, one.by): one for one in every(connection, Correction, written)}
    made = (rating_of(given, of.get(key)) for key, given in inputs.items())
    found = defaultdict[str, list[Rating]](list)
    for rating in sorted(filter(None, made), key=lambda one: (one.rated_at, one.by)):
        found[rating.answer_id].append(rating)
    return {answer_id: tuple(ratings) for answer_id, ratings in found.items()}
