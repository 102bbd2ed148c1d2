"""Admins open gaps and close them; whoever asked is told once what is answered now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.answers.render import ANSWER_AGAIN
from bot.cards.experts import card_of
from bot.gaps.digest_message import OPEN_GAP
from bot.gaps.finding import GapFinder
from domain.cards import CardState
from domain.documents import Source, SourceState
from domain.errors import ServerUnavailable
from domain.gaps import Closing, GapState
from domain.jobs import JobKind
from domain.questions import Audience
from records.cards import Cards
from records.gaps import Gaps
from tests.bot.gap_makers import asked, rate_down, refuse
from tests.bot.running_bot import LAPTOPS, RunningBot, http_bot, is_idle
from tests.knowledge.doubles import WordEmbedder
from tests.payloads import click, mention, payload
from tests.slack_double import SlackDouble, SlackMessage, texts
from tests.slack_limits import wrong_view

NOW = datetime.now(UTC)
QUESTION = "How do I get a new laptop?"
ANSWER = "New laptops arrive within five days."


@pytest.fixture
def running(slack: SlackDouble, database_file: Path) -> Iterator[RunningBot]:
    """U1 and U9 are the admins."""
    slack.channels |= {"D2": {"is_im": True}, "D3": {"is_im": True}}
    with http_bot(slack, database_file, admins="U1 U9") as running:
        yield running


def says(running: RunningBot, text: str) -> None:
    """From now on the documents, and the model, say that."""
    running.script.words = text.split(" ")
    running.script.passages = (replace(LAPTOPS, text=text),)


def find(running: RunningBot) -> str:
    """Finds the gaps; returns the id of the only one."""
    GapFinder(Gaps(running.database), WordEmbedder).refresh("T1")
    (gap,) = Gaps(running.database).all("T1")
    return gap


def press(running: RunningBot, gap: str, person: str = "U1", place: str = "D1") -> None:
    body = payload("feedback_click") | {"trigger_id": "trigger"}
    body["actions"] = [{"type": "button", "action_id": OPEN_GAP, "value": gap}]
    body["user"]["id"] = person
    body["channel"]["id"] = body["container"]["channel_id"] = place
    assert running.send.interaction(body).status == 200


def opened(running: RunningBot, gap: str, person: str = "U1") -> dict[str, Any]:
    before = len(running.slack.views)
    press(running, gap, person, "D" + person[1:])
    running.slack.wait_for(lambda: len(running.slack.views) > before)
    view = running.slack.views[-1]
    assert not wrong_view(view)
    return view


def words(view: dict[str, Any]) -> str:
    return " ".join(texts(view["blocks"]))


def submit(
    running: RunningBot,
    view: dict[str, Any],
    choice: str,
    answer: str = "",
    document: str = "",
    person: str = "U1",
) -> dict[str, Any]:
    """Sends the form; returns what Slack is told."""
    body = payload("view_submission")
    body["user"]["id"] = person
    body["view"] |= {
        "callback_id": view["callback_id"],
        "private_metadata": view["private_metadata"],
        "state": {
            "values": {
                "how": {"how": {"selected_option": {"value": choice}}},
                "answer": {"answer": {"value": answer or None}},
                "document": {"document": {"value": document or None}},
            }
        },
    }
    answered = running.send.interaction(body)
    assert answered.status == 200
    return answered.text_message if answered.body else {}


def finish(running: RunningBot, *kinds: JobKind) -> None:
    """Does all jobs of these kinds, without their pauses."""

    def is_done() -> bool:
        if is_idle(running.bot.runner):
            running.resume_now()
        return not any(running.open_jobs(kind) for kind in kinds or (JobKind.GAP,))

    running.slack.wait_for(is_done)


def told(running: RunningBot, person: str) -> list[SlackMessage]:
    place = "D" + person[1:]
    return [one for one in running.slack.public() if one.channel == place and ANSWER in one.words]


def test_form_shows_who_asked_what_how_often(running: RunningBot) -> None:
    refuse(running.database, *(asked(n, QUESTION, person="U2", at=NOW) for n in (1, 2)))
    rate_down(
        running.database,
        asked(3, "How can I get a new laptop?", person="U3", at=NOW),
        reason="Nobody sells those.",
    )
    view = opened(running, find(running))
    assert "3 questions of 2 people: 2 not answered, 1 rated bad" in words(view)
    assert ", 2 times, last on" in words(view)
    bullets = [part for block in view["blocks"] for part in block.get("elements", ())]
    (rows,) = [part["elements"] for part in bullets if part["type"] == "rich_text_list"]
    assert [row["elements"][0]["user_id"] for row in rows] == ["U2", "U3"]
    # What was wrong with an answer is what an admin must know to mend it.
    said = rows[1]["elements"][2:]
    assert said[0]["text"].startswith("\nI answered: “")
    assert said[-2:] == [
        {"type": "user", "user_id": "U2"},
        {"type": "text", "text": ": “Nobody sells those.”"},
    ]


def test_only_admins_open_gaps_and_close_them(running: RunningBot) -> None:
    refuse(running.database, asked(1, QUESTION, at=NOW))
    gap = find(running)
    press(running, gap, "U2", "C1")
    running.slack.wait_for(lambda: running.slack.whispers("U2"))
    assert "Only admins" in running.slack.whispers("U2")[0]
    assert running.slack.views == []
    view = opened(running, gap)
    assert "Only admins" in submit(running, view, "answered", person="U2")["errors"]["how"]
    assert Gaps(running.database).all("T1")[gap].state is GapState.OPEN


def test_private_questions_are_shown_only_to_admins_who_can_read_them(running: RunningBot) -> None:
    running.slack.members["CPRIVATE"] = ["U9", "UBOT"]
    secret = "How do I get a new laptop for the board?"
    refuse(
        running.database,
        asked(1, secret, channel="CPRIVATE", person="U9", at=NOW),
        asked(2, secret, channel="D3", person="U3", at=NOW),
    )
    gap = find(running)
    hidden = opened(running, gap, "U1")
    assert "board" not in str(hidden)
    assert "U3" not in str(hidden)
    assert "submit" not in hidden
    assert "2 questions of 2 people" in words(hidden)

    shown = opened(running, gap, "U9")
    assert "board" in words(shown)
    assert "U3" not in str(shown)
    assert "1 question from places that you cannot read" in words(shown)


def test_question_whose_answer_was_for_one_person_is_shown_to_that_person_alone(
    running: RunningBot,
) -> None:
    question = asked(1, QUESTION, person="U9", at=NOW)
    refuse(running.database, replace(question, asked_in=question.thread))
    gap = find(running)
    assert QUESTION not in words(opened(running, gap, "U1"))
    assert QUESTION in words(opened(running, gap, "U9"))


@pytest.mark.parametrize("choice", ["answered", "answer", "dismiss"])
def test_admin_closes_what_they_alone_asked_in_a_direct_message(
    running: RunningBot, choice: str
) -> None:
    refuse(running.database, asked(1, QUESTION, channel="D1", person="U1", at=NOW))
    gap = find(running)
    assert "submit" not in opened(running, gap, "U9")
    says(running, ANSWER)
    done = submit(running, opened(running, gap), choice, ANSWER)
    assert done["response_action"] == "update"
    assert Gaps(running.database).all("T1")[gap].state is not GapState.OPEN


def test_question_in_a_direct_message_leaves_its_gap_once_it_is_answered_again(
    running: RunningBot,
) -> None:
    """So whoever asked can close the gap, too."""
    running.script.sufficient = False
    event = payload("message_im")
    event["event"]["ts"] = event["event"]["event_ts"] = f"{NOW.timestamp() - 60:.6f}"
    running.send.event(event)
    running.answered()
    gap = find(running)
    running.script.sufficient = True
    says(running, ANSWER)
    (failed,) = Gaps(running.database).questions_of(gap)
    (message,) = running.slack.public()
    again = {"action_id": ANSWER_AGAIN, "value": failed.question.id, "action_ts": "1763900400.1"}
    pressed = click("", "up", channel="D1") | {"actions": [again]}
    pressed["container"]["message_ts"] = message.ts
    pressed["message"] = {"ts": message.ts, "thread_ts": message.thread}
    assert running.send.interaction(pressed).status == 200
    running.slack.wait_for(lambda: any(ANSWER in one.words for one in running.slack.public()))
    running.answered()
    GapFinder(Gaps(running.database), WordEmbedder).refresh("T1")
    assert Gaps(running.database).questions_of(gap) == []


@pytest.mark.slow
def test_gap_that_is_answered_now_tells_each_person_once(running: RunningBot) -> None:
    running.script.sufficient = False
    for n, person in enumerate(("U2", "U2", "U3")):
        running.send.event(mention(n, asked=NOW.timestamp() - 60, user=person))
        running.answered()
    gap = find(running)
    assert len(Gaps(running.database).questions_of(gap)) == 3

    running.script.sufficient = True
    says(running, ANSWER)
    done = submit(running, opened(running, gap), "answered")
    assert done["response_action"] == "update"
    finish(running)
    assert [len(told(running, person)) for person in ("U2", "U3", "U1")] == [1, 1, 0]
    assert QUESTION in told(running, "U2")[0].words
    kept = Gaps(running.database).all("T1")[gap]
    assert (kept.state, kept.closing, kept.closed_by) == (
        GapState.CLOSED,
        Closing.ANSWERED,
        "U1",
    )
    shown = opened(running, gap)
    assert "2 people were told" in words(shown)

    submit(running, shown | {"callback_id": "gap_form", "private_metadata": f'["{gap}", []]'},
           "answered")  # fmt: skip
    finish(running)
    assert len(told(running, "U2")) == 1


def test_nobody_is_told_what_no_passage_supports(running: RunningBot) -> None:
    refuse(running.database, asked(1, QUESTION, person="U2", at=NOW))
    says(running, "Visitors park in the yard.")
    running.script.words = ANSWER.split(" ")
    submit(running, opened(running, find(running)), "answered")
    finish(running)
    assert told(running, "U2") == []


def test_nobody_is_told_who_can_no_longer_read_the_place(running: RunningBot) -> None:
    refuse(
        running.database,
        asked(1, QUESTION, channel="CPRIVATE", person="U2", at=NOW),
        asked(2, QUESTION, channel="CPRIVATE", person="U3", at=NOW),
    )
    gap = find(running)
    running.slack.members["CPRIVATE"] = ["U1", "U3", "UBOT"]
    says(running, ANSWER)
    submit(running, opened(running, gap), "answered")
    finish(running)
    assert [len(told(running, person)) for person in ("U2", "U3")] == [0, 1]


def test_written_answer_is_a_verified_card_and_closes_the_gap(running: RunningBot) -> None:
    refuse(running.database, *(asked(n, QUESTION, person=f"U{n}", at=NOW) for n in (2, 3)))
    gap = find(running)
    view = opened(running, gap)
    assert submit(running, view, "answer")["errors"].keys() == {"answer"}
    says(running, ANSWER)
    submit(running, view, "answer", ANSWER)
    finish(running, JobKind.CARD, JobKind.GAP)
    (card,) = Cards(running.database).verified()
    assert (card.question, card.answer, card.confirmed_by) == (QUESTION, ANSWER, "U1")
    assert card.audience.labels == {"team:T1", "channel:T1:C1"}
    assert [one.uri for one in running.script.read] == [card.source]
    assert [len(told(running, person)) for person in ("U2", "U3")] == [1, 1]
    # Who reads the thread of the question finds the answer there too.
    assert any(ANSWER in one.words for one in running.slack.public() if one.channel == "C1")
    kept = Gaps(running.database).all("T1")[gap]
    assert (kept.closing, kept.closed_with) == (Closing.ANSWER, card.source)


def test_words_of_private_questions_are_in_cards_for_that_place_alone(running: RunningBot) -> None:
    private = "How do I get a new laptop for the board?"
    running.slack.channels["COTHER"] = {"is_channel": True, "is_private": True}
    refuse(
        running.database,
        asked(1, private, channel="CPRIVATE", person="U2", at=NOW),
        asked(2, QUESTION, channel="COTHER", person="U2", at=NOW),
    )
    view = opened(running, find(running))
    submit(running, view, "answer", ANSWER)
    finish(running, JobKind.CARD, JobKind.GAP)
    kept = {card.question: card.audience.labels for card in Cards(running.database).verified()}
    assert kept == {private: {"channel:T1:CPRIVATE"}, QUESTION: {"channel:T1:COTHER"}}


def test_answer_for_a_channel_of_two_organisations_is_said_to_be_for_both(
    running: RunningBot,
) -> None:
    refuse(
        running.database,
        asked(1, QUESTION, person="U2", at=NOW),
        asked(2, QUESTION, channel="CSHARED", person="U2", at=NOW),
    )
    view = opened(running, find(running))
    assert (
        "to all members of this workspace, and to everyone in the channel where it was asked, "
        "which another organisation shares."
    ) in str(view)
    assert "private place" not in str(view)


def test_card_that_an_expert_was_asked_for_is_completed(running: RunningBot) -> None:
    question = asked(1, QUESTION, person="U2", at=NOW)
    refuse(running.database, question)
    Cards(running.database).ask(card_of(question, "U8"))
    finish(running, JobKind.CARD)
    submit(running, opened(running, find(running)), "answer", ANSWER)
    finish(running, JobKind.CARD, JobKind.GAP)
    (card,) = Cards(running.database).verified()
    assert (card.expert, card.confirmed_by, card.state) == ("U8", "U1", CardState.VERIFIED)


def test_answer_that_an_expert_confirmed_meanwhile_stays(running: RunningBot) -> None:
    first, second = (asked(n, QUESTION, person=f"U{n}", at=NOW) for n in (2, 3))
    refuse(running.database, first, second)
    gap = find(running)
    view = opened(running, gap)
    cards, card = Cards(running.database), card_of(first, "U8")
    cards.ask(card)
    theirs = replace(card, question=QUESTION, answer="Ask Eve.", lines="2.0", confirmed_by="U8")
    cards.verify(replace(theirs, audience=Audience.of("team:T1")), NOW)

    why = submit(running, view, "answer", ANSWER)["errors"]["how"]
    assert "U8 confirmed an answer to this question" in why
    kept = cards.of_question(first.id)
    assert kept
    assert (kept.answer, kept.lines, kept.confirmed_by) == ("Ask Eve.", "2.0", "U8")
    assert Gaps(running.database).all("T1")[gap].state is GapState.OPEN

    submit(running, opened(running, gap), "answer", ANSWER)
    found = [cards.of_question(one.id) for one in (first, second)]
    assert [one.answer for one in found if one] == ["Ask Eve.", ANSWER]
    assert Gaps(running.database).all("T1")[gap].state is GapState.CLOSED


def test_named_document_closes_the_gap_when_it_is_read(running: RunningBot) -> None:
    refuse(running.database, asked(1, QUESTION, person="U2", at=NOW))
    gap = find(running)
    view = opened(running, gap)
    assert submit(running, view, "document", document="see wiki")["errors"].keys() == {"document"}
    said = submit(running, view, "document", document="https://wiki.example/laptops#top")
    assert "/phi3-ingest https://wiki.example/laptops\n" in words(said["view"])
    running.bot.gaps.closing.close_read()
    assert Gaps(running.database).all("T1")[gap].state is GapState.OPEN

    says(running, ANSWER)
    uri = "https://wiki.example/laptops"
    running.sources.save(
        Source(uri, Audience.everyone(), SourceState.INDEXED, "U1", datetime.now(UTC), "Laptops")
    )
    running.bot.gaps.closing.close_read()
    finish(running)
    kept = Gaps(running.database).all("T1")[gap]
    assert (kept.closing, kept.closed_by, kept.closed_with) == (Closing.DOCUMENT, "U1", uri)
    assert len(told(running, "U2")) == 1


def test_what_is_not_our_topic_is_put_away(running: RunningBot) -> None:
    refuse(running.database, asked(1, QUESTION, person="U2", at=NOW))
    gap = find(running)
    submit(running, opened(running, gap), "dismiss")
    finish(running)
    assert Gaps(running.database).all("T1")[gap].state is GapState.DISMISSED
    assert running.slack.public() == []
    assert "put away" in words(opened(running, gap))


def test_questions_that_failed_since_the_digest_are_asked_again_too(running: RunningBot) -> None:
    refuse(running.database, asked(1, QUESTION, person="U2", at=NOW))
    view = opened(running, find(running))
    refuse(running.database, asked(2, QUESTION, person="U3", at=NOW))
    says(running, ANSWER)
    submit(running, view, "answered")
    finish(running)
    assert len(told(running, "U3")) == 1


def test_question_waits_while_no_model_answers(running: RunningBot) -> None:
    refuse(running.database, asked(1, QUESTION, person="U2", at=NOW))
    says(running, ANSWER)
    running.script.words, running.script.error = (), ServerUnavailable("It is away.")
    submit(running, opened(running, find(running)), "answered")
    for _ in range(4):
        running.resume_now()
        running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert running.open_jobs(JobKind.GAP)
    running.script.error = None
    says(running, ANSWER)
    finish(running)
    assert len(told(running, "U2")) == 1


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_message_whose_outcome_is_unknown_is_not_sent_twice(
    running: RunningBot, method: str
) -> None:
    refuse(running.database, asked(1, QUESTION, person="U2", at=NOW))
    says(running, ANSWER)
    running.slack.lost[method] = 1
    submit(running, opened(running, find(running)), "answered")
    finish(running)
    assert len(told(running, "U2")) == 1
