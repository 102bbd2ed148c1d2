from collections import UserDict
from collections.abc import ItemsView
from datetime import timedelta

import pytest

from domain.blocks import Content
from domain.errors import MessengerError, UnreadableSource
from tests.bot.history.channel import LONG, Channel, thread

DAY = "slack-day:T1:C1:2026-11-26"
DAYS = timedelta(days=1)


def test_thread_is_a_document_with_people_and_dates_in_order(channel: Channel) -> None:
    channel.slack.people = {
        "U1": {"profile": {"display_name": "Ann"}},
        "U2": {"profile": {"real_name": "Bob Lee"}},
    }
    ts = channel.write("How do I reset the *VPN*?")
    channel.write("Press the red button :smile:, <@U1>.", "U2", thread=ts)
    channel.write("Thanks", thread=ts)

    assert channel.sync() == {thread(ts)}
    assert channel.texts[thread(ts)] == (
        "Ann, 26 November 2026: How do I reset the VPN?\n"
        "Bob Lee, 26 November 2026: Press the red button , @Ann.\n"
        "Ann, 26 November 2026: Thanks"
    )
    assert channel.titles[thread(ts)] == "#general: How do I reset the VPN?"


def test_short_messages_of_a_day_are_one_document_and_a_long_one_is_its_own(
    channel: Channel,
) -> None:
    channel.write("What is the code of the door?")
    channel.write("It is 4711.", "U2")
    long = channel.write(LONG)
    old = channel.write("The lift is broken.", ago=DAYS)

    assert channel.sync() == {DAY, "slack-day:T1:C1:2026-11-25", thread(long)}
    assert "the door?\nU2, 26 November 2026: It is 4711." in channel.texts[DAY]
    assert channel.titles[DAY] == "#general, 26 November 2026"
    assert old not in channel.texts[DAY]


def test_unchanged_channel_is_listed_and_nothing_is_read(channel: Channel) -> None:
    ts = channel.write("A question")
    channel.write("An answer", "U2", thread=ts)
    channel.write("The door is 4711.")
    channel.sync()
    channel.slack.calls.clear()

    assert channel.sync() == set()
    assert channel.slack.count("conversations.history") == 1
    assert channel.slack.count("conversations.replies") == 0


def test_notices_of_slack_and_messages_of_programs_are_left_out(channel: Channel) -> None:
    channel.write("<@U1> has joined the channel", subtype="channel_join")
    channel.write("Build 12 failed", "", subtype="bot_message", bot_id="B7", username="CI")
    alert = channel.write("Disk full", "", subtype="bot_message", bot_id="B7", username="Alerts")
    channel.write("I cleaned it: rm -r /tmp/x", thread=alert)

    assert channel.sync() == {thread(alert)}
    assert "Alerts, 26 November 2026: Disk full" in channel.texts[thread(alert)]


def test_bots_own_words_and_questions_to_it_are_left_out(channel: Channel) -> None:
    asked = channel.write("<@UBOT> How do I get a laptop?")
    channel.write("Open a ticket.", "UBOT", thread=asked, bot_id="BBOT")
    channel.write("<@UBOT> hello?")
    corrected = channel.write("<@UBOT> Who orders paper?")
    channel.write("Nobody does.", "UBOT", thread=corrected, bot_id="BBOT")
    channel.write("That is wrong, Kim does.", "U2", thread=corrected)
    channel.write("<@UBOT> ingest this thread", "U2", thread=corrected)

    assert channel.sync() == {thread(corrected)}
    text = channel.texts[thread(corrected)]
    assert "Who orders paper?" in text
    assert "Kim does." in text
    assert "Nobody does" not in text
    assert "ingest this thread" not in text
    channel.slack.calls.clear()
    channel.sync()
    assert channel.slack.count("conversations.replies") == 0


def test_late_reply_edit_and_deletion_are_followed(channel: Channel) -> None:
    ts = channel.write("The code is 1", ago=DAYS)
    late = channel.write("It was changed", "U2", thread=ts, ago=DAYS)
    gone = channel.write("The lift is broken.")
    channel.sync()
    channel.write("It is 2 now", "U2", thread=ts)
    channel.delete(gone)
    assert channel.sync() == {thread(ts)}
    assert "It is 2 now" in channel.texts[thread(ts)]
    assert DAY not in channel.known

    channel.edit(ts, "The code was 1")
    channel.delete(late)
    assert channel.sync() == {thread(ts)}
    assert channel.texts[thread(ts)].startswith("U1, 25 November 2026: The code was 1\n")
    assert "It was changed" not in channel.texts[thread(ts)]

    for message in list(channel.slack.written["C1"]):
        channel.delete(message["ts"])
    channel.sync()
    assert channel.known == {}


def test_edited_reply_is_read_when_an_event_names_its_thread(channel: Channel) -> None:
    old = channel.write("Who has the key?", ago=30 * DAYS)
    reply = channel.write("Kim has it", "U2", thread=old, ago=30 * DAYS)
    other = channel.write("Another day", ago=10 * DAYS)
    channel.sync()
    channel.edit(reply, "Lee has it")
    assert channel.sync() == set()

    cursor = channel.cursor
    assert channel.sync(thread=old) == {thread(old)}
    assert channel.texts[thread(old)].endswith("Lee has it")
    assert channel.cursor == cursor
    assert len(channel.known) == 2
    assert other


def test_edited_reply_is_found_within_a_day_without_an_event(channel: Channel) -> None:
    ts = channel.write("Who has the key?")
    reply = channel.write("Kim has it", "U2", thread=ts)
    channel.sync()
    channel.edit(reply, "Lee has it")
    channel.now += DAYS
    assert channel.sync() == {thread(ts)}


def test_old_message_that_is_deleted_is_gone_within_a_day(channel: Channel) -> None:
    ts = channel.write("The lift is broken.", ago=30 * DAYS)
    channel.write("It works.", ago=20 * DAYS)
    channel.sync()
    channel.delete(ts)
    channel.sync()
    assert len(channel.known) == 2
    channel.now += DAYS
    channel.sync()
    assert list(channel.known) == ["slack-day:T1:C1:2026-11-06"]


def test_files_are_documents_until_their_message_is_deleted(channel: Channel) -> None:
    ts = channel.write("The plan", files=[{"id": "F1", "name": "plan.txt", "timestamp": 1}])
    reply = channel.write("v2", thread=ts, files=[{"id": "F2", "name": "v2.txt", "timestamp": 1}])
    for name in ("F1", "F2"):
        there = channel.slack.url.replace("/api/", f"/files/{name}")
        channel.slack.files[name] = {"id": name, "name": f"{name}.txt", "url_private": there}
        channel.slack.contents[name] = ("text/plain", f"content of {name}".encode())

    assert channel.sync() == {thread(ts), "slack-file:F1", "slack-file:F2"}
    assert channel.texts["slack-file:F2"] == "content of F2"
    assert channel.sync() == set()
    assert len(channel.known) == 3
    channel.delete(reply)
    channel.sync()
    assert "slack-file:F2" not in channel.known


def test_long_history_is_read_in_parts_and_nothing_is_read_twice(channel: Channel) -> None:
    written = {channel.write(f"{n} {LONG}", ago=n * DAYS) for n in range(40)}
    channel.slack.page = 5
    read: list[str] = []
    for _ in range(30):
        read += channel.sync(pages=2)
        if len(read) >= 40:
            break
    assert sorted(read) == sorted(map(thread, written))
    assert channel.known.keys() == set(map(thread, written))


def test_names_are_asked_for_once_and_waited_for(channel: Channel) -> None:
    channel.slack.people = {
        "U1": {"profile": {"display_name": " \n", "real_name": "Ann  Lee"}},
        "U2": {"name": "b" * 500},
    }
    channel.slack.busy["users.info"] = 2
    for n in range(3):
        channel.write(f"message {n} of <@U2>")
    channel.sync()
    assert channel.slack.count("users.info") == 4
    text = channel.texts[DAY]
    assert text.startswith("Ann Lee, 26 November 2026: message 0 of @bbb")
    assert len(text) < 500


def test_what_is_left_for_the_next_time_is_said(channel: Channel) -> None:
    for n in range(3):
        channel.write(LONG, ago=n * DAYS)
    channel.slack.page = 1
    connector = channel.connector(pages=1)
    (left,) = connector.list({}, "").skipped
    assert left.reason == "messages up to 25 November 2026 are read next time"


def test_reading_ends_with_the_day_after_many_threads(channel: Channel) -> None:
    roots = [channel.write(f"Question {n}", ago=n * DAYS) for n in range(9)]
    for root in roots:
        channel.write("Answer", "U2", thread=root)
    parts = [len(channel.sync(threads=3)) for _ in range(4)]
    assert parts == [3, 3, 3, 0]


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
def test_limit_of_slack_is_waited_for(channel: Channel, method: str) -> None:
    ts = channel.write("A question")
    channel.write("An answer", "U2", thread=ts)
    channel.slack.busy[method] = 3
    assert channel.sync() == {thread(ts)}


def test_long_wait_is_left_to_the_next_reading(channel: Channel) -> None:
    channel.write("A question")
    channel.slack.busy["conversations.history"] = 1
    channel.slack.retry_after = "3600"
    with pytest.raises(MessengerError):
        channel.sync()
    assert channel.slack.count("conversations.history") == 1


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_outage_of_slack_ends_the_reading_and_loses_nothing(channel: Channel, trouble: str) -> None:
    long = channel.write(LONG)
    ts = channel.write("A question", ago=DAYS)
    channel.write("An answer", "U2", thread=ts)
    getattr(channel.slack, trouble)["conversations.replies"] = 100
    assert channel.sync() == {thread(long)}
    getattr(channel.slack, trouble).clear()
    assert channel.sync() == {thread(ts)}

    getattr(channel.slack, trouble)["conversations.history"] = 100
    with pytest.raises(MessengerError):
        channel.sync()
    assert len(channel.known) == 2


def test_channel_that_the_bot_was_removed_from_says_so(channel: Channel) -> None:
    channel.write("A message")
    channel.sync()
    channel.slack.outside.add("C1")
    with pytest.raises(UnreadableSource, match="not in this channel any more"):
        channel.sync()
    assert channel.known


class Counted(UserDict[str, str]):
    """Counts how often all that it holds is looked at."""

    looks = 0

    def items(self) -> ItemsView[str, str]:
        self.looks += 1
        return super().items()


def test_listing_looks_at_what_is_known_as_a_whole_only_a_few_times(channel: Channel) -> None:
    for n in range(30):
        channel.write(f"{n} {LONG}", ago=n * DAYS)
    channel.sync()
    known = Counted(channel.known)
    list(channel.connector().list(known, "").entries)
    assert known.looks <= 2


def test_much_that_is_gone_from_a_whole_history_waits_for_a_person(channel: Channel) -> None:
    for n in range(12):
        channel.write(LONG, ago=(3 + n) * DAYS)
    channel.sync()
    channel.now += DAYS
    channel.slack.written["C1"] = channel.slack.written["C1"][:8]
    listing = channel.connector().list(channel.known, channel.cursor)
    assert listing.is_complete
    assert listing.gone == ()


def test_very_long_thread_is_read_in_part_and_says_so(channel: Channel) -> None:
    root = channel.write("Much to say")
    for _ in range(30):
        channel.write("x " * 19_000, thread=root)
    fetched = channel.read(thread(root))
    assert isinstance(fetched.content, Content)
    assert fetched.content.notes == ("only the first 28 messages are read",)


def test_one_thread_is_read_alone(channel: Channel) -> None:
    ts = channel.write("Who has the key?")
    reply = channel.write("Kim", "U2", thread=ts)
    channel.write("Something else")

    assert channel.sync_thread(ts) == {thread(ts)}
    assert channel.sync_thread(ts) == set()
    channel.edit(reply, "Lee")
    assert channel.sync_thread(ts) == {thread(ts)}
    channel.delete(reply)
    channel.delete(ts)
    channel.sync_thread(ts)
    assert channel.known == {}
