"""The states of installations that people began: each is good once, for ten minutes."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import delete

from records.database import Database
from records.tables import install_states

LIFETIME = timedelta(minutes=10)


class InstallStates:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def issue(self, now: datetime) -> str:
        """Stores a new state, which nobody can guess; deletes those that are over."""
        state = token_urlsafe(32)
        with self._db.session() as connection:
            connection.execute(delete(install_states).where(install_states.c.until < now))
            row = install_states.insert().values(state=state, until=now + LIFETIME)
            connection.execute(row)
        return state

    def consume(self, state: str, now: datetime) -> bool:
        """Whether a state is good; it never is again."""
        statement = delete(install_states).where(
            install_states.c.state == state, install_states.c.until >= now
        )
        with self._db.session() as connection:
            return bool(connection.execute(statement).rowcount)
