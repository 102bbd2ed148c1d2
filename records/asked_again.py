"""Which corrected questions are to be asked again, and whom was told that an answer is right."""

from datetime import datetime

from sqlalchemy import func, or_, select, update

from domain.documents import SourceState
from domain.questions import Fault
from records.database import Database
from records.tables import LIVE, adapters, answers, corrections, questions, sources

_LAST = func.coalesce(corrections.c.asked_again_at, corrections.c.at)
_CAN_BE_JUDGED = or_(
    corrections.c.text != "", corrections.c.fault.in_([Fault.OUTDATED, Fault.INCOMPLETE])
)


class AskedAgain:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def changed_at(self) -> datetime | None:
        """When a document was last read, or an adapter promoted; None if neither ever was."""
        read = select(func.max(sources.c.updated_at)).where(sources.c.state == SourceState.INDEXED)
        promoted = select(adapters.c.promoted_at).where(LIVE)
        with self._db.reading() as connection:
            found = [connection.execute(query).scalar() for query in (read, promoted)]
        return max(filter(None, found), default=None)

    def is_quiet(self, since: datetime) -> bool:
        """Whether nobody has asked anything since then."""
        with self._db.reading() as connection:
            latest = connection.execute(select(func.max(questions.c.asked_at))).scalar()
        return latest is None or latest < since

    def to_ask(self, place: str, changed_at: datetime, limit: int) -> list[tuple[str, str]]:
        """Answers and people who corrected them, where the question was last asked before that.

        Those that wait longest come first. Only corrections count by which a later answer can be
        judged, and of whoever was not told yet. The ids of the questions begin with ``place``.
        """
        query = (
            select(corrections.c.answer_id, corrections.c.by)
            .join(answers)
            .where(answers.c.question_id.startswith(place, autoescape=True))
            .where(corrections.c.stands, corrections.c.told_at.is_(None), _CAN_BE_JUDGED)
            .where(changed_at > _LAST)
            .order_by(_LAST, corrections.c.answer_id, corrections.c.by)
            .limit(limit)
        )
        with self._db.reading() as connection:
            return [(row.answer_id, row.by) for row in connection.execute(query)]

    def count_since(self, at: datetime) -> int:
        """How many questions were asked again since then."""
        query = select(func.count()).where(corrections.c.asked_again_at >= at)
        with self._db.reading() as connection:
            return connection.execute(query).scalar_one()

    def asked(self, answer_id: str, by: str, at: datetime) -> None:
        self._set(answer_id, by, asked_again_at=at)

    def tell(self, answer_id: str, by: str, at: datetime) -> bool:
        """Stores that the person is told; False if they were before."""
        statement = update(corrections).where(
            corrections.c.answer_id == answer_id,
            corrections.c.by == by,
            corrections.c.told_at.is_(None),
        )
        with self._db.session() as connection:
            return bool(connection.execute(statement.values(told_at=at)).rowcount)

    def was_told(self, answer_id: str, by: str) -> bool:
        query = select(corrections.c.told_at).where(
            corrections.c.answer_id == answer_id, corrections.c.by == by
        )
        with self._db.reading() as connection:
            return connection.execute(query).scalar() is not None

    def untold(self, answer_id: str, by: str) -> None:
        """Stores that the person could not be told."""
        self._set(answer_id, by, told_at=None)

    def _set(self, answer_id: str, by: str, **columns: object) -> None:
        statement = update(corrections).where(
            corrections.c.answer_id == answer_id, corrections.c.by == by
        )
        with self._db.session() as connection:
            connection.execute(statement.values(columns))
