"""Quotas and lists: one sentence to one person, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.words import CATALOGUES
from domain.admission import Access, quotas
from domain.channels import ChannelSettings, When
from records.channels import Channels
from tests.bot.running_bot import RunningBot, http_bot
from tests.bot.test_choosing import fill
from tests.payloads import mention, payload
from tests.slack_double import SlackDouble

OPEN = frozenset[str]()


@contextmanager
def asked(slack: SlackDouble, file: Path, **options: Any) -> Iterator[RunningBot]:
    with http_bot(slack, file, **options) as running:
        yield running


def now() -> float:
    return datetime.now(UTC).timestamp()


def finished(running: RunningBot) -> None:
    running.slack.wait_for(lambda: not running.open_jobs())


@pytest.mark.slow
def test_question_above_the_quota_gets_one_kind_sentence_that_only_its_person_sees(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, quotas=quotas(person_hour=2)) as running:
        for n in range(2):
            assert running.send.event(mention(n)).status == 200
        finished(running)
        assert len(slack.public()) == 2
        calls, searched = len(slack.calls), len(running.script.asked)
        running.send.event(mention(3))
        running.send.event(mention(3))  # Slack sends it again
        finished(running)
        running.send.event(mention(3))
        finished(running)
        [text] = slack.whispers("U1")
        assert "I have answered 2 of yours within one hour" in text
        assert "again in 60 min" in text
        assert [method for method, _ in slack.calls[calls:]] == ["chat.postEphemeral"]
        assert slack.calls[-1][1].get("thread_ts") is None  # nobody sees it in an empty thread
        assert len(running.script.asked) == searched
        assert len(slack.public()) == 2
        # Another person is answered.
        running.send.event(mention(4, user="U2"))
        finished(running)
        assert len(slack.public()) == 3
        assert slack.whispers("U2") == []


@pytest.mark.slow
def test_in_a_thread_it_is_told_there_and_in_a_direct_message_as_the_answer(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, quotas=quotas(person_day=1)) as running:
        running.send.event(mention(1))
        finished(running)
        running.send.event(mention(2, thread_ts=mention(1)["event"]["ts"]))
        finished(running)
        assert slack.calls[-1][1]["thread_ts"] == mention(1)["event"]["ts"]
        assert "within one day" in slack.whispers("U1")[0]
        running.send.event(payload("message_im", text="How do I get a new laptop?"))
        finished(running)
        assert len(slack.whispers("U1")) == 1
        [told] = [one for one in slack.public() if one.channel == "D1"]
        assert "again in 24 h" in told.words


def test_channel_has_a_quota_of_its_own(slack: SlackDouble, database_file: Path) -> None:
    with asked(slack, database_file, quotas=quotas(channel_hour=1)) as running:
        running.send.event(mention(1))
        finished(running)
        running.send.event(mention(2, user="U2", text="Wie bekomme ich einen neuen Laptop?"))
        running.send.event(mention(3, channel="C2"))
        finished(running)
        assert "in diesem Channel" in slack.whispers("U2")[0]
        assert [one.channel for one in slack.public()] == ["C1", "C2"]


@pytest.mark.slow
def test_line_of_a_thread_that_is_not_meant_is_neither_counted_nor_told(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, quotas=quotas(person_hour=2)) as running:
        first = mention(1)
        running.send.event(first)
        finished(running)
        thread = first["event"]["ts"]
        for n, text in enumerate(("I will call the customer now", "see you at lunch")):
            running.send.event(
                payload(
                    "message_in_thread",
                    ts=f"{int(now()) + 1_000 + n}.000100",
                    thread_ts=thread,
                    text=text,
                )
            )
        finished(running)
        running.send.event(mention(2))
        finished(running)
        assert len(slack.public()) == 2
        follow_up = payload(
            "message_in_thread",
            ts=f"{int(now()) + 2_000}.000100",  # after the answer
            thread_ts=mention(2)["event"]["ts"],
            text="And how long does it take until it arrives?",
        )
        running.send.event(follow_up)
        finished(running)
        assert len(slack.public()) == 2
        assert len(slack.whispers("U1")) == 1


@pytest.mark.slow
def test_question_about_which_the_bot_was_silent_is_not_counted(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, quotas=quotas(person_hour=1)) as running:
        Channels(running.database).choose("T1", "C1", ChannelSettings(When.QUESTIONS))
        supported, running.script.words = running.script.words, ["The documents do not say."]

        def say(n: int) -> None:
            at = f"{int(now()) - 60 + n}.000100"
            said = {"ts": at, "event_ts": at, "text": "How do I get a new laptop?"}
            body = payload("message_in_thread", thread_ts=None, **said)
            running.send.event(body | {"event_id": f"Ev{at}"})
            finished(running)

        say(1)
        say(2)
        assert len(running.script.asked) == 2
        running.script.words = supported
        say(3)
        assert len(slack.public()) == 1
        say(4)  # The quota is used up by the one that was answered, and nobody is told.
        assert len(running.script.asked) == 3
        assert len(slack.public()) == 1
        assert slack.whispers("U1") == []


@pytest.mark.slow
def test_quota_that_is_told_after_an_outage_is_told_once(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, quotas=quotas(person_hour=1)) as running:
        running.send.event(mention(1))
        finished(running)
        slack.broken["chat.postEphemeral"] = 2
        running.send.event(mention(2))
        slack.wait_for(lambda: slack.count("chat.postEphemeral"))
        slack.wait_for(lambda: running.resume_now() or slack.whispers("U1"))
        finished(running)
        assert len(slack.whispers("U1")) == 1
        assert len(slack.public()) == 1


def test_person_who_may_not_be_told_in_the_channel_is_told_directly(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, quotas=quotas(person_hour=1)) as running:
        running.send.event(mention(1))
        finished(running)
        slack.refusals["chat.postEphemeral"] = "user_not_in_channel"
        running.send.event(mention(2))
        finished(running)
        assert [one.channel for one in slack.public()] == ["C1", "D1"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("access", "says"),
    [
        (Access(people_denied=frozenset(["U1"])), "answer you"),
        (Access(people_allowed=frozenset(["U2"])), "answer you"),
        (Access(channels_denied=frozenset(["C1"])), "in this channel"),
        (Access(channels_allowed=frozenset(["C2"])), "in this channel"),
        (Access(frozenset(["C1"]), frozenset(["C1"]), OPEN, OPEN), "in this channel"),
    ],
)
def test_mention_that_is_denied_gets_one_polite_sentence(
    slack: SlackDouble, database_file: Path, access: Access, says: str
) -> None:
    with asked(slack, database_file, access=access) as running:
        for body in (mention(1), mention(1), mention(2, text="hello"), mention(3, text="thanks!")):
            running.send.event(body)
            finished(running)
        assert len(slack.whispers("U1")) == 3
        assert all(says in text for text in slack.whispers("U1"))
        assert slack.public() == []
        assert slack.reactions == []
        assert running.script.asked == []
        assert {method for method, _ in slack.calls} <= {"auth.test", "chat.postEphemeral"}


def test_denied_person_is_told_in_direct_messages_and_a_denied_channel_says_nothing_of_them(
    slack: SlackDouble, database_file: Path
) -> None:
    access = Access(channels_allowed=frozenset(["C2"]), people_denied=frozenset(["U2"]))
    with asked(slack, database_file, access=access) as running:
        running.send.event(payload("message_im", text="How do I get a laptop?"))
        running.answered()
        running.send.event(
            payload("message_im", user="U2", ts="1763900300.000100", text="How do I get a laptop?")
        )
        finished(running)
        assert "not set up to answer you" in slack.public()[-1].words
        assert len(running.script.asked) == 1


def test_lines_that_mention_nobody_get_silence_where_it_is_denied(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, access=Access(people_denied=frozenset(["U1"]))) as running:
        Channels(running.database).choose("T1", "C1", ChannelSettings(When.QUESTIONS, "question"))
        said = payload("message_in_thread", thread_ts=None, text="How do I get a new laptop?")
        running.send.event(said)
        running.send.event(payload("reaction_added", reaction="question"))
        finished(running)
        assert slack.messages == []
        assert running.script.asked == []


@pytest.mark.parametrize("text", ["list", "settings"])
def test_denied_person_gets_nothing_from_the_command(
    slack: SlackDouble, database_file: Path, text: str
) -> None:
    with asked(slack, database_file, access=Access(people_denied=frozenset(["U1"]))) as running:
        reply = running.send.form(payload("slash_command", text=text))
        assert "not set up to answer you" in reply.body
        assert slack.views == []


def test_denied_person_chooses_nothing_and_wakes_nobody(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, access=Access(people_denied=frozenset(["U1"]))) as running:
        before = ChannelSettings(expert="U5")
        Channels(running.database).choose("T1", "C1", before)
        assert "not set up" in fill(running)["errors"]["when"]
        running.script.sufficient = False
        running.send.event(mention(user="U2"))
        question = running.answered().question_id
        for action in ("ask_expert", "answer_again"):
            body = payload("feedback_click")
            body["actions"] = [{"action_id": action, "value": question, "action_ts": "1.0"}]
            assert running.send.interaction(body).status == 200
        slack.wait_for(lambda: len(slack.whispers("U1")) == 2)
        assert all("not set up to answer you" in text for text in slack.whispers("U1"))
        assert len(slack.public()) == 1
        assert Channels(running.database).settings("T1", "C1") == before


def test_sentences_have_their_numbers_in_every_language() -> None:
    for words in CATALOGUES.values():
        for template in (words.quota_person, words.quota_channel):
            text = template.format(
                most=7, period=words.one_hour, wait=words.minutes.format(count=5)
            )
            assert "7" in text
            assert words.one_hour in text
            assert "5" in text


@pytest.mark.slow
def test_message_that_was_not_answered_can_still_be_answered_for_others(
    slack: SlackDouble, database_file: Path
) -> None:
    with asked(slack, database_file, quotas=quotas(person_hour=1)) as running:
        for n in (1, 2):
            running.send.event(mention(n))
            finished(running)
        assert len(slack.whispers("U1")) == 1
        message = {"type": "message", "user": "U1", "text": "How do I get a new laptop?"}
        chosen = payload("message_shortcut", callback_id="answer_message")
        chosen["message"] = message | {"ts": mention(2)["event"]["ts"]}
        chosen["user"]["id"] = "U2"
        running.send.interaction(chosen)
        finished(running)
        assert len(slack.public()) == 2
        assert slack.whispers("U2") == []
        # Nothing is left of what Slack sends again.
        running.send.event(mention(2))
        finished(running)
        assert len(slack.public()) == 2
        assert len(slack.whispers("U1")) == 1
