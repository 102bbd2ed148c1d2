from threading import Thread
from typing import Any

import pytest

from bot.slack.conversations import ChannelKind, Conversation, Conversations, kind_of
from domain.errors import MessengerError, MessengerRefused, MessengerUnavailable
from domain.questions import Audience

PUBLIC = {"is_channel": True, "is_private": False}


@pytest.mark.parametrize(
    ("described", "kind"),
    [
        (PUBLIC, ChannelKind.PUBLIC),
        (PUBLIC | {"is_private": True}, ChannelKind.PRIVATE),
        ({"is_group": True}, ChannelKind.PRIVATE),
        ({"is_mpim": True, "is_channel": True}, ChannelKind.PRIVATE),
        ({"is_im": True}, ChannelKind.DIRECT),
        (PUBLIC | {"is_ext_shared": True}, ChannelKind.SHARED),
        (PUBLIC | {"is_pending_ext_shared": True}, ChannelKind.SHARED),
        (PUBLIC | {"is_org_shared": True}, ChannelKind.SHARED),
        ({"is_im": True, "is_ext_shared": True}, ChannelKind.SHARED),
        ({"is_channel": True}, ChannelKind.UNKNOWN),
        ({}, ChannelKind.UNKNOWN),
    ],
)
def test_channel_is_public_only_if_slack_says_so(
    described: dict[str, Any], kind: ChannelKind
) -> None:
    assert kind_of(described) is kind


def test_nobody_may_read_anything_if_slack_did_not_say_who() -> None:
    conversation = Conversation("T1", "C1", ChannelKind.UNKNOWN)

    assert conversation.audience("U1") == Audience.of()
    assert conversation.readers("U1") == Audience.of()


TEAM = ("everyone", "team:T1")


@pytest.mark.parametrize(
    ("kind", "asked", "added"),
    [
        (
            ChannelKind.PUBLIC,
            Audience.of(*TEAM, "channel:T1:C1", public=True),
            Audience.of("team:T1", "channel:T1:C1"),
        ),
        (ChannelKind.PRIVATE, Audience.of(*TEAM, "channel:T1:C1"), Audience.of("channel:T1:C1")),
        (ChannelKind.DIRECT, Audience.of(*TEAM, "person:T1:U1"), Audience.of("person:T1:U1")),
        (ChannelKind.SHARED, Audience.of("channel:T1:C1"), Audience.of("channel:T1:C1")),
    ],
)
def test_conversation_decides_what_is_read_and_who_reads_added_documents(
    kind: ChannelKind, asked: Audience, added: Audience
) -> None:
    conversation = Conversation("T1", "C1", kind)
    assert conversation.audience("U1") == asked
    assert conversation.readers("U1") == added


@pytest.mark.parametrize(
    ("kind", "audience"),
    [
        (ChannelKind.PUBLIC, Audience.of("channel:T1:C1", public=True)),
        (ChannelKind.PRIVATE, Audience.of("channel:T1:C1")),
        (ChannelKind.SHARED, Audience.of("channel:T1:C1")),
        (ChannelKind.DIRECT, Audience.of("person:T1:U1")),
    ],
)
def test_guest_reads_what_was_given_to_the_channel_or_the_guest(
    kind: ChannelKind, audience: Audience
) -> None:
    assert Conversation("T1", "C1", kind).audience("U1", is_guest=True) == audience


def test_slack_is_asked_once_for_many_simultaneous_questions() -> None:
    asked: list[str] = []

    def look(channel: str) -> dict[str, Any]:
        asked.append(channel)
        return PUBLIC

    conversations = Conversations(look, "T1")
    threads = [
        Thread(target=conversations.conversation, args=(channel,)) for channel in ["C1", "C2"] * 10
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == ["C1", "C2"]


OUTAGES = [
    MessengerRefused("ratelimited", "to look"),
    MessengerRefused("token_revoked", "to look"),
    MessengerUnavailable("It does not answer."),
]


@pytest.mark.parametrize("outage", OUTAGES)
def test_outage_is_an_error_if_nothing_is_known_and_slack_is_asked_again(
    outage: MessengerError,
) -> None:
    troubles = [outage]

    def look(_: str) -> dict[str, Any]:
        if troubles:
            raise troubles.pop()
        return PUBLIC

    conversations = Conversations(look, "T1")
    with pytest.raises(type(outage)):
        conversations.conversation("C1")
    assert conversations.conversation("C1").kind is ChannelKind.PUBLIC


@pytest.mark.parametrize("outage", OUTAGES)
def test_outage_changes_nothing_that_is_known(
    outage: MessengerError, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[dict[str, Any] | MessengerError] = [PUBLIC, outage, {"is_group": True}]

    def look(_: str) -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, MessengerError):
            raise answer
        return answer

    conversations = Conversations(look, "T1")
    seen: list[ChannelKind] = []
    for minute in range(3):
        monkeypatch.setattr(
            "bot.slack.conversations.monotonic", lambda now=minute: 1000.0 + 61 * now
        )
        seen.append(conversations.conversation("C1").kind)
    assert seen == [ChannelKind.PUBLIC, ChannelKind.PUBLIC, ChannelKind.PRIVATE]


def test_refusal_to_say_who_reads_is_not_an_outage() -> None:
    def look(_: str) -> dict[str, Any]:
        raise MessengerRefused("channel_not_found", "to look")

    assert Conversations(look, "T1").conversation("C1").kind is ChannelKind.UNKNOWN


def test_event_that_says_shared_is_believed() -> None:
    assert (
        Conversations(lambda _: PUBLIC, "T1").conversation("C1", shared=True).kind
        is ChannelKind.SHARED
    )


def test_event_that_says_shared_is_believed_for_the_next_minute_too() -> None:
    conversations = Conversations(lambda _: PUBLIC, "T1")
    assert conversations.conversation("C1").kind is ChannelKind.PUBLIC
    conversations.conversation("C1", shared=True)
    assert conversations.conversation("C1").kind is ChannelKind.SHARED


def test_adding_or_listing_documents_always_asks_slack() -> None:
    described = dict(PUBLIC)
    conversations = Conversations(lambda _: described, "T1")
    assert conversations.conversation("C1").kind is ChannelKind.PUBLIC
    described["is_ext_shared"] = True
    assert conversations.conversation("C1").kind is ChannelKind.PUBLIC
    assert conversations.as_it_is_now("C1").kind is ChannelKind.SHARED
    assert conversations.conversation("C1").kind is ChannelKind.SHARED


@pytest.mark.parametrize("outage", OUTAGES)
def test_adding_or_listing_documents_never_uses_an_earlier_kind(
    outage: MessengerError,
) -> None:
    answers: list[dict[str, Any] | MessengerError] = [PUBLIC, outage]

    def look(_: str) -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, MessengerError):
            raise answer
        return answer

    conversations = Conversations(look, "T1")
    conversations.conversation("C1")
    with pytest.raises(type(outage)):
        conversations.as_it_is_now("C1")


def test_outage_of_more_than_ten_minutes_lets_the_question_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: list[dict[str, Any] | MessengerError] = [PUBLIC, *OUTAGES]

    def look(_: str) -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, MessengerError):
            raise answer
        return answer

    conversations = Conversations(look, "T1")
    monkeypatch.setattr("bot.slack.conversations.monotonic", lambda: 1000.0)
    conversations.conversation("C1")
    monkeypatch.setattr("bot.slack.conversations.monotonic", lambda: 1000.0 + 599)
    assert conversations.conversation("C1").kind is ChannelKind.PUBLIC
    monkeypatch.setattr("bot.slack.conversations.monotonic", lambda: 1000.0 + 601)
    with pytest.raises(MessengerError):
        conversations.conversation("C1")
