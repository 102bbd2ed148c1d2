from datetime import UTC, datetime

import pytest

from domain.documents import Source, SourceState
from domain.errors import UnreadableSource
from domain.questions import Audience
from tests.bot.house import House
from tests.payloads import mention, payload

URL = "https://docs.example.com/laptops"


def command(house: House, text: str, channel: str = "C1", user: str = "U1") -> str:
    fields = payload("slash_command", text=text, channel_id=channel, user_id=user)
    acknowledged = house.send.form(fields)
    assert acknowledged.status == 200
    assert acknowledged.said["response_type"] == "ephemeral"
    return str(acknowledged.said["text"])


def source(house: House, uri: str = URL) -> Source:
    found = house.sources.find(uri)
    assert found is not None
    return found


def settled(house: House) -> None:
    house.slack.wait_for(lambda: house.sources.all() and not house.sources.requested())
    house.slack.wait_for(lambda: house.bot.ingesting.is_idle)


def test_address_is_kept_before_the_command_is_acknowledged(house: House) -> None:
    house.script.go_on.clear()
    assert "Reading 1 source" in command(house, URL)

    assert source(house).state is SourceState.REQUESTED
    assert source(house).requested_by == "U1"
    assert source(house).reply_to.startswith("slack:T1:C1:")


def test_progress_and_result_stand_in_one_message(house: House) -> None:
    other = "https://docs.example.com/phones"
    assert "Reading 2 sources" in command(house, f"{URL} <{other}|phones>, {URL}")
    settled(house)

    (message,) = house.slack.public()
    assert message.words == "✓ Laptops: 3 passages.\n✓ Laptops: 3 passages."
    assert message.updates == 3
    assert [read.uri for read in house.script.read] == [URL, other]


def test_failure_is_told_and_kept(house: House) -> None:
    house.script.spoilt = UnreadableSource("Its server <@U9> did not answer.")
    command(house, URL)
    settled(house)

    assert source(house).state is SourceState.FAILED
    assert source(house).attempts == 1
    (message,) = house.slack.public()
    assert message.words == f"✗ {URL}: Its server <@U9> did not answer."
    assert "<" not in message.text


def test_error_that_nobody_foresaw_fails_the_source_and_is_told(house: House) -> None:
    house.script.spoilt = ZeroDivisionError("secret")
    command(house, URL)
    settled(house)

    assert source(house).state is SourceState.FAILED
    assert "Something inside me broke" in house.slack.public()[0].words


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
    house: House, channel: str, readers: Audience
) -> None:
    command(house, URL, channel)
    settled(house)

    assert house.script.read[0].audience == readers


def test_adding_it_elsewhere_takes_it_from_nobody(house: House) -> None:
    for channel in ("CPRIVATE", "D1"):
        command(house, URL, channel)
        settled(house)
    assert source(house).audience == Audience.of("channel:CPRIVATE", "person:U1")

    command(house, URL, "C1")
    settled(house)
    assert source(house).audience == Audience.everyone()


def test_nothing_is_added_where_nobody_knows_who_reads(house: House) -> None:
    assert "did not tell me who can read" in command(house, URL, "CELSEWHERE")
    assert house.sources.all() == []


def test_only_those_who_are_allowed_may_add(house: House) -> None:
    said = command(house, URL, user="U2")

    assert "PHI3_INGEST_ALLOWED with your id U2" in said
    assert house.sources.all() == []


@pytest.mark.parametrize("text", ["", "help", "HELP "])
def test_help_says_what_can_be_written(house: House, text: str) -> None:
    assert "/phi3-ingest status" in command(house, text, user="U2")


def test_command_without_an_address_says_so(house: House) -> None:
    assert "no address" in command(house, "the laptop page")


def test_too_many_at_once_are_not_taken(house: House) -> None:
    assert "20 at most" in command(house, " ".join(f"https://a.example/{n}" for n in range(21)))
    assert house.sources.all() == []


def test_status_shows_what_may_be_read_where_it_was_asked(house: House) -> None:
    assert "Nothing that may be read here" in command(house, "status")
    now = datetime.now(UTC)
    for uri, audience in (("/docs/a.md", Audience.everyone()), ("/b.md", Audience.of("person:U2"))):
        house.sources.save(Source(uri, audience, SourceState.INDEXED, "cli", now, chunks=2))

    assert command(house, "status", user="U2") == "✓ a.md: 2 passages."
    assert command(house, "status", channel="D1", user="U2").count("passages") == 2


def test_where_the_bot_is_no_member_the_person_hears_in_private(house: House) -> None:
    house.slack.outside.add("C2")
    command(house, URL, "C2")
    settled(house)

    (message,) = house.slack.public()
    assert message.channel == "D1"
    assert "✓ Laptops" in message.words


def test_where_nobody_can_be_told_the_source_is_read_all_the_same(house: House) -> None:
    house.slack.refusals["chat.postMessage"] = "not_in_channel"
    command(house, URL, "C2")
    settled(house)

    assert source(house).state is SourceState.INDEXED


def test_files_of_a_message_are_added_by_the_shortcut(house: House) -> None:
    assert house.send.interaction(payload("message_shortcut")).status == 200
    settled(house)

    assert source(house, "slack-file:F1").state is SourceState.INDEXED
    (message,) = house.slack.public()
    assert message.thread == "1763900000.000100"
    assert "Reading 1 source" in house.slack.whispers("U1")[0]


def test_shortcut_on_a_message_without_files_says_so(house: House) -> None:
    body = payload("message_shortcut")
    del body["message"]["files"]
    house.send.interaction(body)

    house.slack.wait_for(lambda: house.slack.whispers("U1"))
    assert "no files" in house.slack.whispers("U1")[0]


def test_mention_with_ingest_and_files_adds_them_once(house: House) -> None:
    files = [{"id": "F1", "name": "laptops.md"}, {"id": "F2", "mode": "tombstone"}]
    for _ in range(2):
        house.send.event(mention(text="ingest please", files=files))
    settled(house)

    assert [read.uri for read in house.script.read] == ["slack-file:F1"]
    assert len(house.slack.public()) == 1


def test_outage_of_slack_leaves_the_source_to_be_taken_up_again(house: House) -> None:
    house.slack.broken["chat.postMessage"] = 1
    command(house, URL)
    house.slack.wait_for(lambda: house.slack.count("chat.postMessage"))
    house.slack.wait_for(lambda: house.bot.ingesting.is_idle)
    assert source(house).state is SourceState.REQUESTED

    house.bot.resume()
    settled(house)
    assert "✓ Laptops" in house.slack.public()[0].words


def test_sources_that_were_not_asked_for_in_slack_are_left_alone(house: House) -> None:
    row = Source("/a.md", Audience.everyone(), SourceState.FETCHING, "cli", datetime.now(UTC))
    house.sources.save(row)

    assert house.bot.resume() == 0
