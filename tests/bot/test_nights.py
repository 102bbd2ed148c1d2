"""Nights are reported once, and admins decide under the report, through the real app."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.nights.deciding import NOT_ADMIN, NOT_NAMED, refusal
from bot.slack.client import Me
from bot.slack.people import People
from domain.adapters import (
    Adapter,
    AdapterState,
    ChangedAnswer,
    NightFiles,
    Order,
    Outcome,
    TrainingRun,
)
from domain.documents import Source, SourceState
from domain.questions import AnswerKind, Audience, Question
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.consent import Consent
from records.grants import Grants
from records.night_reports import NightReports
from records.runs import Runs
from tests.bot.running_bot import LAPTOPS, RunningBot, end_leases, is_idle, night_records
from tests.bot.test_home import open_home
from tests.bot.test_home import press as press_home
from tests.bot.test_report import EVALUATION
from tests.payloads import mention, payload
from tests.records.makers import answer
from tests.slack_double import SlackMessage

ADMIN, OTHER = "U7", "U1"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


@pytest.fixture(autouse=True)
def admin(running: RunningBot) -> None:
    running.slack.people[ADMIN] = {"is_admin": True, "real_name": "Ann"}
    running.slack.members["C1"] = ["U1", "U2", ADMIN]


def changes(running: RunningBot) -> AdapterChanges:
    return AdapterChanges(running.database, lambda _: None)


def night(
    running: RunningBot,
    name: str = "night-2",
    outcome: Outcome = Outcome.PROMOTED,
    ended: datetime | None = None,
    share: float = 0.0,
) -> TrainingRun:
    """A night that ended a moment ago, with what it left in the database.

    With a ``share`` its adapter is on trial.
    """
    ended = ended or datetime.now(UTC)
    runs, adapters = Runs(running.database), Adapters(running.database)
    run = runs.begin(f"run-{name}", ended - timedelta(hours=1))
    made = Adapter(name, "tiny", f"/{name}", "0", AdapterState.TRAINED, run.id, ended)
    adapters.add(made)
    if outcome is Outcome.HELD:
        changes(running).hold(Order("terminal", ended - timedelta(minutes=2), f"h-{name}"))
    if outcome in (Outcome.PROMOTED, Outcome.HELD):
        order = Order("night", ended - timedelta(minutes=1), run.id)
        changes(running).promote_by_night(name, order, share)
    run = replace(
        run,
        outcome=outcome,
        adapter=name,
        examples=64,
        finished_at=ended,
        reason="agreement rises",
        evaluation=EVALUATION,
        left_out={"not for everyone": 12},
    )
    runs.finish(run)
    return run


def reported(running: RunningBot) -> SlackMessage:
    running.bot.reporting.look()
    running.resume_now()
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    (message,) = [one for one in running.slack.public() if one.channel == "C1"]
    return message


def press(
    running: RunningBot, message: SlackMessage, label: str, person: str = ADMIN, n: int = 1
) -> None:
    """Presses a button of a report, and waits until it is done."""
    (element,) = [
        one
        for block in message.blocks
        for one in block.get("elements", ())
        if one.get("text", {}) == {"type": "plain_text", "text": label}
    ]
    send_press(running, message, element, person, n)
    settle(running)


def send_press(
    running: RunningBot, message: SlackMessage, element: dict[str, Any], person: str, n: int
) -> None:
    body = payload("feedback_click")
    body["user"]["id"] = person
    body["channel"]["id"] = body["container"]["channel_id"] = message.channel
    body["container"] |= {"message_ts": message.ts}
    del body["container"]["thread_ts"]
    action = {key: element[key] for key in ("type", "action_id", "value")}
    body["actions"] = [action | {"action_ts": f"176390{n:04}.000100"}]
    assert running.send.interaction(body).status == 200


def settle(running: RunningBot) -> None:
    running.resume_now()
    running.slack.wait_for(lambda: is_idle(running.bot.runner) and not running.open_jobs())


def labels(message: SlackMessage) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def live(running: RunningBot) -> str | None:
    return Adapters(running.database).live_name()


def test_night_is_reported_once_however_often_it_is_looked_for(running: RunningBot) -> None:
    night(running)
    message = reported(running)
    assert "A better model answers from now on" in message.words
    assert "64 examples" in message.words
    assert reported(running).ts == message.ts
    running.bot.reporting.report_now(night(running, "night-3"))
    assert len([one for one in running.slack.public() if one.channel == "C1"]) == 2


def test_night_that_ended_days_ago_is_not_reported(running: RunningBot) -> None:
    night(running, ended=datetime.now(UTC) - timedelta(days=2))
    running.bot.reporting.look()
    assert not running.open_jobs()


@pytest.mark.slow
def test_report_whose_process_was_killed_after_posting_is_not_posted_again(
    running: RunningBot,
) -> None:
    run = night(running)
    running.slack.lost["chat.postMessage"] = 1  # Slack posted it, and its reply was lost
    running.bot.reporting.look()
    running.resume_now()
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    end_leases(running.database)
    settle(running)
    (message,) = [one for one in running.slack.public() if one.channel == "C1"]
    known = NightReports(running.database).find(run.id)
    assert known is not None
    assert known.message == f"slack:T1:C1:{message.ts}"


@pytest.mark.slow
def test_picture_is_uploaded_and_shown_also_if_slack_needs_a_moment(running: RunningBot) -> None:
    running.script.night_files = NightFiles(PNG)
    running.slack.not_ready = 1
    night(running)
    message = reported(running)
    assert running.slack.uploads == {"F1": PNG}
    assert [one["slack_file"] for one in message.blocks if one["type"] == "image"] == [{"id": "F1"}]
    press(running, message, "Approve")
    assert [one["slack_file"] for one in message.blocks if one["type"] == "image"] == [{"id": "F1"}]
    assert len(running.slack.uploads) == 1


def test_picture_that_slack_does_not_take_is_posted_in_the_thread_once(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nights.reporting._PAUSES", (0.0, 0.0))
    running.script.night_files = NightFiles(PNG)
    running.slack.not_ready = 99
    night(running)
    message = reported(running)
    assert [one[:2] for one in running.slack.posted_files] == [("C1", message.ts)]
    press(running, message, "Approve")
    assert "Ann approved" in message.words
    assert len(running.slack.uploads) == 2


def test_report_has_no_picture_without_the_scope_for_it(running: RunningBot) -> None:
    running.script.night_files = NightFiles(PNG)
    running.slack.refusals["files.getUploadURLExternal"] = "missing_scope"
    night(running)
    assert all(one["type"] != "image" for one in reported(running).blocks)
    assert not running.open_jobs()


def test_admin_rolls_back_and_the_report_says_so(running: RunningBot) -> None:
    night(running, "night-1", ended=datetime.now(UTC) - timedelta(days=3))
    night(running)
    message = reported(running)
    press(running, message, "Roll back")
    assert live(running) == "night-1"
    assert "Ann rolled back: night-1 answers" in message.words
    assert labels(message) == []


def test_admin_approves_once(running: RunningBot) -> None:
    night(running)
    message = reported(running)
    before = SlackMessage(message.channel, message.ts, message.text, list(message.blocks))
    press(running, before, "Approve")
    assert "Ann approved night-2" in message.words
    assert labels(message) == ["Hold", "Roll back"]
    press(running, before, "Approve", n=2)
    assert "approved already" in running.slack.whispers(ADMIN)[-1]


def test_nights_are_put_on_hold_and_that_is_lifted(running: RunningBot) -> None:
    night(running)
    message = reported(running)
    press(running, message, "Hold")
    assert changes(running).on_hold()
    assert "Ann put the nights on hold" in message.words
    press(running, message, "Lift the hold", n=2)
    assert changes(running).on_hold() is None
    assert labels(message) == ["Approve", "Hold", "Roll back"]


def test_approval_promotes_what_a_night_on_hold_made(running: RunningBot) -> None:
    night(running, outcome=Outcome.HELD)
    assert live(running) is None
    message = reported(running)
    assert "waits for an admin" in message.words
    press(running, message, "Approve")
    assert live(running) == "night-2"
    assert labels(message) == ["Lift the hold", "Roll back"]
    assert "A better model answers from now on" in message.words


@pytest.mark.parametrize("label", ["Approve", "Hold", "Roll back"])
def test_others_change_nothing_and_are_told(running: RunningBot, label: str) -> None:
    night(running)
    message = reported(running)
    blocks = list(message.blocks)
    press(running, message, label, OTHER)
    assert live(running) == "night-2"
    assert [one.by for one in changes(running).latest(9)] == ["night"]
    assert message.blocks == blocks
    assert "only admins decide" in running.slack.whispers(OTHER)[-1]


def test_admins_of_one_of_several_workspaces_do_not_decide_for_the_others(
    running: RunningBot,
) -> None:
    own = night_records(running.database, running.script)
    shared = replace(own, are_shared=True)

    def look(person: str) -> dict[str, Any]:
        return {"id": person, "team_id": "T1", "is_admin": person == ADMIN}

    me = Me("T1", "UBOT")
    by_slack, by_settings = People(look, me), People(look, me, frozenset({ADMIN}))
    assert refusal(by_slack, own, ADMIN) == ""
    assert refusal(by_slack, shared, ADMIN) == NOT_NAMED
    assert refusal(by_settings, shared, ADMIN) == ""
    assert refusal(by_settings, shared, OTHER) == NOT_ADMIN


def test_nobody_is_an_admin_while_slack_does_not_say_so(running: RunningBot) -> None:
    night(running)
    message = reported(running)
    running.slack.refusals["users.info"] = "fatal_error"
    press(running, message, "Roll back")
    assert live(running) == "night-2"
    assert "does not say now" in running.slack.whispers(ADMIN)[-1]


def test_second_of_two_admins_is_told(running: RunningBot) -> None:
    running.slack.people["U8"] = {"is_owner": True}
    night(running, "night-1", ended=datetime.now(UTC) - timedelta(days=3))
    night(running)
    message = reported(running)
    before = SlackMessage(message.channel, message.ts, message.text, list(message.blocks))
    press(running, before, "Roll back", ADMIN)
    press(running, before, "Roll back", "U8")
    assert live(running) == "night-1"
    assert "somebody was faster" in running.slack.whispers("U8")[-1]


def test_same_press_that_arrives_twice_is_done_once(running: RunningBot) -> None:
    for name, days in (("night-0", 4), ("night-1", 3)):
        night(running, name, ended=datetime.now(UTC) - timedelta(days=days))
    night(running)
    message = reported(running)
    before = SlackMessage(message.channel, message.ts, message.text, list(message.blocks))
    press(running, before, "Roll back")
    press(running, before, "Roll back")
    assert live(running) == "night-1"
    assert running.slack.whispers(ADMIN) == []


def test_decision_at_the_terminal_is_shown_too(running: RunningBot) -> None:
    night(running)
    message = reported(running)
    changes(running).rollback(Order("terminal", datetime.now(UTC), "t1"))
    running.bot.reporting.look()
    assert "The terminal rolled back: the model as it was installed answers" in message.words
    updates = message.updates
    running.bot.reporting.look()
    assert message.updates == updates


def test_report_of_an_earlier_night_offers_nothing_once_another_adapter_is_live(
    running: RunningBot,
) -> None:
    night(running, ended=datetime.now(UTC) - timedelta(hours=3))
    message = reported(running)
    assert labels(message)
    night(running, "night-3")
    running.bot.reporting.look()
    assert labels(message) == []


@pytest.mark.usefixtures("public")
def test_report_no_longer_shows_what_a_person_asked_who_was_forgotten(running: RunningBot) -> None:
    assert is_shown(running)
    (message,) = [one for one in running.slack.public() if one.channel == "C1"]
    open_home(running)
    press_home(running, "U1", "home_deletion")
    settle(running)
    running.slack.wait_for(lambda: "Open a ticket." not in message.words)


def test_adapter_that_cannot_be_loaded_is_not_rolled_back_to(running: RunningBot) -> None:
    night(running, "night-1", ended=datetime.now(UTC) - timedelta(days=3))
    night(running)
    message = reported(running)
    running.script.broken = {"night-1"}
    press(running, message, "Roll back")
    assert live(running) == "night-2"
    (told,) = running.slack.whispers(ADMIN)
    assert told == "Nothing was changed: The weights of night-1 are gone."


def test_press_survives_the_end_of_the_process(running: RunningBot) -> None:
    """It is in the database before Slack hears that it arrived."""
    night(running)
    message = reported(running)
    running.bot.runner.take_no_more()
    element = next(
        one for block in message.blocks for one in block.get("elements", ())
        if one.get("action_id") == "adapter_rollback"
    )  # fmt: skip
    send_press(running, message, element, ADMIN, 1)
    (job,) = running.open_jobs()
    assert job.person == ADMIN


@pytest.mark.slow
@pytest.mark.parametrize("value", ["", "x", "{}", '{"version": 1, "kind": "rollback"}', "[]", "3"])
def test_value_that_is_not_of_the_buttons_changes_nothing(running: RunningBot, value: str) -> None:
    night(running)
    message = reported(running)
    element = {"type": "button", "action_id": "adapter_rollback", "value": value}
    send_press(running, message, element, ADMIN, 1)
    assert not running.open_jobs()
    assert live(running) == "night-2"


# Which answers are shown


def asked(running: RunningBot, text: str = "How do I get a new laptop?", **event: Any) -> str:
    """Asks in a channel; returns the answer's id."""
    running.send.event(mention(text=text, **event))
    return running.answered().id


def show(running: RunningBot, answer_id: str) -> None:
    changed = ChangedAnswer(answer_id, "How do I get a new laptop?", "Buy one.", "Open a ticket.")
    running.script.night_files = NightFiles(b"", (changed,))


@pytest.fixture
def public(running: RunningBot) -> str:
    """The id of an answer that everyone could read, from a document that everyone may read."""
    row = Source(LAPTOPS.source, Audience.everyone(), SourceState.INDEXED, "U1", datetime.now(UTC))
    running.sources.save(row)
    answer_id = asked(running, n=1, channel="C2")
    show(running, answer_id)
    return answer_id


def is_shown(running: RunningBot) -> bool:
    night(running)
    words = reported(running).words
    assert ("before: Buy one." in words) == ("Open a ticket." in words)
    return "Open a ticket." in words


@pytest.mark.usefixtures("public")
def test_answer_that_changed_is_shown(running: RunningBot) -> None:
    assert is_shown(running)


def test_answer_of_a_private_channel_or_direct_message_is_not_shown(running: RunningBot) -> None:
    running.slack.channels["CPRIVATE"] |= {"name": "board"}
    show(running, asked(running, n=1, channel="CPRIVATE"))
    assert not is_shown(running)


@pytest.mark.usefixtures("public")
def test_answer_of_a_channel_that_became_private_is_not_shown(running: RunningBot) -> None:
    running.slack.channels["C2"] |= {"is_private": True}
    running.bot.reporting._showing._conversations._known.clear()
    assert not is_shown(running)


def test_answer_that_was_deleted_is_not_shown(running: RunningBot, public: str) -> None:
    running.answers.delete(running.answers.get(public).question_id)
    assert not is_shown(running)


@pytest.mark.usefixtures("public")
def test_answer_of_somebody_who_keeps_out_of_training_is_not_shown(running: RunningBot) -> None:
    Consent(running.database).choose("U1", may_train=False)
    assert not is_shown(running)


@pytest.mark.usefixtures("public")
def test_answer_from_a_source_that_was_restricted_is_not_shown(running: RunningBot) -> None:
    running.sources.withdraw("/docs/laptops.md", Audience.everyone(), datetime.now(UTC))
    assert not Grants(running.database).readable_by_all(["/docs/laptops.md"])
    assert not is_shown(running)


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("flag", ["is_restricted", "is_stranger"])
def test_guests_in_the_reports_channel_read_no_answers_of_other_channels(
    running: RunningBot, flag: str
) -> None:
    running.slack.people["U9"] = {flag: True}
    running.slack.members["C1"].append("U9")
    assert not is_shown(running)
    (message,) = [one for one in running.slack.public() if one.channel == "C1"]
    assert "None of the answers that changed may be shown here" in message.words


@pytest.mark.usefixtures("public")
def test_other_organisations_read_no_answers_of_other_channels(running: RunningBot) -> None:
    running.slack.channels["C1"] |= {"is_ext_shared": True}
    assert not is_shown(running)


def test_refused_and_private_are_told_apart_from_public(running: RunningBot) -> None:
    """A question that was stored for a narrower audience is not shown, wherever it was asked."""
    private = Audience.of("person:T1:U1")
    question = Question("slack:T1:C2:1763900001.000100", "q", "U1", datetime.now(UTC), private)
    running.answers.ask(question)
    running.answers.record(replace(answer(question), kind=AnswerKind.ANSWERED))
    show(running, question.answer_id)
    assert not is_shown(running)
