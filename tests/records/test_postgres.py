"""No statement waits forever, wherever its packets are lost."""

from collections.abc import Iterator
from contextlib import closing
from threading import Timer
from time import monotonic

import pytest
from sqlalchemy import text

import migrations
from domain.errors import DatabaseUnavailable
from records.database import Database
from records.questions import Questions
from tests.records.makers import claim_of, question
from tests.records.stalling_proxy import StallingProxy, stalling

pytestmark = pytest.mark.postgres

_LONGEST = 20.0
"""The most seconds that a call may take, also with a lock's usual wait of 10 s."""


@pytest.fixture
def proxied(postgres: str) -> Iterator[tuple[StallingProxy, Database]]:
    with stalling(postgres) as (proxy, url), closing(Database(url, wait=0.5)) as db:
        db.check()
        yield proxy, db


def test_silent_pooled_connection_is_replaced(
    proxied: tuple[StallingProxy, Database],
) -> None:
    proxy, db = proxied
    proxy.flows.clear()
    began = monotonic()
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        Questions(db).find("q")
    assert monotonic() - began < _LONGEST


def test_statement_whose_reply_is_lost_ends(
    proxied: tuple[StallingProxy, Database],
) -> None:
    proxy, db = proxied
    began = monotonic()

    def stall_within_a_statement() -> None:
        with db.session() as connection:
            Timer(0.2, proxy.flows.clear).start()
            connection.execute(text("SELECT pg_sleep(0.6)"))

    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        stall_within_a_statement()
    assert monotonic() - began < _LONGEST


def test_commit_whose_reply_is_lost_ends(proxied: tuple[StallingProxy, Database]) -> None:
    proxy, db = proxied

    def stall_before_the_commit() -> None:
        with db.session() as connection:
            connection.execute(text("SELECT 1"))
            proxy.flows.clear()

    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        stall_before_the_commit()


def test_once_packets_flow_again_the_same_database_works(
    proxied: tuple[StallingProxy, Database],
) -> None:
    proxy, db = proxied
    proxy.flows.clear()
    with pytest.raises(DatabaseUnavailable):
        Questions(db).find("q")
    proxy.flows.set()
    Questions(db).claim([claim_of(question())])
    assert Questions(db).find(question().id) == question()


def test_statement_that_takes_too_long_is_stopped_by_the_server(postgres: str) -> None:
    def sleep(db: Database, *, long: bool) -> None:
        with db.session(long=long) as connection:
            connection.execute(text("SELECT pg_sleep(3)"))

    with closing(Database(postgres, wait=0.1)) as db:
        with pytest.raises(DatabaseUnavailable, match="took too long"):
            sleep(db, long=False)
        sleep(db, long=True)
        # The longer limit does not hold for the next transaction on the same connection.
        with pytest.raises(DatabaseUnavailable, match="took too long"):
            sleep(db, long=False)


def test_every_connection_has_its_limits(postgres: str) -> None:
    names = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]
    with closing(Database(postgres)) as db, db.reading() as connection:
        found = {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in names}
        driver = connection.connection.driver_connection
        assert driver is not None
        options = driver.info.get_parameters()
    assert found == {
        "lock_timeout": "10s",
        "statement_timeout": "12s",
        "idle_in_transaction_session_timeout": "1min",
    }
    assert {name: options[name] for name in options if "keepalive" in name or "time" in name} == {
        "connect_timeout": "5",
        "keepalives": "1",
        "keepalives_idle": "5",
        "keepalives_interval": "2",
        "keepalives_count": "3",
        "tcp_user_timeout": "10000",
    }


def test_options_in_the_url_take_precedence(postgres: str) -> None:
    with (
        closing(Database(f"{postgres}&tcp_user_timeout=7000")) as db,
        db.reading() as connection,
    ):
        driver = connection.connection.driver_connection
        assert driver is not None
        assert driver.info.get_parameters()["tcp_user_timeout"] == "7000"


def test_migrations_are_not_stopped(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "_WAIT", 0.1)
    with migrations._locked(postgres) as connection:
        connection.execute(text("SELECT pg_sleep(3)"))
