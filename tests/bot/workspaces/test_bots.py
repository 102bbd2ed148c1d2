"""Several workspaces in one process: each has its own bot, token and audiences."""

from dataclasses import replace
from time import time
from typing import Any

import pytest

from bot.slack.client import SlackClient
from domain.questions import Audience, answer_id_of
from tests.bot.test_edits import deleted, edited
from tests.bot.workspaces.conftest import (
    SECOND_TOKEN,
    RunningWorkspaces,
    document,
    in_team,
    installed,
)
from tests.payloads import click, mention, payload
from tests.slack_double import BOT_TOKEN, SlackDouble


def ask(
    running: RunningWorkspaces, team: str, n: int = 0, text: str = "How do I get a new laptop?"
) -> None:
    body = in_team(mention(n, text), team)
    (running.first if team == "T1" else running.second).wrote(body)
    assert running.send.event(body).status == 200
    running.finished()


@pytest.mark.slow
def test_each_workspace_is_answered_with_its_own_token_and_documents(
    both: RunningWorkspaces,
) -> None:
    # The same channel, person and timestamp exist in both.
    ask(both, "T1")
    ask(both, "T2")
    [one], [other] = both.first.public(), both.second.public()
    assert "Laptops T1" in one.words
    assert "T2" not in one.words
    assert "Laptops T2" in other.words
    assert "T1" not in other.words
    assert [sorted(question.audience.labels) for question in both.script.asked] == [
        ["channel:T1:C1", "everyone", "team:T1"],
        ["channel:T2:C1", "everyone", "team:T2"],
    ]


def test_prompt_of_one_workspace_holds_nothing_of_the_other(both: RunningWorkspaces) -> None:
    ask(both, "T1")
    ask(both, "T2", 1)
    said = [" ".join(message.content for message in prompt) for prompt in both.script.prompts]
    assert ["T2" in text for text in said] == [False, True]
    assert ["of T1" in text for text in said] == [True, False]


def test_home_tab_shows_only_questions_of_its_workspace(both: RunningWorkspaces) -> None:
    ask(both, "T1", text="How do I get a laptop in Berlin?")
    ask(both, "T2", 1, text="How do I get a laptop in Paris?")
    opened = {"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1"}
    both.send.event(in_team(payload("reaction_added") | {"event": opened}, "T2"))
    both.second.wait_for(lambda: "U1" in both.second.homes)
    assert "Berlin" not in str(both.second.homes["U1"])
    assert "Paris" in str(both.second.homes["U1"])
    assert both.first.homes == {}


def test_jobs_of_a_workspace_are_done_by_its_bot_after_a_restart(
    both: RunningWorkspaces,
) -> None:
    both.second.broken["conversations.info"] = 1
    ask_later = in_team(mention(5), "T2")
    both.send.event(ask_later)
    both.second.wait_for(lambda: both.second.count("conversations.info"))
    both.second.wait_for(lambda: both.bots["T2"].resume_now() or both.second.public())
    both.finished()
    assert both.first.public() == []
    assert len(both.second.public()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["app_uninstalled", "tokens_revoked"])
def test_workspace_that_removes_the_app_is_served_no_more(
    both: RunningWorkspaces, name: str
) -> None:
    ask(both, "T2")
    gone = {"type": name, "tokens": {"bot": ["UBOT"], "oauth": []}}
    body = in_team(payload("reaction_added") | {"event": gone, "event_time": int(time())}, "T2")
    assert both.send.event(body).status == 200
    assert [each.team for each in both.installations.all()] == ["T1"]
    calls = len(both.second.calls)
    assert both.send.event(in_team(mention(1), "T2")).status == 200
    ask(both, "T1", 2)
    assert len(both.second.calls) == calls
    assert len(both.first.public()) == 1


def test_revoked_tokens_of_people_remove_nothing(both: RunningWorkspaces) -> None:
    gone = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}
    body = payload("reaction_added") | {"event": gone, "event_time": int(time())}
    assert both.send.event(in_team(body, "T2")).status == 200
    assert len(both.installations.all()) == 2


def test_late_word_of_a_removal_does_not_end_a_newer_installation(
    both: RunningWorkspaces,
) -> None:
    body = payload("reaction_added") | {
        "event": {"type": "app_uninstalled"},
        "event_time": int(time()) - 600,
    }
    both.send.event(in_team(body, "T2"))
    assert len(both.installations.all()) == 2


def test_event_of_a_workspace_that_never_installed_it_is_acknowledged_only(
    both: RunningWorkspaces,
) -> None:
    assert both.send.event(in_team(mention(), "T7")).status == 200
    assert both.send.event({"type": "event_callback"}).status == 200
    assert both.script.asked == []


def test_address_is_verified_before_anybody_has_installed_it(none: RunningWorkspaces) -> None:
    response = none.send.event({"type": "url_verification", "challenge": "say this"})
    assert (response.status, response.text_message) == (200, {"challenge": "say this"})


def test_unsigned_event_reaches_no_bot(both: RunningWorkspaces) -> None:
    response = both.send.event(in_team(mention(), "T2"), x_slack_signature="v0=0")
    assert response.status == 401
    assert both.script.asked == []


def test_press_in_a_shared_channel_goes_to_the_bot_whose_message_it_is(
    both: RunningWorkspaces,
) -> None:
    ask(both, "T1")
    [answer] = both.bots["T1"].answers.recent(1)
    body = click(answer.answer.id, "up")
    body["team"] = {"id": "T2"}  # of the person who presses
    body["user"]["team_id"] = "T2"
    body["message"]["team"] = "T1"
    both.send.interaction(body)
    both.first.wait_for(lambda: both.bots["T1"].ratings.waiting() or both.first.calls)
    assert all(method != "chat.postEphemeral" for method, _ in both.second.calls)


def test_mention_in_a_shared_channel_goes_to_the_bot_that_it_names(
    both: RunningWorkspaces,
) -> None:
    ask(both, "T1")
    other = replace(installed("T2", SECOND_TOKEN), user="UOTHER")
    both.installations.save(other)
    both.workspaces.look()
    body = in_team(mention(1, channel="CSHARED"), "T1") | {"is_ext_shared_channel": True}
    body["event"]["text"] = "<@UOTHER> How do I get a laptop?"
    both.second.wrote(body)
    both.send.event(body)
    both.finished()
    assert len(both.first.public()) == 1
    assert [one.channel for one in both.second.public()] == ["CSHARED"]
    assert both.script.asked[-1].audience == Audience.of("channel:T2:CSHARED")


@pytest.mark.slow
def test_what_becomes_of_a_question_in_a_shared_channel_reaches_the_bot_that_was_asked(
    both: RunningWorkspaces,
) -> None:
    readers = Audience.of("channel:T2:CSHARED")
    both.script.passages = (replace(document("T2"), audience=readers),)
    both.installations.save(replace(installed("T2", SECOND_TOKEN), user="UOTHER"))
    both.workspaces.look()
    asked = shared(mention(asked=time() - 60, channel="CSHARED"))
    asked["event"]["text"] = "<@UOTHER> How do I get a laptop?"
    both.second.wrote(asked)
    send(both, asked)
    [answer] = both.second.public()

    thread = asked["event"]["ts"]
    later = f"{float(answer.ts) + 5:.6f}"
    more = payload("message_in_thread", channel="CSHARED", thread_ts=thread, ts=later)
    both.second.refusals["conversations.replies"] = "missing_scope"  # what is stored decides
    send(both, shared(more))
    assert [one.thread for one in both.second.public()] == [thread] * 2

    item = {"type": "message", "channel": "CSHARED", "ts": answer.ts}
    send(both, shared(payload("reaction_added", item=item, item_user="UOTHER")))
    rated = f"slack:T2:CSHARED:{thread}"
    both.second.wait_for(lambda: both.bots["T2"].ratings.of(answer_id_of(rated)))

    send(both, shared(edited(asked, "How do I get a phone?")))
    assert both.script.asked[-1].text.endswith("How do I get a phone?")
    gone = deleted(asked)
    gone["event"]["channel"] = "CSHARED"
    send(both, shared(gone))
    assert len(both.second.public()) == 1
    assert both.first.public() == []


def shared(body: dict[str, Any]) -> dict[str, Any]:
    """The event as Slack sends it for T1 alone, though its channel is one of T2 too."""
    event_id = body["event_id"] + body["event"]["type"] + str(body["event"].get("subtype"))
    return in_team(body, "T1") | {"is_ext_shared_channel": True, "event_id": event_id}


def send(running: RunningWorkspaces, body: dict[str, Any]) -> None:
    assert running.send.event(body).status == 200
    running.finished()


def test_workspace_that_is_installed_by_another_process_begins_to_be_served(
    none: RunningWorkspaces,
) -> None:
    none.installations.save(installed("T2", "xoxb-second"))
    ask(none, "T2")
    assert len(none.second.public()) == 1


@pytest.mark.slow
def test_new_token_is_used_by_the_bot_that_runs(
    both: RunningWorkspaces, slack: SlackDouble
) -> None:
    ask(both, "T1")
    slack.token = "xoxb-renewed"
    both.installations.save(installed("T1", "xoxb-renewed"))
    both.workspaces.look()
    ask(both, "T1", 1)
    assert len(slack.public()) == 2


def test_client_uses_its_newest_token_for_every_call(slack: SlackDouble) -> None:
    client = SlackClient("xoxb-wrong", slack.url)
    client.use(BOT_TOKEN)
    assert client.conversation("C1")["id"] == "C1"
    client.post("C1", "hello")
    assert client.messages("C1", "", "0")
