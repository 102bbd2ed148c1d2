"""A lost connection, or a database that cannot be used, costs nobody an answer or a text."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from console.csrf import csrf_token
from console.parts import Address
from console.signed_in import COOKIE
from domain.console import ConsoleRole
from domain.errors import DatabaseUnavailable
from records.answers import Answers
from records.database import Database
from records.golden import GoldenQuestions
from records.sources import Sources
from tests.console.browsers import signed_in_page
from tests.console.running_console import RunningConsole, post
from tests.console.small_expert import PASSAGE, SmallExpert
from tests.records.makers import source
from tests.records.stalling_proxy import StallingProxy

NAME = "0123456789abcdef" * 2


@pytest.fixture
def far(asking: RunningConsole) -> Iterator[tuple[RunningConsole, StallingProxy]]:
    """The console behind a proxy that can cut connections."""
    proxy = StallingProxy(("127.0.0.1", urlsplit(asking.url).port or 0))
    url = f"http://127.0.0.1:{proxy.port}"
    yield RunningConsole(url, replace(asking.parts, address=Address(url))), proxy
    proxy.close()


@pytest.mark.slow
def test_who_goes_away_while_words_come_holds_no_thread_and_finds_the_answer(
    asking: RunningConsole, expert: SmallExpert
) -> None:
    expert.may_go_on.clear()
    with asking.signed_in() as client:
        page = post(client, "/ask", "/ask", text="How many days?", name=NAME)
        for _ in range(45):  # more than there are threads for requests
            with client.stream("GET", f"{page.url.path}/words", timeout=30) as events:
                assert next(events.iter_lines()) == 'data: "Everybody has "'
        assert client.get("/you", timeout=30).status_code == 200
        expert.may_go_on.set()
        said = client.get(f"{page.url.path}/words").text
        assert said.endswith("event: done\ndata: \n\n")
    assert Answers(asking.database).answer_to(f"console:{NAME}")


@pytest.mark.slow
def test_what_was_typed_is_shown_when_the_database_cannot_be_used(
    asking: RunningConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnavailable("The database is away.")

    with asking.signed_in(ConsoleRole.EDITOR) as client:
        page = post(client, "/ask", "/ask", text="How many days?", name=NAME)
        client.get(f"/ask/{NAME}/words")  # until it is answered
        answer = Answers(asking.database).answer_to(f"console:{NAME}")
        assert answer, page.text
        Sources(asking.database).save(source(PASSAGE.source))
        monkeypatch.setattr(GoldenQuestions, "add", away)
        path = f"/answers/{answer.id}"
        lost = post(client, f"{path}/golden", path, golden="25 days & <b>not</b> 24")
        assert lost.status_code == 503
        assert "25 days &amp; &lt;b&gt;not&lt;/b&gt; 24" in lost.text
        monkeypatch.undo()
        for referer, is_shown in ((f"{asking.url}{path}", True), ("https://a.example/x", False)):
            client.headers["Referer"] = referer
            monkeypatch.setattr(GoldenQuestions, "add", away)
            lost = post(client, f"{path}/golden", path, golden="25 days")
            assert (f'href="{path}">Back to the page' in lost.text) == is_shown
            assert "a.example" not in lost.text
        monkeypatch.setattr(Database, "check", away)
        token = csrf_token(client.cookies[COOKIE])
        for given, shown in ((token, True), ("x", False)):
            lost = client.post("/ask", data={"csrf": given, "text": "How many weeks?"})
            assert (lost.status_code, "How many weeks?" in lost.text) == (503, shown)
        monkeypatch.undo()
        forged = client.post(f"{path}/golden", data={"csrf": "x", "golden": "of another site"})
        assert forged.status_code == 403
        assert "of another site" not in forged.text


@pytest.mark.slow
@pytest.mark.browser
def test_a_browser_that_loses_the_connection_says_so_and_shows_the_answer_later(
    far: tuple[RunningConsole, StallingProxy], expert: SmallExpert, browser: Browser
) -> None:
    expert.may_go_on.clear()
    console, proxy = far
    with signed_in_page(console, browser) as page:
        page.goto(f"{console.url}/ask")
        page.get_by_label("Your question").fill("How many days of leave are there?")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#words")).to_have_text("Everybody has ")
        proxy.cut()
        expect(page.get_by_role("status")).to_have_text("The connection was lost; trying again …")
        expect(page.locator("#words")).to_have_text("Everybody has ", timeout=60_000)
        expert.may_go_on.set()
        expect(page.locator(".answer")).to_contain_text("25 days of leave.", timeout=60_000)


@pytest.mark.slow
@pytest.mark.browser
def test_a_browser_whose_session_ends_while_words_come_is_led_to_sign_in(
    far: tuple[RunningConsole, StallingProxy], expert: SmallExpert, browser: Browser
) -> None:
    expert.may_go_on.clear()
    console, proxy = far
    with signed_in_page(console, browser, expected="MIME type") as page:
        page.goto(f"{console.url}/ask")
        page.get_by_label("Your question").fill("How many days of leave are there?")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#words")).to_have_text("Everybody has ")
        page.context.clear_cookies(name=COOKIE)
        proxy.cut()
        expect(page.get_by_role("status")).to_have_text("The connection was lost; trying again …")
        page.wait_for_url(f"{console.url}/sign-in", timeout=60_000)
        expert.may_go_on.set()
