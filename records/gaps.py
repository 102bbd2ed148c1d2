"""The gaps and their questions. What a gap is made of is deleted with its questions."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update

from domain.cards import Card
from domain.documents import SourceState
from domain.gaps import (
    BadAnswer,
    Closing,
    FailedQuestion,
    Gap,
    GapQuestion,
    GapState,
    is_open_again,
)
from domain.jobs import JobKind, JobState, NewJob
from domain.questions import Passage, Question
from records.cards import keep_verified
from records.database import Database
from records.failed_questions import bad_answers, failed_questions, has_verified_card
from records.jobs import add_jobs
from records.question_teams import teams_of_questions
from records.rows import QUESTION, columns, every, first, insert, values
from records.tables import (
    answers,
    collection_grants,
    collections,
    gap_questions,
    gaps,
    jobs,
    members,
    questions,
    sources,
)

_GAP = columns(gaps, Gap)
_IS_LEFT = and_(gap_questions.c.told_at.is_(None), ~has_verified_card(gap_questions.c.question_id))
_PAGE = 200
"""How many questions are looked up or stored at a time."""


class Gaps:
    """Every method raises DatabaseUnavailable. An empty ``team`` means the terminal's questions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def failed(self, team: str, since: datetime) -> list[FailedQuestion]:
        """The questions of a team, asked since a time, without a sure answer or rated bad now.

        An answer is rated bad if not more people say that it is good. What an expert answered since
        did not fail.
        """
        with self._db.reading(long=True) as connection:
            return failed_questions(connection, team, since)

    def teams(self) -> list[str]:
        """The teams whose questions are stored; empty for the terminal and the console.

        It needs only one index look-up for each team, however many questions there are.
        """
        with self._db.reading() as connection:
            return teams_of_questions(connection)

    def teams_with_gaps(self) -> list[str]:
        """Those of ``teams`` that have a gap; it reads the gaps only."""
        with self._db.reading() as connection:
            found = connection.execute(select(gaps.c.team).distinct()).scalars()
            return sorted(found)

    def questions(self, team: str) -> list[GapQuestion]:
        """Those of all of a team's gaps, in the order in which they were asked."""
        return self._questions(gaps.c.team == team)

    def largest(self, team: str, since: datetime, limit: int) -> list[Gap]:
        """A team's open gaps with a question that failed since a time, the largest first.

        Only the questions count that are unanswered: how many they are, of how many people, and
        how late the latest failed.
        """
        latest = func.max(gap_questions.c.failed_at)
        people = func.count(questions.c.asked_by.distinct())
        sizes = (
            select(gaps.c.id)
            .join_from(gap_questions, questions)
            .join(gaps, gaps.c.id == gap_questions.c.gap)
            .where(
                gaps.c.team == team,
                gaps.c.state == GapState.OPEN,
                _IS_LEFT,
            )
            .group_by(gaps.c.id)
            .having(latest >= since)
            .order_by(func.count().desc(), people.desc(), latest.desc(), gaps.c.id)
            .limit(limit)
        )
        with self._db.reading(long=True) as connection:
            ids = list(connection.execute(sizes).scalars())
            query = select(*_GAP).where(gaps.c.id.in_(ids))
            found = {gap.id: gap for gap in every(connection, Gap, query)}
        # One may be gone since, with its questions.
        return [found[gap_id] for gap_id in ids if gap_id in found]

    def unanswered(self, gap_ids: Collection[str]) -> dict[str, list[GapQuestion]]:
        """The questions of these gaps that nobody confirmed or was told an answer to, by gap.

        They are in the order in which they were asked; gaps without one are left out.
        """
        found: dict[str, list[GapQuestion]] = {}
        for one in self._questions(and_(gap_questions.c.gap.in_(gap_ids), _IS_LEFT)):
            found.setdefault(one.gap, []).append(one)
        return found

    def questions_of(self, gap_id: str) -> list[GapQuestion]:
        return self._questions(gaps.c.id == gap_id)

    def all(self, team: str) -> dict[str, Gap]:
        """A team's gaps by id, also closed ones."""
        query = select(*_GAP).where(gaps.c.team == team).order_by(gaps.c.opened_at, gaps.c.id)
        with self._db.reading() as connection:
            return {gap.id: gap for gap in every(connection, Gap, query)}

    def passages(self, question_ids: Collection[str]) -> list[tuple[Passage, ...]]:
        """The passages of the answer to each question, which were nearest when it was asked."""
        query = select(answers.c.passages).where(answers.c.question_id.in_(question_ids))
        with self._db.reading() as connection:
            return list(connection.execute(query.order_by(answers.c.question_id)).scalars())

    def bad_answers(self, question_ids: Collection[str]) -> dict[str, BadAnswer]:
        """Those of these questions of whose answers people say what was wrong, by question."""
        with self._db.reading() as connection:
            return bad_answers(connection, question_ids)

    def find(self, gap_id: str) -> Gap | None:
        with self._db.reading() as connection:
            return _gap(connection, gap_id)

    def held(self, gap_id: str) -> Gap | None:
        """The gap, which nobody else changes before the end of ``Database.together``."""
        query = select(*_GAP).where(gaps.c.id == gap_id).with_for_update()
        with self._db.session() as connection:
            return first(connection, Gap, query)

    def keep(
        self,
        new: Iterable[Gap],
        placed: Sequence[GapQuestion],
        gone: Collection[str],
        at: datetime,
    ) -> None:
        """Stores new gaps, takes questions out of their gaps, and then puts others in.

        A question that is in a gap stays there. A closed gap whose questions failed again is open
        again.
        """
        with self._db.session() as connection:
            known = set(connection.execute(select(gaps.c.id)).scalars())
            rows = [values(gap) for gap in new if gap.id not in known]
            if rows:
                connection.execute(insert(connection, gaps).on_conflict_do_nothing(), rows)
            for ids in _batches(gone):
                connection.execute(
                    delete(gap_questions).where(gap_questions.c.question_id.in_(ids))
                )
            for start in range(0, len(placed), _PAGE):
                _place(connection, placed[start : start + _PAGE])
            self._reopen(connection, placed, at)

    def close(
        self,
        gap_id: str,
        closing: Closing,
        by: str,
        closed_with: str,
        at: datetime,
        jobs: Iterable[NewJob] = (),
        written: Iterable[Card] = (),
    ) -> bool:
        """Closes an open gap, with jobs and verified cards in the same transaction.

        Returns False if it is not open; then nothing is stored. Nor is anything if somebody
        confirmed an answer to one of the cards' questions: that raises AlreadyChanged.
        """
        return self._end(
            gap_id,
            jobs,
            written,
            state=GapState.CLOSED,
            closing=closing,
            closed_at=at,
            closed_by=by,
            closed_with=closed_with,
            awaited="",
            awaited_at=None,
            awaited_by="",
        )

    def dismiss(self, gap_id: str, by: str, at: datetime) -> bool:
        """Stores that an open gap is nobody's topic; False if it is not open."""
        asked = len(self.questions_of(gap_id))
        return self._end(
            gap_id,
            state=GapState.DISMISSED,
            closing=None,
            closed_at=at,
            closed_by=by,
            closed_with="",
            asked_before=asked,
            awaited="",
            awaited_at=None,
            awaited_by="",
        )

    def wait_for(self, gap_id: str, address: str, by: str, at: datetime) -> bool:
        """Stores which document is to close an open gap once it is read; False if none is open."""
        return self._end(gap_id, awaited=address, awaited_at=at, awaited_by=by)

    def read(self, team: str) -> list[Gap]:
        """The open gaps whose awaited document, or collection, may answer more since it was named.

        One that is known is read again by itself, mostly as it was before. So it counts if
        something in it was read anew, if it was given to more readers, or if a person let it be
        read.
        """
        query = select(*_GAP).where(
            gaps.c.awaited != "",
            gaps.c.team == team,
            gaps.c.state == GapState.OPEN,
            or_(*_ways_to_answer_more()),
        )
        with self._db.reading() as connection:
            return every(connection, Gap, query)

    def untold(self, gap_id: str, person: str) -> list[Question]:
        """The questions in a gap of a person who was not told an answer, the latest first."""
        query = (
            select(*QUESTION)
            .join_from(gap_questions, questions)
            .where(
                gap_questions.c.gap == gap_id,
                gap_questions.c.told_at.is_(None),
                questions.c.asked_by == person,
            )
            .order_by(questions.c.asked_at.desc(), questions.c.id)
        )
        with self._db.reading() as connection:
            return every(connection, Question, query)

    def may_be_told(self, gap_id: str, person: str) -> bool:
        """Whether an earlier attempt began to tell a person, so that they may be told already."""
        query = select(gap_questions.c.question_id).where(
            gap_questions.c.telling, *_theirs(gap_id, person)
        )
        with self._db.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def telling(self, gap_id: str, person: str) -> None:
        """Stores that a person is about to be told."""
        self._set(gap_id, person, telling=True)

    def told(self, gap_id: str, person: str, at: datetime) -> None:
        """Stores that a person was told an answer to what they asked in a gap."""
        self._set(gap_id, person, told_at=at, telling=False)

    def told_since(self, gap_id: str, at: datetime) -> int:
        """How many people were told an answer since a time."""
        query = (
            select(questions.c.asked_by)
            .join_from(gap_questions, questions)
            .where(gap_questions.c.gap == gap_id, gap_questions.c.told_at >= at)
        )
        with self._db.reading() as connection:
            return len(set(connection.execute(query).scalars()))

    def _set(self, gap_id: str, person: str, **changed: object) -> None:
        statement = update(gap_questions).where(*_theirs(gap_id, person))
        with self._db.session() as connection:
            connection.execute(statement.values(changed))

    def _end(
        self,
        gap_id: str,
        jobs: Iterable[NewJob] = (),
        written: Iterable[Card] = (),
        **changed: object,
    ) -> bool:
        is_open = (gaps.c.id == gap_id, gaps.c.state == GapState.OPEN)
        with self._db.session() as connection:
            if not connection.execute(update(gaps).where(*is_open).values(changed)).rowcount:
                return False
            add_jobs(connection, jobs)
            for card in written:
                keep_verified(connection, card, card.confirmed_at or card.asked_at)
            return True

    def _reopen(self, connection: Connection, placed: Iterable[GapQuestion], at: datetime) -> None:
        ids = sorted({one.gap for one in placed})
        for some in _batches(ids):
            query = select(*_GAP).where(gaps.c.id.in_(some), gaps.c.state != GapState.OPEN)
            for gap in every(connection, Gap, query):
                failed = _questions(connection, gaps.c.id == gap.id)
                if is_open_again(gap, (one.failed for one in failed)):
                    opened = {"state": GapState.OPEN, "reopened_at": at}
                    connection.execute(update(gaps).where(gaps.c.id == gap.id).values(opened))

    def _questions(self, which: ColumnElement[bool]) -> list[GapQuestion]:
        with self._db.reading(long=True) as connection:
            return _questions(connection, which)


def _gap(connection: Connection, gap_id: str) -> Gap | None:
    return first(connection, Gap, select(*_GAP).where(gaps.c.id == gap_id))


def _questions(connection: Connection, which: ColumnElement[bool]) -> list[GapQuestion]:
    own = gap_questions.c
    query = (
        select(
            *QUESTION,
            *(own.gap, own.is_refused, own.failed_at, own.cause),
            *(own.key, own.model, own.vector, own.told_at),
        )
        .join_from(gap_questions, questions)
        .join(gaps, gaps.c.id == own.gap)
        .where(which)
        .order_by(questions.c.asked_at, questions.c.id)
    )
    return [_question(row) for row in connection.execute(query)]


def _question(row: Sequence[Any]) -> GapQuestion:
    end = len(QUESTION)
    gap, is_refused, failed_at, cause, key, model, vector, told_at = row[end:]
    failed = FailedQuestion(Question(*row[:end]), is_refused, failed_at, cause)
    return GapQuestion(gap, failed, key, model, array("f", vector), told_at)


def _place(connection: Connection, placed: Sequence[GapQuestion]) -> None:
    """Stores where questions belong; of one that has a gap, only what is known of it changes."""
    rows = [
        {
            "question_id": one.question.id,
            "gap": one.gap,
            "failed_at": one.failed.failed_at,
            "is_refused": one.failed.is_refused,
            "cause": one.failed.cause,
            "key": one.key,
            "model": one.model,
            "vector": array("f", one.vector).tobytes(),
        }
        for one in placed
    ]
    ids = [one.question.id for one in placed]
    there = set(connection.execute(select(questions.c.id).where(questions.c.id.in_(ids))).scalars())
    if not (kept := [row for row in rows if row["question_id"] in there]):
        return
    statement = insert(connection, gap_questions)
    new = statement.excluded
    names = ("failed_at", "is_refused", "cause", "key", "model", "vector")
    changed = statement.on_conflict_do_update(
        index_elements=["question_id"], set_={name: new[name] for name in names}
    )
    connection.execute(changed, kept)


def _ways_to_answer_more() -> tuple[ColumnElement[bool], ...]:
    since = gaps.c.awaited_at
    is_read_anew = sources.c.state == SourceState.INDEXED, sources.c.updated_at >= since
    is_it, read_at = collections.c.uri == gaps.c.awaited, collections.c.read_at
    return (
        exists().where(sources.c.uri == gaps.c.awaited, *is_read_anew),
        exists().where(
            is_it,
            members.c.collection == collections.c.uri,
            members.c.source == sources.c.uri,
            *is_read_anew,
            # A reading that still runs may not have come to what is waited for.
            sources.c.updated_at <= read_at,
        ),
        exists().where(
            is_it,
            collection_grants.c.collection == collections.c.uri,
            collection_grants.c.since.between(since, read_at),
        ),
        exists().where(
            is_it,
            jobs.c.key == collections.c.uri,
            jobs.c.kind == JobKind.COLLECTION,
            jobs.c.person != "",
            jobs.c.state == JobState.DONE,
            jobs.c.updated_at >= since,
            # It may have been done without success.
            jobs.c.created_at <= read_at,
            read_at >= since,
        ),
    )


def _theirs(gap_id: str, person: str) -> tuple[ColumnElement[bool], ...]:
    asked = select(questions.c.id).where(questions.c.asked_by == person)
    return (
        gap_questions.c.gap == gap_id,
        gap_questions.c.told_at.is_(None),
        gap_questions.c.question_id.in_(asked),
    )


def _batches(ids: Iterable[str]) -> Iterable[list[str]]:
    every_id = list(ids)
    for start in range(0, len(every_id), _PAGE):
        yield every_id[start : start + _PAGE]
