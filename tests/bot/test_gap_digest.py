"""Once a week the admins are told what the documents do not answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.gaps.digest import DigestPlan
from domain.channels import ChannelSettings
from domain.documents import Source, SourceState
from domain.jobs import JobKind
from domain.questions import AnswerKind, Audience
from domain.weekly import Weekly
from records.channels import Channels
from tests.bot.gap_makers import asked, keep, rate_down, refuse
from tests.bot.running_bot import LAPTOPS, RunningBot, http_bot, is_idle
from tests.slack_double import SlackDouble, SlackMessage

NOW = datetime.now(UTC)
# It was due three days ago, so that only these tests begin it.
PLAN = DigestPlan(Weekly((NOW - timedelta(days=3)).weekday(), time(NOW.hour, NOW.minute)))
DUE = PLAN.weekly.latest(NOW, "UTC") if PLAN.weekly else NOW

LAPTOP = "How do I get a new laptop?"
SECRET = "What will the board say about the merger?"


@contextmanager
def digesting(
    slack: SlackDouble, file: Path, admins: str = "U1", channel: str = ""
) -> Iterator[RunningBot]:
    plan = replace(PLAN, channel=channel, admins=frozenset(admins.split()))
    with http_bot(slack, file, admins=admins, digest=plan) as running:
        yield running


@pytest.fixture
def admin(slack: SlackDouble, database_file: Path) -> Iterator[RunningBot]:
    """U1 is the only admin."""
    with digesting(slack, database_file) as running:
        yield running


def send(running: RunningBot) -> None:
    """Lets the week's digest be sent, and waits for the end of that."""
    running.bot.gaps.digest.add_due(DUE + timedelta(minutes=1))
    finish(running)


def finish(running: RunningBot) -> None:
    def is_done() -> bool:
        if is_idle(running.bot.runner):
            running.resume_now()
        return not running.open_jobs(JobKind.DIGEST)

    running.slack.wait_for(is_done)


def told(running: RunningBot, place: str = "D1") -> list[SlackMessage]:
    return [each for each in running.slack.public() if each.channel == place]


def buttons(message: SlackMessage) -> list[str]:
    """The ids of the gaps that the message's buttons open."""
    actions = [block for block in message.blocks if block["type"] == "actions"]
    return [str(block["elements"][0]["value"]) for block in actions]


def test_admin_is_told_of_the_largest_gaps_first(admin: RunningBot) -> None:
    refuse(admin.database, asked(1, "When is the canteen open?", at=NOW))
    refuse(admin.database, *(asked(n, LAPTOP, person=f"U{n}", at=NOW) for n in (2, 3)))
    rate_down(admin.database, asked(4, "How can I get a new laptop?", at=NOW))
    Channels(admin.database).choose("T1", "C1", ChannelSettings(expert="U8"))
    admin.slack.people["U8"] = {"profile": {"display_name": "Ann"}}
    send(admin)
    (message,) = told(admin)
    assert len(buttons(message)) == 2
    assert message.words.index("laptop") < message.words.index("canteen")
    assert "3 questions of 3 people: 2 not answered, 1 rated bad" in message.words
    assert "Who may know: Ann" in message.words


def test_digest_names_the_nearest_document_and_who_added_it(admin: RunningBot) -> None:
    """As far as the admin may read it; what is stored of an answer has only its address."""
    readable, hidden = "https://wiki.example/laptops", "https://wiki.example/board"
    near = tuple(replace(LAPTOPS, source=each) for each in (readable, hidden))
    keep(admin.database, asked(1, LAPTOP, at=NOW), AnswerKind.REFUSED, near)
    for uri, label, title in ((readable, "team:T1", "Laptops"), (hidden, "person:T1:U9", "Board")):
        row = Source(uri, Audience.of(label), SourceState.INDEXED, "U8", NOW, title)
        admin.sources.save(replace(row, document=f"of {uri}"))
    admin.slack.people["U8"] = {"profile": {"display_name": "Ann"}}
    send(admin)
    (message,) = told(admin)
    assert "Who may know: Ann\nNearest document: Laptops" in message.words
    assert "Board" not in message.words


def test_of_equally_near_documents_the_first_address_is_named(admin: RunningBot) -> None:
    """Whatever the content of the documents is, by which they are stored."""
    addresses = [f"https://wiki.example/{name}" for name in ("a", "b", "c")]
    near = tuple(replace(LAPTOPS, source=each) for each in reversed(addresses))
    keep(admin.database, asked(1, LAPTOP, at=NOW), AnswerKind.REFUSED, near)
    for content, uri in zip("312", addresses, strict=True):
        row = Source(uri, Audience.of("team:T1"), SourceState.INDEXED, "U8", NOW, f"Page {uri[-1]}")
        admin.sources.save(replace(row, document=content))
    send(admin)
    (message,) = told(admin)
    assert "Nearest document: Page a" in message.words


@pytest.mark.slow
def test_digest_is_sent_once_a_week_by_several_processes(
    slack: SlackDouble, database_file: Path
) -> None:
    with (
        digesting(slack, database_file) as first,
        digesting(slack, database_file) as second,
    ):
        refuse(first.database, asked(1, LAPTOP, at=NOW))
        for running in (first, second, first):
            send(running)
        assert len(told(first)) == 1
        second.bot.gaps.digest.add_due(DUE + timedelta(days=7, minutes=1))
        finish(second)
        assert len(told(first)) == 2


def test_nothing_is_sent_in_a_week_without_gaps(admin: RunningBot) -> None:
    refuse(admin.database, asked(1, LAPTOP, at=NOW - timedelta(weeks=5)))
    send(admin)
    assert admin.slack.public() == []


def test_digest_that_is_a_day_late_is_left_out(admin: RunningBot) -> None:
    refuse(admin.database, asked(1, LAPTOP, at=NOW))
    admin.bot.gaps.digest.add_due(DUE + timedelta(days=1))
    assert admin.open_jobs(JobKind.DIGEST) == []


def test_words_are_shown_only_to_admins_who_can_read_the_place(
    slack: SlackDouble, database_file: Path
) -> None:
    slack.members["CPRIVATE"] = ["U2", "U3", "UBOT"]
    slack.channels["D3"] = {"is_im": True}
    with digesting(slack, database_file, "U1 U2 U3") as running:
        refuse(
            running.database,
            asked(1, SECRET, channel="CPRIVATE", person="U2", at=NOW),
            asked(2, "Is the canteen open on my birthday?", channel="D3", person="U3", at=NOW),
        )
        send(running)
        texts = {person: told(running, f"D{person}")[0] for person in "123"}
        shown = {
            person: (
                "merger" in f"{message.words} {message.text}",
                "birthday" in f"{message.words} {message.text}",
            )
            for person, message in texts.items()
        }
        assert shown == {"1": (False, False), "2": (True, False), "3": (True, True)}
        # Nothing can be done about what cannot be read, so it has no button.
        assert [len(buttons(texts[person])) for person in "123"] == [0, 1, 2]
        assert "2 questions asked in direct messages, or in channels" in texts["1"].words
        assert "Besides, 1 question asked in direct messages" in texts["2"].words


def test_gap_is_named_by_what_the_admin_can_read(admin: RunningBot) -> None:
    admin.slack.members["CPRIVATE"] = ["U2", "UBOT"]
    hidden = [
        asked(n, "How do I get a new secret laptop?", channel="CPRIVATE", at=NOW) for n in range(5)
    ]
    refuse(admin.database, *hidden, asked(9, LAPTOP, at=NOW))
    send(admin)
    (message,) = told(admin)
    assert LAPTOP in message.words
    assert "secret" not in f"{message.words} {message.text}"
    assert "6 questions" in message.words


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channel", "expected"),
    [("C2", (True, False)), ("CPRIVATE", (True, True)), ("CSHARED", (False, False))],
)
def test_channel_is_told_only_what_everybody_there_may_read(
    slack: SlackDouble, database_file: Path, channel: str, expected: tuple[bool, bool]
) -> None:
    with digesting(slack, database_file, channel=channel) as running:
        refuse(
            running.database,
            asked(1, LAPTOP, at=NOW),
            asked(2, SECRET, channel="CPRIVATE", at=NOW),
        )
        send(running)
        (message,) = told(running, channel)
        assert ("laptop" in message.words, "merger" in message.words) == expected
        assert told(running) == []


def test_who_left_the_workspace_keeps_nothing_from_a_channel(
    slack: SlackDouble, database_file: Path
) -> None:
    slack.people["U7"] = {"deleted": True}
    slack.members["CPRIVATE"] = ["U1", "U7", "UBOT"]
    with digesting(slack, database_file, channel="CPRIVATE") as running:
        refuse(running.database, asked(1, LAPTOP, at=NOW))
        send(running)
        (message,) = told(running, "CPRIVATE")
        assert LAPTOP in message.words


def test_channel_with_a_guest_is_told_only_what_the_guest_can_read(
    slack: SlackDouble, database_file: Path
) -> None:
    slack.people["U7"] = {"is_restricted": True}
    slack.members["CPRIVATE"] = ["U1", "U7", "UBOT"]
    with digesting(slack, database_file, channel="CPRIVATE") as running:
        refuse(
            running.database,
            asked(1, LAPTOP, at=NOW),
            asked(2, SECRET, channel="CPRIVATE", at=NOW),
        )
        send(running)
        (message,) = told(running, "CPRIVATE")
        assert "merger" in message.words
        assert "laptop" not in message.words


def test_without_a_setting_the_workspaces_admins_are_told(
    slack: SlackDouble, database_file: Path
) -> None:
    slack.people["U4"] = {"is_admin": True}
    slack.people["U5"] = {"is_owner": True, "deleted": True}
    slack.people["U6"] = {}
    with digesting(slack, database_file, admins="") as running:
        refuse(running.database, asked(1, LAPTOP, at=NOW))
        send(running)
        assert [each.channel for each in running.slack.public()] == ["D4"]


def test_message_whose_outcome_is_unknown_is_not_sent_twice(admin: RunningBot) -> None:
    refuse(admin.database, asked(1, LAPTOP, at=NOW))
    admin.slack.lost["chat.postMessage"] = 1
    send(admin)
    assert len(told(admin)) == 1


def test_hostile_words_are_only_text(admin: RunningBot) -> None:
    refuse(admin.database, asked(1, "<!channel> *see* https://evil.example", at=NOW))
    send(admin)
    (message,) = told(admin)
    assert not re.search("<!channel>", message.text)
    assert "https://evil.example" not in message.text or "<" not in message.text
