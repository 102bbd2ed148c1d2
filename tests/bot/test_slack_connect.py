"""Channels that are shared with other companies: only what was added there is used, by anybody."""

from typing import Any

import pytest

from domain.channels import ChannelSettings
from domain.questions import Audience
from records.channels import Channels
from tests.bot.running_bot import RunningBot
from tests.payloads import mention, payload

SHARED = Audience.of("channel:T1:CSHARED")
FOREIGN: dict[str, Any] = {"user": "U9", "user_team": "T9", "source_team": "T9", "team": "T9"}


@pytest.fixture
def connected(running: RunningBot) -> RunningBot:
    """U9 belongs to another workspace."""
    running.slack.people["U9"] = {"team_id": "T9", "is_stranger": True}
    return running


def audiences(running: RunningBot) -> list[Audience]:
    running.slack.wait_for(lambda: not running.open_jobs())
    return [question.audience for question in running.script.asked]


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["is_ext_shared", "is_org_shared", "is_pending_ext_shared"])
@pytest.mark.parametrize("person", [{}, FOREIGN], ids=["own", "foreign"])
def test_only_what_was_added_in_a_shared_channel_is_used_whoever_asks(
    connected: RunningBot, flag: str, person: dict[str, Any]
) -> None:
    kind = {"is_channel": True, "is_private": False, flag: True}
    connected.slack.channels["CSHARED"] = kind
    connected.send.event(mention(channel="CSHARED", **person))
    assert audiences(connected) == [SHARED]


@pytest.mark.parametrize("name", ["user_team", "source_team"])
def test_event_of_another_workspaces_person_makes_the_channel_shared(
    connected: RunningBot, name: str
) -> None:
    # Slack still says that the channel is public, and that the person is a member.
    connected.slack.people.clear()
    of_other: dict[str, Any] = {name: "T9"}
    connected.send.event(mention(user="U9", **of_other))
    assert audiences(connected) == [Audience.of("channel:T1:C1")]
    # For its own people too, from then on.
    connected.send.event(mention(1))
    assert audiences(connected)[1] == Audience.of("channel:T1:C1")


def test_organisation_and_own_workspace_are_not_another_one(running: RunningBot) -> None:
    running.send.event(mention(user_team="E1", source_team="T1"))
    assert "team:T1" in audiences(running)[0].labels


def test_event_of_a_shared_channel_may_come_from_the_other_workspace(
    connected: RunningBot,
) -> None:
    # Its `team_id` is where it happened; `authorizations` says whose bot it is for.
    body = mention(channel="CSHARED", **FOREIGN) | {"team_id": "T9", "is_ext_shared_channel": True}
    connected.send.event(body)
    assert audiences(connected) == [SHARED]


def test_person_of_another_workspace_gets_nothing_of_the_team_in_direct_messages(
    connected: RunningBot,
) -> None:
    connected.send.event(payload("message_im", **FOREIGN))
    connected.slack.channels["D9"] = {"is_im": True}
    connected.slack.people["U8"] = {"team_id": "T8"}
    connected.send.event(payload("message_im", user="U8", channel="D9", ts="1763900300.000100"))
    readable = set[str]().union(*(each.labels for each in audiences(connected)))
    assert readable <= {"channel:T1:D1", "person:T1:U8"}


def test_emoji_and_menu_in_a_shared_channel_use_only_what_was_added_there(
    connected: RunningBot,
) -> None:
    Channels(connected.database).choose("T1", "C1", ChannelSettings(emoji="question"))
    connected.slack.wrote(mention(text="How do I get a laptop?"))
    asked = payload("reaction_added", reaction="question", user="U1")
    connected.send.event(asked | {"is_ext_shared_channel": True})
    assert audiences(connected) == [Audience.of("channel:T1:C1")]

    body = payload("message_shortcut") | {"callback_id": "answer_message"}
    body["user"] = {"id": "U9", "team_id": "T9"}
    body["channel"] = {"id": "C2", "name": "random"}
    body["message"] = {
        "type": "message",
        "user": "U2",
        "ts": "1763900500.000100",
        "text": "Laptop?",
    }
    connected.send.interaction(body)
    assert audiences(connected)[1] == Audience.of("channel:T1:C2")


def test_person_of_another_workspace_adds_nothing_where_all_members_may(
    connected: RunningBot,
) -> None:
    connected.slack.channels["C1"] = {"is_channel": True, "is_private": False}
    body = mention(text="ingest https://docs.example.com/a", channel="CSHARED", **FOREIGN)
    connected.send.event(body)
    connected.slack.wait_for(lambda: connected.slack.whispers("U9"))
    assert "may not add" in connected.slack.whispers("U9")[0]
    assert connected.open_jobs() == []


def test_what_is_added_in_a_shared_channel_is_for_that_channel_alone(
    connected: RunningBot,
) -> None:
    body = payload("slash_command", text="https://docs.example.com/a", channel_id="CSHARED")
    connected.send.form(body)
    connected.slack.wait_for(lambda: not connected.open_jobs())
    assert [source.audience for source in connected.script.read] == [SHARED]
