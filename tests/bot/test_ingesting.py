from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from domain.collections import Collection
from domain.documents import Source, SourceState
from domain.errors import UnreadableSource
from domain.jobs import JobKind, JobState
from domain.questions import Audience
from records.collections import Collections
from records.database import Database
from tests.bot.running_bot import RunningBot, build, http_bot, is_idle
from tests.payloads import mention, payload
from tests.slack_double import SlackDouble

URL = "https://docs.example.com/laptops"


def command(running: RunningBot, text: str, channel: str = "C1", user: str = "U1") -> str:
    name = running.slack.channels.get(channel, {}).get("name", "privategroup")
    fields = payload(
        "slash_command", text=text, channel_id=channel, user_id=user, channel_name=name
    )
    acknowledged = running.send.form(fields)
    assert acknowledged.status == 200
    assert acknowledged.text_message["response_type"] == "ephemeral"
    return str(acknowledged.text_message["text"])


def source(running: RunningBot, uri: str = URL) -> Source:
    found = running.sources.find(uri)
    assert found is not None
    return found


def collection(running: RunningBot, uri: str = URL) -> Collection:
    return Collections(running.database).get(uri)


def settled(running: RunningBot) -> None:
    running.slack.wait_for(lambda: not running.open_jobs())
    running.slack.wait_for(lambda: is_idle(running.bot.runner))


def test_address_is_stored_before_the_command_is_acknowledged(running: RunningBot) -> None:
    running.script.go_on.clear()
    assert "Reading 1 source" in command(running, URL)

    (job,) = running.open_jobs(JobKind.COLLECTION)
    assert (job.key, job.person, job.report) == (URL, "U1", "slack:T1:C1:")


def test_command_that_comes_over_two_connections_is_done_once(running: RunningBot) -> None:
    fields = payload("slash_command", text=URL)
    for _ in range(2):
        assert running.send.form(fields).status == 200
    settled(running)
    assert len(running.jobs.in_states(JobState, JobKind.COLLECTION)) == 1
    assert len(running.slack.public()) == 1

    assert "Reading 1 source" in command(running, URL)
    settled(running)
    assert len(running.jobs.in_states(JobState, JobKind.COLLECTION)) == 2


def test_shortcut_that_comes_over_two_connections_is_done_once(running: RunningBot) -> None:
    body = payload("message_shortcut")
    for _ in range(2):
        assert running.send.interaction(body).status == 200
    settled(running)
    assert len(running.jobs.in_states(JobState, JobKind.SOURCE)) == len(body["message"]["files"])
    assert len(running.slack.public()) == 1


def test_progress_and_result_are_shown_in_one_message(running: RunningBot) -> None:
    other = "https://docs.example.com/phones"
    assert "Reading 2 sources" in command(running, f"{URL} <{other}|phones>, {URL}")
    settled(running)

    (message,) = running.slack.public()
    assert message.words == "✓ Laptops: 3 passages.\n✓ Laptops: 3 passages."
    assert [read.uri for read in running.script.read] == [URL, other]


def test_failure_is_reported_and_stored(running: RunningBot) -> None:
    running.script.spoilt = UnreadableSource("Its server <@U9> did not answer.")
    command(running, URL)
    settled(running)

    known = collection(running)
    assert (known.failures, known.reason) == (1, "Its server <@U9> did not answer.")
    (message,) = running.slack.public()
    said = f"✗ {URL}: Its server <@U9> did not answer. I try again in 12 h."
    assert message.words == f"{said}Try again"
    assert "<" not in message.text


def test_unexpected_error_is_reported_after_three_attempts(running: RunningBot) -> None:
    running.script.spoilt = ZeroDivisionError("secret")
    command(running, URL)
    for attempts in (1, 2):
        running.slack.wait_for(partial(is_failed, running, attempts))
        running.slack.wait_for(lambda: is_idle(running.bot.runner))
        running.resume_now()
    settled(running)

    (job,) = running.jobs.in_states([JobState.QUARANTINED])
    assert (job.attempts, job.reason) == (3, "Something went wrong on my side.")
    said = f"✗ {URL}: Something went wrong on my side. I try again in 12 h."
    assert running.slack.public()[0].words == f"{said}Try again"


def is_failed(running: RunningBot, attempts: int) -> bool:
    (job,) = running.jobs.in_states(JobState)
    return (job.state, job.attempts) == (JobState.FAILED, attempts)


@pytest.mark.parametrize(
    ("channel", "readers"),
    [
        ("C1", Audience.of("team:T1", "channel:T1:C1")),
        ("CPRIVATE", Audience.of("channel:T1:CPRIVATE")),
        ("CSHARED", Audience.of("channel:T1:CSHARED")),
        ("D1", Audience.of("person:T1:U1")),
    ],
)
def test_readers_of_a_document_are_those_of_the_conversation_it_was_added_in(
    running: RunningBot, channel: str, readers: Audience
) -> None:
    command(running, URL, channel)
    settled(running)

    assert running.script.read[0].audience == readers


def test_adding_a_document_elsewhere_removes_no_reader(running: RunningBot) -> None:
    channels = ("CPRIVATE", "D1", "C1", "CSHARED")
    for channel in channels:
        command(running, URL, channel)
        settled(running)
    assert source(running).audience.labels == {
        "channel:T1:CPRIVATE",
        "person:T1:U1",
        "team:T1",
        "channel:T1:C1",
        "channel:T1:CSHARED",
    }
    for channel in channels:
        assert "✓ Laptops" in command(running, "list", channel)


@pytest.mark.slow
def test_document_added_in_a_channel_that_just_became_private_is_only_for_the_channel(
    running: RunningBot,
) -> None:
    running.send.event(mention())
    running.answered()
    running.slack.channels["C1"] = {"is_channel": True, "is_private": True}
    command(running, URL)
    settled(running)
    assert source(running).audience == Audience.of("channel:T1:C1")


def test_channel_that_was_just_shared_lists_nothing_internal(running: RunningBot) -> None:
    command(running, URL)
    settled(running)
    assert "✓ Laptops" in command(running, "list", "C2")
    running.slack.channels["C2"] |= {"is_ext_shared": True}
    assert "Nothing that may be read here" in command(running, "list", "C2")
    assert "Nothing that may be read here" in command(running, "status", "C2")


@pytest.mark.slow
@pytest.mark.parametrize("text", [URL, "status", f"remove {URL}"])
@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_outage_asks_to_try_again_and_changes_nothing(
    running: RunningBot, text: str, trouble: str
) -> None:
    command(running, URL, "CPRIVATE")
    settled(running)
    getattr(running.slack, trouble)["conversations.info"] = 1
    before = running.sources.all()
    assert "Try again in a minute" in command(running, text)
    assert running.sources.all() == before


def test_removing_takes_a_document_from_this_conversation(running: RunningBot) -> None:
    for channel in ("C1", "CPRIVATE"):
        command(running, URL, channel)
        settled(running)
    assert "not added in this conversation" in command(running, f"remove {URL}", "C2")
    assert "is removed" in command(running, f"Remove <{URL}|the page>, please.")
    assert source(running).audience == Audience.of("channel:T1:CPRIVATE")
    assert running.script.forgotten == []
    assert "is removed" in command(running, f"remove {URL}", "CPRIVATE")
    assert running.script.forgotten == [URL]
    assert source(running).state is SourceState.REMOVED
    assert "not added in this conversation" in command(running, f"remove {URL}", "CPRIVATE")


def test_removing_in_one_public_channel_leaves_it_to_the_other(running: RunningBot) -> None:
    for channel in ("C1", "C2"):
        command(running, URL, channel)
        settled(running)
    assert "was given to more people" in command(running, f"remove {URL}")
    assert source(running).audience == Audience.of("team:T1", "channel:T1:C2")
    assert "is removed" in command(running, f"remove {URL}", "C2")
    assert source(running).state is SourceState.REMOVED


def test_document_that_the_operator_gave_to_everyone_cannot_be_removed_in_slack(
    running: RunningBot,
) -> None:
    row = Source(URL, Audience.everyone(), SourceState.INDEXED, "cli:me", datetime.now(UTC))
    running.sources.save(row)
    assert "not added in this conversation" in command(running, f"remove {URL}")
    command(running, URL)
    settled(running)
    assert "was given to more people" in command(running, f"remove {URL}")
    assert source(running).audience == Audience.everyone()


def test_only_people_who_may_add_may_remove(running: RunningBot) -> None:
    command(running, URL)
    settled(running)
    assert "You may not add documents." in command(running, f"remove {URL}", user="U2")
    assert source(running).audience == Audience.of("team:T1", "channel:T1:C1")


@pytest.mark.parametrize("word", ["delete", "rm", "not", "forget", "do not add", "un-ingest"])
def test_unclear_words_do_nothing(running: RunningBot, word: str) -> None:
    assert "I did nothing" in command(running, f"{word} {URL}")
    running.send.event(mention(text=f"ingest {word} {URL}"))
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert "remove" in running.slack.whispers("U1")[0]
    assert running.sources.all() == []


def test_request_that_is_sent_again_after_a_removal_does_not_add_again(running: RunningBot) -> None:
    event = mention(text=f"ingest {URL}")
    running.send.event(event)
    settled(running)
    command(running, f"remove {URL}")
    running.send.event(event)
    assert source(running).state is SourceState.REMOVED


def test_nothing_is_added_if_the_readers_are_unknown(running: RunningBot) -> None:
    assert "did not tell me who can read" in command(running, URL, "CELSEWHERE")
    assert running.sources.all() == []


def test_only_allowed_people_may_add(running: RunningBot) -> None:
    text_message = command(running, URL, user="U2")

    assert "needs your id for that: U2." in text_message
    assert running.sources.all() == []


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_stranger", "is_bot"])
def test_guests_may_add_only_if_they_are_named(
    slack: SlackDouble, database_file: Path, flag: str
) -> None:
    slack.people = {"UGUEST": {flag: True}, "UNAMED": {flag: True}}
    with http_bot(slack, database_file, allowed="* UNAMED") as running:
        assert "You may not add documents." in command(running, URL, user="UGUEST")
        assert running.sources.all() == []
        assert "Reading 1 source" in command(running, URL, user="UNAMED")
        settled(running)


def test_guest_sees_only_documents_of_the_channel_in_the_list(running: RunningBot) -> None:
    running.slack.people["UGUEST"] = {"is_restricted": True}
    command(running, URL, "C2")
    settled(running)
    assert "✓ Laptops" in command(running, "list", "C1", user="U2")
    assert "Nothing that may be read" in command(running, "list", "C1", user="UGUEST")
    assert "✓ Laptops" in command(running, "list", "C2", user="UGUEST")


@pytest.mark.parametrize("text", ["help", "HELP "])
def test_help_says_what_can_be_written(running: RunningBot, text: str) -> None:
    assert "/phi3-ingest status" in command(running, text, user="U2")


def test_word_that_is_not_known_is_named_with_the_nearest_one(running: RunningBot) -> None:
    assert "I do not understand “laptop”" in command(running, "the laptop page")
    assert "Did you mean “remove”?" in command(running, f"remvoe {URL}")
    assert running.sources.all() == []


def test_too_many_addresses_at_once_are_refused(running: RunningBot) -> None:
    assert "20 at most" in command(running, " ".join(f"https://a.example/{n}" for n in range(21)))
    assert running.sources.all() == []


def test_status_shows_what_may_be_read_where_it_was_asked(running: RunningBot) -> None:
    assert "Nothing that may be read here" in command(running, "status")
    now = datetime.now(UTC)
    for uri, audience in (
        ("/docs/a.md", Audience.everyone()),
        ("/b.md", Audience.of("person:T1:U2")),
    ):
        running.sources.save(Source(uri, audience, SourceState.INDEXED, "cli", now, chunks=2))

    assert command(running, "list", user="U2") == "✓ a.md: 2 passages."
    assert command(running, "list", channel="D1", user="U2").count("passages") == 2
    assert "1 document can be" in command(running, "status", user="U2")


def test_report_is_sent_privately_if_the_bot_is_not_in_the_channel(running: RunningBot) -> None:
    running.slack.outside.add("C2")
    command(running, URL, "C2")
    settled(running)

    (message,) = running.slack.public()
    assert message.channel == "D1"
    assert "✓ Laptops: 3 passages." in message.words


def test_source_is_read_even_if_nobody_can_be_told(running: RunningBot) -> None:
    running.slack.refusals["chat.postMessage"] = "not_in_channel"
    command(running, URL, "C2")
    settled(running)

    assert source(running).state is SourceState.INDEXED


def test_files_of_a_message_are_added_by_the_shortcut(running: RunningBot) -> None:
    assert running.send.interaction(payload("message_shortcut")).status == 200
    settled(running)

    assert source(running, "slack-file:F1").state is SourceState.INDEXED
    (message,) = running.slack.public()
    assert message.thread == "1763900000.000100"
    assert "Reading 1 source" in running.slack.whispers("U1")[0]


def test_shortcut_on_a_message_without_files_says_so(running: RunningBot) -> None:
    body = payload("message_shortcut")
    del body["message"]["files"]
    running.send.interaction(body)

    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert "no files" in running.slack.whispers("U1")[0]


def test_mention_with_ingest_and_files_adds_them_once(running: RunningBot) -> None:
    files = [{"id": "F1", "name": "laptops.md"}, {"id": "F2", "mode": "tombstone"}]
    for _ in range(2):
        running.send.event(mention(text="ingest please", files=files))
    settled(running)

    assert [read.uri for read in running.script.read] == ["slack-file:F1"]
    assert len(running.slack.public()) == 1


def test_source_is_tried_again_after_an_outage_of_slack(running: RunningBot) -> None:
    running.slack.broken["chat.postMessage"] = 1
    command(running, URL)
    running.slack.wait_for(lambda: running.slack.count("chat.postMessage"))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    (job,) = running.open_jobs()
    assert (job.state, job.attempts) == (JobState.WAITING, 0)

    running.resume_now()
    settled(running)
    assert "✓ Laptops: 3 passages." in running.slack.public()[0].words


def test_sources_that_were_not_requested_in_slack_are_ignored(running: RunningBot) -> None:
    row = Source("/a.md", Audience.everyone(), SourceState.FETCHING, "cli", datetime.now(UTC))
    running.sources.save(row)

    assert running.bot.resume() == 0


def test_address_or_request_that_is_too_long_is_refused(running: RunningBot) -> None:
    assert "longer than 1,250 bytes" in command(running, f"https://x.example/{'a' * 2_000}")
    assert "longer than 12,000" in command(running, "https://x.example/a " * 700)
    assert running.sources.all() == []


def test_source_requested_elsewhere_while_it_is_read_is_reported_and_readable_in_both(
    running: RunningBot,
) -> None:
    running.script.go_on.clear()
    command(running, URL, "CPRIVATE")
    running.slack.wait_for(lambda: Collections(running.database).find(URL))
    command(running, URL, "D1")
    running.script.go_on.set()
    settled(running)

    reports = {message.channel: message.words for message in running.slack.public()}
    assert reports == dict.fromkeys(("CPRIVATE", "D1"), "✓ Laptops: 3 passages.")
    labels = {"channel:T1:CPRIVATE", "person:T1:U1"}
    assert source(running).audience.labels == labels
    assert running.script.read[-1].audience.labels == labels


@pytest.mark.slow
def test_two_bots_read_each_source_once_and_report_once(
    running: RunningBot, database: Database
) -> None:
    others = [build(running.slack, running.script, database) for _ in range(2)]
    uris = [f"https://docs.example.com/{n}" for n in range(8)]
    for uri in uris:
        command(running, uri)
        for other in others:
            other.bot.resume()
    settled(running)

    assert sorted(read.uri for read in running.script.read) == sorted(uris)
    shown = sorted(message.words for message in running.slack.public())
    assert shown == ["✓ Laptops: 3 passages."] * 8
    for other in others:
        other.bot.close(5)


@pytest.mark.slow
def test_report_is_posted_once_if_the_response_was_lost(running: RunningBot) -> None:
    running.slack.lost["chat.postMessage"] = 1
    running.slack.broken["conversations.history"] = 4
    command(running, URL)
    running.slack.wait_for(lambda: running.slack.count("conversations.history"))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    running.resume_now()
    settled(running)

    (message,) = running.slack.public()
    assert message.words == "✓ Laptops: 3 passages."


def test_status_shows_what_waits_to_be_read(running: RunningBot) -> None:
    running.script.go_on.clear()
    command(running, URL)
    running.slack.wait_for(lambda: running.slack.public())
    assert f"… {URL}: being read." in command(running, "status")
    running.script.go_on.set()
    settled(running)
