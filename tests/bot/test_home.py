"""The Home tab: a person's questions, and whether the nights may train on them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.home.view import home_view
from domain.errors import IndexUnavailable, RunInProgress
from domain.jobs import JobState
from domain.questions import RatedAnswer
from records.consent import Consent
from tests.bot.running_bot import TEXT, RunningBot, is_idle
from tests.payloads import mention, payload
from tests.records.makers import answer, question
from tests.slack_double import texts
from tests.slack_limits import wrong_blocks


def open_home(running: RunningBot, person: str = "U1", tab: str = "home") -> dict[str, Any]:
    running.slack.homes.clear()
    body = payload("user_change")
    body["event"] = {"type": "app_home_opened", "user": person, "tab": tab, "channel": "D1"}
    assert running.send.event(body).status == 200
    running.slack.wait_for(lambda: running.slack.homes or tab != "home")
    return running.slack.homes.get(person, {})


def press(running: RunningBot, person: str, action: str = "home_training") -> None:
    """Presses a button of the tab."""
    blocks = running.slack.homes[person]["blocks"]
    (element,) = [
        one
        for block in blocks
        for one in block.get("elements", ())
        if one.get("action_id") == action
    ]
    running.slack.homes.clear()
    body = payload("feedback_click")
    body["user"]["id"] = person
    body["actions"] = [{"action_id": element["action_id"], "value": element["value"]}]
    assert running.send.interaction(body).status == 200


def words_of(view: dict[str, Any]) -> str:
    return "".join(texts(view["blocks"]))


def test_person_sees_their_own_questions_with_links(running: RunningBot) -> None:
    running.send.event(mention())
    running.answered()
    running.send.event(mention(n=1, text="What about phones?", user="U2"))
    running.answered()

    view = open_home(running)
    assert "How do I get a new laptop?" in words_of(view)
    assert TEXT in words_of(view)
    assert "phones" not in words_of(view)
    assert "https://acme.slack.com/archives/C1/p1763900000000100" in str(view)


def test_what_was_asked_again_is_shown_once_with_its_latest_answer(running: RunningBot) -> None:
    for n, words in enumerate(("Ask Ann.", "Open a ticket with the service desk.")):
        running.script.words = words.split(" ")
        running.send.event(mention(n, text="How do I get a new laptop?" + "!" * n))
        running.answered()
    shown = words_of(open_home(running))
    assert shown.count("How do I get a new laptop?") == 1
    assert "service desk" in shown


def test_person_without_questions_is_told_what_to_do(running: RunningBot) -> None:
    assert "You have asked nothing yet" in words_of(open_home(running))


def test_other_tabs_show_nothing(running: RunningBot) -> None:
    assert open_home(running, tab="messages") == {}


def test_person_keeps_out_of_training_and_comes_back(running: RunningBot) -> None:
    consent = Consent(running.database)
    open_home(running)
    press(running, "U1")
    running.slack.wait_for(lambda: running.slack.homes)
    assert consent.kept_out() == {"U1"}
    assert "train on nothing that you ask" in words_of(running.slack.homes["U1"])
    # To be forgotten ends that too, and whoever deletes everything must know.
    assert "make it again" in str(running.slack.homes["U1"])

    press(running, "U1")
    running.slack.wait_for(lambda: running.slack.homes)
    assert consent.kept_out() == frozenset()


def test_value_that_is_not_of_the_button_changes_nothing(running: RunningBot) -> None:
    Consent(running.database).choose("U1", may_train=False)
    body = payload("feedback_click")
    body["actions"] = [{"action_id": "home_training", "value": "yes"}]
    assert running.send.interaction(body).status == 200
    assert Consent(running.database).kept_out() == {"U1"}


def test_person_deletes_everything_about_them(running: RunningBot) -> None:
    running.send.event(mention())
    running.answered()
    open_home(running)
    press(running, "U1", "home_deletion")
    running.resume_now()
    running.slack.wait_for(lambda: running.slack.homes)

    assert running.answers.recent() == []
    assert not running.jobs.in_states(list(JobState))
    assert "You have asked nothing yet" in words_of(running.slack.homes["U1"])
    (told,) = [one for one in running.slack.public() if one.channel == "D1"]
    assert "is deleted" in told.words


@pytest.mark.parametrize("fails", ["broken", "lost"])
def test_deletion_is_told_once_although_slack_does_not_take_the_message_first(
    running: RunningBot, fails: str
) -> None:
    running.send.event(mention())
    running.answered()
    open_home(running)
    getattr(running.slack, fails)["chat.postMessage"] = 1
    press(running, "U1", "home_deletion")
    running.resume_now()
    running.slack.wait_for(lambda: running.slack.homes)
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert running.answers.recent() == []
    assert "You have asked nothing yet" in words_of(running.slack.homes["U1"])

    running.resume_now()
    running.slack.wait_for(lambda: not running.jobs.in_states(list(JobState)))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    (told,) = [one for one in running.slack.public() if one.channel == "D1"]
    assert "is deleted" in told.words
    assert not running.jobs.in_states(list(JobState))


def test_deletion_waits_for_the_end_of_a_night(running: RunningBot) -> None:
    running.send.event(mention())
    running.answered()
    open_home(running)
    running.script.spoilt = RunInProgress("A night runs.")
    press(running, "U1", "home_deletion")
    running.resume_now()
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert running.answers.recent()

    running.script.spoilt = None
    running.slack.wait_for(lambda: running.resume_now() or not running.answers.recent())
    running.slack.wait_for(lambda: not running.answers.recent())


def test_deletion_that_fails_is_told(running: RunningBot) -> None:
    open_home(running)
    running.script.spoilt = IndexUnavailable("It is away.")
    press(running, "U1", "home_deletion")
    for _ in range(3):
        running.slack.wait_for(running.resume_now)
        running.slack.wait_for(lambda: is_idle(running.bot.runner))
    (told,) = running.slack.public()
    assert "could not be deleted" in told.words

    open_home(running)
    running.script.spoilt = None  # and the button can be pressed again, as it says
    press(running, "U1", "home_deletion")
    running.slack.wait_for(running.resume_now)
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    assert "is deleted" in running.slack.public()[-1].words
    assert not running.jobs.in_states([JobState.QUARANTINED])


@given(st.text(max_size=4_000), st.text(max_size=4_000), st.integers(0, 15))
def test_tab_stays_within_slacks_limits(asked: str, told: str, count: int) -> None:
    one = question(1)
    rows = [RatedAnswer(_with(one, text=asked), _with(answer(one), text=told))] * count
    for may_train in (True, False):
        view = home_view(rows, may_train=may_train)
        assert not wrong_blocks(view["blocks"], most=100)


def _with(item: Any, **changed: object) -> Any:
    return replace(item, **changed)
