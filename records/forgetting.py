"""Deletes everything that is stored about a person, a source or an answer, in one transaction.

Answers from a source quote it, so they are deleted with their questions and ratings. The histories
of later questions in the same conversations are emptied, since they may quote it too. SQLite
overwrites deleted text; ``Database.empty_log`` then empties its write-ahead log.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    cast,
    delete,
    literal,
    or_,
    select,
    update,
)

from domain.cards import CardState
from domain.errors import RecordsError
from domain.jobs import JobKind, JobState
from domain.questions import Message
from records.answer_marks import mark_ratings
from records.cards import forget_who_asked
from records.database import Database
from records.given_to_person import delete_labels, is_own_label
from records.night_rows import delete_rows_of
from records.tables import (
    adapter_changes,
    answers,
    audit,
    cards,
    channel_settings,
    collection_grants,
    collections,
    console_sessions,
    corrections,
    counted_questions,
    gaps,
    golden,
    grants,
    jobs,
    kept_out_of_training,
    members,
    questions,
    rating_inputs,
    sources,
    versions,
    withheld,
)

FORGOTTEN = (Message("user", "(forgotten)"),)
"""Replaces the history of a question that followed a deleted one.

It is not empty, since the answer depended on the deleted history: it must not be trained on."""

_AT_ONCE = 500
"""The most ids in one statement."""

_LONGEST_ANSWER = timedelta(minutes=10)
"""An answer that was begun longer ago than this is finished, so its passages are recorded."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored: ids of questions and answers, and texts to look for in files.

    ``answers`` are those that an adapter may have been trained on.
    """

    questions: frozenset[str]
    answers: frozenset[str]
    texts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows were deleted; ``histories`` and ``requests`` count rows that were changed.

    ``requests`` are sources, grants and other rows from which the person's id was removed.
    """

    questions: int = 0
    answers: int = 0
    ratings: int = 0
    jobs: int = 0
    sources: int = 0
    histories: int = 0
    requests: int = 0
    corrections: int = 0
    cards: int = 0


class Forgetting:
    """Every method raises DatabaseUnavailable.

    Each ``find_…`` returns None if nothing is stored. Each ``delete_…`` may be called again after a
    crash, and does nothing if everything was deleted.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def find_person(self, person: str) -> Stored | None:
        """What ``person`` asked and rated, and the sources that they requested."""
        rated = select(rating_inputs.c.answer_id).where(rating_inputs.c.by == person)
        with self._db.reading(long=True) as connection:
            if not is_known(connection, person):
                return None
            stored = _stored(connection, _asked_by(connection, person))
            given = set(connection.execute(rated).scalars())
            written = connection.execute(_TEXTS.where(corrections.c.by == person)).all()
        return Stored(
            stored.questions,
            stored.answers | given,
            stored.texts | {text for row in written for text in row if text},
        )

    def delete_person(self, person: str) -> Deleted:
        """Deletes it. Sources and collections that the person requested stay, without the id.

        So do answers of experts to what the person asked. What the person confirmed as an answer,
        and documents that nobody else may read, must be deleted before, with ``delete_source``.

        Nobody is told any more of trouble with these collections.
        """
        with self._db.session(long=True) as connection:
            of_cards = _delete_cards_of(connection, person)
            asked = _asked_by(connection, person)
            deleted = _delete_questions(connection, asked)
            own = _delete_ratings(connection, rating_inputs.c.by == person)
            written = delete(corrections).where(corrections.c.by == person)
            wrote = connection.execute(written).rowcount
            work = connection.execute(delete(jobs).where(jobs.c.person == person)).rowcount
            # Nothing is left to be kept out; whoever comes back chooses again.
            chosen = delete(kept_out_of_training).where(kept_out_of_training.c.person == person)
            connection.execute(chosen)
            counted = delete(counted_questions).where(counted_questions.c.person == person)
            connection.execute(counted)
            _unname(connection, person)
            delete_labels(connection, person)
            theirs = console_sessions.c.person == person
            connection.execute(delete(console_sessions).where(theirs))
            # The request names who made it.
            made = update(adapter_changes).where(adapter_changes.c.by == person)
            forgotten = literal("forgotten:") + cast(adapter_changes.c.id, Text)
            connection.execute(made.values(request=forgotten))
            own_collections = collections.c.requested_by == person
            connection.execute(update(collections).where(own_collections).values(report=""))
            requests = sum(
                connection.execute(update(table).where(by == person).values({by.name: ""})).rowcount
                for table, by in (
                    (sources, sources.c.requested_by),
                    (grants, grants.c.by),
                    (collections, collections.c.requested_by),
                    (collection_grants, collection_grants.c.by),
                    (jobs, jobs.c.person),
                    (channel_settings, channel_settings.c.expert),
                    (cards, cards.c.asked_by),
                    (gaps, gaps.c.closed_by),
                    (gaps, gaps.c.awaited_by),
                    (adapter_changes, adapter_changes.c.by),
                    (golden, golden.c.by),
                    (audit, audit.c.by),
                    (audit, audit.c.to),
                )
            )
        return Deleted(
            deleted.questions,
            deleted.answers,
            deleted.ratings + own,
            deleted.jobs + work,
            histories=deleted.histories,
            requests=requests,
            corrections=deleted.corrections + wrote,
            cards=of_cards,
        )

    def find_source(self, uri: str) -> Stored | None:
        """What is stored of a source, and the answers that were made from it.

        It reads every answer. Raises RecordsError if the source is being read.
        """
        with self._db.reading(long=True) as connection:
            _refuse_while_read(connection, uri)
            asked = _answered_from(connection, uri)
            stored = _stored(connection, list(asked))
            known = connection.execute(select(sources.c.uri).where(sources.c.uri == uri)).first()
            wanted = connection.execute(select(jobs.c.id).where(_reads(uri)).limit(1)).first()
            card = connection.execute(_CARD_TEXTS.where(cards.c.source == uri)).first()
        if not (asked or known or wanted or card):
            return None
        texts = stored.texts.union(*asked.values(), card[1:] if card else ())
        # The night calls an example that was made of a card by the card's id.
        trained = stored.answers.union([card.id] if card else ())
        return Stored(stored.questions, trained, texts - {""})

    def delete_source(self, uri: str, stored: Stored) -> Deleted:
        """Deletes what ``find_source`` found (``stored``), and later answers from the source.

        Delete its passages from the index first, so that no new answers are made from it.
        """
        lately = answers.c.created_at > datetime.now(UTC) - _LONGEST_ANSWER
        with self._db.session(long=True) as connection:
            _refuse_while_read(connection, uri)
            asked = stored.questions.union(_answered_from(connection, uri, lately))
            deleted = _delete_questions(connection, sorted(asked))
            reading = connection.execute(delete(jobs).where(_reads(uri))).rowcount
            of_cards = _delete_cards(connection, cards.c.source == uri)
            # A collection of this name would read it again.
            connection.execute(delete(collections).where(collections.c.uri == uri))
            known = connection.execute(delete(sources).where(sources.c.uri == uri)).rowcount
            had = select(sources.c.document)
            connection.execute(delete(versions).where(versions.c.document.not_in(had)))
        return Deleted(
            deleted.questions,
            deleted.answers,
            deleted.ratings,
            deleted.jobs + reading,
            sources=known,
            histories=deleted.histories,
            corrections=deleted.corrections,
            cards=of_cards,
        )

    def find_answer(self, answer_id: str) -> Stored | None:
        with self._db.reading() as connection:
            asked = _question_of(connection, answer_id)
            return _stored(connection, asked) if asked else None

    def find_correction(self, answer_id: str, person: str) -> Stored | None:
        """What ``person`` wrote about an answer; `Ratings.take_back` deletes it."""
        theirs = (corrections.c.answer_id == answer_id) & (corrections.c.by == person)
        with self._db.reading() as connection:
            row = connection.execute(_TEXTS.where(theirs, corrections.c.stands)).first()
        return Stored(frozenset(), frozenset([answer_id]), frozenset(row) - {""}) if row else None

    def delete_answer(self, answer_id: str) -> Deleted:
        """Deletes the answer's question too."""
        with self._db.session() as connection:
            asked = _question_of(connection, answer_id)
            return _delete_questions(connection, asked)


def is_known(connection: Connection, person: str) -> bool:
    """Whether anything is stored about a person."""
    return any(
        connection.execute(query.limit(1)).first()
        for query in (
            select(questions.c.id).where(questions.c.asked_by == person),
            select(rating_inputs.c.answer_id).where(rating_inputs.c.by == person),
            select(corrections.c.answer_id).where(corrections.c.by == person),
            select(sources.c.uri).where(sources.c.requested_by == person),
            select(grants.c.source).where(grants.c.by == person),
            select(collections.c.uri).where(collections.c.requested_by == person),
            select(collection_grants.c.label).where(collection_grants.c.by == person),
            *(
                select(given.c.label).where(is_own_label(given.c.label, person))
                for given in (grants, collection_grants, withheld)
            ),
            select(jobs.c.id).where(jobs.c.person == person),
            select(channel_settings.c.channel).where(channel_settings.c.expert == person),
            select(cards.c.id).where(_of_card(person) | (cards.c.asked_by == person)),
            select(gaps.c.id).where(or_(gaps.c.closed_by == person, gaps.c.awaited_by == person)),
            select(adapter_changes.c.id).where(adapter_changes.c.by == person),
            _naming(person),
            select(kept_out_of_training).where(kept_out_of_training.c.person == person),
            select(counted_questions).where(counted_questions.c.person == person),
            select(golden.c.id).where(golden.c.by == person),
            select(console_sessions.c.id).where(console_sessions.c.person == person),
            select(audit.c.id).where((audit.c.by == person) | (audit.c.to == person)),
        )
    )


_TEXTS = select(corrections.c.text, corrections.c.reason, corrections.c.source)
"""What people wrote about answers."""


_CARD_TEXTS = select(cards.c.id, cards.c.question, cards.c.answer, cards.c.link)


def _of_card(person: str) -> ColumnElement[bool]:
    """That a card has a person's words: that they wrote, or confirmed."""
    return (cards.c.expert == person) | (cards.c.confirmed_by == person)


def _delete_cards_of(connection: Connection, person: str) -> int:
    """Deletes what a person was asked as an expert, and what waits for an answer to them."""
    is_open = cards.c.state.in_([CardState.ASKED, CardState.DRAFT])
    theirs = _of_card(person) | (cards.c.asked_by == person)
    return _delete_cards(connection, theirs & is_open)


def _delete_cards(connection: Connection, theirs: ColumnElement[bool]) -> int:
    """Deletes cards with their jobs; returns how many cards."""
    ids = list(connection.execute(select(cards.c.id).where(theirs)).scalars())
    for some in _batches(ids):
        connection.execute(delete(jobs).where(jobs.c.kind == JobKind.CARD, jobs.c.key.in_(some)))
        connection.execute(delete(cards).where(cards.c.id.in_(some)))
        delete_rows_of(connection, some)
    return len(ids)


def _delete_ratings(connection: Connection, theirs: ColumnElement[bool]) -> int:
    """Deletes inputs; returns of how many people and answers."""
    given = select(rating_inputs.c.answer_id, rating_inputs.c.by).where(theirs).distinct()
    found = connection.execute(given).all()
    connection.execute(delete(rating_inputs).where(theirs))
    mark_ratings(connection, sorted({row.answer_id for row in found}))
    return len(found)


def _asked_by(connection: Connection, person: str) -> list[str]:
    query = select(questions.c.id).where(questions.c.asked_by == person)
    return [row.id for row in connection.execute(query)]


def _question_of(connection: Connection, answer_id: str) -> list[str]:
    query = select(answers.c.question_id).where(answers.c.id == answer_id)
    return [row.question_id for row in connection.execute(query)]


def _reads(uri: str) -> ColumnElement[bool]:
    return jobs.c.kind.in_([JobKind.SOURCE, JobKind.COLLECTION, JobKind.RETRY]) & (
        jobs.c.key == uri
    )


def _refuse_while_read(connection: Connection, uri: str) -> None:
    in_it = select(members.c.collection).where(members.c.source == uri)
    reads = or_(_reads(uri), (jobs.c.kind == JobKind.COLLECTION) & jobs.c.key.in_(in_it))
    running = select(jobs.c.id).where(reads, jobs.c.state == JobState.RUNNING)
    if connection.execute(running.limit(1)).first():
        raise RecordsError(f"{uri} is being read: forget it again once that is done.")


def _answered_from(
    connection: Connection, uri: str, *conditions: ColumnElement[bool]
) -> dict[str, set[str]]:
    """The questions that were answered from a source, each with the passages that were shown.

    They are in the JSON of the answer's passages.
    """
    written = json.dumps(uri)[1:-1]
    columns = answers.c.passages, answers.c.citations
    holds = (cast(column, Text).contains(written, autoescape=True) for column in columns)
    query = select(answers.c.question_id, *columns).where(or_(*holds), *conditions)
    found = {}
    for question_id, passages, citations in connection.execute(query):
        shown = {one.text for one in passages if one.source == uri}
        shown |= {one.quote for one in citations if one.source == uri}
        newer = (one.newer for one in (*passages, *citations))
        shown |= {one.title for one in newer if one and one.source == uri}
        if shown:
            found[question_id] = shown
    return found


def _stored(connection: Connection, question_ids: Sequence[str]) -> Stored:
    """The questions, their answers and ratings, and all texts in them."""
    found: set[str] = set()
    texts: set[str] = set()
    asked = select(questions.c.text, answers.c.id, answers.c.text).join_from(
        questions, answers, isouter=True
    )
    rated = _TEXTS.join(answers)
    for ids in _batches(question_ids):
        for question, answer_id, answer in connection.execute(asked.where(questions.c.id.in_(ids))):
            texts |= {question, answer or ""}
            found |= {answer_id} - {None}
        for row in connection.execute(rated.where(answers.c.question_id.in_(ids))):
            texts |= set(row)
    return Stored(frozenset(question_ids), frozenset(found), frozenset(texts - {""}))


def _delete_questions(connection: Connection, question_ids: Sequence[str]) -> Deleted:
    """Deletes questions, answers, ratings and jobs; empties histories that may quote them."""
    asked = answered = rated = wrote = queued = emptied = 0
    conversations: set[str] = set()
    for ids in _batches(question_ids):
        theirs = questions.c.id.in_(ids)
        places = select(questions.c.thread, questions.c.asked_in).where(theirs)
        conversations.update(*connection.execute(places).all())
        about = select(answers.c.id).where(answers.c.question_id.in_(ids))
        work = (jobs.c.kind == JobKind.QUESTION) & jobs.c.key.in_(ids)
        rated += _delete_ratings(connection, rating_inputs.c.answer_id.in_(about))
        delete_rows_of(connection, connection.execute(about).scalars().all())
        forget_who_asked(connection, ids)
        written = corrections.c.answer_id.in_(about)
        wrote += connection.execute(delete(corrections).where(written)).rowcount
        answered += connection.execute(
            delete(answers).where(answers.c.question_id.in_(ids))
        ).rowcount
        asked += connection.execute(delete(questions).where(theirs)).rowcount
        queued += connection.execute(delete(jobs).where(work)).rowcount
    for names in _batches(sorted(conversations - {""})):
        emptied += forget_histories(connection, names)
    return Deleted(asked, answered, rated, queued, histories=emptied, corrections=wrote)


def forget_histories(connection: Connection, conversations: Sequence[str]) -> int:
    """Replaces each history from these conversations by ``FORGOTTEN``; returns how many.

    What is answered to a person alone quotes the conversation where it was asked.
    """
    quotes = questions.c.thread.in_(conversations) | questions.c.asked_in.in_(conversations)
    query = select(questions.c.id, questions.c.history).where(quotes)
    quoting = [
        question_id
        for question_id, history in connection.execute(query)
        if history and history != FORGOTTEN
    ]
    for ids in _batches(quoting):
        emptied = update(questions).where(questions.c.id.in_(ids)).values(history=FORGOTTEN)
        connection.execute(emptied)
    return len(quoting)


def _batches(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    all_ids = list(ids)
    for start in range(0, len(all_ids), _AT_ONCE):
        yield all_ids[start : start + _AT_ONCE]


def _naming(person: str) -> Select[Any]:
    """The channels whose settings may name a person as one who may add documents."""
    said = cast(channel_settings.c.adders, Text)
    return select(channel_settings.c.channel).where(said.contains(f'"{person}"', autoescape=True))


def _unname(connection: Connection, person: str) -> None:
    """Replaces the person's id by an empty one: without any, everybody might add documents."""
    settings = channel_settings.c
    query = select(settings.team, settings.channel, settings.adders)
    for team, channel, adders in connection.execute(query).all():
        if person in adders:
            kept = tuple("" if one == person else one for one in adders)
            its = (settings.team == team) & (settings.channel == channel)
            connection.execute(update(channel_settings).where(its).values(adders=kept))
