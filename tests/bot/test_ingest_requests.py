"""What /phi3-ingest says and does besides adding and removing: lists, forms, buttons, dry runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.ingest.collection_reports import CONFIRM_REMOVAL, TRY_AGAIN, removal_of
from bot.ingest.form import INGEST_FORM
from bot.ingest.lists import PAGE
from domain.collections import EVERY, Collection, CollectionProgress
from domain.documents import Failure, IngestReport, Skipped, Source, SourceState
from domain.errors import UnreadableSource
from domain.jobs import JobKind
from domain.questions import Audience
from records.collections import Collections
from records.sources import Sources
from tests.bot.running_bot import RunningBot
from tests.bot.test_ingesting import URL, collection, command, settled, source
from tests.payloads import mention, payload

TEAM = Audience.of("team:T1", "channel:T1:C1")


def say(running: RunningBot, text: str) -> str:
    """Mentions the bot; returns what it tells the person."""
    before = len(running.slack.whispers("U1"))
    running.send.event(mention(text=text))
    running.slack.wait_for(lambda: len(running.slack.whispers("U1")) > before)
    return running.slack.whispers("U1")[-1]


def press(running: RunningBot, action: str, value: str = URL, user: str = "U1") -> None:
    message = running.slack.public()[0]
    body = payload("feedback_click")
    body["user"]["id"] = user
    body["message"] = {"ts": message.ts, "text": message.text}
    body["actions"] = [
        {"type": "button", "action_id": action, "value": value, "action_ts": "1763900300.1"}
    ]
    assert running.send.interaction(body).status == 200


def open_form(running: RunningBot) -> None:
    assert running.send.form(payload("slash_command", text="")).body == ""


def submit(running: RunningBot, address: str, user: str = "U1", **chosen: str) -> dict[str, Any]:
    body = payload("view_submission")
    body["user"]["id"] = user
    view = running.slack.views[-1]
    body["view"] |= {"callback_id": INGEST_FORM, "private_metadata": view["private_metadata"]}
    values: dict[str, Any] = {"address": {"value": {"type": "plain_text_input", "value": address}}}
    for field, value in chosen.items():
        values[field] = {"value": {"selected_option": {"value": value}}}
    body["view"]["state"] = {"values": values}
    return running.send.interaction(body).text_message


# What a request becomes


def test_site_and_repository_are_collections_that_are_read_again(running: RunningBot) -> None:
    command(running, "site https://docs.example.com/a depth 2 git https://git.example.com/r#dev")
    settled(running)
    site = collection(running, "https://docs.example.com/a")
    assert (site.kind, site.options, site.every) == ("site", '{"depth": 2}', EVERY["site"])
    assert site.audience == TEAM
    assert site.next_at
    assert site.next_at > datetime.now(UTC) + timedelta(hours=23)
    repository = collection(running, "git+https://git.example.com/r#dev")
    assert (repository.kind, repository.every) == ("git", EVERY["git"])


@pytest.mark.parametrize(
    "text",
    [
        "git http://git.example.com/r",
        "https://user:secret@docs.example.com/",
        "this thread",
        "#none",
        "https://acme.slack.com/archives/CPRIVATE/p1700000000000100",
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(running: RunningBot, text: str) -> None:
    assert "Reading" not in command(running, f"{text} https://docs.example.com/")
    assert Collections(running.database).all() == []
    assert running.open_jobs() == []


def test_address_is_known_without_the_marks_of_campaigns(running: RunningBot) -> None:
    command(running, f"{URL}?utm_source=mail#top")
    settled(running)
    assert "is removed" in command(running, f"remove {URL}#bottom")
    assert Collections(running.database).all() == []


def test_page_that_an_earlier_version_added_stays_and_can_be_removed(running: RunningBot) -> None:
    old = f"{URL}#top"
    running.sources.save(Source(old, TEAM, SourceState.INDEXED, "U1", datetime.now(UTC)))
    assert "again" in command(running, f"refresh {old}")
    settled(running)
    assert [read.uri for read in running.script.read] == [old]
    assert "is removed" in command(running, f"remove {old}")
    assert source(running, old).state is SourceState.REMOVED


def test_file_is_removed_by_a_mention_with_it(running: RunningBot) -> None:
    files = [{"id": "F1", "name": "laptops.md"}]
    running.send.event(mention(text="ingest", files=files))
    settled(running)
    running.send.event(mention(1, text="ingest remove", files=files))
    running.slack.wait_for(lambda: len(running.slack.whispers("U1")) > 1)
    assert running.slack.whispers("U1")[-1].startswith("laptops.md is removed")
    assert source(running, "slack-file:F1").state is SourceState.REMOVED


# Mentions


@pytest.mark.parametrize("text", ["ingest", "ingest help"])
def test_mention_without_anything_to_read_gets_help(running: RunningBot, text: str) -> None:
    assert "/phi3-ingest site" in say(running, text)


def test_mention_has_labelled_addresses_and_commands(running: RunningBot) -> None:
    assert "Reading 1 source" in say(running, f"ingest <{URL}|the laptop page>")
    settled(running)
    assert "✓ Laptops" in say(running, "ingest list")


def test_question_that_begins_with_the_word_is_a_question(running: RunningBot) -> None:
    running.send.event(mention(text="ingest pipelines, how do they work?"))
    assert running.answered()


# list and status


def test_list_is_paged(running: RunningBot) -> None:
    kept = Collections(running.database)
    command(running, URL)
    settled(running)
    first = collection(running)
    for n in range(PAGE):
        kept.add(replace(first, uri=f"https://docs.example.com/{n:03}", title=f"Site {n:03}"))
    shown = command(running, "list")
    assert shown.count("\n") == PAGE
    assert shown.endswith("Page 1 of 2; /phi3-ingest list 2 shows the next one.")
    second = command(running, "list 2").splitlines()
    (page,) = second  # a page is both a collection and a document
    assert page.startswith(f"✓ Laptops: 3 passages. {URL}: read ")
    assert "only 2 pages" in command(running, "list 3")


def test_list_shows_nothing_of_others(running: RunningBot) -> None:
    command(running, URL, "CPRIVATE")
    settled(running)
    for text in ("list", "status", f"refresh {URL}", f"remove {URL}"):
        answer = command(running, text, "C1")
        assert "Laptops" not in answer
        assert "✓" not in answer


def test_status_shows_how_far_a_reading_is(running: RunningBot) -> None:
    running.script.go_on.clear()
    command(running, f"site {URL}")
    running.slack.wait_for(lambda: running.slack.public())
    now = datetime.now(UTC)
    began = now - timedelta(minutes=10)
    running.slack.wait_for(lambda: Collections(running.database).progress())
    Collections(running.database).show_progress(CollectionProgress(URL, began, now, 50, 100))
    assert f"… {URL}: 50 of 100 documents, about 10 min left." in command(running, "status")
    assert "50 of 100" not in command(running, "status", "CSHARED")
    running.script.go_on.set()
    settled(running)


def test_status_says_what_failed_and_why(running: RunningBot) -> None:
    running.script.spoilt = UnreadableSource("its server did not answer")
    command(running, URL)
    settled(running)
    assert f"✗ {URL}: its server did not answer" in command(running, "status")
    assert command(running, "status").count(URL) == 1
    assert "its server" not in command(running, "status", "CSHARED")


def test_status_says_where_what_is_held_back_can_be_removed(running: RunningBot) -> None:
    command(running, URL)
    settled(running)
    kept, now = Collections(running.database), datetime.now(UTC)
    reason = "3 of its 4 documents are not there any more"
    kept.record(collection(running), replace(collection(running), reason=reason))
    folder = Collection("/srv/secret/handbook", "folder", Audience.everyone(), "cli:U1", now)
    kept.add(replace(folder, reason=reason))

    def told(channel: str) -> list[str]:
        lines = command(running, "status", channel).splitlines()
        return [line.rpartition("is kept. ")[2] for line in lines if line.startswith("⚠")]

    terminal = "It was added in the terminal: there the person who runs me can remove it."
    here = "To remove it, write /phi3-ingest refresh here and press the button of the report."
    there = "To remove it, write /phi3-ingest refresh where it was added, and press the button."
    assert told("C1") == [terminal, here]
    assert told("C2") == [terminal, there]
    assert "/srv" not in command(running, "status")


def test_status_names_the_documents_that_failed_to_those_who_may_read_them(
    running: RunningBot,
) -> None:
    running.script.spoilt = UnreadableSource("its server did not answer")
    command(running, URL)  # a collection, which is shown by itself and not counted again
    settled(running)
    sources, now = Sources(running.database), datetime.now(UTC)
    for n in range(14):
        source = Source(f"https://docs.example.com/{n:02}.pdf", TEAM, SourceState.FAILED, "U1", now)
        sources.save(replace(source, reason="it is protected by a password"))
    shown = command(running, "status").splitlines()
    assert shown[0] == f"✗ {URL}: its server did not answer"
    assert shown[1] == "✗ https://docs.example.com/00.pdf: it is protected by a password"
    assert shown[11] == "… and 4 more could not be read."
    assert "password" not in command(running, "status", "CSHARED")


# refresh


def test_refresh_reads_what_this_conversation_was_given(running: RunningBot) -> None:
    command(running, URL)
    command(running, "https://docs.example.com/private", "CPRIVATE")
    settled(running)
    running.script.read.clear()
    assert "Reading 1 source again" in command(running, "refresh")
    settled(running)
    assert [read.uri for read in running.script.read] == [URL]
    assert collection(running).audience == TEAM
    assert "was not added in this conversation" in command(running, f"refresh {URL}", "C2")
    assert "Nothing was added" in command(running, "refresh", "C2")


@pytest.mark.parametrize("text", ["", "refresh", f"refresh {URL}", f"dry-run {URL}", "#general"])
def test_only_people_who_may_add_may_do_more_than_look(running: RunningBot, text: str) -> None:
    assert "You may not add documents." in command(running, text, user="U2")
    assert running.slack.views == []
    assert running.open_jobs() == []


# The form


def test_form_adds_what_it_says(running: RunningBot) -> None:
    open_form(running)
    (view,) = running.slack.views
    assert "all members of this workspace" in str(view)
    assert len(view["private_metadata"]) <= 3_000

    shown = submit(running, "https://docs.example.com/a", what="site", every="week")
    assert "Reading 1 source" in str(shown["view"])
    settled(running)
    added = collection(running, "https://docs.example.com/a")
    assert (added.kind, added.every, added.audience) == ("site", timedelta(days=7), TEAM)
    assert running.slack.public()[0].words == "✓ https://docs.example.com/a: 1 added."


def test_form_stays_within_slacks_limits(running: RunningBot) -> None:
    open_form(running)
    (view,) = running.slack.views
    texts = [view["title"], view["submit"], view["close"]]
    assert all(len(text["text"]) <= 24 for text in texts)
    for block in view["blocks"]:
        for option in block.get("element", {}).get("options", ()):
            assert 0 < len(option["text"]["text"]) <= 75
            assert 0 < len(option["value"]) <= 75


def test_form_that_is_sent_twice_is_done_once(running: RunningBot) -> None:
    open_form(running)
    for _ in range(2):
        submit(running, URL)
    settled(running)
    assert len(running.script.read) == 1


@pytest.mark.parametrize(
    ("address", "chosen", "why"),
    [
        ("", {}, "Give me an address"),
        ("the laptop page", {}, "That is no address"),
        ("status", {}, "That is no address"),
        (f"remove {URL}", {}, "That is no address"),
        (f"{URL} {URL}/2", {}, "That is no address"),
        ("#board", {}, "no public channel"),
        ("http://a.example", {"what": "git"}, "starts with https"),
    ],
)
def test_errors_are_shown_in_the_form(
    running: RunningBot, address: str, chosen: dict[str, str], why: str
) -> None:
    open_form(running)
    answer = submit(running, address, **chosen)
    assert answer["response_action"] == "errors"
    assert why in answer["errors"]["address"]
    assert Collections(running.database).all() == []


def test_form_of_somebody_who_may_not_add_is_refused(running: RunningBot) -> None:
    open_form(running)
    assert "may not add" in submit(running, URL, user="U2")["errors"]["address"]


def test_form_says_that_slack_is_away(running: RunningBot) -> None:
    open_form(running)
    running.slack.broken["conversations.info"] = 1
    assert "Try again in a minute" in submit(running, URL)["errors"]["address"]


# Reports and their buttons


def test_report_says_what_was_left_out_by_kind_and_can_be_tried_again(running: RunningBot) -> None:
    skipped = [Skipped(f"{n}.png", "pictures are not read") for n in range(900)]
    skipped += [Skipped(f"{n}.x", f"kind {n} is not read") for n in range(50)]
    failed = tuple(Failure(f"{URL}/{n}", "broken") for n in range(300))
    running.script.report = IngestReport(added=5, skipped=tuple(skipped), failed=failed)
    command(running, f"site {URL}")
    settled(running)
    (report,) = running.slack.public()
    assert "5 added. 950 left out: 900 × pictures are not read; 1 × kind 0" in report.words
    assert "300 could not be read" in report.words
    assert len(report.words) < 3_000

    running.script.report = IngestReport(updated=300)
    for row in ("a", "b"):
        running.sources.save(
            Source(row, TEAM, SourceState.QUARANTINED, "U1", datetime.now(UTC), attempts=5)
        )
    running.sources.join(URL, [source(running, "a")], TEAM, datetime.now(UTC))
    for _ in range(2):
        press(running, TRY_AGAIN)
    settled(running)
    (report,) = running.slack.public()
    assert report.words == f"✓ {URL}: 300 updated."
    assert source(running, "a").attempts == 0
    assert source(running, "b").attempts == 5
    assert len(running.script.read) == 2


def test_what_is_held_back_is_removed_after_a_press(running: RunningBot) -> None:
    gone = Failure(URL, "9 of its 10 documents are not there any more.")
    running.script.report = IngestReport(failed=(gone,), held_back=(gone,))
    command(running, f"site {URL}")
    settled(running)
    assert "Remove what is gone" in running.slack.public()[0].words
    running.script.report = IngestReport(removed=9)
    removal = removal_of(collection(running, URL))

    press(running, CONFIRM_REMOVAL, removal, user="U2")
    running.slack.wait_for(lambda: running.slack.whispers("U2"))
    assert "may not add" in running.slack.whispers("U2")[0]
    press(running, CONFIRM_REMOVAL, "https://other.example.com/")
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert "not of this conversation" in running.slack.whispers("U1")[0]
    assert running.script.confirmed == [False]

    for _ in range(2):
        press(running, CONFIRM_REMOVAL, removal)
    settled(running)
    press(running, CONFIRM_REMOVAL, removal)
    assert running.script.confirmed == [False, True]
    assert running.slack.public()[0].words == f"✓ {URL}: 9 removed."
    assert len(running.slack.whispers("U1")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("became", ["nothing", "more"])
def test_old_button_removes_nothing_that_is_missing_since(running: RunningBot, became: str) -> None:
    gone = Failure(URL, "4 of its 10 documents are not there any more.")
    running.script.report = IngestReport(failed=(gone,), held_back=(gone,))
    command(running, f"site {URL}")
    settled(running)
    old = removal_of(collection(running, URL))
    more = replace(gone, reason="9 of its 10 documents are not there any more.")
    held_back = () if became == "nothing" else (more,)
    running.script.report = IngestReport(failed=held_back, held_back=held_back)
    Collections(running.database).make_due(URL, datetime.now(UTC))
    running.bot.refreshing.add_due()
    running.resume_now()
    settled(running)

    for value in (old, URL):  # as an earlier version named it
        press(running, CONFIRM_REMOVAL, value)
    running.slack.wait_for(lambda: len(running.slack.whispers("U1")) == 2)
    assert all("Nothing was removed" in said for said in running.slack.whispers("U1"))
    settled(running)
    assert running.script.confirmed == [False, False]


# dry-run


def test_dry_run_tells_only_the_person_and_changes_nothing(running: RunningBot) -> None:
    assert "Only you will see" in command(running, f"dry-run site {URL}", "CPRIVATE")
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    (told,) = running.slack.whispers("U1")
    assert told.splitlines() == [
        f"{URL}: nothing was changed.",
        f"1 would be added: {URL}.",
        "Who could ask about it: everyone in that channel.",
    ]
    assert running.slack.public() == []
    assert Collections(running.database).all() == []
    assert running.open_jobs(JobKind.COLLECTION) == []
    assert running.script.forgotten == [URL]


def test_dry_run_deletes_what_it_loaded_only_of_what_is_not_stored(running: RunningBot) -> None:
    command(running, URL)
    settled(running)
    command(running, f"dry-run {URL}")
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert running.script.forgotten == []


def test_dry_run_does_not_name_what_the_person_may_not_read(running: RunningBot) -> None:
    secret = Source(
        URL, Audience.of("person:T1:U9"), SourceState.INDEXED, "U9", datetime.now(UTC), "Secret"
    )
    running.sources.save(secret)
    command(running, f"dry-run {URL}")
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert "Secret" not in running.slack.whispers("U1")[0]


def test_dry_run_of_what_cannot_be_read_says_why(running: RunningBot) -> None:
    running.script.spoilt = UnreadableSource("its server did not answer")
    running.slack.refusals["chat.postEphemeral"] = "not_in_channel"
    command(running, f"dry-run {URL}")
    running.slack.wait_for(lambda: running.slack.public())
    assert running.slack.public()[0].words == f"{URL} cannot be read: its server did not answer"
    assert running.slack.public()[0].channel == "D1"


@pytest.mark.parametrize("thread", [None, "1763900000.000100"])
def test_person_is_told_where_slack_shows_it(running: RunningBot, thread: str | None) -> None:
    """Slack shows a message for one person only in a thread that has replies."""
    body = mention(7, text="ingest list")
    body["event"] |= {"thread_ts": thread} if thread else {}
    running.send.event(body)
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert running.slack.calls[-1][1].get("thread_ts") == thread
