"""What admins see and press in their Home tab, through the real app."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.home.admin_view import (
    AdminView,
    FailedSource,
    Listed,
    LiveAdapter,
    admin_blocks,
    whole_report,
)
from bot.nights.report import AdaptersNow, Decided, Night
from domain.adapters import AdapterChange, ChangedAnswer, ChangeKind
from domain.cards import Card
from domain.collections import Collection, Trouble
from domain.documents import Source, SourceState
from domain.jobs import JobKind, JobState, NewJob
from domain.labels import channel_label, team_label
from domain.questions import Audience, Question
from domain.ratings import Correction
from domain.weeks import Day, Week
from records.cards import Cards
from records.collections import Collections
from records.night_reports import NightReports
from tests.bot.running_bot import RunningBot
from tests.bot.test_home import open_home, press, words_of
from tests.bot.test_nights import (
    ADMIN,
    asked,
    changes,
    live,
    night,
    public,
    reported,
    settle,
    show,
)
from tests.bot.test_report import EVALUATION, PROMOTED
from tests.payloads import payload
from tests.records.makers import answer, hold
from tests.slack_limits import wrong_blocks, wrong_view

assert public

NOW = datetime.now(UTC)
BOARD = channel_label("T1", "CPRIVATE")


@pytest.fixture(autouse=True)
def admin(running: RunningBot) -> None:
    running.slack.people[ADMIN] = {"is_admin": True, "real_name": "Ann"}
    running.slack.members["C1"] = ["U1", "U2", ADMIN]
    running.slack.members["CPRIVATE"] = ["U1"]


def shown(running: RunningBot, person: str = ADMIN) -> str:
    return words_of(open_home(running, person))


def failed(running: RunningBot, uri: str, *labels: str) -> None:
    row = Source(uri, Audience.of(*labels), SourceState.FAILED, "U1", NOW, title=f"Plan {uri}")
    running.sources.save(replace(row, reason="It answers with HTTP 500."))


def quarantined(running: RunningBot, uri: str) -> int:
    """A job that was given up; returns its id."""
    job = NewJob(JobKind.SOURCE, uri, f"r-{uri}", "T1", "U1", "slack:T1:C1:", "", NOW)
    (job_id,) = running.jobs.add([replace(job, payload='{"version": 1, "labels": []}')])
    taken = running.jobs.take(job_id, replace(hold(), since=NOW + timedelta(minutes=1)))
    assert taken
    running.jobs.give_up(taken, NOW, "It answers with HTTP 500.")
    return job_id


def test_only_admins_see_what_they_look_after(running: RunningBot) -> None:
    assert "The last seven days" not in shown(running, "U1")
    words = shown(running)
    for part in ("My questions", "The last seven days", "What answers", "The last night"):
        assert part in words


def test_admin_is_told_while_slack_does_not_say_who_is_one(running: RunningBot) -> None:
    running.slack.refusals["users.info"] = "fatal_error"
    words = shown(running)
    assert "does not say now whether you are an admin" in words
    assert "The last seven days" not in words


def test_week_is_shown_in_numbers_and_bars(running: RunningBot) -> None:
    for n in range(3):
        now = datetime.now(UTC)
        asked_now = Question(f"slack:T1:C1:{n}.0", "q", "U1", now, Audience.everyone())
        running.answers.ask(asked_now)
        running.answers.record(replace(answer(asked_now), created_at=now + timedelta(seconds=4)))
    words = shown(running)
    assert "median time          4.0 s           –" in words
    assert "█" * 20 in words
    assert "Each line is 24 hours" in words


def test_failed_sources_of_channels_that_an_admin_is_not_in_are_only_counted(
    running: RunningBot,
) -> None:
    failed(running, "https://a.example/team", team_label("T1"))
    failed(running, "https://a.example/board", BOARD)
    failed(running, "https://a.example/other", team_label("T2"))
    failed(running, "https://a.example/mine", f"person:T1:{ADMIN}")
    failed(running, "https://a.example/theirs", "person:T1:U1")
    words = shown(running)
    assert "Plan https://a.example/team" in words
    assert "Plan https://a.example/mine" in words
    for hidden in ("board", "other", "theirs"):
        assert hidden not in words
    assert "And 2 sources besides" in words  # the other workspace's is not counted

    running.slack.members["CPRIVATE"].append(ADMIN)
    assert "Plan https://a.example/board" in shown(running)


def test_guest_who_is_an_admin_by_the_settings_reads_no_more_than_guests(
    running: RunningBot,
) -> None:
    running.bot.reporting._showing._people._admins = frozenset({"U9"})
    running.slack.people["U9"] = {"is_restricted": True}
    failed(running, "https://a.example/team", team_label("T1"))
    words = shown(running, "U9")
    assert "The last seven days" in words
    assert "a.example" not in words


def test_failed_source_is_tried_again(running: RunningBot) -> None:
    failed(running, "https://a.example/x", team_label("T1"))
    job_id = quarantined(running, "https://a.example/x")
    open_home(running, ADMIN)
    running.script.go_on.clear()
    press(running, ADMIN, "retry_source")
    assert "It waits to be read again." in shown_anew(running)
    (job,) = running.jobs.of_key(JobKind.SOURCE, "https://a.example/x")
    assert (job.id, job.state is JobState.QUARANTINED) == (job_id, False)
    running.script.go_on.set()


def test_failing_collection_is_read_again(running: RunningBot) -> None:
    kept = Collections(running.database)
    site = Collection(
        "https://a.example/",
        "site",
        Audience.of(team_label("T1")),
        "U1",
        NOW,
        title="The site",
        every=timedelta(days=1),
        next_at=NOW + timedelta(days=1),
    )
    added = kept.add(site)
    broken = replace(added, failures=3, reason="HTTP 500", read_at=None)
    kept.record(added, broken)
    found = kept.get(site.uri)
    assert found.trouble is Trouble.FAILING
    failed(running, site.uri, team_label("T1"))  # a page is a collection and a document
    words = shown(running)
    assert words.count("The site") + words.count("Plan") == 1
    assert "besides" not in words
    press(running, ADMIN, "retry_source")
    shown_anew(running)
    due = kept.get(site.uri).next_at
    assert due is not None
    assert due <= datetime.now(UTC)


@pytest.mark.parametrize("person", ["U1", ADMIN])
def test_source_that_a_person_may_not_retry_is_left_alone(running: RunningBot, person: str) -> None:
    """Others than admins may retry none, and admins none that they cannot read."""
    failed(running, "https://a.example/board", BOARD)
    if person == "U1":
        failed(running, "https://a.example/board", BOARD, team_label("T1"))
    job_id = quarantined(running, "https://a.example/board")
    body = payload("feedback_click")
    body["user"]["id"] = person
    del body["channel"], body["container"]
    body["actions"] = [{"action_id": "retry_source", "value": "https://a.example/board"}]
    assert running.send.interaction(body).status == 200
    assert running.jobs.of_key(JobKind.SOURCE, "https://a.example/board")[0].id == job_id
    assert running.jobs.in_states([JobState.QUARANTINED])
    running.slack.wait_for(
        lambda: [one for one in running.slack.public() if "Nothing was done" in one.words]
    )


def shown_anew(running: RunningBot) -> str:
    """The tab that a press has made anew."""
    running.slack.wait_for(lambda: ADMIN in running.slack.homes)
    return words_of(running.slack.homes[ADMIN])


def in_home(running: RunningBot, action: str, **more: Any) -> None:
    """Presses a button of the tab as Slack says it: without a channel."""
    (element,) = [
        one
        for block in running.slack.homes[ADMIN]["blocks"]
        for one in block.get("elements", ())
        if one.get("action_id") == action
    ]
    body = payload("feedback_click")
    body["user"]["id"] = ADMIN
    del body["channel"], body["message"]
    body["container"] = {"type": "view", "view_id": "V1"}
    body["actions"] = [{"action_id": action, "value": element["value"], "action_ts": "1.1"} | more]
    running.slack.homes.clear()
    assert running.send.interaction(body).status == 200


def test_admin_rolls_back_in_the_tab_which_is_shown_anew(running: RunningBot) -> None:
    night(running, "night-1", ended=NOW - timedelta(days=3))
    night(running)
    message = reported(running)
    assert "night-2 answers, since" in shown(running)
    in_home(running, "adapter_rollback")
    settle(running)
    assert "night-1 answers" in shown_anew(running)
    assert live(running) == "night-1"
    assert "Ann rolled back: night-1 answers" in words_of(running.slack.homes[ADMIN])
    assert "Ann rolled back: night-1 answers" in message.words


def test_nights_are_put_on_hold_in_the_tab(running: RunningBot) -> None:
    assert "The model as it was installed answers." in shown(running)
    in_home(running, "adapter_hold")
    settle(running)
    assert "Nights are on hold" in shown_anew(running)
    assert changes(running).on_hold()


def test_admin_chooses_the_adapter_to_promote(running: RunningBot) -> None:
    night(running, "night-1", ended=NOW - timedelta(days=3))
    night(running)
    open_home(running, ADMIN)
    in_home(running, "choose_adapter")
    running.slack.wait_for(lambda: running.slack.views)
    (view,) = running.slack.views
    select = view["blocks"][0]["element"]
    assert [one["value"] for one in select["options"]] == ["night-1"]
    assert "night-2 answers" in str(view["blocks"][0]["hint"])

    send_form(running, view, "night-1")
    settle(running)
    assert live(running) == "night-1"
    # The same form, sent again, was filled in while another adapter was live.
    send_form(running, view | {"id": "V3"}, "night-2")
    settle(running)
    assert live(running) == "night-1"
    told = [one.words for one in running.slack.public() if one.channel == f"D{ADMIN[1:]}"]
    assert told == ["Nothing was changed: night-1 answers by now: somebody was faster."]


def send_form(running: RunningBot, view: dict[str, Any], name: str, person: str = ADMIN) -> None:
    body = payload("view_submission")
    body["user"]["id"] = person
    body["view"] |= {
        "id": view.get("id", "V2"),
        "callback_id": view["callback_id"],
        "private_metadata": view["private_metadata"],
        "state": {"values": {"adapter": {"adapter": {"selected_option": {"value": name}}}}},
    }
    assert running.send.interaction(body).status == 200


def test_form_that_others_send_changes_nothing(running: RunningBot) -> None:
    night(running, "night-1", ended=NOW - timedelta(days=3))
    night(running)
    open_home(running, ADMIN)
    in_home(running, "choose_adapter")
    running.slack.wait_for(lambda: running.slack.views)
    send_form(running, running.slack.views[0], "night-1", "U1")
    settle(running)
    assert live(running) == "night-2"


@pytest.mark.usefixtures("public")
def test_whole_report_shows_answers_to_members(running: RunningBot) -> None:
    night(running)
    words = shown(running)
    assert "night-2 learned from 64 examples." in words
    assert "Open a ticket." not in words
    in_home(running, "whole_report")
    running.slack.wait_for(lambda: running.slack.views)
    (view,) = running.slack.views
    assert "after: Open a ticket." in words_of(view)


def test_report_is_shown_without_a_picture_that_somebody_deleted(running: RunningBot) -> None:
    run = night(running)
    reports = NightReports(running.database)
    reports.keep(run.id, "slack:T1:C1:1.0")
    reports.keep_picture(run.id, "FGONE")
    open_home(running, ADMIN)
    in_home(running, "whole_report")
    running.slack.wait_for(lambda: running.slack.views)
    (view,) = running.slack.views
    assert "night-2 learned from 64 examples." in words_of(view)
    assert "image" not in [block["type"] for block in view["blocks"]]


@pytest.mark.parametrize("action", ["whole_report", "choose_adapter"])
def test_admin_is_told_when_a_form_does_not_open(running: RunningBot, action: str) -> None:
    night(running, "night-1", ended=NOW - timedelta(days=3))
    night(running)
    open_home(running, ADMIN)
    running.slack.refusals["views.open"] = "expired_trigger_id"
    in_home(running, action)
    running.slack.wait_for(running.slack.public)
    (told,) = running.slack.public()
    assert (told.channel, told.words) == (
        f"D{ADMIN[1:]}",
        "I could not open that. Try again in a minute.",
    )


def test_whole_report_shows_no_answer_of_a_private_channel(running: RunningBot) -> None:
    show(running, asked(running, n=1, channel="CPRIVATE"))
    night(running)
    open_home(running, ADMIN)
    in_home(running, "whole_report")
    running.slack.wait_for(lambda: running.slack.views)
    assert "Open a ticket." not in words_of(running.slack.views[0])


def test_corrections_and_questions_to_experts_of_other_places_are_only_counted(
    running: RunningBot,
) -> None:
    for n, channel in enumerate(("C1", "CPRIVATE")):
        answer_id = asked(running, text=f"What about {channel}?", n=n, channel=channel)
        wrote = Correction(answer_id, "U2", datetime.now(UTC), f"It is in {channel}.")
        running.ratings.correct(wrote)
        asked_id = running.answers.question_of(answer_id).id
        card = Card(
            f"c{n}", f"s{n}", asked_id, f"slack:T1:{channel}:1.0", "U2", "U1", datetime.now(UTC)
        )
        Cards(running.database).ask(card)
    words = shown(running)
    assert "What about C1? → It is in C1." in words
    assert words.count("What about C1?") == 2
    assert "CPRIVATE" not in words
    assert words.count("1 in places that you cannot read.") == 2

    running.slack.members["CPRIVATE"].append(ADMIN)
    assert shown(running).count("What about CPRIVATE?") == 2


def test_what_is_written_about_an_answer_for_one_person_is_only_counted_for_others(
    running: RunningBot,
) -> None:
    """Also where everybody can read the channel in which that person asked."""
    running.slack.people["U1"] = {"is_admin": True, "real_name": "Bob"}
    answer_id = asked(running, text="What do I earn?", channel="C1")
    question = running.answers.question_of(answer_id)
    alone = replace(question, thread="slack:T1:D1:9.0", asked_in=question.thread)
    running.questions.move(replace(alone, audience=Audience.of("person:T1:U1")))
    running.ratings.correct(Correction(answer_id, "U1", datetime.now(UTC), "It is 4,300."))
    now = datetime.now(UTC)
    card = Card("c1", "s1", question.id, question.thread, "U2", "U1", now)
    Cards(running.database).ask(card)
    words = shown(running)
    assert "What do I earn?" not in words
    assert "4,300" not in words
    assert words.count("1 in places that you cannot read.") == 2
    assert "What do I earn? → It is 4,300." in shown(running, "U1")


def test_tab_offers_no_decision_to_whom_it_is_not_for() -> None:
    week = Week(NOW, [Day()] * 7)
    for may_decide in (True, False):
        live_one = LiveAdapter(AdaptersNow("night"), may_decide=may_decide)
        view = AdminView(week, week, live_one, None, [], 0, Listed(), Listed())
        assert ("Roll back" in str(admin_blocks(view))) is may_decide


@settings(deadline=None)
@given(st.text(max_size=3_000), st.text(max_size=3_000), st.integers(0, 10**6))
def test_tab_stays_within_slacks_limits(name: str, reason: str, count: int) -> None:
    week = Week(NOW, [Day(count, count // 2, count // 3)] * 7, count, count, count, timedelta(1))
    change = AdapterChange(ChangeKind.ROLLBACK, None, "U1", NOW, "1")
    run = replace(PROMOTED, reason=reason, left_out={name: count, reason: 1})
    source = FailedSource(name, name, reason)
    listed = Listed([f"{name} → {reason}"] * 5, count, are_more=True)
    now = AdaptersNow("night", is_on_hold=bool(count % 2))
    view = AdminView(
        week,
        week,
        LiveAdapter(now, name[:30], EVALUATION, [Decided(change, name[:80])] * 3),
        run,
        [source] * 5,
        count,
        listed,
        listed,
    )
    assert not wrong_blocks(admin_blocks(view), most=80)
    changed = [ChangedAnswer("a", name, reason, name)] * 5
    assert not wrong_view(whole_report(Night(run, now, changed, True, "F1")))
