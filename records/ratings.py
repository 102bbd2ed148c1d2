"""What people say of answers: their inputs, what they wrote, and the ratings that follow."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from operator import attrgetter

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    delete,
    func,
    select,
    true,
    tuple_,
    union_all,
    update,
)

from domain.errors import AlreadyChanged, NotFound
from domain.questions import Fault, RatedAnswer, Rating, Verdict
from domain.rated_briefly import RatedBriefly
from domain.ratings import Correction, InputKind, RatingInput, rating_of
from records.answer_marks import mark_ratings
from records.codecs import AUDIENCE, parse_json
from records.database import Database
from records.given_ratings import ratings_of
from records.metrics import rated
from records.rows import (
    ANSWER,
    CORRECTION,
    QUESTION,
    RATING_INPUT,
    every,
    first,
    insert,
    rated_answer,
    values,
)
from records.tables import WAITING, answers, corrections, questions, rating_inputs

_PAGE = 200
"""How many answers are read at a time when all rated answers are read."""

_NEXT = timedelta(microseconds=1)


class Ratings:
    """Every method raises DatabaseUnavailable.

    Inputs may arrive in any order and more than once: of each kind only the latest is kept, by
    the time at which it was given or taken back. No input changes what a person wrote.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def rate(self, rating: Rating) -> Rating | None:
        """Stores a rating that was given in the terminal; returns what the person says now.

        Empty texts change nothing that the person wrote before. Raises NotFound.
        """
        key = rating.answer_id, rating.by
        given = RatingInput(*key, InputKind.TERMINAL, rating.verdict, rating.rated_at)
        wrote = Correction(
            *key, rating.rated_at, rating.correction, rating.reason, rating.fault, rating.source
        )
        with self._db.session() as connection:
            _hold(connection, rating.answer_id)
            _keep_input(connection, given)
            if wrote.says_something:
                _keep_correction(connection, _completed(wrote, _correction(connection, *key)))
            mark_ratings(connection, [rating.answer_id])
            said = _rating(connection, *key)
        rated(rating.verdict)
        return said

    def give(self, given: RatingInput) -> Rating | None:
        """Stores an input, or that it was taken back; returns what the person says then.

        An earlier one of its kind that comes later changes nothing. Raises NotFound.
        """
        with self._db.session() as connection:
            _hold(connection, given.answer_id)
            _keep_input(connection, given)
            mark_ratings(connection, [given.answer_id])
            said = _rating(connection, given.answer_id, given.by)
        if given.stands:
            rated(given.verdict)
        return said

    def correct(
        self,
        wrote: Correction,
        *,
        waiting: bool = False,
        complete: bool = False,
        made_at: datetime | None = None,
    ) -> Rating | None:
        """Stores what a person wrote in the form, as a rating too; returns what they say then.

        Slack says no time of it, so it counts as later than all of the person that has arrived.
        With ``complete``, empty texts keep what the person wrote before; the reason, for which the
        form has no field, always stays until all is emptied. Sent again unchanged, it changes
        nothing. With ``made_at`` it is only about the answer that was made then. Raises NotFound
        and AlreadyChanged.
        """
        key = wrote.answer_id, wrote.by
        with self._db.session() as connection:
            _hold(connection, wrote.answer_id)
            known, before = _correction(connection, *key), _rating(connection, *key)
            new = _completed(wrote, known) if complete else wrote
            if known and new.says_something:
                new = replace(new, reason=new.reason or known.reason)
            says_up = before is not None and before.verdict is Verdict.UP
            if says_up or known is None or replace(new, at=known.at) != known:
                new = replace(new, at=_after_all(connection, *key, new.at))
                _keep_correction(connection, new)
                form = RatingInput(*key, InputKind.FORM, Verdict.DOWN, new.at, waiting=waiting)
                _keep_input(connection, form)
                mark_ratings(connection, [wrote.answer_id])
            # It comes last: since the ratings were marked, nobody can replace the answer.
            if made_at is not None and made_at != _made_at(connection, wrote.answer_id):
                raise AlreadyChanged("The answer was made anew meanwhile: look at it first.")
            return _rating(connection, *key)

    def take_back(self, answer_id: str, by: str, at: datetime) -> Rating | None:
        """Deletes what a person wrote, and takes the form back; returns what they say then.

        Raises NotFound.
        """
        with self._db.session() as connection:
            _hold(connection, answer_id)
            known = _correction(connection, answer_id, by)
            if known is None or not known.stands:
                return _rating(connection, answer_id, by)
            at = _after_all(connection, answer_id, by, at)
            _keep_correction(connection, Correction(answer_id, by, at, stands=False))
            form = rating_inputs.c.kind == InputKind.FORM
            taken = update(rating_inputs).where(_of(rating_inputs, answer_id, by), form)
            connection.execute(taken.values(at=at, stands=False, waiting=False))
            mark_ratings(connection, [answer_id])
            return _rating(connection, answer_id, by)

    def take_back_thumbs(self, answer_id: str, by: str, at: datetime) -> Rating | None:
        """Takes back every thumb of a person, wherever given; returns what they say then.

        What they wrote stays, and says that the answer is bad. Raises NotFound.
        """
        with self._db.session() as connection:
            _hold(connection, answer_id)
            known = _correction(connection, answer_id, by)
            has_written = known is not None and known.stands and known.says_something
            thumbs = rating_inputs.c.kind != InputKind.FORM if has_written else true()
            taken = update(rating_inputs).where(_of(rating_inputs, answer_id, by), thumbs)
            at = _after_all(connection, answer_id, by, at)
            connection.execute(taken.values(at=at, stands=False, waiting=False))
            mark_ratings(connection, [answer_id])
            return _rating(connection, answer_id, by)

    def correction(self, answer_id: str, by: str) -> Correction | None:
        """What the person wrote about the answer, unless they took it back."""
        with self._db.reading() as connection:
            found = _correction(connection, answer_id, by)
        return found if found and found.stands and found.says_something else None

    def waiting(self) -> list[tuple[str, str]]:
        """The answers and people of the inputs of which nobody knows yet whether they count."""
        query = select(rating_inputs.c.answer_id, rating_inputs.c.by).where(WAITING)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(rating_inputs.c.at))
            return list(dict.fromkeys((row.answer_id, row.by) for row in rows))

    def decide(self, answer_id: str, by: str, *, counts: bool) -> Rating | None:
        """Lets a person's waiting inputs count, or deletes them; returns what they say then.

        If nothing else of the person counts, what they wrote is deleted too.
        """
        waits = _of(rating_inputs, answer_id, by), WAITING
        with self._db.session() as connection:
            if counts:
                connection.execute(update(rating_inputs).where(*waits).values(waiting=False))
            else:
                connection.execute(delete(rating_inputs).where(*waits))
            mark_ratings(connection, [answer_id])
            rating = _rating(connection, answer_id, by)
            if rating is None and not counts:
                connection.execute(delete(corrections).where(_of(corrections, answer_id, by)))
            return rating

    def of(self, answer_id: str) -> tuple[Rating, ...]:
        """The ratings of an answer, oldest first."""
        with self._db.reading() as connection:
            return ratings_of(connection, [answer_id]).get(answer_id, ())

    def rated(self, answer_ids: Sequence[str] | None = None) -> Iterator[RatedAnswer]:
        """The answers that have a rating, with their questions and all ratings.

        These are those with ``answer_ids``, in order of time, or all of them, oldest first. They
        are read in pages, each in a short transaction, so that a slow reader blocks nobody. The
        time grows with the number of ratings, not of answers. Each page is as of its reading.
        """
        ids = self._rated_ids() if answer_ids is None else answer_ids
        for start in range(0, len(ids), _PAGE):
            yield from self._page(ids[start : start + _PAGE])

    def briefly(self) -> Iterator[RatedBriefly]:
        """Every answer that has a rating, oldest first, without any text.

        The passages are not read, which makes this a hundred times as fast as ``rated``.
        """
        given, wrote = rating_inputs.c, corrections.c
        is_written = (wrote.text != "") | (wrote.fault == Fault.UNWANTED)
        query = (
            select(
                given.answer_id,
                given.by,
                given.verdict,
                questions.c.asked_by,
                cast(questions.c.audience, Text).label("audience"),
                (wrote.stands & is_written).label("has_written"),
            )
            .select_from(rating_inputs)
            .join(answers, answers.c.id == given.answer_id)
            .join(questions, questions.c.id == answers.c.question_id)
            .outerjoin(corrections, (wrote.answer_id == given.answer_id) & (wrote.by == given.by))
            .where(_COUNTS)
            .order_by(answers.c.created_at, answers.c.id, given.by)
        )
        is_open = cache(_is_open)
        with self._db.reading(long=True) as connection:
            rows = connection.execute(query).all()
        for answer_id, some in groupby(rows, key=attrgetter("answer_id")):
            its = list(some)
            yield RatedBriefly(
                answer_id,
                its[0].asked_by,
                is_open(its[0].audience),
                tuple(dict.fromkeys(each.by for each in its)),
                frozenset(each.by for each in its if each.has_written),
                any(each.verdict is Verdict.DOWN for each in its),
            )

    def _rated_ids(self) -> list[str]:
        given = select(rating_inputs.c.answer_id).where(_COUNTS).distinct().subquery()
        query = (
            select(answers.c.id)
            .join_from(given, answers, answers.c.id == given.c.answer_id)
            .order_by(answers.c.created_at, answers.c.id)
        )
        with self._db.reading(long=True) as connection:
            return list(connection.execute(query).scalars())

    def _page(self, answer_ids: Sequence[str]) -> list[RatedAnswer]:
        query = (
            select(*QUESTION, *ANSWER)
            .join_from(questions, answers)
            .where(answers.c.id.in_(answer_ids))
            .order_by(answers.c.created_at, answers.c.id)
        )
        with self._db.reading() as connection:
            ratings = ratings_of(connection, answer_ids)
            found = [rated_answer(row) for row in connection.execute(query)]
        return [
            replace(one, ratings=ratings[one.answer.id])
            for one in found
            if one.answer.id in ratings
        ]

    def last_rated_at(self) -> datetime | None:
        """When the latest input that counts was given; None if there is none."""
        latest = select(rating_inputs.c.at).where(_COUNTS).order_by(rating_inputs.c.at.desc())
        with self._db.reading() as connection:
            return connection.execute(latest.limit(1)).scalar()


def _is_open(stored: str) -> bool:
    """Whether everyone may read what has this audience. Raises RecordsError."""
    return AUDIENCE.decode(parse_json(stored)).is_everyone


_COUNTS = rating_inputs.c.stands & ~rating_inputs.c.waiting


def _of(table: Table, answer_id: str, by: str) -> ColumnElement[bool]:
    return (table.c.answer_id == answer_id) & (table.c.by == by)


def _hold(connection: Connection, answer_id: str) -> None:
    """Locks the answer, so that nobody deletes it before the transaction ends. Raises NotFound."""
    query = select(answers.c.id).where(answers.c.id == answer_id)
    if connection.execute(query.with_for_update(read=True, key_share=True)).first() is None:
        raise NotFound(f"There is no answer {answer_id}.")


def _made_at(connection: Connection, answer_id: str) -> datetime | None:
    query = select(answers.c.created_at).where(answers.c.id == answer_id)
    return connection.execute(query).scalar()


def _keep_input(connection: Connection, given: RatingInput) -> None:
    """Stores an input, unless the stored one of its kind is later.

    Of two at exactly the same time one taken back wins, then 👎, whichever comes first.
    """
    statement = insert(connection, rating_inputs).values(values(given))
    new, old = statement.excluded, rating_inputs.c
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["answer_id", "by", "kind"],
            set_={name: new[name] for name in ("verdict", "at", "stands", "waiting")},
            # True is more than False, and "up" more than "down".
            where=tuple_(new.at, old.stands, old.verdict) > tuple_(old.at, new.stands, new.verdict),
        )
    )


def _keep_correction(connection: Connection, wrote: Correction) -> None:
    """Stores what was written or taken back, unless the stored one is later."""
    statement = insert(connection, corrections).values(values(wrote))
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["answer_id", "by"],
            set_={name: new[name] for name in ("at", "text", "reason", "fault", "source", "stands")}
            | {"asked_again_at": None},
            where=new.at >= corrections.c.at,
        )
    )


def _completed(new: Correction, known: Correction | None) -> Correction:
    """``new``, with what is stored in place of its empty texts."""
    if known is None:
        return new
    return replace(
        new,
        text=new.text or known.text,
        reason=new.reason or known.reason,
        fault=new.fault or known.fault,
        source=new.source or known.source,
    )


def _correction(connection: Connection, answer_id: str, by: str) -> Correction | None:
    query = select(*CORRECTION).where(_of(corrections, answer_id, by))
    return first(connection, Correction, query)


def _rating(connection: Connection, answer_id: str, by: str) -> Rating | None:
    query = select(*RATING_INPUT).where(_of(rating_inputs, answer_id, by))
    given = every(connection, RatingInput, query)
    return rating_of(given, _correction(connection, answer_id, by))


def _after_all(connection: Connection, answer_id: str, by: str, at: datetime) -> datetime:
    """``at``, or a time after all that is stored of the person and the answer, if that is later."""
    stored = union_all(
        *(select(table.c.at).where(_of(table, answer_id, by)) for table in _BOTH)
    ).subquery()
    latest = connection.execute(select(func.max(stored.c.at))).scalar()
    return at if latest is None else max(at, latest + _NEXT)


_BOTH = rating_inputs, corrections
