"""Who may look at the console, and who may change something in it."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from console.parts import Address
from console.signed_in import COOKIE
from domain.console import ConsoleRole
from domain.errors import DatabaseUnavailable
from records.console_sessions import IDLE, LASTS, LINK_LASTS, ConsoleSessions
from records.database import Database
from tests.console.running_console import RunningConsole, post, running


def cookie_of(client: httpx.Client) -> str:
    return str(client.cookies[COOKIE])


def test_without_a_session_every_page_leads_to_the_one_that_says_how_to_sign_in(
    console: RunningConsole,
) -> None:
    with console.client() as client:
        for path in ("/", "/you", "/no-such-page"):
            answer = client.get(path)
            assert answer.url.path == "/sign-in"
            assert "phi3 console --link" in answer.text


def test_a_link_signs_in_once(console: RunningConsole) -> None:
    link = console.link()
    with console.client() as client:
        assert "as <strong>admin</strong>" in client.get(link).text  # to look uses nothing up
        assert "as <strong>admin</strong>" in client.get(link).text
        answer = client.post(link)
        assert (answer.status_code, answer.url.path) == (200, "/")
        assert "<h1>Today</h1>" in answer.text
    with console.client() as client:
        for answer in (client.get(link), client.post(link)):
            assert answer.status_code == 410
            assert "was used already" in answer.text
        assert client.get("/").url.path == "/sign-in"


def test_of_two_who_use_a_link_at_once_one_is_signed_in(console: RunningConsole) -> None:
    link = console.link()
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: httpx.post(link).status_code, range(8)))
    assert sorted(codes) == [303] + [410] * 7


@pytest.mark.slow
def test_a_link_expires_after_ten_minutes(console: RunningConsole) -> None:
    earlier = datetime.now(UTC) - LINK_LASTS - timedelta(seconds=1)
    secret = ConsoleSessions(console.database, lambda: earlier).make_link(ConsoleRole.ADMIN)
    with console.client() as client:
        for answer in (client.get(f"/sign-in/{secret}"), client.post(f"/sign-in/{secret}")):
            assert answer.status_code == 410
            assert "has expired" in answer.text


def test_a_link_that_nobody_made_signs_nobody_in(console: RunningConsole) -> None:
    with console.client() as client:
        answer = client.post("/sign-in/guessed")
    assert answer.status_code == 410
    assert "no such sign-in link" in answer.text
    assert not client.cookies


@pytest.mark.slow
def test_many_attempts_to_sign_in_are_slowed_down(console: RunningConsole) -> None:
    with console.client() as client:
        codes = {client.get(f"/sign-in/{n}").status_code for n in range(20)}
        assert codes == {410}
        for answer in (client.get("/sign-in/21"), client.post("/sign-in/22")):
            assert answer.status_code == 429
            assert answer.headers["Retry-After"] == "60"
        # Behind a proxy others have the same address.
        link = console.link()
        assert client.get(link).status_code == 200
        assert client.post(link).url.path == "/"


def test_the_cookie_is_kept_from_scripts_and_other_sites(console: RunningConsole) -> None:
    answer = httpx.post(console.link())
    [cookie] = answer.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(re.split("; ", cookie))
    assert "max-age" not in cookie.lower()


def test_over_https_the_cookie_is_only_for_https(database: Database) -> None:
    with running(database, address=Address("https://phi3.example.com")) as console:
        secret = console.parts.sessions.make_link(ConsoleRole.READER)
        answer = httpx.post(f"{console.url}/sign-in/{secret}")
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert answer.headers["Strict-Transport-Security"]


@pytest.mark.slow
def test_over_https_a_cookie_that_another_host_of_the_domain_may_set_signs_nobody_in(
    database: Database,
) -> None:
    with running(database, address=Address("https://phi3.example.com")) as console:
        secret, _ = console.parts.sessions.begin(ConsoleRole.ADMIN)
        pages = {}
        for name in ("phi3_session", "__Host-phi3_session"):
            with console.client() as client:
                pages[name] = client.get("/you", headers={"Cookie": f"{name}={secret}"}).url.path
    assert pages == {"phi3_session": "/sign-in", "__Host-phi3_session": "/you"}


def test_only_hashes_of_secrets_are_stored(console: RunningConsole, tmp_path: Path) -> None:
    link = console.link()
    with console.client() as client:
        client.post(link)
        secret = cookie_of(client)
    console.database.empty_log()
    stored = (tmp_path / "phi3.db").read_bytes()
    assert secret.encode() not in stored
    assert link.rpartition("/")[2].encode() not in stored


def test_a_session_ends_when_it_is_not_used(database: Database) -> None:
    clock = [datetime.now(UTC)]
    sessions = ConsoleSessions(database, lambda: clock[0])
    secret, _ = sessions.begin(ConsoleRole.ADMIN)
    clock[0] += IDLE
    assert sessions.find(secret)
    clock[0] += IDLE + timedelta(seconds=1)
    assert sessions.find(secret) is None


def test_a_session_ends_also_when_it_is_always_used(database: Database) -> None:
    clock = [datetime.now(UTC)]
    sessions = ConsoleSessions(database, lambda: clock[0])
    secret, began = sessions.begin(ConsoleRole.ADMIN)
    while clock[0] + IDLE < began.began_at + LASTS:
        clock[0] += IDLE
        assert sessions.find(secret)
    clock[0] = began.began_at + LASTS + timedelta(seconds=1)
    assert sessions.find(secret) is None


def test_a_session_that_ended_signs_nobody_in(console: RunningConsole) -> None:
    earlier = datetime.now(UTC) - IDLE - timedelta(seconds=1)
    secret, _ = ConsoleSessions(console.database, lambda: earlier).begin(ConsoleRole.ADMIN)
    with console.client() as client:
        client.cookies.set(COOKIE, secret)
        assert client.get("/").url.path == "/sign-in"


@pytest.mark.slow
def test_signing_out_ends_the_session_on_the_server(console: RunningConsole) -> None:
    with console.signed_in() as client:
        secret = cookie_of(client)
        answer = post(client, "/sign-out")
        assert answer.url.path == "/sign-in"
        client.cookies.set(COOKIE, secret)
        assert client.get("/").url.path == "/sign-in"


@pytest.mark.slow
def test_a_form_without_the_token_of_the_session_changes_nothing(console: RunningConsole) -> None:
    with console.signed_in() as client, console.signed_in() as other:
        theirs = re.search(r'name="csrf" value="(\w+)"', other.get("/you").text)
        assert theirs
        for forged in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": theirs[1]}, {"csrf": "é"}):
            answer = client.post("/sign-out", data=forged)
            assert answer.status_code == 403
            assert "was not made by this page" in answer.text
        assert client.get("/you").status_code == 200


def test_a_change_without_a_session_is_refused(console: RunningConsole) -> None:
    with console.client() as client:
        answer = client.post("/sign-out")
    assert answer.status_code == 401
    assert "not signed in" in answer.text


@pytest.mark.slow
def test_who_has_a_lower_role_may_not_do_what_is_for_admins(database: Database) -> None:
    with running(database, admins_read_all=True) as console:
        for role in (ConsoleRole.READER, ConsoleRole.EDITOR):
            with console.signed_in(role) as client:
                answer = post(client, "/you/reads-all", wanted="true")
                assert answer.status_code == 403
                assert "Only admins" in answer.text


@pytest.mark.slow
def test_an_admin_reads_everything_only_where_the_settings_allow_it(database: Database) -> None:
    with running(database) as console, console.signed_in() as client:
        assert post(client, "/you/reads-all", wanted="true").status_code == 403
    with running(database, admins_read_all=True) as console, console.signed_in() as client:
        assert "You see everything" not in client.get("/").text
        assert "You now see everything" in post(client, "/you/reads-all", wanted="true").text
        assert "You see everything" in client.get("/").text
        assert "You now see everything" not in client.get("/").text  # it is told once
        post(client, "/you/reads-all")
        assert "You see everything" not in client.get("/").text
    did = [entry.did for entry in console.parts.audit.latest(3)]
    assert did == ["stopped reading everything", "began to read everything", "signed in"]


@pytest.mark.slow
def test_who_sees_everything_does_not_once_the_settings_forbid_it(database: Database) -> None:
    with running(database, admins_read_all=True) as console, console.signed_in() as client:
        post(client, "/you/reads-all", wanted="true")
        secret = cookie_of(client)
    with running(database) as console, console.client() as client:
        client.cookies.set(COOKIE, secret)
        assert "You see everything" not in client.get("/you").text
        session = console.parts.session_of(secret)
        assert session
        assert not console.parts.visitor_of(session).reads_all


def test_a_request_for_another_host_is_refused(console: RunningConsole) -> None:
    with console.signed_in() as client:
        answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "not the console" in answer.text


@pytest.mark.slow
def test_every_answer_has_the_headers_that_owasp_names(console: RunningConsole) -> None:
    with console.signed_in() as client:
        for path in ("/", "/no-such-page", "/static/console.css"):
            headers = client.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
            assert "server" not in headers


@pytest.mark.slow
def test_an_unknown_page_says_so(console: RunningConsole) -> None:
    with console.signed_in() as client:
        answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_a_form_that_is_too_large_is_refused_before_it_is_read(console: RunningConsole) -> None:
    host, port = console.url.removeprefix("http://").split(":")
    head = f"POST /sign-out HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3000000000\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode())
        answer = connection.makefile("rb").readline()
    assert b" 413 " in answer


def chunks() -> Iterator[bytes]:
    for _ in range(40):
        yield b"x" * 65_536


@pytest.mark.slow
def test_a_form_that_does_not_tell_its_size_is_refused_once_it_is_too_large(
    console: RunningConsole,
) -> None:
    with console.signed_in() as client:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = client.post("/sign-out", content=chunks(), headers=kind)
    assert answer.status_code == 413


@pytest.mark.slow
def test_a_database_from_the_future_is_told(console: RunningConsole) -> None:
    with console.signed_in() as client:
        with console.database.session() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for answer in (client.get("/"), client.get(console.parts.address.link("x"))):
            assert answer.status_code == 503
            assert "made by a newer version of phi3" in answer.text


def test_a_change_and_its_row_in_the_audit_log_happen_both_or_not_at_all(
    console: RunningConsole,
) -> None:
    database, audit = console.database, console.parts.audit

    def change() -> None:
        with database.together():
            audit.add("U1", "did", "this")
            raise DatabaseUnavailable("lost")

    with pytest.raises(DatabaseUnavailable):
        change()
    assert audit.latest(1) == []
