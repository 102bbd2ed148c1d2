"""The ratings: one for each answer and person."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, case, delete, func, select

from domain.errors import NotFound
from domain.questions import RatedAnswer, Rating, Verdict
from records.database import Database
from records.rows import ANSWER, QUESTION, RATING, every, first, insert, rated_answer, values
from records.tables import answers, questions, ratings, withdrawals

_PAGE = 200
"""How many answers are read at a time when all rated answers are read."""


class Ratings:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def rate(self, rating: Rating) -> Rating | None:
        """Stores the rating and returns the stored one. Raises NotFound for an unknown answer.

        A person's later rating replaces the earlier one, also if they arrive in the other order;
        but an empty reason or correction does not replace that of the same verdict. A verdict
        that the person withdrew at a later time is not stored.
        """
        stored = select(*RATING).where(
            ratings.c.answer_id == rating.answer_id, ratings.c.by == rating.by
        )
        with self._db.session() as connection:
            _hold(connection, rating.answer_id)
            if _is_withdrawn(connection, rating):
                return first(connection, Rating, stored)
            statement = insert(connection, ratings).values(values(rating))
            new = statement.excluded
            same = new.verdict == ratings.c.verdict
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["answer_id", "by"],
                    set_={
                        "verdict": new.verdict,
                        "rated_at": new.rated_at,
                        "reason": case(
                            (same & (new.reason == ""), ratings.c.reason), else_=new.reason
                        ),
                        "correction": case(
                            (same & (new.correction == ""), ratings.c.correction),
                            else_=new.correction,
                        ),
                    },
                    where=new.rated_at >= ratings.c.rated_at,
                )
            )
            return first(connection, Rating, stored)

    def withdraw(self, answer_id: str, by: str, verdict: Verdict, at: datetime) -> None:
        """Deletes a person's rating if it is this verdict, and was given no later than ``at``.

        A rating that was given before ``at`` and arrives later is not stored. Raises NotFound.
        """
        row = {"answer_id": answer_id, "by": by, "verdict": verdict, "withdrawn_at": at}
        given = delete(ratings).where(
            ratings.c.answer_id == answer_id,
            ratings.c.by == by,
            ratings.c.verdict == verdict,
            ratings.c.rated_at <= at,
        )
        with self._db.session() as connection:
            _hold(connection, answer_id)
            connection.execute(given)
            statement = insert(connection, withdrawals).values(row)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["answer_id", "by", "verdict"],
                    set_={"withdrawn_at": statement.excluded.withdrawn_at},
                    where=statement.excluded.withdrawn_at > withdrawals.c.withdrawn_at,
                )
            )

    def of(self, answer_id: str) -> tuple[Rating, ...]:
        """The ratings of an answer, oldest first."""
        query = (
            select(*RATING)
            .where(ratings.c.answer_id == answer_id)
            .order_by(ratings.c.rated_at, ratings.c.by)
        )
        with self._db.reading() as connection:
            return tuple(every(connection, Rating, query))

    def rated(self) -> Iterator[RatedAnswer]:
        """Every answer that has a rating, oldest first, with its question and all ratings.

        They are read in pages, each in a short transaction, so that a slow reader blocks nobody.
        The time grows with the number of ratings, not of answers. Each page is as of its reading.
        """
        ids = self._rated_ids()
        for start in range(0, len(ids), _PAGE):
            yield from self._page(ids[start : start + _PAGE])

    def _rated_ids(self) -> list[str]:
        given = select(ratings.c.answer_id).distinct().subquery()
        query = (
            select(answers.c.id)
            .join_from(given, answers, answers.c.id == given.c.answer_id)
            .order_by(answers.c.created_at, answers.c.id)
        )
        with self._db.reading(long=True) as connection:
            return list(connection.execute(query).scalars())

    def _page(self, answer_ids: Sequence[str]) -> list[RatedAnswer]:
        query = (
            select(*QUESTION, *ANSWER, *RATING)
            .join_from(ratings, answers)
            .join(questions)
            .where(answers.c.id.in_(answer_ids))
            .order_by(answers.c.created_at, answers.c.id, ratings.c.rated_at, ratings.c.by)
        )
        with self._db.reading() as connection:
            rows = connection.execute(query).all()
        found = []
        answer_id = len(QUESTION)
        for _, same in groupby(rows, key=lambda row: row[answer_id]):
            together = list(same)
            given = tuple(Rating(*row[-len(RATING) :]) for row in together)
            found.append(rated_answer(together[0], given))
        return found

    def last_rated_at(self) -> datetime | None:
        """When the latest rating was given; None if there is none."""
        with self._db.reading() as connection:
            return connection.execute(select(func.max(ratings.c.rated_at))).scalar()


def _hold(connection: Connection, answer_id: str) -> None:
    """Locks the answer, so that nobody deletes it before the transaction ends. Raises NotFound."""
    query = select(answers.c.id).where(answers.c.id == answer_id)
    if connection.execute(query.with_for_update(read=True, key_share=True)).first() is None:
        raise NotFound(f"There is no answer {answer_id}.")


def _is_withdrawn(connection: Connection, rating: Rating) -> bool:
    """Whether the person withdrew this verdict after it was given."""
    query = select(withdrawals.c.answer_id).where(
        withdrawals.c.answer_id == rating.answer_id,
        withdrawals.c.by == rating.by,
        withdrawals.c.verdict == rating.verdict,
        withdrawals.c.withdrawn_at > rating.rated_at,
    )
    return connection.execute(query).first() is not None
