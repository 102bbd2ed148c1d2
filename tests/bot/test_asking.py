from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from time import time
from typing import Any

import pytest

from bot.answers import reply
from bot.slack import connection
from bot.slack.client import SlackClient
from domain.channels import ChannelSettings, When
from domain.errors import (
    DatabaseUnavailable,
    GenerationError,
    IndexUnavailable,
    Phi3Error,
    ServerUnavailable,
)
from domain.jobs import JobState
from domain.questions import Audience
from records.channels import Channels
from tests.bot.running_bot import LAPTOPS, RunningBot, is_idle
from tests.payloads import click, mention, payload


def test_mention_is_answered_in_its_thread_with_sources_and_thumbs(running: RunningBot) -> None:
    assert running.send.event(mention()).status == 200

    answer = running.answered()
    (message,) = running.slack.public()
    assert message.thread == "1763900000.000100"
    assert "service desk. [1] New laptops arrive within five days. [1]" in message.words
    assert "[1] Laptops (laptops.md): “Open a ticket with the service desk.”" in message.words
    assert f"scripted · reference {answer.id}" in message.words
    assert message.blocks[-1]["elements"][0]["type"] == "feedback_buttons"
    assert not message.streaming


def test_answer_is_streamed_while_it_is_made(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)
    running.script.go_on.clear()
    running.send.event(mention())

    running.slack.wait_for(lambda: any("ticket" in shown.text for shown in running.slack.public()))
    assert running.slack.public()[0].streaming
    running.script.go_on.set()
    running.answered()
    assert running.slack.count("chat.startStream") == 1
    assert running.slack.count("chat.postMessage") == 0


def test_status_is_shown_before_the_answer(running: RunningBot) -> None:
    running.send.event(mention())
    running.answered()

    methods = [method for method, _ in running.slack.calls]
    assert methods.index("assistant.threads.setStatus") < methods.index("chat.startStream")


def test_same_event_twice_is_answered_once(running: RunningBot) -> None:
    for _ in range(3):
        assert running.send.event(mention(), x_slack_retry_num="1").status == 200

    running.answered()
    assert len(running.slack.public()) == 1


def test_mention_and_its_message_event_are_one_question(running: RunningBot) -> None:
    running.send.event(payload("message_of_mention"))
    running.send.event(mention())
    running.answered()

    assert len(running.slack.public()) == 1


def test_direct_message_needs_no_mention(running: RunningBot) -> None:
    running.send.event(payload("message_im"))
    running.answered()

    (question,) = running.script.asked
    assert question.text == "How do I get a new laptop?"
    assert question.audience == Audience.of("everyone", "team:T1", "person:T1:U1")


def test_empty_mention_gets_a_line_of_help(running: RunningBot) -> None:
    running.send.event(mention(text=" "))

    running.slack.wait_for(lambda: len(running.slack.public()) == 1)
    assert "Ask me a question" in running.slack.public()[0].words
    assert not running.script.asked


@pytest.mark.slow
@pytest.mark.parametrize("when", When)
def test_help_says_whether_lines_of_the_thread_need_a_mention(
    running: RunningBot, when: When
) -> None:
    Channels(running.database).choose("T1", "C1", ChannelSettings(when))
    for body in (mention(text="hi"), payload("message_im", text="hi")):
        running.send.event(body)
        running.slack.wait_for(lambda: not running.open_jobs())
    said = ["need not mention me" in each.words for each in running.slack.public()]
    assert said == [when is not When.MENTIONS, False]


def test_refusal_says_what_to_do_and_can_be_rated(running: RunningBot) -> None:
    page = replace(LAPTOPS, id="p2", source="https://wiki.example/loans", title="Loans")
    running.script.sufficient, running.script.passages = False, (LAPTOPS, page)
    running.send.event(mention())
    answer = running.answered()

    (message,) = running.slack.public()
    assert "The documents do not say.The nearest documents that I found: Laptops, Loans." in (
        message.words
    )
    assert "I found: Laptops, Loans." in message.text
    named = [one["text"] for one in message.blocks[1]["elements"][0]["elements"] if "url" in one]
    assert named == ["Loans"]
    assert "/phi3-ingest" in message.words
    assert answer.id in message.words


def test_sentence_that_no_passage_supports_is_marked_and_explained(running: RunningBot) -> None:
    running.script.words = "Open a ticket with the service desk. New laptops cost $20.".split(" ")
    running.send.event(mention())
    running.answered()

    (message,) = running.slack.public()
    assert "service desk. [1] New laptops cost $20. [?]" in message.words
    assert "[?] means that no passage says this" in message.words


def test_sentence_that_cannot_be_compared_is_shown_with_a_note(running: RunningBot) -> None:
    running.script.words = "Das kann man auch noch nicht sagen.".split(" ")
    running.send.event(mention())
    answer = running.answered()

    (message,) = running.slack.public()
    assert not answer.refused
    assert "noch nicht sagen. [?]" in message.words
    assert "because of its language" in message.words
    assert "[?] means that no passage says this" not in message.words


def test_answer_that_no_passage_supports_becomes_a_refusal_with_the_nearest_passages(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)
    running.script.words = "New laptops arrive within nine weeks.".split(" ")
    running.send.event(mention())
    assert running.answered().refused

    (message,) = running.slack.public()
    assert "nine weeks" not in message.words
    assert "The documents do not say." in message.words
    assert "The nearest passages" in message.words
    assert (
        "“New laptops arrive within five days.”" in message.words or "service desk" in message.words
    )


def test_passages_are_quoted_while_no_model_answers(running: RunningBot) -> None:
    running.script.words, running.script.error = (), ServerUnavailable("no server")
    running.send.event(mention())
    running.answered()

    (message,) = running.slack.public()
    assert "The model is not answering just now" in message.words
    assert "Ask again in a few minutes" in message.words


def test_error_is_shown_once_with_its_reference(running: RunningBot) -> None:
    running.script.error = Phi3Error("It <!channel> broke off.")
    running.send.event(mention())
    running.slack.wait_for(lambda: not running.questions.unfinished())

    (message,) = running.slack.public()
    assert "It <!channel> broke off. " not in message.text
    assert "&lt;!channel&gt;" in message.text
    question = running.questions.find("slack:T1:C1:1763900000.000100")
    assert question is not None
    assert question.answer_id in message.words
    assert not message.streaming


def test_unexpected_error_is_shown_without_details(running: RunningBot) -> None:
    running.script.error = ZeroDivisionError("secret detail")
    running.send.event(mention())
    running.slack.wait_for(lambda: not running.questions.unfinished())

    (message,) = running.slack.public()
    assert "Something went wrong on my side" in message.words
    assert "secret" not in message.words


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("How do I get a laptop?", "The documents cannot be searched at the moment."),
        ("Wie bekomme ich einen Laptop?", "Ich kann die Dokumente im Moment nicht durchsuchen."),
    ],
)
def test_people_are_told_that_the_search_is_away_and_the_log_what_to_do(
    running: RunningBot, caplog: pytest.LogCaptureFixture, asked: str, said: str
) -> None:
    advice = "Weaviate does not answer: start it, or correct PHI3_WEAVIATE_URL."

    def search(*_: object) -> None:
        raise IndexUnavailable(advice, "http://weaviate:8080")

    running.script.search = search  # type: ignore[method-assign, assignment]
    running.send.event(mention(text=f"<@UBOT> {asked}"))
    running.slack.wait_for(lambda: not running.questions.unfinished())

    shown = running.slack.public()[0].words
    assert said in shown
    assert "weaviate" not in shown.lower()
    assert advice in caplog.text


def test_private_and_shared_channels_narrow_what_is_searched(running: RunningBot) -> None:
    for n, channel in enumerate(("C1", "CPRIVATE", "CSHARED")):
        running.send.event(mention(n, channel=channel))
    running.answered()

    assert {question.id.split(":")[2]: question.audience for question in running.script.asked} == {
        "C1": Audience.of("everyone", "team:T1", "channel:T1:C1", public=True),
        "CPRIVATE": Audience.of("everyone", "team:T1", "channel:T1:CPRIVATE"),
        "CSHARED": Audience.of("channel:T1:CSHARED"),
    }


def test_event_that_says_shared_overrides_the_known_kind_of_a_channel(
    running: RunningBot,
) -> None:
    running.send.event(mention() | {"is_ext_shared_channel": True})
    running.answered()

    assert running.script.asked[0].audience == Audience.of("channel:T1:C1")


def test_nothing_is_searched_if_the_readers_are_unknown(running: RunningBot) -> None:
    running.slack.refusals["conversations.info"] = "missing_scope"
    running.send.event(mention())
    running.slack.wait_for(lambda: not running.questions.unfinished() and running.slack.public())

    assert "did not tell me who can read" in running.slack.public()[0].words
    assert not running.script.asked


def test_question_that_cannot_be_stored_gets_an_error_at_slacks_last_retry(
    running: RunningBot,
) -> None:
    def claim(*_: object) -> None:
        raise DatabaseUnavailable("The database has no room left on its disk: make some.")

    running.questions.claim = claim  # type: ignore[method-assign, assignment]
    for again in ("", "1", "2"):
        assert running.send.event(mention(), X_Slack_Retry_Num=again).status == 503
    assert running.slack.public() == []
    assert running.send.event(mention(), X_Slack_Retry_Num="3").status == 200

    running.slack.wait_for(lambda: len(running.slack.public()) == 1)
    shown = running.slack.public()[0].words
    assert "My database does not answer at the moment." in shown
    assert "disk" not in shown


def test_message_that_is_too_long_is_read_in_part_and_says_so(running: RunningBot) -> None:
    running.send.event(mention(text="<@UBOT> How? " + "very " * 5_000))
    running.answered()

    (asked,) = running.script.asked
    assert len(asked.text) <= 12_000
    assert "I read only the first 12,000 characters" in running.slack.public()[0].words


def test_invisible_question_gets_a_line_of_help(running: RunningBot) -> None:
    running.send.event(mention(text="<@UBOT> \u200b\u2060"))

    running.slack.wait_for(lambda: len(running.slack.public()) == 1)
    assert "Ask me a question" in running.slack.public()[0].words


@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_question_waits_while_slack_cannot_say_who_reads_the_channel(
    running: RunningBot, trouble: str
) -> None:
    getattr(running.slack, trouble)["conversations.info"] = 1
    running.send.event(mention(asked=time()))
    running.slack.wait_for(lambda: running.slack.count("conversations.info"))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    (job,) = running.open_jobs()
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    assert not running.slack.public()

    running.resume_now()
    running.answered()
    assert "New laptops arrive" in running.slack.public()[0].words


def test_event_is_acknowledged_without_asking_slack_anything(running: RunningBot) -> None:
    with running.slack.changed:  # meanwhile Slack answers nothing
        asked = running.send.event(mention(asked=time()))
    assert asked.status == 200
    assert asked.seconds < connection._SHORT  # no call to Slack is given up earlier
    running.answered()


def test_retries_that_come_late_and_out_of_order_are_answered_once(running: RunningBot) -> None:
    first, second = mention(0, asked=time()), mention(1, asked=time())
    for body in (second, first, second):
        running.send.event(body, x_slack_retry_num="2")
    running.answered()
    for body in (first, second):
        running.send.event(body, x_slack_retry_num="3")

    running.answered()
    threads = [message.thread for message in running.slack.public()]
    assert len(threads) == len(set(threads)) == 2


@pytest.mark.slow
def test_first_sign_of_an_answer_does_not_wait_for_thank_yous(running: RunningBot) -> None:
    running.send.event(mention())
    answer = running.answered()
    posting = SlackClient.post_ephemeral
    held = Event()

    def slow(*given: Any, **named: Any) -> None:
        held.wait(60)
        posting(*given, **named)

    SlackClient.post_ephemeral = slow  # type: ignore[method-assign]
    try:
        for n in range(16):
            running.send.interaction(click(answer.id, "up", user=f"U{n}"))
        running.send.event(mention(1))
        running.slack.wait_for(lambda: running.slack.count("assistant.threads.setStatus") == 2)
        running.send.interaction(click(answer.id, "down"))
        running.slack.wait_for(lambda: running.slack.views)
        assert not running.slack.whispers("U1")
    finally:
        held.set()
        SlackClient.post_ephemeral = posting  # type: ignore[method-assign]
    running.answered()


@pytest.mark.slow
def test_many_first_signs_wait_for_slack_at_the_same_time(running: RunningBot) -> None:
    showing, held, begun = SlackClient.status, Event(), set[str]()

    def slow(self: SlackClient, channel: str, thread: str, text: str) -> bool:
        begun.add(thread)
        held.wait(60)
        return showing(self, channel, thread, text)

    SlackClient.status = slow  # type: ignore[method-assign]
    try:
        for n in range(24):
            running.send.event(mention(n, asked=time(), channel=f"C{n % 2 + 1}"))
        running.slack.wait_for(lambda: len(begun) == 24)
    finally:
        held.set()
        SlackClient.status = showing  # type: ignore[method-assign]
    running.answered()


def test_failed_question_is_listed_for_the_operator_and_can_be_retried(
    running: RunningBot,
) -> None:
    running.script.error = GenerationError("The model broke off.")
    running.send.event(mention())
    running.slack.wait_for(lambda: running.jobs.in_states([JobState.QUARANTINED]))
    (job,) = running.jobs.in_states(JobState)
    assert job.reason == "The model broke off."

    running.script.error = None
    running.jobs.revive(job.id, datetime.now(UTC))
    running.bot.resume()
    running.answered()
    (message,) = running.slack.public()
    assert "New laptops arrive" in message.words


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_stranger"])
def test_guest_reads_only_what_was_given_to_the_channel_or_the_guest(
    running: RunningBot, flag: str
) -> None:
    running.slack.people["UGUEST"] = {flag: True}
    running.send.event(mention(1, user="UGUEST"))
    running.send.event(payload("message_im", user="UGUEST"))
    running.slack.wait_for(lambda: len(running.script.asked) == 2)

    assert {question.audience for question in running.script.asked} == {
        Audience.of("channel:T1:C1", public=True),
        Audience.of("person:T1:UGUEST"),
    }


@pytest.mark.parametrize("method", ["users.info", "conversations.info"])
def test_question_waits_while_slack_does_not_say_who_reads(
    running: RunningBot, method: str
) -> None:
    running.slack.busy[method] = 1
    running.send.event(mention(asked=time()))
    running.slack.wait_for(lambda: running.slack.count(method) == 1)
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert not running.script.asked

    running.resume_now()
    running.answered()
    [question] = running.script.asked
    assert question.audience.is_everyone
    kept = running.questions.find(question.id)
    assert kept == question


def test_app_without_the_new_scope_treats_everybody_as_a_guest(running: RunningBot) -> None:
    running.slack.refusals["users.info"] = "missing_scope"
    running.send.event(mention(1))
    running.answered()
    assert running.script.asked[0].audience.labels == {"channel:T1:C1"}
