"""Channels and threads are read by the real bot into a real index, from a double of Slack."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.history import changes
from bot.ingest.collection_reports import TRY_AGAIN
from domain.collections import CHANGED
from domain.jobs import JobState
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from records.collections import Collections
from tests.bot.history.channel import Channel
from tests.bot.running_bot import RunningBot, http_bot, is_idle
from tests.bot.test_ingesting import command, settled
from tests.knowledge.doubles import DIMENSION, WordEmbedder
from tests.payloads import mention, payload
from tests.slack_double import SlackDouble

CHANNEL = "slack-channel:T1:C1"
TEAM = Audience.of("team:T1")


@dataclass
class Team:
    """A bot that reads channels, and what it has indexed."""

    running: RunningBot
    channel: Channel
    index: LanceIndex
    embedder: WordEmbedder

    def texts(self, *labels: str) -> str:
        """Everything that these labels may read."""
        vector = WordEmbedder().embed_question("door").vector
        found = self.index.search("door", vector, Audience.of(*labels), 100)
        return "\n".join(sorted(passage.text for passage in found))

    def read_again(self) -> None:
        Collections(self.running.database).make_due(CHANNEL, datetime.now(UTC))
        self.running.bot.refreshing.add_due()
        self.running.bot.resume()
        settled(self.running)

    def tell(self, name: str, **event: object) -> None:
        self.running.send.event(payload(name, channel="C1", **event))
        self.running.resume_now()
        settled(self.running)


@pytest.fixture
def team(
    slack: SlackDouble, database_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Team]:
    monkeypatch.setattr(changes, "_FRESH_SECONDS", 0.0)
    embedder = WordEmbedder()
    index = LanceIndex(tmp_path / "index", embedder.model, DIMENSION)
    with http_bot(
        slack,
        database_file,
        ingestor=lambda sources: Ingestor(index, embedder, sources),
    ) as running:
        channel = Channel(slack, now=datetime.now(UTC) - timedelta(minutes=30))
        yield Team(running, channel, index, embedder)
    index.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["#general", "<#C1|general>", "<#C1>"])
def test_channel_is_read_for_those_who_can_read_it(team: Team, name: str) -> None:
    team.channel.write("The code of the door is 4711.")
    answer = command(team.running, name, "C2")
    assert answer.endswith("Then all members of this workspace can ask about it.")
    settled(team.running)

    assert "door is 4711" in team.texts("team:T1")
    assert "door is 4711" in team.texts("channel:T1:C1")
    assert team.texts("channel:T1:C2", "person:T1:U1") == ""
    assert "✓ #general: 1 added." in team.running.slack.public()[-1].words
    assert "#general, " in command(team.running, "list")


def test_private_channel_is_read_only_for_itself(team: Team) -> None:
    team.running.slack.written["CPRIVATE"] = [
        {
            "type": "message",
            "user": "U1",
            "text": "The safe is behind the door",
            "ts": "1790000000.1",
        }
    ]
    assert "no public channel" in command(team.running, "<#CPRIVATE|board>", "C1")
    assert "no public channel" in command(team.running, "#board", "C1")
    assert "no public channel" in command(team.running, "<#CNONE|x>", "C1")
    assert Collections(team.running.database).all() == []

    assert "everyone in that channel" in command(team.running, "<#CPRIVATE|board>", "CPRIVATE")
    settled(team.running)
    assert "safe" in team.texts("channel:T1:CPRIVATE")
    assert team.texts("team:T1", "channel:T1:C1") == ""
    assert "board" not in command(team.running, "list", "C1")
    assert "board" not in command(team.running, "status", "C1")
    assert "board" in command(team.running, "list", "CPRIVATE")


@pytest.mark.slow
def test_channel_that_becomes_private_is_taken_from_all_others(team: Team) -> None:
    team.channel.write("The code of the door is 4711.")
    command(team.running, "#general")
    settled(team.running)
    team.running.slack.channels["C1"] |= {"is_private": True}
    team.read_again()

    assert team.texts("team:T1") == ""
    assert "4711" in team.texts("channel:T1:C1")
    assert "not public any more" in team.running.slack.public()[-1].words
    team.channel.write("It is 4712 now.")
    team.read_again()
    assert "4712" in team.texts("channel:T1:C1")
    assert team.texts("team:T1") == ""
    assert "read again" in team.running.slack.public()[-1].words


@pytest.mark.slow
@pytest.mark.parametrize("is_thread_first", [True, False])
def test_thread_is_taken_from_all_others_with_its_channel(
    team: Team, is_thread_first: bool
) -> None:
    root = team.channel.write("Which code has the door?")
    team.channel.write("It is 4711.", "U2", thread=root)
    link = f"https://acme.slack.com/archives/C1/p{root.replace('.', '')}"
    for added in (link, "#general") if is_thread_first else ("#general", link):
        command(team.running, added)
        settled(team.running)
    assert "4711" in team.texts("team:T1")
    team.running.slack.channels["C1"] |= {"is_private": True}
    team.read_again()

    assert team.texts("team:T1") == ""
    assert "4711" in team.texts("channel:T1:C1")
    everything = Collections(team.running.database).all()
    assert [one.audience for one in everything] == [Audience.of("channel:T1:C1")] * 2


def test_bot_that_was_removed_keeps_what_it_read_and_says_so(team: Team) -> None:
    team.channel.write("The code of the door is 4711.")
    command(team.running, "#general")
    settled(team.running)
    team.running.slack.refusals["conversations.history"] = "not_in_channel"
    team.read_again()
    assert "4711" in team.texts("team:T1")
    assert "not in this channel any more" in command(team.running, "status")


@pytest.mark.slow
def test_edited_and_deleted_replies_are_followed_as_slack_tells_of_them(team: Team) -> None:
    old = team.channel.write("Who has the key of the door?", ago=timedelta(days=30))
    reply = team.channel.write("Kim has it", "U2", thread=old)
    command(team.running, "#general")
    settled(team.running)
    assert "Kim has it" in team.texts("team:T1")

    team.channel.edit(reply, "Lee has it")
    message = {"user": "U2", "text": "Lee has it", "ts": reply, "thread_ts": old}
    for _ in range(3):
        team.tell("message_changed", message=message, previous_message=message | {"text": "Kim"})
    assert "Lee has it" in team.texts("team:T1")
    assert "Kim" not in team.texts("team:T1")
    done = team.running.jobs.in_states([JobState.DONE])
    assert len([job for job in done if job.request.startswith(CHANGED)]) == 1

    team.channel.delete(reply)
    team.tell("message_deleted", previous_message=message, event_ts="1999999999.1")
    assert "Lee has it" not in team.texts("team:T1")


@pytest.mark.slow
def test_thread_is_read_from_a_mention_in_it(team: Team) -> None:
    root = team.channel.write("Who has the key of the door?")
    team.channel.write("Kim has it", "U2", thread=root)
    team.channel.write("The other message")
    event = mention(text="ingest this thread", asked=float(root) + 1_000, thread_ts=root)
    for _ in range(2):
        team.running.send.event(event)
    settled(team.running)

    assert "Kim has it" in team.texts("team:T1")
    assert "other message" not in team.texts("team:T1")
    (report,) = team.running.slack.public()
    assert report.thread == root
    assert report.words == "✓ #general: Who has the key of the door?: 1 passage."


@pytest.mark.slow
def test_thread_is_read_from_the_menu_of_a_message_and_from_its_link(team: Team) -> None:
    root = team.channel.write("Who has the key of the door?")
    team.channel.write("Kim has it", "U2", thread=root)
    link = f"https://acme.slack.com/archives/C1/p{root.replace('.', '')}"
    assert "Reading 1 source" in command(team.running, f"<{link}>", "C2")
    settled(team.running)
    assert "Kim has it" in team.texts("channel:T1:C1")
    assert "is removed" in command(team.running, f"remove {link}", "C2")
    assert team.texts("team:T1", "channel:T1:C1") == ""

    body = payload("message_shortcut", callback_id="ingest_thread")
    body["message"] = {"type": "message", "user": "U1", "text": "x", "ts": root}
    team.running.send.interaction(body)
    settled(team.running)
    assert "Kim has it" in team.texts("channel:T1:C1")


def test_removed_channel_is_read_no_more(team: Team) -> None:
    team.channel.write("The code of the door is 4711.")
    command(team.running, "#general")
    settled(team.running)
    assert "#general is removed" in command(team.running, "remove #general", "C2")
    assert team.texts("team:T1", "channel:T1:C1") == ""
    assert Collections(team.running.database).all() == []
    before = team.running.slack.count("conversations.history")
    team.tell("message_in_thread")
    assert team.running.slack.count("conversations.history") == before


def test_dry_run_says_what_would_be_read_and_changes_nothing(team: Team) -> None:
    team.channel.write("The code of the door is 4711.")
    assert "nothing is changed" in command(team.running, "dry-run #general")
    team.running.slack.wait_for(lambda: team.running.slack.whispers("U1"))
    (told,) = team.running.slack.whispers("U1")
    assert told.startswith("#general: nothing was changed.\n1 would be added")
    assert told.endswith("Who could ask about it: all members of this workspace.")
    assert Collections(team.running.database).all() == []
    assert team.texts("team:T1") == ""


def test_answer_of_the_bot_is_not_read(team: Team) -> None:
    team.running.send.event(mention(text="How do I open the door?"))
    team.running.answered()
    command(team.running, "#general")
    settled(team.running)
    assert team.texts("team:T1") == ""


@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_outage_puts_a_reading_off_and_nothing_is_lost_or_read_twice(
    team: Team, trouble: str
) -> None:
    team.channel.write("The code of the door is 4711.")
    getattr(team.running.slack, trouble)["conversations.info"] = 1
    assert "Try again in a minute" in command(team.running, "#general", "C2")
    assert Collections(team.running.database).all() == []

    team.running.slack.retry_after = "3600"
    team.running.slack.busy["conversations.history"] = 1
    command(team.running, "#general", "C2")
    team.running.slack.wait_for(lambda: team.running.slack.count("conversations.history"))
    team.running.slack.wait_for(lambda: is_idle(team.running.bot.runner))
    (job,) = team.running.open_jobs()
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    assert Collections(team.running.database).get(CHANNEL).failures == 0

    team.running.resume_now()
    settled(team.running)
    assert "4711" in team.texts("team:T1")
    (report,) = team.running.slack.public()
    assert report.words == "✓ #general: 1 added."


def test_reading_that_was_not_recorded_is_done_again_and_changes_nothing(team: Team) -> None:
    for n in range(5):
        root = team.channel.write(f"The door number {n}", ago=timedelta(days=n))
        team.channel.write("It is red", "U2", thread=root)
    command(team.running, "#general")
    settled(team.running)
    embedded, texts = team.embedder.embedded, team.texts("team:T1")

    # As if its process had ended before it recorded that the channel was read.
    kept = Collections(team.running.database)
    known = kept.get(CHANNEL)
    kept.record(known, replace(known, cursor="", read_at=None))
    team.read_again()
    assert team.embedder.embedded == embedded
    assert team.texts("team:T1") == texts
    assert team.index.count() == 5


def test_last_message_of_a_channel_that_is_deleted_is_gone(team: Team) -> None:
    ts = team.channel.write("The code of the door is 4711.", ago=timedelta(days=9))
    command(team.running, "#general")
    settled(team.running)
    team.channel.delete(ts)
    kept = Collections(team.running.database)
    kept.record(kept.get(CHANNEL), replace(kept.get(CHANNEL), cursor=""))
    team.read_again()
    assert team.texts("team:T1") == ""


@pytest.mark.slow
@pytest.mark.parametrize("code", ["missing_scope", "channel_not_found"])
def test_channel_of_which_nothing_is_known_any_more_is_reported(team: Team, code: str) -> None:
    team.channel.write("The code of the door is 4711.")
    command(team.running, "#general")
    settled(team.running)
    team.running.slack.refusals["conversations.info"] = code
    team.read_again()
    assert "4711" in team.texts("channel:T1:C1")
    assert bool(team.texts("team:T1")) is (code == "missing_scope")
    assert Collections(team.running.database).get(CHANNEL).failures == 1


def test_report_that_went_to_the_person_alone_has_a_button_that_works(team: Team) -> None:
    team.channel.write("The code of the door is 4711.")
    team.running.slack.outside.add("C2")
    team.running.slack.refusals["conversations.history"] = "not_in_channel"
    command(team.running, "#general", "C2")
    settled(team.running)
    (report,) = team.running.slack.public()
    assert report.channel == "D1"
    assert "Try again" in report.words

    team.running.slack.refusals.clear()
    body = payload("feedback_click")
    body["channel"]["id"] = body["container"]["channel_id"] = "D1"
    body["message"] = {"ts": report.ts, "text": report.text}
    body["actions"] = [
        {"type": "button", "action_id": TRY_AGAIN, "value": CHANNEL, "action_ts": "1.1"}
    ]
    team.running.send.interaction(body)
    settled(team.running)
    assert "4711" in team.texts("team:T1")
    assert team.running.slack.public()[0].words == "✓ #general: 1 added."
