"""A person's data as JSON, as far as the visitor may read it."""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from console.visitors import Visitor
from domain.cards import Card, CardState
from domain.golden import Golden
from domain.questions import Answer, Question
from domain.redaction import without_credentials
from records.cards import Cards
from records.consent import Consent
from records.database import Database
from records.grants import Grants
from records.person_data import PersonData


def export(database: Database, person: str, visitor: Visitor) -> Iterator[str]:
    """The parts of one JSON object. Raises DatabaseUnavailable, also between the parts.

    What was asked where the visitor may not read is left out, and counted as ``withheld``.
    """
    data, withheld = PersonData(database), 0
    may_train = Consent(database).may_train(person)
    head = {
        "version": 1,
        "person": person,
        "made_at": _time(datetime.now(UTC)),
        "may_be_trained_on": may_train,
    }
    yield f'{json.dumps(head)[:-1]}, "questions": ['
    first = True
    for question, answer in data.questions(person):
        if not visitor.may_see(question):
            withheld += 1
            continue
        yield f"{'' if first else ','}\n{_json(_question(question, answer))}"
        first = False
    written = data.corrections(person)
    shown = [(one, question) for one, question in written if visitor.may_see(question)]
    withheld += len(written) - len(shown)
    written_as_expert = Cards(database).answered_by(person)
    cards = [one for one in written_as_expert if _may_see(visitor, one, person)]
    withheld += len(written_as_expert) - len(cards)
    uris = data.sources(person)
    readable = _readable(database, uris, visitor)
    withheld += len(uris) - len(readable)
    rest = {
        "ratings": [
            {"answer": one.answer_id, "by": one.kind, "verdict": one.verdict, "at": _time(one.at)}
            for one in data.ratings(person)
        ],
        "corrections": [
            {
                "answer": one.answer_id,
                "question": question.text,
                "at": _time(one.at),
                "text": one.text,
                "reason": one.reason,
                "source": one.source,
            }
            for one, question in shown
        ],
        "confirmed_answers": [_card(one) for one in cards],
        "golden_questions": [_golden(one) for one in data.golden(person)],
        "sources": [without_credentials(uri) for uri in uris if uri in readable],
        "changes_in_the_console": [
            {"at": _time(one.at), "did": one.did, "to": one.to} for one in data.changes(person)
        ],
        "withheld": withheld,
    }
    yield f"\n], {_json(rest)[1:]}\n"


def _question(question: Question, answer: Answer | None) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": question.id,
        "text": question.text,
        "asked_at": _time(question.asked_at),
        "answer": None,
    }
    if answer:
        shown["answer"] = {
            "id": answer.id,
            "kind": answer.kind,
            "text": answer.text,
            "at": _time(answer.created_at),
            "model": answer.model,
            "adapter": answer.adapter,
        }
    return shown


def _may_see(visitor: Visitor, card: Card, person: str) -> bool:
    """What was taken back has no words."""
    is_own = visitor.by == person
    return is_own or card.state is not CardState.VERIFIED or visitor.may_read(card.audience)


def _card(card: Card) -> dict[str, object]:
    return {
        "id": card.id,
        "state": card.state,
        "question": card.question,
        "answer": card.answer,
        "link": card.link,
        "confirmed_at": _time(card.confirmed_at) if card.confirmed_at else None,
    }


def _golden(golden: Golden) -> dict[str, object]:
    return {
        "id": golden.id,
        "question": golden.question,
        "answer": golden.answer,
        "must_not": golden.must_not,
        "history": [{"role": turn.role, "content": turn.content} for turn in golden.history],
        "at": _time(golden.at),
    }


def _readable(database: Database, uris: Collection[str], visitor: Visitor) -> Collection[str]:
    return uris if visitor.reads_all else Grants(database).readable(uris, visitor.audience)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
