from datetime import UTC, datetime
from functools import partial

import pytest

from bot.conversations import Conversation, Kind
from domain.documents import Source, SourceState
from domain.errors import UnreadableSource
from domain.jobs import JobKind, JobState
from domain.questions import Audience
from records.database import Database
from tests.bot.running_bot import RunningBot, build
from tests.payloads import mention, payload

PUBLIC, PRIVATE, DIRECT = Kind.PUBLIC, Kind.PRIVATE, Kind.DIRECT
URL = "https://docs.example.com/laptops"


def command(running: RunningBot, text: str, channel: str = "C1", user: str = "U1") -> str:
    fields = payload("slash_command", text=text, channel_id=channel, user_id=user)
    acknowledged = running.send.form(fields)
    assert acknowledged.status == 200
    assert acknowledged.text_message["response_type"] == "ephemeral"
    return str(acknowledged.text_message["text"])


def source(running: RunningBot, uri: str = URL) -> Source:
    found = running.sources.find(uri)
    assert found is not None
    return found


def settled(running: RunningBot) -> None:
    running.slack.wait_for(lambda: not running.open_jobs(JobKind.SOURCE))
    running.slack.wait_for(lambda: running.bot.runner.is_idle)


def test_address_is_kept_before_the_command_is_acknowledged(running: RunningBot) -> None:
    running.script.go_on.clear()
    assert "Reading 1 source" in command(running, URL)

    (job,) = running.open_jobs(JobKind.SOURCE)
    assert (job.key, job.person, job.report) == (URL, "U1", "slack:T1:C1:")


def test_progress_and_result_stand_in_one_message(running: RunningBot) -> None:
    other = "https://docs.example.com/phones"
    assert "Reading 2 sources" in command(running, f"{URL} <{other}|phones>, {URL}")
    settled(running)

    (message,) = running.slack.public()
    assert message.words == "✓ Laptops: 3 passages.\n✓ Laptops: 3 passages."
    assert message.updates == 3
    assert [read.uri for read in running.script.read] == [URL, other]


def test_failure_is_told_and_kept(running: RunningBot) -> None:
    running.script.spoilt = UnreadableSource("Its server <@U9> did not answer.")
    command(running, URL)
    settled(running)

    assert source(running).state is SourceState.FAILED
    assert source(running).attempts == 1
    (message,) = running.slack.public()
    assert message.words == f"✗ {URL}: Its server <@U9> did not answer."
    assert "<" not in message.text


def test_error_that_nobody_foresaw_is_told_after_three_attempts(running: RunningBot) -> None:
    running.script.spoilt = ZeroDivisionError("secret")
    command(running, URL)
    for attempts in (1, 2):
        running.slack.wait_for(partial(is_failed, running, attempts))
        running.slack.wait_for(lambda: running.bot.runner.is_idle)
        running.resume_now()
    settled(running)

    (job,) = running.jobs.in_states([JobState.QUARANTINED])
    assert (job.attempts, job.reason) == (3, "Something inside me broke.")
    assert source(running).state is SourceState.QUARANTINED
    assert running.slack.public()[0].words == f"✗ {URL}: Something inside me broke."


def is_failed(running: RunningBot, attempts: int) -> bool:
    (job,) = running.jobs.in_states(JobState)
    return (job.state, job.attempts) == (JobState.FAILED, attempts)


@pytest.mark.parametrize(
    ("channel", "readers"),
    [
        ("C1", Audience.everyone()),
        ("CPRIVATE", Audience.of("channel:CPRIVATE")),
        ("CSHARED", Audience.of("channel:CSHARED")),
        ("D1", Audience.of("person:U1")),
    ],
)
def test_readers_of_a_document_are_those_of_where_it_was_added(
    running: RunningBot, channel: str, readers: Audience
) -> None:
    command(running, URL, channel)
    settled(running)

    assert running.script.read[0].audience == readers


def test_adding_it_elsewhere_takes_it_from_nobody(running: RunningBot) -> None:
    for channel in ("CPRIVATE", "D1"):
        command(running, URL, channel)
        settled(running)
    assert source(running).audience == Audience.of("channel:CPRIVATE", "person:U1")

    command(running, URL, "C1")
    settled(running)
    assert source(running).audience == Audience.of("channel:CPRIVATE", "person:U1", "everyone")


def test_nothing_is_added_where_nobody_knows_who_reads(running: RunningBot) -> None:
    assert "did not tell me who can read" in command(running, URL, "CELSEWHERE")
    assert running.sources.all() == []


def test_only_those_who_are_allowed_may_add(running: RunningBot) -> None:
    text_message = command(running, URL, user="U2")

    assert "PHI3_INGEST_ALLOWED with your id U2" in text_message
    assert running.sources.all() == []


@pytest.mark.parametrize("text", ["", "help", "HELP "])
def test_help_says_what_can_be_written(running: RunningBot, text: str) -> None:
    assert "/phi3-ingest status" in command(running, text, user="U2")


def test_command_without_an_address_says_so(running: RunningBot) -> None:
    assert "no address" in command(running, "the laptop page")


def test_too_many_at_once_are_not_taken(running: RunningBot) -> None:
    assert "20 at most" in command(running, " ".join(f"https://a.example/{n}" for n in range(21)))
    assert running.sources.all() == []


def test_status_shows_what_may_be_read_where_it_was_asked(running: RunningBot) -> None:
    assert "Nothing that may be read here" in command(running, "status")
    now = datetime.now(UTC)
    for uri, audience in (("/docs/a.md", Audience.everyone()), ("/b.md", Audience.of("person:U2"))):
        running.sources.save(Source(uri, audience, SourceState.INDEXED, "cli", now, chunks=2))

    assert command(running, "status", user="U2") == "✓ a.md: 2 passages."
    assert command(running, "status", channel="D1", user="U2").count("passages") == 2


def test_where_the_bot_is_no_member_the_person_hears_in_private(running: RunningBot) -> None:
    running.slack.outside.add("C2")
    command(running, URL, "C2")
    settled(running)

    (message,) = running.slack.public()
    assert message.channel == "D1"
    assert "✓ Laptops" in message.words


def test_where_nobody_can_be_told_the_source_is_read_all_the_same(running: RunningBot) -> None:
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


def test_outage_of_slack_leaves_the_source_to_be_taken_up_again(running: RunningBot) -> None:
    running.slack.broken["chat.postMessage"] = 1
    command(running, URL)
    running.slack.wait_for(lambda: running.slack.count("chat.postMessage"))
    running.slack.wait_for(lambda: running.bot.runner.is_idle)
    (job,) = running.open_jobs(JobKind.SOURCE)
    assert (job.state, job.attempts) == (JobState.WAITING, 0)

    running.resume_now()
    settled(running)
    assert "✓ Laptops" in running.slack.public()[0].words


def test_sources_that_were_not_asked_for_in_slack_are_left_alone(running: RunningBot) -> None:
    row = Source("/a.md", Audience.everyone(), SourceState.FETCHING, "cli", datetime.now(UTC))
    running.sources.save(row)

    assert running.bot.resume() == 0


def test_address_or_request_that_is_too_long_is_not_taken(running: RunningBot) -> None:
    assert "2,000 characters at most" in command(running, f"https://x.example/{'a' * 2_000}")
    assert "longer than 12,000" in command(running, "https://x.example/a " * 700)
    assert running.sources.all() == []


def test_source_asked_for_in_another_place_while_it_is_read_is_told_and_readable_in_both(
    running: RunningBot,
) -> None:
    running.script.go_on.clear()
    command(running, URL, "CPRIVATE")
    running.slack.wait_for(lambda: running.sources.find(URL))
    command(running, URL, "D1")
    running.script.go_on.set()
    settled(running)

    reports = {message.channel: message.words for message in running.slack.public()}
    assert reports == dict.fromkeys(("CPRIVATE", "D1"), "✓ Laptops: 3 passages.")
    private, direct = (
        Conversation(name, kind) for name, kind in (("CPRIVATE", PRIVATE), ("D1", DIRECT))
    )
    labels = private.readers("U1").labels | direct.readers("U1").labels
    assert source(running).audience.labels == labels
    assert running.script.read[-1].audience.labels == labels


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
    assert [message.words for message in running.slack.public()] == ["✓ Laptops: 3 passages."] * 8
    for other in others:
        other.bot.close(5)


def test_request_is_kept_while_slack_cannot_say_who_reads_the_channel(
    running: RunningBot,
) -> None:
    running.slack.broken["conversations.info"] = 2
    assert "Reading 1 source" in command(running, URL)
    running.slack.wait_for(lambda: running.slack.count("conversations.info") == 2)
    running.slack.wait_for(lambda: running.bot.runner.is_idle)
    assert not running.script.read

    running.resume_now()
    settled(running)
    assert running.script.read[0].audience == Conversation("C1", PUBLIC).readers("U1")


def test_report_whose_post_was_lost_is_posted_once(running: RunningBot) -> None:
    running.slack.lost["chat.postMessage"] = 1
    running.slack.broken["conversations.history"] = 4
    command(running, URL)
    running.slack.wait_for(lambda: running.slack.count("conversations.history"))
    running.slack.wait_for(lambda: running.bot.runner.is_idle, 20)
    running.resume_now()
    settled(running)

    (message,) = running.slack.public()
    assert message.words == "✓ Laptops: 3 passages."


def test_status_shows_what_waits_to_be_read(running: RunningBot) -> None:
    running.script.go_on.clear()
    command(running, URL)
    running.slack.wait_for(lambda: running.slack.public())
    assert command(running, "status") == f"… {URL}: waiting."
    running.script.go_on.set()
    settled(running)
