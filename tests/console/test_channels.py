"""Who signed in with Slack sees what the channels may read that they are in, and nobody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from console.channels import EVERYBODY, KnownChannels
from console.needs.slack_sign_in import SlackSignIn
from console.signed_in import COOKIE
from domain.console import ConsoleRole
from domain.errors import MessengerRefused, MessengerUnavailable
from domain.questions import Audience
from records.answers import Answers
from records.database import Database
from records.grants import Grants
from records.sources import Sources
from tests.console.running_console import RunningConsole, running
from tests.records.makers import NOW, answer, question, source

PRIVATE = Audience.of("everyone", "team:T1", "channel:T1:C9")


class Slack:
    """Who is in which channel; it may be silent, or take its time."""

    def __init__(self) -> None:
        self.members = {"C9": {"U1"}}
        self.public = set[str]()
        self.now, self.takes = 1_000.0, 0.0
        self.error: Exception | None = None
        self.asked: list[tuple[str, str]] = []

    def can_read(self, person: str, channel: str) -> bool:
        self.asked.append((person, channel))
        self.now += self.takes
        if self.error:
            raise self.error
        if person == EVERYBODY:
            return channel in self.public
        return person in self.members.get(channel, ())


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def console(database: Database, slack: Slack) -> Iterator[RunningConsole]:
    sign_in = SlackSignIn("11.22", "s3cret", "", "", lambda *_: ConsoleRole.READER, slack.can_read)
    with running(database, slack=sign_in) as started:
        yield started


@contextmanager
def signed_in(console: RunningConsole, person: str) -> Iterator[httpx.Client]:
    secret, _ = console.parts.sessions.begin(ConsoleRole.READER, team="T1", person=person)
    with console.client() as client:
        client.cookies.set(COOKIE, secret)
        yield client


def keep(database: Database) -> str:
    """A question and a document of a private channel; returns the answer's id."""
    asked = replace(question(asked_by="U7"), id="slack:T1:C9:1.0", audience=PRIVATE)
    Answers(database).ask(asked)
    Answers(database).record(answer(asked))
    readers = Audience.of("channel:T1:C9")
    of_channel = replace(source("https://a.example/"), audience=readers, document="")
    Sources(database).save(of_channel)
    return asked.answer_id


@pytest.mark.slow
def test_link_shows_what_was_asked_in_a_channel_only_while_it_is_public(
    console: RunningConsole, slack: Slack
) -> None:
    labels = ("everyone", "team:T1", "channel:T1:C9")
    asked = replace(question(asked_by="U7"), audience=Audience.of(*labels, public=True))
    Answers(console.database).ask(asked)
    Answers(console.database).record(answer(asked))
    with console.signed_in(ConsoleRole.READER) as client:
        assert client.get(f"/answers/{asked.answer_id}").status_code == 404
    slack.public.add("C9")
    with console.signed_in(ConsoleRole.READER) as client:
        # Five minutes later.
        assert console.parts._channels
        console.parts._channels._known.clear()
        assert client.get(f"/answers/{asked.answer_id}").status_code == 200


@pytest.mark.slow
def test_members_of_a_private_channel_see_it_and_others_do_not(console: RunningConsole) -> None:
    answer_id = keep(console.database)
    for person, status in (("U1", 200), ("U2", 404)):
        with signed_in(console, person) as client:
            assert client.get(f"/answers/{answer_id}").status_code == status
            one = client.get("/sources/one", params={"uri": "https://a.example/"})
            assert one.status_code == status
            assert ("https://a.example/" in client.get("/sources").text) == (status == 200)
            assert (answer_id in client.get("/answers").text) == (status == 200)


def test_an_answer_is_seen_where_no_document_was_given_to_the_channel(
    console: RunningConsole,
) -> None:
    answer_id = keep(console.database)
    Sources(console.database).withdraw("https://a.example/", None, NOW)
    with signed_in(console, "U1") as client:
        assert client.get(f"/answers/{answer_id}").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("error", [MessengerUnavailable("No."), MessengerRefused("no", "No.")])
def test_while_slack_does_not_say_nothing_of_channels_is_seen(
    console: RunningConsole, slack: Slack, error: Exception
) -> None:
    answer_id = keep(console.database)
    slack.error = error
    with signed_in(console, "U1") as client:
        assert client.get(f"/answers/{answer_id}").status_code == 404
        assert "a.example" not in client.get("/sources").text


def test_somebody_of_another_workspace_is_in_none_of_these_channels(
    console: RunningConsole, slack: Slack
) -> None:
    answer_id = keep(console.database)
    secret, _ = console.parts.sessions.begin(ConsoleRole.READER, team="T2", person="U1")
    with console.client() as client:
        client.cookies.set(COOKIE, secret)
        assert client.get(f"/answers/{answer_id}").status_code == 404
    assert slack.asked == []


def test_slack_is_asked_again_after_five_minutes_and_not_before(slack: Slack) -> None:
    known = KnownChannels(slack.can_read, lambda: slack.now)
    assert [known.of("U1")("C9") for _ in range(3)] == [True] * 3
    assert [known.of("U2")("C9") for _ in range(3)] == [False] * 3
    assert len(slack.asked) == 2
    slack.members["C9"] = {"U2"}
    slack.now += 301
    assert (known.of("U1")("C9"), known.of("U2")("C9")) == (False, True)


def test_a_page_waits_two_seconds_for_slack_and_the_next_one_goes_on(slack: Slack) -> None:
    slack.takes = 1.5
    slack.members = {f"C{n}": {"U1"} for n in range(4)}
    known = KnownChannels(slack.can_read, lambda: slack.now)
    first, second = known.of("U1"), known.of("U1")
    assert [first(f"C{n}") for n in range(4)] == [True, True, False, False]
    second = known.of("U1")
    assert [second(f"C{n}") for n in range(4)] == [True] * 4


def test_a_silent_slack_is_asked_once_for_a_page(slack: Slack) -> None:
    slack.error = MessengerUnavailable("No.")
    can_read = KnownChannels(slack.can_read, lambda: slack.now).of("U1")
    assert not any(can_read(f"C{n}") for n in range(9))
    assert len(slack.asked) == 1


def test_the_channels_of_a_workspace_are_those_with_documents(database: Database) -> None:
    for n, label in enumerate(("channel:T1:C9", "channel:T1:C1", "channel:T10:C1", "team:T1")):
        made = replace(source(f"https://a.example/{n}"), audience=Audience.of(label))
        Sources(database).save(made)
    assert Grants(database).channels("T1") == ["channel:T1:C1", "channel:T1:C9"]
