"""How an answer is shown in Slack when Slack has problems."""

from datetime import UTC, datetime
from functools import partial
from time import time

import pytest

from bot.answers import reply
from domain.documents import Source, SourceState
from domain.errors import DatabaseUnavailable
from domain.jobs import Job
from domain.questions import Answer, Audience, Verdict
from tests.bot.running_bot import LAPTOPS, RunningBot, is_idle
from tests.bot.sender import acknowledgements
from tests.payloads import click, mention

WHOLE = "[1] New laptops arrive within five days. [1]"


def only_answer(running: RunningBot) -> str:
    # Another job may wait that looks for what Slack does late.
    running.slack.wait_for(lambda: is_idle(running.bot.runner) and running.answers.recent(1))
    (message,) = running.slack.public()
    assert not message.streaming
    assert message.blocks[-1]["type"] == "context_actions"
    return message.words


def test_without_streams_one_message_is_posted_and_updated(running: RunningBot) -> None:
    running.slack.refusals["chat.startStream"] = "unknown_method"
    running.send.event(mention())

    assert WHOLE in only_answer(running)
    assert running.slack.count("chat.postMessage") == 1


def test_feature_that_the_workspace_lacks_is_not_tried_again(running: RunningBot) -> None:
    running.slack.refusals["chat.startStream"] = "unknown_method"
    running.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    for n in range(3):
        running.send.event(mention(n))
        running.answered()

    assert running.slack.count("chat.startStream") == 0 < running.slack.count("chat.update")
    assert running.slack.count("assistant.threads.setStatus") == 1


def test_without_a_status_a_placeholder_becomes_the_answer(running: RunningBot) -> None:
    running.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    running.script.go_on.clear()
    running.send.event(mention())
    running.slack.wait_for(lambda: running.slack.public())
    assert "Reading the documents" in running.slack.public()[0].text
    running.script.go_on.set()

    assert WHOLE in only_answer(running)


def test_too_many_streams_become_posts(running: RunningBot) -> None:
    running.slack.busy["chat.startStream"] = 100
    running.send.event(mention())

    assert WHOLE in only_answer(running)
    assert running.slack.count("chat.postMessage") == 1


def test_stream_that_dies_is_finished_by_an_update(running: RunningBot) -> None:
    running.script.go_on.clear()
    running.send.event(mention())
    running.slack.wait_for(lambda: running.slack.public())
    running.slack.kill_streams()
    running.script.go_on.set()

    assert WHOLE in only_answer(running)


def test_stream_that_dies_in_the_middle_is_finished_by_an_update(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)
    running.slack.refusals["chat.appendStream"] = "message_not_in_streaming_state"
    running.send.event(mention())

    assert WHOLE in only_answer(running)
    assert running.slack.count("chat.postMessage") == 0


@pytest.mark.slow
def test_stream_that_slack_ends_by_itself_is_finished_by_an_update(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)
    running.slack.stream_seconds = 0.1
    running.script.pause = 0.05
    running.send.event(mention())

    assert WHOLE in only_answer(running)
    assert running.slack.count("chat.postMessage") == 0


@pytest.mark.parametrize("code", ["edit_window_closed", "cant_update_message"])
def test_message_that_cannot_be_changed_any_more_is_replaced(
    running: RunningBot, code: str
) -> None:
    running.slack.refusals["chat.update"] = code
    running.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    running.send.event(mention())

    assert WHOLE in only_answer(running)


def test_no_word_is_lost_when_there_are_too_many_pieces(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)
    running.slack.busy["chat.appendStream"] = 1
    running.send.event(mention())

    assert WHOLE in only_answer(running)


@pytest.mark.slow
def test_failing_progress_does_not_fail_the_answer(running: RunningBot) -> None:
    running.slack.broken["chat.startStream"] = 1
    running.script.pause = 0.1
    running.send.event(mention())

    assert WHOLE in only_answer(running)


@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_last_update_is_tried_again(running: RunningBot, trouble: str) -> None:
    running.slack.refusals["chat.startStream"] = "unknown_method"
    running.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    getattr(running.slack, trouble)["chat.update"] = 1
    running.send.event(mention())

    assert WHOLE in only_answer(running)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["ratelimited", "token_revoked", "some_new_error"])
def test_question_is_tried_again_after_a_temporary_refusal(running: RunningBot, code: str) -> None:
    running.slack.refusals |= {"chat.startStream": code, "chat.postMessage": code}
    running.send.event(mention(asked=time()))
    running.slack.wait_for(lambda: running.slack.count("chat.postMessage"))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert len(running.questions.unfinished()) == 1

    running.slack.refusals.clear()
    running.resume_now()
    assert WHOLE in only_answer(running)


def test_question_is_tried_again_after_an_outage_of_slack(running: RunningBot) -> None:
    running.slack.refusals["chat.startStream"] = "unknown_method"
    running.slack.broken["chat.postMessage"] = 100
    running.send.event(mention(asked=time()))
    running.slack.wait_for(lambda: running.slack.count("chat.postMessage"))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert running.slack.public() == []
    assert len(running.questions.unfinished()) == 1

    running.slack.broken.clear()
    running.resume_now()
    assert WHOLE in only_answer(running)


def test_deleted_placeholder_is_posted_again(running: RunningBot) -> None:
    running.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    running.script.go_on.clear()
    running.send.event(mention())
    running.slack.wait_for(lambda: running.slack.public())
    running.slack.messages.clear()
    running.script.go_on.set()

    assert WHOLE in only_answer(running)


def test_blocks_that_slack_refuses_become_plain_text(running: RunningBot) -> None:
    running.script.go_on.clear()
    running.send.event(mention())
    running.slack.wait_for(lambda: running.slack.public())
    running.slack.refuse_blocks = True
    running.script.go_on.set()

    running.answered()
    (message,) = running.slack.public()
    assert message.blocks == []
    assert WHOLE in message.text


@pytest.mark.slow
def test_very_long_answer_is_cut_with_a_note(running: RunningBot) -> None:
    running.script.words = [*running.script.words] * 1_000  # which the passage supports
    running.send.event(mention())

    words = only_answer(running)
    assert "cut here: the answer is too long for a message" in words
    assert len(words) < 13_000


@pytest.mark.slow
def test_fifty_mentions_at_once_are_acknowledged_and_answered_once_each(
    running: RunningBot,
) -> None:
    running.script.pause = 0.02
    done = acknowledgements(running.send, [mention(n) for n in range(50)])
    assert {each.status for each in done} == {200}

    running.answered(200)
    assert len(running.slack.public()) == 50
    assert len({message.thread for message in running.slack.public()}) == 50
    assert max(each.seconds for each in done) < 3


def test_short_outage_of_the_database_does_not_stop_the_answer(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, troubles = running.questions.set_reply, ["locked"]

    def now_and_then(question_id: str, reply: str) -> None:
        if troubles:
            raise DatabaseUnavailable(troubles.pop())
        keep(question_id, reply)

    monkeypatch.setattr(running.questions, "set_reply", now_and_then)
    running.send.event(mention())

    assert WHOLE in only_answer(running)
    (message,) = running.slack.public()
    assert running.questions.answer_at(f"slack:T1:C1:{message.ts}") is not None


@pytest.mark.slow
@pytest.mark.parametrize("failures", [1, 5])
def test_answer_that_cannot_be_recorded_stays_and_is_recorded_later(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    record, tried = running.answers.record, 0

    def now_and_then(answer: Answer, instead_of: Answer | None = None) -> Answer:
        nonlocal tried
        tried += 1
        if tried <= failures:
            raise DatabaseUnavailable("locked")
        return record(answer, instead_of)

    def has_tried(n: int) -> bool:
        return tried > n and is_idle(running.bot.runner)

    monkeypatch.setattr(running.answers, "record", now_and_then)
    running.send.event(mention(asked=time()))
    for n in range(failures):
        running.slack.wait_for(partial(has_tried, n))
        [message] = running.slack.public()
        assert WHOLE in message.words
        assert "feedback_buttons" not in str(message.blocks)
        running.resume_now()

    assert WHOLE in only_answer(running)
    answer = running.answers.recent(1)[0].answer
    running.send.interaction(click(answer.id, "up"))
    assert [rating.verdict for rating in running.ratings.of(answer.id)] == [Verdict.UP]
    assert len(running.script.asked) == 1


def test_answer_stays_if_it_cannot_be_stored_that_it_is_shown(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, tried = running.jobs.finish, 0

    def now_and_then(job: Job, now: datetime) -> None:
        nonlocal tried
        tried += 1
        if tried <= 4:
            raise DatabaseUnavailable("locked")
        finish(job, now)

    def has_tried(n: int) -> bool:
        return tried > n and is_idle(running.bot.runner)

    monkeypatch.setattr(running.jobs, "finish", now_and_then)
    running.send.event(mention(asked=time()))
    for n in range(4):
        running.slack.wait_for(partial(has_tried, n))
        assert WHOLE in running.slack.public()[0].words
        running.resume_now()

    assert WHOLE in only_answer(running)


def test_line_below_says_who_answered_and_how_new_the_sources_are(running: RunningBot) -> None:
    changed = datetime(2026, 11, 24, 9, tzinfo=UTC)
    source = Source(
        LAPTOPS.source, Audience.everyone(), SourceState.INDEXED, "U1", changed, modified=changed
    )
    running.sources.save(source)
    running.send.event(mention())

    assert "scripted · newest source: 2026-11-24 · reference a" in only_answer(running)
