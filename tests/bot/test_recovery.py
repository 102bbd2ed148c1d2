"""Work that was unfinished when the process ended is finished by the next one."""

import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.jobs import JobState
from domain.questions import Audience, Question
from records.database import Database
from records.questions import Questions
from tests.bot.conftest import Start
from tests.bot.running_bot import Script, build, end_leases, http_bot, is_idle
from tests.payloads import mention
from tests.records.makers import claim_of, source_job
from tests.slack_double import SlackDouble

WHOLE = "[1] New laptops arrive within five days. [1]"


def streamed_words(slack: SlackDouble) -> int:
    return max((len(message.text.split()) for message in slack.public()), default=0)


@pytest.mark.slow
def test_answer_of_a_process_that_was_killed_is_finished_by_the_next(
    slack: SlackDouble, database: Database, start: Start
) -> None:
    first, sender = start(0.3)
    sender.event(mention())
    sender.event(mention(1))
    slack.wait_for(lambda: len(slack.public()) == 2 and streamed_words(slack) >= 3)
    first.send_signal(signal.SIGKILL)
    first.wait(60)
    questions = Questions(database)
    assert len(questions.unfinished()) == 2

    _, sender = start(0)
    sender.event(mention())  # Slack repeats events that it believes to be lost.
    slack.wait_for(lambda: not questions.unfinished())
    assert len(slack.public()) == 2
    for message in slack.public():
        assert not message.streaming
        assert WHOLE in message.words
        assert message.blocks[-1]["type"] == "context_actions"


def test_question_that_one_bot_holds_is_not_taken_by_another(
    slack: SlackDouble, database: Database
) -> None:
    script, lease = Script(), timedelta(minutes=1)
    script.go_on.clear()
    one, other = (build(slack, script, database, lease=lease) for _ in range(2))
    question = claimed(database)
    assert one.bot.resume() == 1
    slack.wait_for(lambda: streamed_words(slack) >= 1)
    assert other.bot.resume() == 0
    script.go_on.set()
    one.answered()

    (message,) = slack.public()
    assert WHOLE in message.words
    assert [asked.id for asked in script.asked] == [question.id]
    for running in (one, other):
        running.bot.close(5)


def test_bot_that_lost_its_lease_writes_nothing_more(
    slack: SlackDouble, database: Database
) -> None:
    script = Script()
    script.go_on.clear()
    slow = build(slack, script, database, lease=timedelta(hours=1))
    claimed(database)
    assert slow.bot.resume() == 1
    slack.wait_for(lambda: streamed_words(slack) >= 1)
    # The lease ends, in the database and in the process, as if an hour had passed.
    end_leases(database)
    leases = slow.bot.runner._leases
    leases._ends = dict.fromkeys(leases._ends, 0.0)

    other = build(slack, Script(), database)
    slack.wait_for(other.bot.resume)
    other.answered()
    (message,) = slack.public()
    calls = len(slack.calls)
    script.go_on.set()
    slack.wait_for(lambda: is_idle(slow.bot.runner))

    assert len(slack.calls) == calls
    assert WHOLE in message.words
    (job,) = slow.jobs.in_states(JobState)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    for running in (slow, other):
        running.bot.close(5)


@pytest.mark.slow
def test_process_that_gets_a_stop_signal_finishes_its_answers(
    slack: SlackDouble, database: Database, start: Start
) -> None:
    process, sender = start(0.1)
    sender.event(mention())
    slack.wait_for(lambda: streamed_words(slack) >= 2)
    process.terminate()

    assert process.wait(60) == 0
    assert not Questions(database).unfinished()
    assert WHOLE in slack.public()[0].words


def claimed(database: Database, channel: str = "C1") -> Question:
    name = f"slack:T1:{channel}:1763900000.000100"
    question = Question(name, "How?", "U1", datetime.now(UTC), Audience.everyone(), thread=name)
    Questions(database).claim([claim_of(question)])
    return question


def test_question_that_was_only_claimed_is_answered_at_the_next_start(
    slack: SlackDouble, database: Database, database_file: Path
) -> None:
    claimed(database)
    with http_bot(slack, database_file) as running:
        running.answered()
        assert WHOLE in slack.public()[0].words


def test_answer_that_was_delivered_but_not_marked_is_shown_in_the_same_message(
    slack: SlackDouble, database: Database, database_file: Path
) -> None:
    question = claimed(database)
    running = build(slack, Script(), database)
    ts = slack.on_chat_postmessage({"channel": "C1", "text": "Reading", "thread_ts": "1"})["ts"]
    running.questions.set_reply(question.id, f"slack:T1:C1:{ts}")
    running.bot.resume()
    running.answered()

    (message,) = slack.public()
    assert WHOLE in message.words
    running.bot.close(5)


def test_question_of_another_workspace_is_ignored(slack: SlackDouble, database: Database) -> None:
    question = replace(claimed(database), id="slack:T2:C1:1.0", thread="slack:T2:C1:1.0")
    Questions(database).claim([claim_of(question)])
    running = build(slack, Script(), database)

    assert running.bot.resume() == 1
    running.bot.close(5)


def test_requested_source_is_read_at_the_next_start_and_reported_in_its_message(
    slack: SlackDouble, database: Database
) -> None:
    running = build(slack, Script(), database)
    ts = slack.on_chat_postmessage({"channel": "C1", "text": "Reading 1 source"})["ts"]
    running.jobs.add([replace(source_job(), report=f"slack:T1:C1:{ts}")])
    assert running.resume_now() == 1
    slack.wait_for(lambda: is_idle(running.bot.runner))

    (message,) = slack.public()
    assert message.words == "✓ Laptops: 3 passages."
    running.bot.close(5)
