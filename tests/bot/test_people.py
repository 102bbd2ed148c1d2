from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.names import Names
from bot.slack.client import Me
from bot.slack.conversations import ChannelKind, Conversation
from bot.slack.people import People, Standing, is_admin_of, standing_of
from domain.errors import MessengerError, MessengerRefused, MessengerUnavailable

ME = Me("T1", "UBOT")
MEMBER = {"id": "U1", "team_id": "T1", "is_restricted": False, "is_ultra_restricted": False}
OUTAGES = [
    MessengerRefused("ratelimited", "to look"),
    MessengerRefused("token_revoked", "to look"),
    MessengerUnavailable("It does not answer."),
]


class Slack:
    """Gives one answer after the other, and then repeats the last one."""

    def __init__(self, *answers: dict[str, Any] | MessengerError) -> None:
        self.answers = list(answers)
        self.asked = 0

    def look(self, _: str) -> dict[str, Any]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, MessengerError):
            raise answer
        return answer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr("bot.slack.people.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("described", "standing"),
    [
        (MEMBER, Standing.MEMBER),
        ({"id": "U1"}, Standing.MEMBER),
        (MEMBER | {"is_restricted": True}, Standing.GUEST),
        (MEMBER | {"is_restricted": True, "is_ultra_restricted": True}, Standing.GUEST),
        (MEMBER | {"is_stranger": True}, Standing.GUEST),
        (MEMBER | {"team_id": "T9"}, Standing.GUEST),
        (MEMBER | {"team_id": "T9", "enterprise_user": {"teams": ["T1"]}}, Standing.MEMBER),
        (MEMBER | {"is_bot": True}, Standing.BOT),
        (MEMBER | {"id": "USLACKBOT"}, Standing.BOT),
        (MEMBER | {"deleted": True}, Standing.GONE),
    ],
)
def test_member_belongs_to_the_workspace_and_is_not_a_guest(
    described: dict[str, Any], standing: Standing
) -> None:
    assert standing_of(described, "T1") is standing


def test_slack_is_asked_once_in_several_minutes(clock: list[float]) -> None:
    slack = Slack(MEMBER, MEMBER | {"is_restricted": True})
    people = People(slack.look, ME)
    assert people.is_member("U1")
    assert people.is_member("U1")
    assert slack.asked == 1
    clock[0] += 301
    assert not people.is_member("U1")


def test_bot_itself_and_slackbot_are_known_without_asking() -> None:
    slack = Slack(MEMBER)
    people = People(slack.look, ME)
    assert {people.standing(each) for each in ("UBOT", "USLACKBOT")} == {Standing.BOT}
    assert slack.asked == 0


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("known", [MEMBER, MEMBER | {"is_restricted": True}])
def test_outage_changes_nothing_that_is_known(
    known: dict[str, Any], outage: MessengerError, clock: list[float]
) -> None:
    people = People(Slack(known, outage).look, ME)
    before = people.standing("U1")
    clock[0] += 301
    assert people.standing("U1") is before
    clock[0] += 300
    with pytest.raises(type(outage)):
        people.standing("U1")


@pytest.mark.parametrize("outage", OUTAGES)
def test_outage_is_an_error_if_nothing_is_known(outage: MessengerError) -> None:
    people = People(Slack(outage, MEMBER).look, ME)
    with pytest.raises(type(outage)):
        people.is_member("U1")
    assert people.is_member("U1")


def test_refusal_means_guest_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    people = People(Slack(MessengerRefused("missing_scope", "to look")).look, ME)
    for person in ("U1", "U2"):
        assert people.standing(person) is Standing.GUEST
    [record] = caplog.records
    assert "users:read" in record.message
    assert "install it again" in record.message


@pytest.mark.parametrize(
    ("described", "is_admin"),
    [
        (MEMBER, False),
        (MEMBER | {"is_admin": False, "is_owner": False}, False),
        (MEMBER | {"is_admin": True}, True),
        (MEMBER | {"is_owner": True}, True),
        (MEMBER | {"is_admin": "yes"}, False),
        (MEMBER | {"is_admin": True, "is_restricted": True}, False),
        (MEMBER | {"is_admin": True, "deleted": True}, False),
        (MEMBER | {"is_admin": True, "is_bot": True}, False),
        (MEMBER | {"is_admin": True, "is_stranger": True}, False),
        (MEMBER | {"is_owner": True, "team_id": "T9"}, False),
        (
            MEMBER | {"is_admin": True, "team_id": "T9", "enterprise_user": {"teams": ["T1"]}},
            True,
        ),
    ],
)
def test_admins_and_owners_of_this_workspace_look_after_the_bot(
    described: dict[str, Any], is_admin: bool
) -> None:
    assert is_admin_of(described, "T1") is is_admin
    assert People(Slack(described).look, ME).is_admin("U1") is is_admin


def test_setting_names_the_admins_and_slack_is_not_asked() -> None:
    slack = Slack(MEMBER | {"is_admin": True})
    people = People(slack.look, ME, frozenset({"U2"}))
    assert people.is_admin("U2")
    assert not people.is_admin("U1")
    assert slack.asked == 0


@pytest.mark.parametrize("outage", OUTAGES)
def test_nobody_becomes_an_admin_during_an_outage(
    outage: MessengerError, clock: list[float]
) -> None:
    people = People(Slack(MEMBER | {"is_admin": True}, outage).look, ME)
    assert people.is_admin("U1")
    clock[0] += 301
    with pytest.raises(type(outage)):
        people.is_admin("U1")
    assert people.is_member("U1")


def test_app_without_the_scope_has_no_admins_of_the_workspace() -> None:
    people = People(Slack(MessengerRefused("missing_scope", "to look")).look, ME)
    assert not people.is_admin("U1")


def test_bot_and_slackbot_are_no_admins() -> None:
    people = People(Slack(MEMBER | {"is_admin": True}).look, ME)
    assert not people.is_admin("UBOT")
    assert not people.is_admin("USLACKBOT")


@given(st.sampled_from(ChannelKind), st.sampled_from(["U1", "U2"]))
def test_guest_never_reads_more_than_a_member(kind: ChannelKind, person: str) -> None:
    here = Conversation("T1", "C1", kind)
    guest, member = here.audience(person, is_guest=True), here.audience(person)
    assert guest.labels <= member.labels
    assert len(guest.labels) <= 1
    assert not guest.reaches_everyone


@given(st.sampled_from(ChannelKind), st.sampled_from(["U1", "U2"]), st.booleans())
def test_document_can_be_read_where_it_was_added(
    kind: ChannelKind, person: str, is_guest: bool
) -> None:
    here = Conversation("T1", "C1", kind)
    added = here.readers(person)
    assert here.audience(person, is_guest=is_guest).may_read(added) == (
        kind is not ChannelKind.UNKNOWN
    )
    other = Conversation("T2", "C1", kind)
    assert not other.audience(person).may_read(added)


def test_nobodys_name_is_asked_for_a_minute_after_slack_did_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, now = list[str](), [1_000.0]
    monkeypatch.setattr("bot.history.names.monotonic", lambda: now[0])

    def look(person: str) -> dict[str, Any]:
        asked.append(person)
        if len(asked) == 2:
            raise MessengerRefused("ratelimited", "to look at a person", 30.0)
        return {"name": f"name of {person}"}

    names = Names(look)
    assert names.of("U1") == "name of U1"
    for person in ("U2", "U2", "U3"):
        with pytest.raises(MessengerUnavailable):
            names.of(person)
    assert names.of("U1") == "name of U1"
    assert asked == ["U1", "U2"]
    now[0] += 61
    assert names.of("U2") == "name of U2"
