"""A night's adapter on trial: it answers some threads, and thumbs decide, through the real app."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count as counted_from
from itertools import islice
from threading import Event, current_thread, main_thread
from time import time

import pytest
from sqlalchemy import select

from bot.notices import Notices
from bot.slack.client import SlackClient
from cli.adapter_choice import PATIENCE, PAUSE
from domain.adapters import Adapter, AdapterState, ChangeKind, Order
from domain.jobs import JobKind, JobState
from domain.trials import TrialEnd, is_for_trial
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.answers import Answers
from records.database import Database
from records.tables import answers
from records.trials import Trials
from tests.bot.running_bot import RunningBot, Script, build, end_leases
from tests.bot.test_home import open_home
from tests.bot.test_home import press as press_home
from tests.bot.test_nights import labels, night, press, reported, settle
from tests.payloads import click, mention
from tests.records.makers import answer, question
from tests.slack_double import SlackDouble, SlackMessage

ADMIN = "U99"
PEOPLE = [f"U{n}" for n in range(1, 21)]
SHARE = 0.5


@pytest.fixture(autouse=True)
def people(slack: SlackDouble) -> None:
    slack.people |= {one: {"real_name": one} for one in PEOPLE}
    slack.people[ADMIN] = {"is_admin": True, "real_name": "Ann"}
    slack.members["C1"] = [*PEOPLE, ADMIN]


def tried(database: Database) -> None:
    """``night-1`` is live; a night puts ``night-2`` on trial with half of the threads.

    It does so since somebody asked in Slack lately.
    """
    adapters, changes, now = Adapters(database), AdapterChanges(database, _fits), datetime.now(UTC)
    for one in ("night-1", "night-2"):
        adapters.add(Adapter(one, "tiny", f"/{one}", "0", AdapterState.TRAINED, f"run-{one}", now))
    adapters.promote("night-1", now - timedelta(days=2))
    asked(database, 1, "", now - timedelta(minutes=9))
    order = Order("night", now - timedelta(minutes=5), "run")
    changes.promote_by_night("night-2", order, SHARE)


def _fits(_: Adapter) -> None: ...


def asked(database: Database, n: int, adapter: str, at: datetime) -> str:
    """A question in Slack, and its answer; returns the answer's id."""
    one = replace(question(), id=f"slack:T1:C1:{n}.0", thread=f"slack:T1:C1:{n}.0", asked_at=at)
    told = replace(answer(one), adapter=adapter or None, created_at=at)
    Answers(database).ask(one)
    return Answers(database).record(told).id


def answered_many(running: RunningBot, count: int, adapter: str, first: int) -> list[str]:
    now = datetime.now(UTC)
    return [asked(running.database, first + n, adapter, now) for n in range(count)]


def rated(running: RunningBot, ids: list[str], verdict: str) -> None:
    for n, one in enumerate(ids):
        assert running.send.interaction(click(one, verdict, PEOPLE[n % len(PEOPLE)])).status == 200


def judge(running: RunningBot) -> None:
    running.bot.judging.look()
    running.bot.reporting.look()
    settle(running)


def notices(running: RunningBot) -> list[str]:
    shown = [one.words for one in running.slack.public() if one.channel == "C1"]
    return [words for words in shown if "trial of" in words]


def state(running: RunningBot, name: str) -> AdapterState:
    return Adapters(running.database).find(name).state


def ask(running: RunningBot, n: int, at: int | None = None) -> tuple[str, SlackMessage]:
    """Asks in a thread of its own, that of a given second if there is one.

    Returns the adapter that answered, and the message.
    """
    known = {one.ts for one in running.slack.public()}
    running.send.event(mention(n, asked=time() if at is None else at - n))
    told = running.answered()
    new = [one for one in running.slack.public() if one.ts not in known]
    (message,) = [one for one in new if "cannot load" not in one.words]
    return str(told.adapter), message


def seconds(count: int, *, is_tried: bool) -> list[int]:
    """The seconds, from now on, of threads that the adapter on trial answers, or does not."""

    def is_so(second: int) -> bool:
        thread = f"slack:T1:C1:{second}.000100"
        one = replace(question(), id=thread, thread=thread)
        return is_for_trial(one, "night-2", SHARE) is is_tried

    return list(islice(filter(is_so, counted_from(int(time()))), count))


@pytest.mark.slow
def test_adapter_on_trial_answers_its_threads_and_says_so(running: RunningBot) -> None:
    tried(running.database)
    seen = {}
    for n, at in enumerate(seconds(3, is_tried=True) + seconds(3, is_tried=False)):
        adapter, message = ask(running, n, at)
        seen[adapter] = message
        thread = running.answers.recent(1)[0].question
        assert (adapter == "night-2") is is_for_trial(thread, "night-2", SHARE)
        assert ("night-2 (on trial)" in message.words) is (adapter == "night-2")
    assert set(seen) == {"night-1", "night-2"}


@pytest.mark.slow
def test_thread_keeps_its_voice(running: RunningBot) -> None:
    tried(running.database)
    begun = time()
    for n, at in enumerate(seconds(2, is_tried=True) + seconds(2, is_tried=False)):
        first, _ = ask(running, 10 * n, at)
        root = running.answers.recent(1)[0].question.thread.rsplit(":", 1)[-1]
        later = mention(n + 100, asked=begun, thread_ts=root)
        running.send.event(later)
        assert running.answered().adapter == first


@pytest.mark.slow
def test_bad_thumbs_roll_it_back_and_that_is_said_once(running: RunningBot) -> None:
    tried(running.database)
    rated(running, answered_many(running, 20, "night-1", 100), "up")
    rated(running, answered_many(running, 12, "night-2", 200), "down")
    judge(running)
    judge(running)
    assert state(running, "night-2") is AdapterState.RETIRED
    assert Adapters(running.database).live_name() == "night-1"
    (said,) = notices(running)
    assert "it was rolled back" in said
    assert "phi3 promote night-2" in said
    ended = Trials(running.database).ended_of("night-2")
    assert ended is not None
    assert ended.ending is TrialEnd.WORSE
    assert {ask(running, n)[0] for n in range(6)} == {"night-1"}
    open_home(running, ADMIN)
    assert "The trial rolled back: night-1 answers" in str(running.slack.homes[ADMIN])


@pytest.mark.slow
def test_good_thumbs_let_it_answer_everything_before_its_time(running: RunningBot) -> None:
    tried(running.database)
    rated(running, answered_many(running, 60, "night-1", 100), "up")
    rated(running, answered_many(running, 60, "night-2", 200), "up")
    judge(running)
    judge(running)
    assert Adapters(running.database).live_name() == "night-2"
    (said,) = notices(running)
    assert "it answers every question from now on" in said
    adapter, message = ask(running, 1)
    assert adapter == "night-2"
    assert "on trial" not in message.words


@pytest.mark.slow
def test_one_person_alone_rolls_nothing_back(running: RunningBot) -> None:
    tried(running.database)
    rated(running, answered_many(running, 20, "night-1", 100), "up")
    for one in answered_many(running, 30, "night-2", 200):
        assert running.send.interaction(click(one, "down", "U1")).status == 200
    judge(running)
    assert state(running, "night-2") is AdapterState.CANARY


@pytest.mark.slow
def test_two_bots_end_a_trial_once(
    running: RunningBot, slack: SlackDouble, database: Database
) -> None:
    tried(running.database)
    rated(running, answered_many(running, 20, "night-1", 100), "up")
    rated(running, answered_many(running, 12, "night-2", 200), "down")
    other = build(slack, Script(), database)
    for bot in (running.bot, other.bot, running.bot, other.bot):
        bot.judging.look()
    settle(running)
    assert len(notices(running)) == 1
    made = [one for one in running.bot.judging._changes.latest(9) if one.by == "trial"]
    assert [one.kind for one in made] == [ChangeKind.ROLLBACK]
    other.bot.close(0)


def test_admin_approves_what_is_on_trial_in_the_report(running: RunningBot) -> None:
    message = on_trial_report(running)
    assert "A better model is on trial" in message.words
    assert labels(message) == ["Approve", "Hold", "Roll back"]
    press(running, message, "Approve", ADMIN)
    assert Adapters(running.database).live_name() == "night-2"
    assert "A better model answers from now on" in message.words
    assert notices(running) == []


def test_roll_back_in_the_report_ends_the_trial_alone(running: RunningBot) -> None:
    message = on_trial_report(running)
    before = SlackMessage(message.channel, message.ts, message.text, list(message.blocks))
    press(running, message, "Roll back", ADMIN)
    assert state(running, "night-2") is AdapterState.RETIRED
    assert Adapters(running.database).live_name() == "night-1"
    # An old button is about the trial, so it does not roll back what is live.
    press(running, before, "Roll back", ADMIN, n=2)
    assert Adapters(running.database).live_name() == "night-1"
    assert "somebody was faster" in running.slack.whispers(ADMIN)[-1]


@pytest.mark.slow
def test_hold_lets_the_trial_go_on_but_not_live(running: RunningBot) -> None:
    message = on_trial_report(running)
    press(running, message, "Hold", ADMIN)
    rated(running, answered_many(running, 60, "night-1", 100), "up")
    rated(running, answered_many(running, 60, "night-2", 200), "up")
    judge(running)
    assert state(running, "night-2") is AdapterState.CANARY
    press(running, message, "Lift the hold", ADMIN, n=2)
    judge(running)
    assert state(running, "night-2") is AdapterState.LIVE


def on_trial_report(running: RunningBot) -> SlackMessage:
    now = datetime.now(UTC)
    night(running, "night-1", ended=now - timedelta(days=3))
    asked(running.database, 1, "", now)
    night(running, share=0.5)
    return reported(running)


def test_adapter_that_cannot_be_loaded_is_replaced_and_admins_are_told_once(
    running: RunningBot,
) -> None:
    now = datetime.now(UTC)
    for name in ("night-1", "night-2"):
        night(running, name, ended=now - timedelta(days=2))
    running.script.broken = {"night-2"}
    for n in range(2):
        adapter, _ = ask(running, n)
        assert adapter == "night-1"
    running.script.broken = {"night-1", "night-2"}
    assert ask(running, 3)[0] == "None"
    settle(running)
    (said,) = [one.words for one in running.slack.public() if "cannot load" in one.words]
    assert "night-2" in said


@pytest.mark.slow
def test_adapter_on_trial_whose_files_are_unfit_ends_its_trial(running: RunningBot) -> None:
    tried(running.database)
    running.script.unfit = {"night-2"}
    for n, at in enumerate(seconds(4, is_tried=True)):
        assert ask(running, n, at)[0] == "night-1"
    judge(running)
    assert state(running, "night-2") is AdapterState.RETIRED
    (said,) = notices(running)
    assert "refuses its files" in said


@pytest.mark.slow
def test_trial_waits_while_the_server_cannot_get_its_adapter(running: RunningBot) -> None:
    tried(running.database)
    running.script.broken = {"night-2"}
    *before, last = seconds(4, is_tried=True)
    for n, at in enumerate(before):
        assert ask(running, n, at)[0] == "night-1"
    judge(running)
    assert state(running, "night-2") is AdapterState.CANARY
    assert notices(running) == []
    running.script.broken = set()
    running.script.later = PAUSE
    assert ask(running, 4, last)[0] == "night-2"


@pytest.mark.slow
def test_trial_whose_adapter_the_server_cannot_get_for_an_hour_says_nothing_against_it(
    running: RunningBot,
) -> None:
    tried(running.database)
    running.script.broken = {"night-2"}
    for n, at in enumerate(seconds(5, is_tried=True)):
        running.script.later = n * PATIENCE / 4
        assert ask(running, n, at)[0] == "night-1"
    judge(running)
    ended = Trials(running.database).ended_of("night-2")
    assert ended is not None
    assert ended.ending is TrialEnd.UNTRIED
    (said,) = notices(running)
    assert "it could not be tried" in said
    assert "night-1 answers every question" in said


@pytest.mark.slow
def test_trial_waits_on_if_its_adapter_was_got_in_between(running: RunningBot) -> None:
    tried(running.database)
    at = seconds(6, is_tried=True)
    for n in range(3):
        running.script.broken = {"night-2"}
        running.script.later = 2 * n * PATIENCE
        assert ask(running, 2 * n, at[2 * n])[0] == "night-1"
        running.script.broken = set()
        running.script.later += PATIENCE
        assert ask(running, 2 * n + 1, at[2 * n + 1])[0] == "night-2"
    assert state(running, "night-2") is AdapterState.CANARY


@pytest.mark.slow
def test_without_a_channel_each_named_admin_is_told_once(running: RunningBot) -> None:
    tried(running.database)
    rated(running, answered_many(running, 20, "night-1", 100), "up")
    rated(running, answered_many(running, 12, "night-2", 200), "down")
    notices = running.bot.runner._works[JobKind.NOTICE]
    assert isinstance(notices, Notices)
    notices._channel, notices._admins = "", ["U1", ADMIN]
    for _ in range(2):
        running.bot.judging.look()
        settle(running)
    said = [one.channel for one in running.slack.public() if "trial of night-2" in one.words]
    assert sorted(said) == ["D1", "D99"]


def test_home_shows_the_trial_and_its_thumbs_and_rolls_it_back(running: RunningBot) -> None:
    tried(running.database)
    rated(running, answered_many(running, 2, "night-2", 200), "down")
    open_home(running, ADMIN)
    shown = str(running.slack.homes[ADMIN])
    assert "night-1 answers" in shown
    assert "night-2 is on trial since" in shown
    assert "it answers 50% of the threads. 👍 0 of 2 on trial" in shown
    press_home(running, ADMIN, "adapter_rollback")
    settle(running)
    assert state(running, "night-2") is AdapterState.RETIRED
    assert Adapters(running.database).live_name() == "night-1"


POINTS = [
    (owner, method, is_done)
    for owner, method in (
        (AdapterChanges, "end_trial"),
        (SlackClient, "post"),
    )
    for is_done in (False, True)
]


@pytest.mark.slow
@pytest.mark.parametrize(("owner", "method", "is_done"), POINTS)
def test_trial_whose_bot_is_killed_is_ended_and_said_once(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    is_done: bool,
) -> None:
    tried(database)
    first = build(slack, Script(), database)
    for ids, verdict in (
        (answered_many(first, 20, "night-1", 100), "up"),
        (answered_many(first, 12, "night-2", 200), "down"),
    ):
        for n, one in enumerate(ids):
            first.receive(click(one, verdict, PEOPLE[n % len(PEOPLE)]))
    slack.wait_for(lambda: not first.ratings.waiting())
    is_reached = stops_once(owner, method, monkeypatch, is_done)
    with suppress(SystemExit):
        first.bot.judging.look()
        first.resume_now()
    slack.wait_for(is_reached)

    end_leases(database)
    second = build(slack, Script(), database)
    for _ in range(3):
        second.bot.judging.look()
        end_leases(database)
        settle(second)
    assert Adapters(database).find("night-2").state is AdapterState.RETIRED
    assert len(notices(second)) == 1
    (job,) = second.jobs.in_states(JobState, JobKind.NOTICE)
    assert job.state is JobState.DONE
    for running in (first, second):
        running.bot.close(0)


def stops_once(
    owner: type, method: str, monkeypatch: pytest.MonkeyPatch, is_done: bool
) -> Callable[[], bool]:
    """Stops the thread that reaches a point for the first time, as a killed process."""
    real, reached = getattr(owner, method), Event()

    def call(*given: object, **named: object) -> object:
        if reached.is_set():
            return real(*given, **named)
        if is_done:
            real(*given, **named)
        reached.set()
        if current_thread() is main_thread():
            raise SystemExit
        Event().wait()
        return None

    monkeypatch.setattr(owner, method, call)
    return reached.is_set


@pytest.mark.slow
def test_answers_keep_that_they_were_given_on_trial(running: RunningBot) -> None:
    tried(running.database)
    asked_at = seconds(2, is_tried=True) + seconds(2, is_tried=False)
    adapters = {ask(running, n, at)[0] for n, at in enumerate(asked_at)}
    with running.database.reading() as connection:
        query = select(answers.c.adapter, answers.c.on_trial)
        kept = {(row.adapter, row.on_trial) for row in connection.execute(query)}
    assert ("night-2", True) in kept
    assert ("night-1", True) not in kept
    assert adapters == {"night-1", "night-2"}
