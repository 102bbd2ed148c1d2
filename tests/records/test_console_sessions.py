"""Links and sessions of the console, and the audit log, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.console import ConsoleRole
from domain.errors import LinkEnded, NotFound
from records.audit import AuditLog
from records.console_sessions import IDLE, LASTS, LINK_LASTS, ConsoleSessions
from records.database import Database
from records.forgetting import Forgetting
from records.person_data import PersonData
from records.tables import console_sessions


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(db: Database, clock: Clock) -> ConsoleSessions:
    return ConsoleSessions(db, clock)


def signed_in(sessions: ConsoleSessions, link: str) -> bool:
    try:
        sessions.use_link(link)
    except LinkEnded:
        return False
    return True


def test_of_many_who_use_a_link_at_once_one_is_signed_in(sessions: ConsoleSessions) -> None:
    link = sessions.make_link(ConsoleRole.EDITOR)
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: signed_in(sessions, link), range(6)))
    assert done.count(True) == 1


def test_a_link_signs_in_as_what_it_was_made_for(sessions: ConsoleSessions) -> None:
    link = sessions.make_link(ConsoleRole.EDITOR)
    assert sessions.check_link(link) is ConsoleRole.EDITOR
    secret, session = sessions.use_link(link)
    assert sessions.find(secret) == session
    assert session.role is ConsoleRole.EDITOR


def test_a_link_ends_after_ten_minutes_and_says_so_for_a_day(
    sessions: ConsoleSessions, clock: Clock
) -> None:
    link = sessions.make_link(ConsoleRole.ADMIN)
    clock.now += LINK_LASTS
    with pytest.raises(LinkEnded, match="expired"):
        sessions.use_link(link)
    clock.now += timedelta(days=1, seconds=1)
    sessions.make_link(ConsoleRole.ADMIN)
    with pytest.raises(LinkEnded, match="no such"):
        sessions.check_link(link)


def test_sessions_that_ended_are_deleted(
    db: Database, sessions: ConsoleSessions, clock: Clock
) -> None:
    used, _ = sessions.begin(ConsoleRole.ADMIN)
    unused, _ = sessions.begin(ConsoleRole.ADMIN)
    clock.now += IDLE
    assert sessions.find(used)
    clock.now += timedelta(seconds=1)
    sessions.make_link(ConsoleRole.ADMIN)
    clock.now -= timedelta(minutes=2)  # even if the clock is set back
    assert sessions.find(used)
    assert sessions.find(unused) is None
    clock.now += LASTS
    assert sessions.find(used) is None


def test_who_signs_in_deletes_sessions_that_ended(
    db: Database, sessions: ConsoleSessions, clock: Clock
) -> None:
    sessions.begin(ConsoleRole.READER, team="T1", person="U1")
    clock.now += IDLE + timedelta(seconds=1)
    sessions.begin(ConsoleRole.READER, team="T1", person="U2")
    with db.reading() as connection:
        people = connection.execute(select(console_sessions.c.person)).scalars().all()
    assert people == ["U2"]


def test_changes_together_happen_all_or_not_at_all(db: Database) -> None:
    audit = AuditLog(db)

    def change() -> None:
        with db.together():
            audit.add("U1", "did", "one")
            with db.together():
                audit.add("U1", "did", "two")
            assert len(audit.latest(9)) == 2
            raise NotFound("the third")

    with pytest.raises(NotFound):
        change()
    assert audit.latest(9) == []
    with db.together():
        audit.add("U1", "did", "one")
        audit.add("U1", "did", "two")
    assert [entry.to for entry in audit.latest(9)] == ["two", "one"]


def test_a_change_that_failed_and_was_caught_leaves_nothing_of_itself(db: Database) -> None:
    audit = AuditLog(db)

    def half() -> None:
        with db.together():
            audit.add("U1", "did", "half")
            raise NotFound("the other half")

    with db.together():
        with pytest.raises(NotFound):
            half()
        audit.add("U1", "did", "whole")
    assert [entry.to for entry in audit.latest(9)] == ["whole"]


def test_the_audit_log_is_read_page_by_page(db: Database) -> None:
    audit = AuditLog(db)
    for n in range(5):
        audit.add("U1", "did", str(n))
    first = audit.latest(2)
    second = audit.latest(9, before=first[-1].id)
    assert [entry.to for entry in (*first, *second)] == ["4", "3", "2", "1", "0"]


def test_who_is_forgotten_is_signed_out_and_not_named_in_the_log_any_more(
    db: Database, sessions: ConsoleSessions
) -> None:
    secret, _ = sessions.begin(ConsoleRole.READER, team="T1", person="U1")
    other, _ = sessions.begin(ConsoleRole.READER, team="T1", person="U2")
    audit = AuditLog(db)
    audit.add("U1", "kept out of training", "U2")
    audit.add("U2", "kept out of training", "U1")
    assert Forgetting(db).find_person("U1")
    Forgetting(db).delete_person("U1")
    assert sessions.find(secret) is None
    assert sessions.find(other)
    assert [(entry.by, entry.to) for entry in audit.latest(9)] == [("U2", ""), ("", "U2")]
    assert PersonData(db).in_numbers("U1").is_nothing
    assert Forgetting(db).find_person("U1") is None
