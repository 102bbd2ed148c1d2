"""Where each night was reported: a message, and the file of its picture."""

from dataclasses import dataclass

from sqlalchemy import select, update

from records.database import Database
from records.rows import columns, first, insert
from records.tables import night_reports

IN_THREAD = "thread"
"""As ``picture``: it is in the message's thread."""


@dataclass(frozen=True, slots=True)
class NightReport:
    """``message`` names the message, ``picture`` is the id of a file in the messenger, or empty."""

    run: str
    message: str
    picture: str = ""

    @property
    def shown_picture(self) -> str:
        """The file that the message shows itself, or empty."""
        return "" if self.picture == IN_THREAD else self.picture


class NightReports:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, run_id: str) -> NightReport | None:
        query = select(*columns(night_reports, NightReport)).where(night_reports.c.run == run_id)
        with self._db.reading() as connection:
            return first(connection, NightReport, query)

    def keep(self, run_id: str, message: str) -> None:
        """Stores which message reports a night, unless that is known."""
        with self._db.session() as connection:
            row = insert(connection, night_reports).values(run=run_id, message=message, picture="")
            connection.execute(row.on_conflict_do_nothing())

    def keep_picture(self, run_id: str, picture: str) -> None:
        own = night_reports.c.run == run_id
        with self._db.session() as connection:
            connection.execute(update(night_reports).where(own).values(picture=picture))
