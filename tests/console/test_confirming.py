"""Confirming an answer in the console makes a verified card of it, and taking it back ends that."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cli.wiring import Container
from domain.cards import CardState, card_id_of
from domain.console import ConsoleRole
from domain.documents import SourceState
from domain.jobs import JobKind
from domain.questions import AnswerKind, Audience, Passage, Question
from records.answers import Answers
from records.cards import Cards
from records.sources import Sources
from tests.console.browsers import look_at, signed_in_page
from tests.console.running_console import RunningConsole, post
from tests.records.makers import answer, question, source

CHANNEL = Audience.of("everyone", "team:T1", "channel:T1:C1", public=True)
WORDS = "The office dog is called Biscuit."


def passage_of(uri: str) -> Passage:
    return Passage("p", uri, "Dogs", WORDS, 0.9, 0.9, Audience.everyone())


def keep(container: Container, asked: Question, *uris: str, kind: str = "answered") -> str:
    """Stores an answer from documents; returns its page."""
    Answers(container.database).ask(asked)
    passages = tuple(map(passage_of, uris))
    made = replace(answer(asked), text=f"{WORDS} [1]", passages=passages, kind=AnswerKind(kind))
    Answers(container.database).record(made)
    return f"/answers/{made.id}"


def asked_elsewhere(by: str = "console 1234", audience: Audience | None = None) -> Question:
    readers = audience or Audience.everyone()
    text, now = "What is the office dog called?", datetime.now(UTC)
    return Question("console:1", text, by, now, readers, (), "console:1")


def read_due(container: Container) -> None:
    for collection in container.collections.due(datetime.now(UTC)):
        container.collection_reader.read(collection)


def found(container: Container, audience: Audience) -> list[str]:
    asked = Question("q", "What is the office dog called?", "U1", datetime.now(UTC), audience)
    return [passage.text for passage in container.searcher.search(asked).passages]


@pytest.mark.slow
def test_a_confirmed_answer_of_the_console_is_found_until_it_is_taken_back(
    console_of: RunningConsole, container: Container
) -> None:
    page, everyone = keep(container, asked_elsewhere()), Audience.everyone()
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        assert WORDS in client.get(page).text.split('name="confirmed"')[1].split("</textarea>")[0]
        shown = post(client, f"{page}/confirm", page, confirmed=f"{WORDS} He is six.")
        assert "The answer is confirmed." in shown.text
        assert "an editor of the console confirmed on" in shown.text
        read_due(container)
        assert any("He is six." in text for text in found(container, everyone))
        [card] = container.cards.verified()
        seen = card.confirmed_at.isoformat() if card.confirmed_at else ""
        gone = post(client, f"{page}/unconfirm", page, seen=seen)
        assert "The confirmation is taken back." in gone.text
        read_due(container)
        assert found(container, everyone) == []
        post(client, f"{page}/confirm", page, confirmed=f"{WORDS} He is seven.")
        read_due(container)
        assert any("He is seven." in text for text in found(container, everyone))
    did = [entry.did for entry in console_of.parts.audit.latest(5)]
    assert {"confirmed answer", "took back the confirmation of answer"} <= set(did)


@pytest.mark.slow
def test_an_answer_of_slack_becomes_a_card_that_the_bot_publishes(
    console_of: RunningConsole, container: Container
) -> None:
    asked = replace(question(), audience=CHANNEL)
    Sources(container.database).save(source("https://docs.example/dogs"))
    page = keep(container, asked, "https://docs.example/dogs")
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        post(client, f"{page}/confirm", page, confirmed=WORDS)
    card = container.cards.find(card_id_of(asked.id))
    assert card
    assert (card.state, card.source) == (CardState.VERIFIED, "slack-card:T1:C1:1.0:1.0")
    assert card.audience == Audience.of("team:T1", "channel:T1:C1")
    assert card.told_at  # who asked has the answer already
    [job] = container.jobs.of_key(JobKind.CARD, card.id)
    assert job.team == "T1"


@pytest.mark.slow
def test_only_those_find_it_who_may_read_the_question_and_its_documents(
    console_of: RunningConsole, container: Container
) -> None:
    secret = replace(source("https://a.example/"), audience=Audience.of("channel:T1:C1"))
    Sources(container.database).save(secret)
    Sources(container.database).save(source("https://gone.example/", SourceState.REMOVED))
    only_here = keep(container, replace(question(1), audience=CHANNEL), secret.uri)
    gone = keep(container, replace(question(2), audience=CHANNEL), "https://gone.example/")
    alone = keep(container, replace(question(3), audience=CHANNEL, asked_in="slack:T1:C1:3.0"))
    with console_of.signed_in() as client:
        post(client, f"{only_here}/confirm", only_here, confirmed=WORDS)
        refused = post(client, f"{gone}/confirm", gone, confirmed=WORDS)
        assert "nobody may read all documents" in refused.text
        assert post(client, f"{alone}/confirm", confirmed=WORDS).status_code == 404
    [card] = container.cards.verified()
    assert card.audience == Audience.of("channel:T1:C1")


@pytest.mark.slow
def test_of_two_who_confirm_the_second_is_told(
    console_of: RunningConsole, container: Container
) -> None:
    page = keep(container, asked_elsewhere())
    with console_of.signed_in() as one, console_of.signed_in() as other:
        post(one, f"{page}/confirm", page, confirmed="First words.")
        late = post(other, f"{page}/confirm", page, confirmed="Second words.")
        assert late.status_code == 409
        assert "confirmed an answer to this question meanwhile" in late.text
        [card] = container.cards.verified()
        assert card.answer == "First words."
        old = "2020-01-01T00:00:00+00:00"
        assert post(other, f"{page}/unconfirm", page, seen=old).status_code == 409
    assert [one.answer for one in container.cards.verified()] == ["First words."]
    # What was not done is in no log either.
    assert [entry.did for entry in console_of.parts.audit.latest(9)].count("confirmed answer") == 1


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", " \n\u200b", "x" * 3_001])
def test_nothing_is_confirmed_without_words_or_with_too_many(
    console_of: RunningConsole, container: Container, text: str
) -> None:
    page = keep(container, asked_elsewhere())
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        said = post(client, f"{page}/confirm", page, confirmed=text)
    assert (said.status_code, "Not confirmed" in said.text) == (422, True)
    assert (len(text) < 9) or text in said.text
    assert list(container.cards.verified()) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["quoted", "refused", "unsure"])
def test_only_what_a_model_is_sure_of_is_offered_to_be_confirmed_as_it_is(
    console_of: RunningConsole, container: Container, kind: str
) -> None:
    page = keep(container, asked_elsewhere(), kind=kind)
    with console_of.signed_in(ConsoleRole.EDITOR) as client:
        offered = client.get(page).text.split('name="confirmed"')[1].split("</textarea>")[0]
        assert WORDS not in offered
        post(client, f"{page}/confirm", page, confirmed="He is called Biscuit.")
    assert [card.answer for card in container.cards.verified()] == ["He is called Biscuit."]


@pytest.mark.slow
def test_readers_of_the_console_confirm_nothing(
    console_of: RunningConsole, container: Container
) -> None:
    page = keep(container, asked_elsewhere())
    with console_of.signed_in(ConsoleRole.READER) as client:
        assert "Confirm the answer" not in client.get(page).text
        assert post(client, f"{page}/confirm", confirmed=WORDS).status_code == 403


@pytest.mark.slow
@pytest.mark.browser
def test_an_answer_is_confirmed_with_the_keyboard(
    console_of: RunningConsole, container: Container, browser: Browser, pictures: Path
) -> None:
    path = keep(container, asked_elsewhere())
    with signed_in_page(console_of, browser) as page:
        page.goto(f"{console_of.url}{path}")
        page.get_by_text("Confirm the answer").focus()
        page.keyboard.press("Enter")
        look_at(page, pictures, "confirm")
        page.get_by_label("The right answer").last.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_be_focused()  # so that a screen reader says it
        expect(page.get_by_role("status")).to_contain_text("The answer is confirmed.")
        look_at(page, pictures, "confirmed")
        page.get_by_role("button", name="Take the confirmation back").press("Enter")
        expect(page.get_by_text("The confirmation is taken back.")).to_be_visible()
    assert list(Cards(container.database).verified()) == []
