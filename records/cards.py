"""What experts were asked, and what they confirmed as answers."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from domain.cards import Card, CardState, card_job
from domain.errors import AlreadyChanged, NotFound
from records.database import Database
from records.jobs import add_jobs
from records.rows import columns, every, first, insert, values
from records.tables import cards, questions

_CARD = columns(cards, Card)
_OPEN = cards.c.state.in_([CardState.ASKED, CardState.DRAFT])
_VERIFIED = cards.c.state == CardState.VERIFIED
_EMPTY = {"question": "", "answer": "", "link": "", "lines": ""}


class Cards:
    """Every method raises DatabaseUnavailable.

    What changes a card's state adds a job for it in the same transaction, which does the rest in
    Slack.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, card_id: str) -> Card | None:
        return self._one(cards.c.id == card_id)

    def of_source(self, source: str) -> Card | None:
        return self._one(cards.c.source == source)

    def of_question(self, question_id: str) -> Card | None:
        return self._one(cards.c.question_id == question_id)

    def verified_of(self, wanted: Iterable[str]) -> list[Card]:
        """The verified cards among some sources, the latest first."""
        sources = sorted(wanted)
        if not sources:
            return []
        query = select(*_CARD).where(cards.c.source.in_(sources), _VERIFIED)
        with self._db.reading() as connection:
            return every(connection, Card, query.order_by(cards.c.confirmed_at.desc()))

    def confirmed(self, question_ids: Iterable[str]) -> dict[str, Card]:
        """The verified cards of some questions, by question."""
        wanted = cards.c.question_id.in_(sorted(question_ids))
        with self._db.reading() as connection:
            found = every(connection, Card, select(*_CARD).where(wanted, _VERIFIED))
        return {card.question_id: card for card in found}

    def verified(self) -> Iterator[Card]:
        """All verified cards, in order of the time at which they were confirmed."""
        query = select(*_CARD).where(_VERIFIED).order_by(cards.c.confirmed_at, cards.c.id)
        with self._db.reading(long=True) as connection:
            yield from every(connection, Card, query)

    def answered_by(self, person: str) -> list[Card]:
        """The cards, verified and withdrawn, that a person wrote or confirmed."""
        theirs = (cards.c.expert == person) | (cards.c.confirmed_by == person)
        with self._db.reading() as connection:
            return every(connection, Card, select(*_CARD).where(theirs, ~_OPEN))

    def ask(self, card: Card) -> bool:
        """Stores that an expert is to be asked; False if that was so before."""
        with self._db.session() as connection:
            row = insert(connection, cards).values(values(card)).on_conflict_do_nothing()
            if connection.execute(row.returning(cards.c.id)).first() is None:
                return False
            add_jobs(connection, [card_job(card, card.asked_at)])
            return True

    def wrote(self, thread: str, person: str, now: datetime) -> bool:
        """Stores that somebody wrote in a thread; whether that may be an expert's answer.

        It is for the question that the person was asked last there.
        """
        theirs = (cards.c.thread == thread, cards.c.expert == person)
        query = select(*_CARD).where(*theirs, cards.c.state == CardState.ASKED)
        query = query.order_by(cards.c.asked_at.desc(), cards.c.id).limit(1)
        # Most lines are nobody's answer, so nothing is locked to find that out.
        with self._db.reading() as connection:
            if first(connection, Card, query) is None:
                return False
        with self._db.session() as connection:
            card = first(connection, Card, query.with_for_update())
            if card is None:
                return False
            _change(connection, card, now, state=CardState.DRAFT)
            return True

    def unwrote(self, place: str, ts: str, thread: str, now: datetime) -> bool:
        """Stores that the message ``ts`` was deleted; returns whether that matters.

        The names of messages of its channel begin with ``place``. A card that came from it is
        withdrawn. What is left of a draft in its ``thread`` is looked at again.
        """
        there = cards.c.thread.startswith(place, autoescape=True)
        of_it = _VERIFIED & cards.c.lines.contains(ts, autoescape=True)
        draft = (cards.c.thread == thread) & (cards.c.state == CardState.DRAFT)
        query = select(*_CARD).where(there, of_it | draft)
        with self._db.reading() as connection:
            found = every(connection, Card, query)
        if not found:
            return False
        with self._db.session() as connection:
            for card in every(connection, Card, query.with_for_update()):
                if card.state is CardState.VERIFIED:
                    _change(connection, card, now, state=CardState.WITHDRAWN, **_EMPTY)
                else:
                    add_jobs(connection, [card_job(card, now)])
        return True

    def verify(self, wanted: Card, now: datetime, seen: str = "") -> bool:
        """Stores what somebody confirmed; False if it was so before.

        ``wanted`` has its words and readers; what is known of it besides stays. ``seen`` is the
        version of the card that it replaces. Raises NotFound, and AlreadyChanged if somebody
        confirmed or withdrew the card since.
        """
        with self._db.session() as connection:
            known = _held(connection, wanted.id)
            new = replace(
                known,
                state=CardState.VERIFIED,
                question=wanted.question,
                answer=wanted.answer,
                link=wanted.link,
                audience=wanted.audience,
                lines=wanted.lines,
                confirmed_by=wanted.confirmed_by,
            )
            if new == known:
                return False
            if known.version != seen:
                raise AlreadyChanged("Somebody confirmed or withdrew this answer meanwhile.")
            _change(connection, known, now, **values(replace(new, confirmed_at=now, name="")))
            return True

    def confirm(self, card: Card, now: datetime) -> None:
        """Stores a verified card of a question, also if an expert was asked it.

        Raises AlreadyChanged if one is verified already, and NotFound if the question is deleted.
        """
        with self._db.session() as connection:
            asked = select(questions.c.id).where(questions.c.id == card.question_id)
            # The lock lets only one of two people confirm it, also if there is no card yet.
            if connection.execute(asked.with_for_update()).first() is None:
                raise NotFound("The question was deleted meanwhile.")
            known = first(connection, Card, select(*_CARD).where(cards.c.id == card.id))
            if known and known.state is CardState.VERIFIED:
                who = known.name or known.confirmed_by
                raise AlreadyChanged(f"{who} confirmed an answer to this question meanwhile.")
            keep_verified(connection, card, now)

    def withdraw(self, card_id: str, now: datetime, confirmed_at: datetime | None = None) -> bool:
        """Stores that a verified card is taken back, without its texts; False if it is none.

        With ``confirmed_at`` only what was confirmed at this time. Raises NotFound.
        """
        with self._db.session() as connection:
            card = _held(connection, card_id)
            is_other = confirmed_at is not None and card.confirmed_at != confirmed_at
            if card.state is not CardState.VERIFIED or is_other:
                return False
            _change(connection, card, now, state=CardState.WITHDRAWN, **_EMPTY)
            return True

    def set_back(self, card_id: str) -> None:
        """Stores that nothing is left of a draft: the expert is to be heard again."""
        draft = (cards.c.id == card_id, cards.c.state == CardState.DRAFT)
        with self._db.session() as connection:
            statement = update(cards).where(*draft).values(state=CardState.ASKED, offer="")
            connection.execute(statement)

    def note(self, card_id: str, **known: object) -> bool:
        """Stores what is known of a card by now: columns that are no part of its state.

        False if it is gone.
        """
        with self._db.session() as connection:
            its = update(cards).where(cards.c.id == card_id)
            return connection.execute(its.values(known)).rowcount > 0

    def drop(self, card_id: str) -> None:
        """Deletes a card of which nothing was confirmed."""
        with self._db.session() as connection:
            connection.execute(delete(cards).where(cards.c.id == card_id, _OPEN))

    def _one(self, condition: ColumnElement[bool]) -> Card | None:
        with self._db.reading() as connection:
            return first(connection, Card, select(*_CARD).where(condition))


def keep_verified(connection: Connection, card: Card, now: datetime) -> None:
    """Stores a card that somebody confirmed, within a transaction, with its job.

    What is known of it besides its words and readers stays. Whoever asked is not told by the card.
    Raises AlreadyChanged, and stores nothing, if one is verified already.
    """
    told = values(replace(card, told_at=now))
    words = ("state", "question", "answer", "link", "audience", "lines")
    changed = ("confirmed_by", "confirmed_at", "name", "told_at")
    statement = insert(connection, cards).values(told)
    new = statement.excluded
    kept = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: new[name] for name in (*words, *changed)},
        where=~_VERIFIED,
    )
    if connection.execute(kept.returning(cards.c.id)).first() is None:
        known = _held(connection, card.id)
        who = known.name or known.confirmed_by
        raise AlreadyChanged(f"{who} confirmed an answer to this question meanwhile.")
    _add_job(connection, card, now)


def forget_who_asked(connection: Connection, question_ids: Collection[str]) -> None:
    """Deletes what experts were asked of questions that are deleted, and nobody confirmed.

    What was confirmed stays, without who asked it.
    """
    its = cards.c.question_id.in_(question_ids)
    connection.execute(delete(cards).where(its, _OPEN))
    connection.execute(update(cards).where(its, cards.c.asked_by != "").values(asked_by=""))


def _held(connection: Connection, card_id: str) -> Card:
    query = select(*_CARD).where(cards.c.id == card_id).with_for_update()
    card = first(connection, Card, query)
    if card is None:
        raise NotFound(f"There is no card {card_id}.")
    return card


def _change(connection: Connection, card: Card, now: datetime, **columns: object) -> None:
    connection.execute(update(cards).where(cards.c.id == card.id).values(columns))
    _add_job(connection, card, now)


def _add_job(connection: Connection, card: Card, now: datetime) -> None:
    """Cards of other questions than Slack's are collections of their own, which are read."""
    if card.is_in_slack:
        add_jobs(connection, [card_job(card, now)])
