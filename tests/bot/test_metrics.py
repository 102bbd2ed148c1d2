"""What a bot tells Prometheus of the questions, events and calls that it had."""

from pathlib import Path
from time import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics import event_handled, step_done
from bot.slack.rates import Rates
from domain.admission import quotas
from domain.errors import GenerationError
from domain.spans import watching
from tests.bot.running_bot import RunningBot, http_bot, locked
from tests.figures import Counted, exposition, figure
from tests.payloads import click, mention, payload
from tests.slack_double import SlackDouble


def settled(running: RunningBot, counted: Counted, name: str, **labels: str) -> float:
    """Waits until a series has grown; what is counted is counted a moment after it is seen."""
    running.slack.wait_for(lambda: counted(name, **labels))
    return counted(name, **labels)


def test_an_answered_question_is_counted_with_its_times(running: RunningBot) -> None:
    counted = Counted()
    running.send.event(mention())
    running.answered()

    assert settled(running, counted, "phi3_questions_total", outcome="answered") == 1
    assert counted("phi3_slack_events_total", kind="app_mention", outcome="taken") == 1
    assert counted("phi3_slack_acknowledgement_seconds_count") == 1
    assert counted("phi3_first_sign_seconds_count") == 1
    assert counted("phi3_answer_seconds_count") == 1
    whole, sign = counted("phi3_answer_seconds_sum"), counted("phi3_first_sign_seconds_sum")
    assert 0 < sign < whole < 60
    assert settled(running, counted, "phi3_job_attempts_total", kind="question", outcome="done")
    assert counted("phi3_slack_calls_total", method="chat.startStream", outcome="ok") == 1


def test_each_step_of_a_question_is_timed_once_while_somebody_watches(running: RunningBot) -> None:
    steps = ("search", "prompt", "model", "check", "send")
    counted = Counted()
    running.send.event(mention())
    running.answered()
    assert not any(counted("phi3_question_step_seconds_count", step=step) for step in steps)

    with watching(timer=step_done):
        running.send.event(mention(1))
        running.answered()
        settled(running, counted, "phi3_question_step_seconds_count", step="job.question")
    for step in steps:
        assert counted("phi3_question_step_seconds_count", step=step) == 1, step


def test_questions_without_an_answer_are_counted_by_their_outcome(running: RunningBot) -> None:
    counted = Counted()
    running.script.sufficient = False
    running.send.event(mention())
    running.answered()
    assert settled(running, counted, "phi3_questions_total", outcome="refused") == 1

    running.script.sufficient = True
    running.script.error = GenerationError("It broke.")
    running.send.event(mention(1))
    assert settled(running, counted, "phi3_questions_total", outcome="failed") == 1
    assert settled(running, counted, "phi3_job_attempts_total", kind="question", outcome="given_up")
    assert counted("phi3_questions_total", outcome="answered") == 0


def test_a_question_above_a_quota_is_not_admitted(slack: SlackDouble, database_file: Path) -> None:
    with http_bot(slack, database_file, quotas=quotas(person_hour=1)) as running:
        counted = Counted()
        for n in range(2):
            running.send.event(mention(n))
            running.answered()
        assert settled(running, counted, "phi3_questions_total", outcome="not_admitted") == 1
        assert settled(running, counted, "phi3_questions_total", outcome="answered") == 1


def test_thumbs_are_counted_by_verdict_and_not_again_when_they_are_taken_back(
    running: RunningBot,
) -> None:
    running.send.event(mention())
    answer = running.answered()
    counted = Counted()
    running.send.interaction(click(answer.id, "up"))
    running.send.interaction(click(answer.id, "down", user="U2"))
    assert settled(running, counted, "phi3_ratings_total", verdict="up") == 1
    assert settled(running, counted, "phi3_ratings_total", verdict="down") == 1

    at = running.slack.public()[0].ts
    item = {"type": "message", "channel": "C1", "ts": at}
    for name in ("reaction_added", "reaction_removed"):
        running.send.event(payload(name, reaction="+1", user="U2", item=item))
    assert settled(
        running, counted, "phi3_slack_events_total", kind="reaction_removed", outcome="taken"
    )
    assert counted("phi3_ratings_total", verdict="up") == 2


def test_calls_that_slack_refuses_or_loses_are_counted_by_method(running: RunningBot) -> None:
    counted = Counted()
    running.slack.refusals["assistant.threads.setStatus"] = "channel_not_found"
    running.slack.busy["chat.update"] = 1
    running.send.event(mention())
    running.answered()

    status = "assistant.threads.setStatus"
    assert settled(running, counted, "phi3_slack_calls_total", method=status, outcome="refused")
    assert settled(running, counted, "phi3_slack_rate_limited_total", method="chat.update")


def test_waiting_for_slacks_rates_is_counted() -> None:
    counted, waits = Counted(), list[float]()
    rates = Rates(clock=lambda: 0.0, wait=waits.append)
    for _ in range(7):
        rates.wait("chat.postMessage", "C1")
    assert len(waits) == 2
    spent = counted("phi3_slack_rate_wait_seconds_total", method="chat.postMessage")
    assert spent > 0
    assert spent == pytest.approx(sum(waits))


@pytest.mark.slow
def test_an_event_that_the_database_does_not_take_is_a_failed_one(
    running: RunningBot, database_file: Path
) -> None:
    counted = Counted()
    with locked(database_file):
        assert running.send.event(mention()).status == 503
    failed = {"kind": "app_mention", "outcome": "failed"}
    assert settled(running, counted, "phi3_slack_events_total", **failed)
    assert counted("phi3_database_errors_total", reason="locked") >= 1


def test_figures_name_nobody_and_no_place(running: RunningBot) -> None:
    running.send.event(mention(text="What does Zanzibar say about laptops?", user="UZANZIBAR"))
    answer = running.answered()
    running.send.interaction(click(answer.id, "up", user="UZANZIBAR"))
    told = exposition()
    assert figure("phi3_slack_calls_total", method="chat.startStream", outcome="ok")
    for private in ("ZANZIBAR", "Zanzibar", "C1", "T1", answer.id, "laptop", "1763900000"):
        assert private not in told, private


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["type", "event", "command"]), JSON), st.integers(200, 599))
def test_whatever_an_event_is_its_kind_is_one_of_a_few(body: dict[str, Any], status: int) -> None:
    counted = Counted()
    event_handled(body, status, 0.01)
    outcome = "taken" if status < 400 else "refused" if status < 500 else "failed"
    kinds = ("other", "slash_command")
    assert (
        sum(counted("phi3_slack_events_total", kind=kind, outcome=outcome) for kind in kinds) == 1
    )


def test_a_follow_up_in_a_thread_has_a_first_sign_too(running: RunningBot) -> None:
    running.send.event(mention())
    running.answered()
    counted = Counted()
    ts = f"{int(time()) + 5_000}.000100"  # later than the answer
    running.send.event(payload("message_in_thread", ts=ts, event_ts=ts))
    assert settled(running, counted, "phi3_first_sign_seconds_count") == 1
    assert settled(running, counted, "phi3_questions_total", outcome="answered") == 1
