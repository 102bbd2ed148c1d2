from threading import Thread
from typing import Any

import pytest

from bot.conversations import Conversation, Conversations, Kind, kind_of
from domain.errors import MessengerError, MessengerRefused, MessengerUnavailable
from domain.questions import Audience

PUBLIC = {"is_channel": True, "is_private": False}


@pytest.mark.parametrize(
    ("described", "kind"),
    [
        (PUBLIC, Kind.PUBLIC),
        (PUBLIC | {"is_private": True}, Kind.PRIVATE),
        ({"is_group": True}, Kind.PRIVATE),
        ({"is_mpim": True, "is_channel": True}, Kind.PRIVATE),
        ({"is_im": True}, Kind.DIRECT),
        (PUBLIC | {"is_ext_shared": True}, Kind.SHARED),
        (PUBLIC | {"is_pending_ext_shared": True}, Kind.SHARED),
        (PUBLIC | {"is_org_shared": True}, Kind.SHARED),
        ({"is_im": True, "is_ext_shared": True}, Kind.SHARED),
        ({"is_channel": True}, Kind.UNKNOWN),
        ({}, Kind.UNKNOWN),
    ],
)
def test_channel_is_public_only_where_slack_says_so(described: dict[str, Any], kind: Kind) -> None:
    assert kind_of(described) is kind


def test_nobody_may_read_anything_where_slack_did_not_say() -> None:
    conversation = Conversation("C1", Kind.UNKNOWN)

    assert conversation.audience("U1") == Audience.of()
    assert conversation.readers("U1") == Audience.of()


def test_documents_of_a_narrow_place_are_not_for_everyone() -> None:
    assert Conversation("C1", Kind.PRIVATE).readers("U1") == Audience.of("channel:C1")
    assert Conversation("D1", Kind.DIRECT).readers("U1") == Audience.of("person:U1")
    assert Conversation("C1", Kind.PUBLIC).readers("U1") == Audience.everyone()


def test_slack_is_asked_once_however_many_ask_at_once() -> None:
    asked: list[str] = []

    def look(channel: str) -> dict[str, Any]:
        asked.append(channel)
        return PUBLIC

    conversations = Conversations(look)
    threads = [
        Thread(target=conversations.conversation, args=(channel,)) for channel in ["C1", "C2"] * 10
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == ["C1", "C2"]


OUTAGES = [MessengerRefused("ratelimited", "to look"), MessengerUnavailable("It does not answer.")]


@pytest.mark.parametrize("outage", OUTAGES)
def test_outage_is_told_where_nothing_is_known_and_asked_again(outage: MessengerError) -> None:
    troubles = [outage]

    def look(_: str) -> dict[str, Any]:
        if troubles:
            raise troubles.pop()
        return PUBLIC

    conversations = Conversations(look)
    with pytest.raises(type(outage)):
        conversations.conversation("C1")
    assert conversations.conversation("C1").kind is Kind.PUBLIC


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

    conversations = Conversations(look)
    seen = []
    for minute in range(3):
        monkeypatch.setattr("bot.conversations.monotonic", lambda now=minute: 1000.0 + 61 * now)
        seen.append(conversations.conversation("C1").kind)
    assert seen == [Kind.PUBLIC, Kind.PUBLIC, Kind.PRIVATE]


def test_refusal_to_say_who_reads_is_no_outage() -> None:
    def look(_: str) -> dict[str, Any]:
        raise MessengerRefused("channel_not_found", "to look")

    assert Conversations(look).conversation("C1").kind is Kind.UNKNOWN


def test_event_that_says_shared_is_believed() -> None:
    assert Conversations(lambda _: PUBLIC).conversation("C1", shared=True).kind is Kind.SHARED
