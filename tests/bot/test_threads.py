"""When the bot speaks in threads without a mention, and what it knows of what people wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event
from time import time

import pytest
from sqlalchemy import Connection

from bot.questions.earlier import NOT_KEPT
from domain.embeddings import Vector
from domain.errors import DatabaseUnavailable
from domain.questions import Message, Question
from records.forgetting import FORGOTTEN
from tests.bot.running_bot import TEXT, RunningBot, http_bot, is_idle
from tests.bot.test_edits import edited
from tests.payloads import mention, payload
from tests.slack_double import SlackDouble

# The double writes its messages some minutes from now. A whole run of all tests may take hours.
_BEFORE, _LATER = count(int(time()) - 5_000), count(int(time()) + 50_000)
ROOT = "1763900000.000100"


def say(
    running: RunningBot, text: str, person: str = "U1", thread: str = ROOT, channel: str = "C1"
) -> str:
    """A line in a thread, later than what the bot wrote, or one that begins a thread."""
    ts = f"{next(_LATER if thread else _BEFORE)}.000100"
    at = {"ts": ts, "event_ts": ts, "thread_ts": thread or None, "channel": channel}
    body = payload("message_in_thread", text=text, user=person, **at)
    assert running.send.event(body | {"event_id": f"Ev{ts}"}).status == 200
    return ts


def ask(running: RunningBot, text: str, thread: str) -> str:
    """A mention in a thread, before the answers of the bot; returns its ts."""
    at = next(_BEFORE)
    running.send.event(mention(text=text, asked=at, thread_ts=thread))
    return f"{at}.000100"


def settle(running: RunningBot) -> None:
    """Waits until no question is open."""
    running.slack.wait_for(lambda: not running.questions.unfinished() and not running.open_jobs())


def asked_in_thread(running: RunningBot, text: str = "How do I get a new laptop?") -> None:
    """A mention and its answer, which is older than all that ``say`` says."""
    running.send.event(mention(text=text))
    running.answered()


def test_follow_up_needs_no_mention_and_knows_what_was_said(running: RunningBot) -> None:
    asked_in_thread(running)
    say(running, "And how long does it take?")
    settle(running)

    turns = [turn.content for turn in running.script.asked[1].history]
    assert turns == ["How do I get a new laptop?", TEXT]
    assert len(running.slack.public()) == 2


def test_thanks_in_between_are_no_part_of_what_was_said(running: RunningBot) -> None:
    asked_in_thread(running)
    say(running, "great, thank you!")
    ts = say(running, "And how long does it take?")
    settle(running)

    stored = running.questions.find(f"slack:T1:C1:{ts}")
    assert stored
    assert stored.history == running.script.asked[1].history
    assert [turn.content for turn in stored.history] == ["How do I get a new laptop?", TEXT]


def test_messages_that_are_not_for_the_bot_are_ignored(running: RunningBot) -> None:
    asked_in_thread(running)
    others = [
        payload("message_in_thread", thread_ts="1763000000.000100"),
        payload("message_in_thread", text="<@U2> you know that"),
        payload("message_in_thread", thread_ts=None),
        payload("message_of_bot"),
        payload("message_im", user="UBOT", ts="1763900009.000100"),
        payload("message_im", bot_id="B2", ts="1763900009.000200"),
        payload("user_change"),
    ]
    assert [running.send.event(body).status for body in others] == [200] * len(others)

    settle(running)
    assert len(running.script.asked) == 1


def test_correction_of_an_answer_is_answered(running: RunningBot) -> None:
    asked_in_thread(running)
    say(running, "no, that was changed to 3 days in May")
    settle(running)
    assert running.script.asked[-1].text == "no, that was changed to 3 days in May"
    assert len(running.slack.public()) == 2


@pytest.mark.slow
def test_lines_are_acknowledged_while_it_is_still_judged_what_they_mean(
    slack: SlackDouble, database_file: Path
) -> None:
    is_ready = Event()

    def slow(text: str) -> dict[str, Vector]:
        assert is_ready.wait(60)
        return {}

    with http_bot(slack, database_file, meaning=slow) as running:
        asked_in_thread(running)
        for n in range(12):
            say(running, f"ok, I will order number {n}")  # returns once it is acknowledged
        say(running, "And how long does it take?")
        assert len(running.questions.unfinished()) == 13
        is_ready.set()
        settle(running)

        assert [one.text for one in running.script.asked][1:] == ["And how long does it take?"]


def test_thanks_plans_and_small_talk_in_its_thread_get_silence(running: RunningBot) -> None:
    asked_in_thread(running)
    for text in ("thanks!", "lunch at 12?", "ok I will call the customer"):
        say(running, text)
    say(running, "did you order one already?", person="U2")
    settle(running)

    assert len(running.slack.public()) == 1
    assert len(running.script.asked) == 1


def test_nothing_is_kept_of_a_line_that_was_not_meant(running: RunningBot) -> None:
    asked_in_thread(running)
    ts = say(running, "I will tell Jo about my divorce today")
    settle(running)

    assert running.questions.find(f"slack:T1:C1:{ts}") is None
    assert not [one for one in running.slack.calls if one[0] == "assistant.threads.setStatus"][1:]


def test_real_follow_up_is_heard_after_a_refusal_in_the_middle_of_a_thread(
    running: RunningBot,
) -> None:
    root = say(running, "The printer on floor 2 jams since monday.", "U2", thread="")
    running.script.sufficient = False
    ask(running, "who repairs printers?", root)
    settle(running)
    running.script.sufficient = True
    say(running, "copiers then, the contract with Ricoh", thread=root)
    settle(running)

    assert running.script.asked[-1].text == "copiers then, the contract with Ricoh"
    assert len(running.slack.public()) == 2


def test_people_talking_to_each_other_are_not_interrupted(running: RunningBot) -> None:
    asked_in_thread(running)
    say(running, "I have a spare one in my drawer", "U2")
    say(running, "the small one?")
    settle(running)
    assert len(running.script.asked) == 1

    say(running, "what happens to laptops that nobody uses any more?")
    settle(running)
    assert len(running.script.asked) == 2


def test_mention_in_a_thread_of_people_knows_what_they_wrote(running: RunningBot) -> None:
    running.slack.people["U2"] = {"profile": {"display_name": "Maria"}}
    root = say(running, "The VPN shows error 812 since the update.", "U2", thread="")
    ask(running, "can you help here?", root)
    settle(running)

    (asked,) = running.script.asked
    line = Message("user", "Maria: The VPN shows error 812 since the update.")
    assert asked.history == (line,)
    assert running.script.prompts[-1][1].content.startswith(line.content)


@pytest.mark.slow
def test_answer_does_not_wait_for_the_names_of_people(running: RunningBot) -> None:
    asked_in_thread(running)  # so that Slack has said who U1 is
    running.slack.fate = lambda method, given: (
        "busy" if (method, given.get("user")) == ("users.info", "U2") else ""
    )
    running.slack.retry_after = "30"
    root = say(running, "The VPN shows error 812 since the update.", "U2", thread="")
    ask(running, "can you help here?", root)
    running.answered(seconds=15)

    assert "U2: The VPN shows error 812" in running.script.prompts[-1][1].content


def test_words_of_people_are_not_stored_with_the_question(running: RunningBot) -> None:
    root = say(running, "The VPN shows error 812 since the update.", "U2", thread="")
    ts = ask(running, "can you help here?", root)
    settle(running)

    stored = running.questions.find(f"slack:T1:C1:{ts}")
    assert isinstance(stored, Question)
    assert stored.history == NOT_KEPT


@pytest.mark.slow
@pytest.mark.parametrize("stored", [NOT_KEPT, FORGOTTEN], ids=["not kept", "forgotten"])
def test_edited_question_goes_on_from_answers_and_not_from_what_stands_for_words(
    running: RunningBot, stored: tuple[Message, ...]
) -> None:
    began = int(time()) - 60
    running.send.event(mention(asked=began))
    running.answered()
    body = mention(1, "And how long does it take?", began, thread_ts=f"{began}.000100")
    running.send.event(body)
    settle(running)
    # As it is if the first question had no answer when the second one was asked.
    running.questions.set_history(f"slack:T1:C1:{began + 1}.000100", stored)
    running.send.event(edited(body, "And how long will it take?"))
    settle(running)

    turns = [turn.content for turn in running.script.asked[-1].history]
    assert turns == ["How do I get a new laptop?", TEXT]


def test_thread_that_slack_does_not_show_is_answered_without_it(running: RunningBot) -> None:
    running.slack.refusals["conversations.replies"] = "missing_scope"
    ask(running, "How do I get a new laptop?", ROOT)
    settle(running)

    assert len(running.slack.public()) == 1


def test_line_waits_while_slack_does_not_show_its_thread(running: RunningBot) -> None:
    asked_in_thread(running)
    running.slack.broken["conversations.replies"] = 2
    say(running, "And how long does it take?")

    def is_answered() -> bool:
        if is_idle(running.bot.runner):
            running.resume_now()
        return len(running.slack.public()) == 2

    running.slack.wait_for(is_answered)
    assert running.slack.broken["conversations.replies"] == 0
    settle(running)

    assert len(running.slack.public()) == 2


def test_follow_up_is_heard_by_what_is_stored_where_slack_does_not_show_the_thread(
    running: RunningBot,
) -> None:
    asked_in_thread(running)
    running.slack.refusals["conversations.replies"] = "missing_scope"
    say(running, "thanks, I will tell them")
    say(running, "And how long does it take?")
    settle(running)

    assert len(running.slack.public()) == 2


def test_message_in_a_direct_thread_is_told_at_last_that_it_cannot_be_stored(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def away(**_: object) -> Iterator[Connection]:
        raise DatabaseUnavailable("It is gone.")
        yield

    at = "1763900100.000100"
    body = payload("message_im", text="Tell me about the warranty", ts=at, thread_ts=ROOT)
    with monkeypatch.context() as patched:
        for access in ("reading", "session"):
            patched.setattr(running.database, access, away)
        assert running.send.event(body, X_Slack_Retry_Num="2").status == 503
        assert running.send.event(body, X_Slack_Retry_Num="3").status == 200
        running.slack.wait_for(running.slack.public)
    assert "My database does not answer" in running.slack.public()[0].words
