import pytest

from bot.ratings.readers import MembersPage, Readers
from bot.slack.client import Me
from bot.slack.conversations import Conversations
from bot.slack.people import People
from domain.errors import MessengerError, MessengerRefused, MessengerUnavailable

ME = Me("T1", "UBOT")
OUTAGES = [MessengerRefused("ratelimited", "to look"), MessengerUnavailable("It does not answer.")]


class Channel:
    """The members of a private channel, in pages of two."""

    def __init__(self, *members: str) -> None:
        self.members = list(members)
        self.error: MessengerError | None = None
        self.pages = 0

    def page(self, channel: str, next_page: str) -> MembersPage:
        assert channel == "C1"
        self.pages += 1
        if self.error:
            raise self.error
        start = int(next_page or 0)
        more = str(start + 2) if start + 2 < len(self.members) else ""
        return self.members[start : start + 2], more


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr("bot.ratings.readers.monotonic", lambda: now[0])
    return now


def readers(channel: Channel) -> Readers:
    people = People(lambda person: {"id": person, "team_id": "T1"}, ME)
    conversations = Conversations(lambda _: {"is_channel": True, "is_private": True}, "T1")
    return Readers(people, conversations, channel.page)


def test_members_are_found_on_every_page_and_others_on_none(clock: list[float]) -> None:
    found = readers(Channel(*(f"U{n}" for n in range(9))))
    assert [found.can_read("C1", f"U{n}", "U1") for n in (0, 1, 8, 9)] == [True, True, True, False]


def test_who_left_the_workspace_reads_nothing() -> None:
    people = People(lambda person: {"id": person, "team_id": "T1", "deleted": True}, ME)
    for kind in ({"is_channel": True}, {"is_channel": True, "is_private": True}, {"is_im": True}):
        conversations = Conversations(lambda _, kind=kind: kind, "T1")  # type: ignore[misc]
        found = Readers(people, conversations, Channel("U1").page)
        assert not found.can_read("C1", "U1", "U1")


def test_slack_is_asked_about_a_member_once_in_five_minutes(clock: list[float]) -> None:
    channel = Channel("U1", "U2")
    found = readers(channel)
    for _ in range(3):
        assert found.can_read("C1", "U1", "U1")
    assert channel.pages == 1
    channel.members.remove("U1")
    clock[0] += 301
    assert not found.can_read("C1", "U1", "U1")


def test_whoever_has_just_joined_can_read_at_once(clock: list[float]) -> None:
    channel = Channel("U1")
    found = readers(channel)
    assert not found.can_read("C1", "U2", "U1")
    channel.members.append("U2")
    assert found.can_read("C1", "U2", "U1")


@pytest.mark.parametrize("outage", OUTAGES)
def test_during_an_outage_known_members_can_read_and_nobody_is_refused(
    clock: list[float], outage: MessengerError
) -> None:
    channel = Channel("U1")
    found = readers(channel)
    assert found.can_read("C1", "U1", "U1")
    channel.error = outage
    clock[0] += 400
    assert found.can_read("C1", "U1", "U1")
    with pytest.raises(MessengerError):
        found.can_read("C1", "U2", "U1")
    clock[0] += 300
    with pytest.raises(MessengerError):
        found.can_read("C1", "U1", "U1")


def test_channel_with_endless_pages_says_nothing_of_anybody(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ratings.readers._PAGES", 3)
    found = readers(Channel(*(f"U{n}" for n in range(9))))
    assert found.can_read("C1", "U5", "U1")
    with pytest.raises(MessengerUnavailable):
        found.can_read("C1", "U8", "U1")


def test_members_of_few_channels_are_remembered(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ratings.readers._CHANNELS", 1)
    channel = Channel("U1")
    people = People(lambda person: {"id": person, "team_id": "T1"}, ME)
    conversations = Conversations(lambda _: {"is_channel": True, "is_private": True}, "T1")
    found = Readers(people, conversations, lambda _, next_page: channel.page("C1", next_page))
    assert all(found.can_read(each, "U1", "U1") for each in ("C1", "C2", "C2", "C1"))
    assert channel.pages == 3
