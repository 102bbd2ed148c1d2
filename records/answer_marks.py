"""What answers are found by: each has marks, which an index of their own keeps in order of time.

kind:refused · place:T1/C1 · place:console · adapter:NAME · source:HASH · unsupported
rated:up · rated:down, as people say now
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, select

from domain.questions import Answer, AnswerKind, Verdict
from records.given_ratings import ratings_of
from records.rows import insert
from records.tables import answer_marks, answers

UNSUPPORTED = "unsupported"
_RATED = {verdict: f"rated:{verdict}" for verdict in Verdict}
_AT_ONCE = 500


def of_kind(kind: AnswerKind) -> str:
    return f"kind:{kind}"


def of_verdict(verdict: Verdict) -> str:
    return _RATED[verdict]


def of_adapter(name: str) -> str:
    return f"adapter:{name}"


def of_place(place: str) -> str:
    """``place`` is ``TEAM/CHANNEL``, or what the ids of other questions begin with."""
    return f"place:{place}"


def of_source(uri: str) -> str:
    """An address may be longer than what an index takes."""
    return f"source:{sha256(uri.encode(errors='surrogatepass')).hexdigest()[:32]}"


def mark_answer(connection: Connection, answer: Answer) -> None:
    """Stores the marks of an answer that was recorded, within its transaction."""
    _add(connection, ((mark, answer) for mark in _marks(answer)))


def mark_ratings(connection: Connection, answer_ids: Sequence[str]) -> None:
    """Stores what people say of these answers now, within the transaction that changed it."""
    for start in range(0, len(answer_ids), _AT_ONCE):
        ids = answer_ids[start : start + _AT_ONCE]
        known = _held(connection, ids)
        given = ratings_of(connection, ids)
        rated = answer_marks.c.mark.in_(_RATED.values())
        connection.execute(delete(answer_marks).where(answer_marks.c.answer_id.in_(ids), rated))
        rows = [
            {"mark": mark, "at": at, "answer_id": answer_id}
            for answer_id, at in known.items()
            for mark in sorted({_RATED[rating.verdict] for rating in given.get(answer_id, ())})
        ]
        if rows:
            connection.execute(insert(connection, answer_marks), rows)


def _held(connection: Connection, answer_ids: Sequence[str]) -> dict[str, datetime]:
    """When these answers were made. Until the transaction ends, no other one marks them.

    Else two that rate the same answer at once would not see each other's ratings. Rows that refer
    to an answer can be added meanwhile: each of the two has added one already.
    """
    found = (
        select(answers.c.id, answers.c.created_at)
        .where(answers.c.id.in_(answer_ids))
        .order_by(answers.c.id)
        .with_for_update(key_share=True)
    )
    return {one.id: one.created_at for one in connection.execute(found)}


def _marks(answer: Answer) -> set[str]:
    kind, *place = answer.question_id.split(":")
    used = {name for one in answer.passages for name in (one.source, *one.also)}
    marks = {of_kind(answer.kind), of_place("/".join(place[:2]) if kind == "slack" else kind)}
    marks |= {of_source(uri) for uri in used}
    if answer.adapter:
        marks.add(of_adapter(answer.adapter))
    if any(not one.supported for one in answer.sentences):
        marks.add(UNSUPPORTED)
    return marks


def _add(connection: Connection, marked: Iterable[tuple[str, Answer]]) -> None:
    rows = [
        {"mark": mark, "at": answer.created_at, "answer_id": answer.id} for mark, answer in marked
    ]
    connection.execute(insert(connection, answer_marks).on_conflict_do_nothing(), rows)
