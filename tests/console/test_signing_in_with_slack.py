"""Signing in with Slack: only people whom the settings allow, in the browser that began."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from console.needs.slack_sign_in import SlackSignIn
from console.parts import Address
from console.signed_in import COOKIE
from console.standing import Standing
from domain.console import ConsoleRole, ConsoleSession
from domain.errors import MessengerUnavailable
from records.database import Database
from tests.console.running_console import RunningConsole, running
from tests.console.slack_openid import CLIENT, SECRET, SlackOpenId, slack_openid

ALLOWED = {"U1": ConsoleRole.READER, "U2": ConsoleRole.ADMIN}


@pytest.fixture
def slack() -> Iterator[SlackOpenId]:
    with slack_openid() as started:
        yield started


@pytest.fixture
def console(database: Database, slack: SlackOpenId) -> Iterator[RunningConsole]:
    def admit(team: str, person: str) -> ConsoleRole | None:
        if person == "U9":
            raise MessengerUnavailable("Slack does not answer.")
        return ALLOWED.get(person) if team == "T1" else None

    authorize = f"{slack.url}/openid/connect/authorize"
    sign_in = SlackSignIn(CLIENT, SECRET, f"{slack.url}/api/", authorize, admit, lambda *_: False)
    with running(database, slack=sign_in) as started:
        yield started


@pytest.mark.slow
def test_who_is_allowed_signs_in_and_reads_also_their_own(console: RunningConsole) -> None:
    with console.client() as client:
        assert 'href="/sign-in-with-slack"' in client.get("/sign-in").text
        assert "As <strong>reader</strong>" in client.get("/sign-in-with-slack").text
        shown = client.get("/you").text
    assert "U1" in shown
    assert "and for you alone" in shown
    [entry] = console.parts.audit.latest(1)
    assert (entry.by, entry.to) == ("U1", "as reader, with Slack")


@pytest.mark.slow
@pytest.mark.parametrize(("team", "person"), [("T1", "U3"), ("T2", "U1")])
def test_who_is_not_allowed_does_not(
    console: RunningConsole, slack: SlackOpenId, team: str, person: str
) -> None:
    slack.team, slack.person = team, person
    with console.client() as client:
        answer = client.get("/sign-in-with-slack")
        assert answer.status_code == 403
        assert "PHI3_CONSOLE_READERS" in answer.text
        assert client.get("/you").url.path == "/sign-in"


@pytest.mark.slow
@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another attempt"},
        {"aud": "99.99"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": "never"},
        {"https://slack.com/user_id": ""},
        {"https://slack.com/user_id": ["U1"]},
    ],
    ids=str,
)
def test_a_token_for_something_else_signs_nobody_in(
    console: RunningConsole, slack: SlackOpenId, lie: dict[str, Any]
) -> None:
    slack.changed = lie
    with console.client() as client:
        answer = client.get("/sign-in-with-slack")
        assert answer.status_code == 403
        assert client.get("/you").url.path == "/sign-in"


@pytest.mark.slow
def test_another_persons_return_address_signs_nobody_in(console: RunningConsole) -> None:
    """An attacker begins, and lets a victim's browser end it, to be signed in as the attacker."""
    with console.client() as attacker:
        attacker.follow_redirects = False
        to_slack = attacker.get("/sign-in-with-slack").headers["location"]
        back = httpx.get(to_slack).headers["location"]
    with console.client() as victim:
        for _ in range(2):
            answer = victim.get(back)
            assert answer.status_code == 403
            assert "did not begin in this browser" in answer.text
            victim.follow_redirects = False
            victim.get("/sign-in-with-slack")  # their own attempt does not fit either


@pytest.mark.slow
def test_a_code_is_used_once(console: RunningConsole) -> None:
    with console.client() as client:
        client.follow_redirects = False
        to_slack = client.get("/sign-in-with-slack").headers["location"]
        back = httpx.get(to_slack).headers["location"]
        state = parse_qs(urlsplit(back).query)["state"][0]
        jar = dict(client.cookies)
        assert client.get(back).status_code == 200
        client.cookies.update(jar)
        again = client.get(back)
    assert again.status_code == 403
    assert state not in again.text


@pytest.mark.slow
def test_while_slack_does_not_answer_nobody_signs_in(
    console: RunningConsole, slack: SlackOpenId
) -> None:
    with console.client() as client:
        slack.person = "U9"
        assert client.get("/sign-in-with-slack").status_code == 503
        slack.answers = False
        answer = client.get("/sign-in-with-slack")
        assert answer.status_code == 503
        assert "Slack does not answer" in answer.text


@pytest.mark.slow
def test_who_may_not_use_the_console_any_more_is_signed_out(database: Database) -> None:
    roles: dict[str, ConsoleRole | None] = {"U1": ConsoleRole.ADMIN, "U2": ConsoleRole.READER}
    sign_in = SlackSignIn(CLIENT, SECRET, "", "", lambda _, who: roles[who], lambda *_: False)
    with running(database, slack=sign_in) as console:
        roles |= {"U1": ConsoleRole.EDITOR, "U2": None}
        for person, status, page in (("U1", 403, "/audit"), ("U2", 200, "/sign-in")):
            secret, _ = console.parts.sessions.begin(ConsoleRole.ADMIN, team="T1", person=person)
            with console.client() as client:
                client.cookies.set(COOKIE, secret)
                answer = client.get("/audit")
                assert (answer.status_code, answer.url.path) == (status, page)
            assert bool(console.parts.sessions.find(secret)) == (person == "U1")


@pytest.mark.slow
def test_nobody_stays_signed_in_with_slack_where_the_settings_do_not_allow_it_any_more(
    database: Database,
) -> None:
    with running(database) as console:
        sessions = console.parts.sessions
        secret, _ = sessions.begin(ConsoleRole.ADMIN, team="T1", person="U1")
        with console.client() as client:
            client.cookies.set(COOKIE, secret)
            assert client.get("/audit").url.path == "/sign-in"
        assert sessions.find(secret) is None


def test_over_https_no_other_host_of_the_domain_can_begin_to_sign_in(database: Database) -> None:
    sign_in = SlackSignIn(CLIENT, SECRET, "", "", lambda *_: None, lambda *_: False)
    address = Address("https://phi3.example.com")
    with running(database, slack=sign_in, address=address) as console:
        answer = httpx.get(f"{console.url}/sign-in-with-slack")
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.slow
def test_a_lower_role_stays_while_slack_does_not_answer_and_sees_no_more_everything(
    database: Database,
) -> None:
    answers: list[ConsoleRole | None] = [ConsoleRole.EDITOR]

    def admit(*_: str) -> ConsoleRole | None:
        if not answers:
            raise MessengerUnavailable("Slack does not answer.")
        return answers.pop()

    sign_in = SlackSignIn(CLIENT, SECRET, "", "", admit, lambda *_: False)
    found: list[tuple[ConsoleRole, bool]] = []
    for _ in range(2):  # the second one is started anew
        with running(database, slack=sign_in, admins_read_all=True) as console:
            sessions = console.parts.sessions
            if not found:
                secret, began = sessions.begin(ConsoleRole.ADMIN, team="T1", person="U1")
                sessions.read_all(began.id, wanted=True)
            session = console.parts.session_of(secret)
            assert session
            found.append((session.role, console.parts.visitor_of(session).reads_all))
    assert found == [(ConsoleRole.EDITOR, False)] * 2


@pytest.mark.slow
def test_failed_attempts_are_slowed_down_and_others_sign_in(
    console: RunningConsole, slack: SlackOpenId
) -> None:
    with console.client() as client:
        codes = [client.get("/sign-in-with-slack/return").status_code for _ in range(21)]
        assert codes == [403] * 20 + [429]
        assert "As <strong>reader</strong>" in client.get("/sign-in-with-slack").text
        slack.person = "U3"  # may not
        assert client.get("/sign-in-with-slack").status_code == 429


def test_slack_is_asked_again_about_who_is_signed_in_and_its_silence_signs_nobody_out() -> None:
    found: list[ConsoleRole | Exception | None] = [ConsoleRole.ADMIN]
    now, asked = [1_000.0], list[str]()

    def admit(_: str, person: str) -> ConsoleRole | None:
        asked.append(person)
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    at = datetime.now(UTC)
    session = ConsoleSession("s1", ConsoleRole.EDITOR, "T1", "U1", at, at)
    standing = Standing(admit, lambda: now[0])
    assert [standing.role(session) for _ in range(3)] == [ConsoleRole.EDITOR] * 3
    lowered = replace(session, role=ConsoleRole.READER)
    assert standing.role(lowered) is ConsoleRole.READER
    assert len(asked) == 1
    found[0], now[0] = MessengerUnavailable("No."), now[0] + 301
    assert [standing.role(session) for _ in range(3)] == [ConsoleRole.EDITOR] * 3
    assert len(asked) == 2
    found[0], now[0] = None, now[0] + 61
    assert standing.role(session) is None


@pytest.mark.slow
def test_without_the_settings_there_is_no_such_page(database: Database) -> None:
    with running(database) as console, console.client() as client:
        assert client.get("/sign-in-with-slack").status_code == 404
        assert "Sign in with Slack" not in client.get("/sign-in").text


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_that_comes_back_from_slack_is_signed_in(
    console: RunningConsole, browser: Browser, slack: SlackOpenId, pictures: Path
) -> None:
    slack.person = "U2"
    with browser.new_context(base_url=console.url) as context:
        page = context.new_page()
        page.goto("/sign-in")
        page.screenshot(path=pictures / "sign-in-slack.png")
        page.get_by_role("link", name="Sign in with Slack").click()
        page.wait_for_url(f"{console.url}/")
        assert page.get_by_role("heading", name="Today").is_visible()
