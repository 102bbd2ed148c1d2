"""The page Ask: one answer to each question, shown safely, to those who may see it."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from console import answering
from domain.console import ConsoleRole
from domain.questions import AnswerKind, Audience, Fault, Verdict, answer_id_of
from records.answers import Answers
from records.questions import Questions
from records.ratings import Ratings
from records.sources import Sources
from tests.console.browsers import look_at, signed_in_page
from tests.console.made_data import HOSTILE
from tests.console.running_console import RunningConsole, post
from tests.console.small_expert import PASSAGE, SmallExpert

NAME = "0123456789abcdef" * 2
ANSWER = answer_id_of(f"console:{NAME}")


def ask(
    client: httpx.Client, text: str = "How many days?", name: str = NAME, **fields: str
) -> httpx.Response:
    """Asks, and waits for the whole answer."""
    shown = post(client, "/ask", "/ask", text=text, name=name, **fields)
    for _ in range(3_000):
        if 'data-from="' not in shown.text:
            break
        time.sleep(0.01)
        shown = client.get(str(shown.url))
    return shown


@pytest.mark.slow
def test_an_answer_has_its_words_and_its_sources(asking: RunningConsole) -> None:
    with asking.signed_in(ConsoleRole.READER) as client:
        shown = ask(client)
        assert "Everybody has 25 days of leave." in shown.text
        assert f'href="/answers/{ANSWER}/source/1"' in shown.text
        assert "How many days?" in client.get("/ask").text
        source = client.get(f"/answers/{ANSWER}/source/1").text
    assert "<mark>Everybody has 25 days of leave in a year.</mark>" in source
    assert 'href="https://docs.example/leave"' in source


@pytest.mark.slow
def test_a_form_that_is_sent_twice_asks_once(asking: RunningConsole, expert: SmallExpert) -> None:
    expert.may_go_on.clear()
    with asking.signed_in() as client, asking.signed_in() as other:
        first = post(client, "/ask", "/ask", text="How many days?", name=NAME)
        assert 'data-from="' in first.text
        second = post(client, "/ask", "/ask", text="How many days?", name=NAME)
        assert second.url == first.url
        # Somebody else, and another question, get a name of their own.
        assert post(other, "/ask", "/ask", text="How many days?", name=NAME).url != first.url
        assert post(client, "/ask", "/ask", text="Who is it?", name=NAME).url != first.url
        expert.may_go_on.set()
        assert "25 days of leave" in ask(client).text
    assert len(expert.prompts) == 3


@pytest.mark.slow
def test_the_words_come_while_they_are_written(asking: RunningConsole, expert: SmallExpert) -> None:
    expert.may_go_on.clear()
    with asking.signed_in() as client:
        page = post(client, "/ask", "/ask", text="How many days?", name=NAME)
        for _ in range(2):  # a connection that is lost begins again with the first word
            with client.stream("GET", f"{page.url.path}/words") as events:
                assert events.headers["content-type"].startswith("text/event-stream")
                assert next(events.iter_lines()) == 'data: "Everybody has "'
        expert.may_go_on.set()
        said = client.get(f"{page.url.path}/words").text
        assert said.endswith("event: done\ndata: \n\n")
        assert client.get(f"{page.url.path}/words").text == "event: done\ndata: \n\n"
        assert "25 days of leave" in ask(client).text


@pytest.mark.slow
def test_too_many_questions_at_once_are_told_to_come_back(
    asking: RunningConsole, expert: SmallExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST", 1)
    expert.may_go_on.clear()
    with asking.signed_in() as client:
        post(client, "/ask", "/ask", text="How many days?", name=NAME)
        refused = post(client, "/ask", "/ask", text="Who is it?", name="f" * 32)
        assert refused.status_code == 503
        assert "Please ask again in a minute." in refused.text
        assert "Who is it?" in refused.text  # what was typed is not lost
        expert.may_go_on.set()
        assert "25 days of leave" in ask(client).text
        assert "25 days of leave" in ask(client, "Who is it?", "f" * 32).text


@pytest.mark.slow
def test_a_question_that_failed_is_tried_again(asking: RunningConsole, expert: SmallExpert) -> None:
    expert.fails = True
    with asking.signed_in() as client:
        shown = ask(client)
        assert "The model does not answer at the moment." in shown.text
        expert.fails = False
        post(client, f"/ask/{NAME}/again", f"/ask/{NAME}")
        assert "25 days of leave" in ask(client).text


@pytest.mark.slow
def test_only_who_asked_can_try_again(asking: RunningConsole, expert: SmallExpert) -> None:
    expert.fails = True
    with asking.signed_in(ConsoleRole.READER) as client, asking.signed_in() as other:
        assert "Try again" in ask(client).text
        expert.fails = False
        seen = other.get(f"/ask/{NAME}").text
        assert "The model does not answer at the moment." in seen
        assert "Try again" not in seen
        assert post(other, f"/ask/{NAME}/again", "/you").status_code == 403
        assert asking.parts.answering.find(f"console:{NAME}") is None
        assert Answers(asking.database).answer_to(f"console:{NAME}") is None


@pytest.mark.slow
def test_trying_again_uses_no_more_than_those_may_read_who_see_the_question(
    asking: RunningConsole, expert: SmallExpert
) -> None:
    expert.fails = True
    with asking.signed_in() as client:
        ask(client)
        expert.fails = False
        # The asker reads more by now than when they asked.
        Questions(asking.database).set_audience(f"console:{NAME}", Audience.of("team:T9"))
        post(client, f"/ask/{NAME}/again", f"/ask/{NAME}")
        assert "25 days of leave" not in ask(client).text
    kept = Answers(asking.database).answer_to(f"console:{NAME}")
    assert kept
    assert kept.passages == ()


@pytest.mark.slow
def test_a_question_that_a_kill_left_behind_can_be_answered(asking: RunningConsole) -> None:
    with asking.signed_in() as client:
        ask(client)
        Answers(asking.database).delete(f"console:{NAME}")
        assert "the program ended before" in client.get(f"/ask/{NAME}").text
        post(client, f"/ask/{NAME}/again", f"/ask/{NAME}")
        assert "25 days of leave" in ask(client).text


@pytest.mark.slow
def test_an_answer_that_is_stopped_keeps_what_was_written(
    asking: RunningConsole, expert: SmallExpert
) -> None:
    expert.pieces = ["Everybody has 25 days of leave. ", "Ask your ", "manager ", "before."]
    expert.may_go_on.clear()
    with asking.signed_in(ConsoleRole.READER) as client, asking.signed_in() as other:
        post(client, "/ask", "/ask", text="How many days?", name=NAME)
        assert post(other, f"/ask/{NAME}/stop", "/you").status_code == 403
        with client.stream("GET", f"/ask/{NAME}/words") as events:
            assert "25 days" in next(events.iter_lines())
        stopping = post(client, f"/ask/{NAME}/stop", f"/ask/{NAME}").text
        assert "Stopping …" in stopping
        assert "Stop the answer" not in stopping
        expert.may_go_on.set()
        assert client.get(f"/ask/{NAME}/words").text.endswith("event: done\ndata: \n\n")
        shown = client.get(f"/ask/{NAME}").text
        assert "(stopped) …" in shown
        assert f'href="/answers/{ANSWER}/source/1"' in shown
        assert "(stopped) …" in post(client, f"/ask/{NAME}/stop", f"/ask/{NAME}").text  # too late
    assert expert.wrote == expert.pieces[:2]  # the model computes nothing after that
    kept = Answers(asking.database).answer_to(f"console:{NAME}")
    assert kept
    assert kept.text == "Everybody has 25 days of leave. (stopped) …"
    assert [one.supported for one in kept.sentences] == [True]


@pytest.mark.slow
def test_an_answer_that_is_stopped_before_its_first_word_can_be_asked_for_again(
    asking: RunningConsole, expert: SmallExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "AT_ONCE", 1)
    expert.may_go_on.clear()
    with asking.signed_in() as client:
        post(client, "/ask", "/ask", text="Who is first?", name="f" * 32)
        post(client, "/ask", "/ask", text="How many days?", name=NAME)  # it waits for its turn
        post(client, f"/ask/{NAME}/stop", f"/ask/{NAME}")
        expert.may_go_on.set()
        client.get(f"/ask/{NAME}/words")
        shown = client.get(f"/ask/{NAME}").text
        assert "stopped before anything of it was written" in shown
        assert len(expert.prompts) == 1
        post(client, f"/ask/{NAME}/again", f"/ask/{NAME}")
        assert "25 days of leave" in ask(client).text


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", " \n\u200b"])
def test_an_empty_question_is_not_asked(asking: RunningConsole, text: str) -> None:
    with asking.signed_in() as client:
        shown = post(client, "/ask", "/ask", text=text)
    assert shown.status_code == 422
    assert "Write a question." in shown.text


@pytest.mark.slow
def test_a_very_long_question_has_an_answer(asking: RunningConsole) -> None:
    with asking.signed_in() as client:
        assert "Your question is too long" in ask(client, "why " * 10_000).text


@pytest.mark.slow
def test_nothing_that_is_written_runs(asking: RunningConsole, expert: SmallExpert) -> None:
    link = "[click](javascript:alert(1)) ![x](https://evil.example/x.png) <https://evil.example/>"
    expert.pieces = [f"Everybody has 25 days of leave. {HOSTILE} {link} \ue0007\ue001"]
    expert.passages = (replace(PASSAGE, title=HOSTILE, text=f"{PASSAGE.text} {HOSTILE}"),)
    with asking.signed_in() as client:
        pages = [ask(client, HOSTILE).text, client.get(f"/answers/{ANSWER}/why").text]
        pages += [client.get(f"/answers/{ANSWER}/source/1").text, client.get("/ask").text]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
        assert not re.search(r'(href|src)="(javascript|https://evil)', page)
    assert f'href="/answers/{ANSWER}/source/7"' not in pages[0]


@pytest.mark.slow
def test_a_follow_up_knows_what_was_said(asking: RunningConsole, expert: SmallExpert) -> None:
    with asking.signed_in() as client, asking.signed_in() as other:
        ask(client)
        follow = ask(client, "And in Berlin?", "f" * 32, after=NAME)
        assert "What was asked before" in follow.text
        foreign = ask(other, "And in Paris?", "e" * 32, after=NAME)
        assert "What was asked before" not in foreign.text
    assert [len(prompt) for prompt in expert.prompts] == [2, 4, 2]


@pytest.mark.slow
def test_thumbs_and_corrections_count_and_can_be_taken_back(asking: RunningConsole) -> None:
    ratings = Ratings(asking.database)
    with asking.signed_in(ConsoleRole.READER) as client:
        ask(client)
        post(client, f"/answers/{ANSWER}/rate", "/ask", verdict="up")
        assert [one.verdict for one in ratings.of(ANSWER)] == [Verdict.UP]
        post(
            client,
            f"/answers/{ANSWER}/correct",
            "/ask",
            fault="wrong",
            right="30 days",
            source="HR",
        )
        [said] = ratings.of(ANSWER)
        assert (said.verdict, said.correction, said.fault) == (
            Verdict.DOWN,
            "30 days",
            Fault.WRONG,
        )
        long = post(client, f"/answers/{ANSWER}/correct", "/ask", right="x" * 3_001)
        assert "3,000 characters at most" in long.text
        assert "30 days" in client.get(f"/ask/{NAME}").text
        post(client, f"/answers/{ANSWER}/withdraw", "/ask")
        [said] = ratings.of(ANSWER)
        assert (said.verdict, said.correction) == (Verdict.UP, "")
        post(client, f"/answers/{ANSWER}/rate", "/ask", verdict="back")
        assert ratings.of(ANSWER) == ()
        assert post(client, f"/answers/{ANSWER}/rate", "/ask", verdict="maybe").status_code == 422
    assert {entry.to for entry in asking.parts.audit.latest(9)} >= {ANSWER}


@pytest.mark.slow
def test_what_was_asked_of_narrow_documents_is_for_the_asker(
    asking: RunningConsole, expert: SmallExpert
) -> None:
    secret = replace(
        PASSAGE, text="The office moves to Rome.", audience=Audience.of("person:T1:U9")
    )
    expert.passages = (secret,)
    with asking.signed_in() as client:
        shown = ask(client)
        assert "Rome" not in shown.text
        assert client.get("/ask/" + "9" * 32).status_code == 404
        assert client.get("/answers/a" + "9" * 16 + "/why").status_code == 404
        assert client.get(f"/answers/{ANSWER}/source/1").status_code == 404


@pytest.mark.slow
def test_a_passage_of_a_document_that_was_removed_since_is_not_shown(
    asking: RunningConsole,
) -> None:
    with asking.signed_in() as client:
        ask(client)
        assert client.get(f"/answers/{ANSWER}/source/1").status_code == 200
        Sources(asking.database).withdraw(PASSAGE.source, None, datetime.now(UTC))
        assert client.get(f"/answers/{ANSWER}/source/1").status_code == 404
        why = client.get(f"/answers/{ANSWER}/why").text
    assert "A passage that you may not read" in why
    assert "It holds passages that you may not read." in why


@pytest.mark.slow
def test_why_is_for_editors_and_shows_each_step(asking: RunningConsole) -> None:
    with asking.signed_in(ConsoleRole.READER) as client:
        ask(client)
        assert client.get(f"/answers/{ANSWER}/why").status_code == 403
    with asking.signed_in(ConsoleRole.EDITOR) as client:
        shown = client.get(f"/answers/{ANSWER}/why").text
    for text in ("supported", "days of leave", "codes", PASSAGE.text, "You answer colleagues"):
        assert text in shown
    assert Answers(asking.database).recent(1)[0].answer.kind is AnswerKind.ANSWERED


@pytest.mark.slow
@pytest.mark.browser
def test_a_person_asks_in_a_browser(
    asking: RunningConsole, expert: SmallExpert, browser: Browser, pictures: Path
) -> None:
    expert.may_go_on.clear()
    with signed_in_page(asking, browser) as page:
        page.get_by_role("link", name="Ask", exact=True).click()
        look_at(page, pictures, "ask")
        page.get_by_label("Your question").fill("How many days of leave are there?")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#words")).to_have_text("Everybody has ")
        look_at(page, pictures, "answering")
        expert.may_go_on.set()
        expect(page.locator(".answer")).to_contain_text("25 days of leave.")
        look_at(page, pictures, "answer")
        page.get_by_role("link", name="Source 1").click()
        expect(page.locator("mark")).to_have_text("Everybody has 25 days of leave in a year.")
        look_at(page, pictures, "source")
        page.get_by_role("link", name="Back to the answer").click()
        page.get_by_role("button", name="No").click()
        expect(page.get_by_role("button", name="No")).to_have_attribute("aria-pressed", "true")
        page.get_by_label("The right answer").first.fill("26 days")
        page.get_by_role("button", name="Keep this").click()
        expect(page.get_by_text("What you wrote is kept.")).to_be_visible()
        page.get_by_role("link", name="Why this answer?").click()
        look_at(page, pictures, "why")
        page.get_by_role("link", name="Back to the answer").click()
        page.get_by_label("Ask more about this").fill("And in Berlin?")
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_text("What was asked before")).to_be_visible()


@pytest.mark.slow
@pytest.mark.browser
def test_a_person_stops_an_answer_with_the_keyboard(
    asking: RunningConsole, expert: SmallExpert, browser: Browser, pictures: Path
) -> None:
    expert.pieces = ["Everybody has 25 days of leave. ", "Ask ", "your manager."]
    expert.may_go_on.clear()
    with signed_in_page(asking, browser) as page:
        page.goto("/ask")
        page.get_by_label("Your question").fill("How many days of leave are there?")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#words")).to_have_text("Everybody has 25 days of leave. ")
        look_at(page, pictures, "stop")
        page.locator("#main").focus()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Stop the answer")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Stopping …")
        expect(page.locator("#words")).to_have_text("Everybody has 25 days of leave. ")
        look_at(page, pictures, "stopping")
        expert.may_go_on.set()
        expect(page.locator(".answer")).to_contain_text("(stopped) …")
        look_at(page, pictures, "stopped")
    assert expert.wrote == expert.pieces[:2]


@pytest.mark.slow
@pytest.mark.browser
def test_a_browser_without_scripts_stops_an_answer_and_is_told(
    asking: RunningConsole, expert: SmallExpert, browser: Browser
) -> None:
    expert.pieces = ["Everybody has 25 days of leave. ", *["Ask your manager. "] * 200]
    expert.pause = 0.02
    context = browser.new_context(java_script_enabled=False, base_url=asking.url)
    try:
        page = context.new_page()
        page.goto(asking.link())
        page.get_by_role("button", name="Sign in").click()
        page.goto("/ask")
        page.get_by_label("Your question").fill("How many days of leave are there?")
        page.get_by_role("button", name="Ask").click()
        page.get_by_role("button", name="Stop the answer").click()
        expect(page.locator(".note")).to_have_text("The answer is stopped.")
        expect(page.locator(".note")).to_be_focused()
        expect(page.locator(".answer")).to_contain_text("(stopped) …")
    finally:
        context.close()
    assert len(expert.wrote) < len(expert.pieces)
