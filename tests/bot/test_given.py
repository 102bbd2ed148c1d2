"""What comes with a question: attached files, the lines of its thread, earlier direct messages."""

import re
from time import time
from typing import Any

import pytest

from domain.answering import NOT_ANSWERING
from domain.channels import ChannelSettings
from domain.errors import ServerUnavailable
from domain.questions import Answer, AnswerKind
from records.channels import Channels
from tests.bot.running_bot import TEXT, RunningBot
from tests.bot.test_threads import ask, say, settle
from tests.payloads import mention, payload


def attach(running: RunningBot, name: str, text: str) -> dict[str, Any]:
    url = f"{running.slack.url.removesuffix('/api/')}/files/{name}"
    running.slack.files[name] = {"id": name, "name": name, "url_private": url}
    running.slack.contents[name] = ("text/markdown", text.encode())
    return {"id": name, "name": name, "mode": "hosted"}


def test_attached_file_is_read_for_the_answer_and_for_nothing_else(running: RunningBot) -> None:
    file = attach(running, "trip.md", "# Trip\n\nThe bus to Lyon leaves at nine from gate four.")
    running.script.words = ["The", " bus to Lyon leaves at nine."]
    running.send.event(mention(text="when does the bus to Lyon leave?", files=[file]))
    answer = running.answered()

    assert answer.passages[0].source == "slack-file:trip.md"
    assert "leaves at nine. [1]" in running.slack.public()[0].words
    assert running.sources.find("slack-file:trip.md") is None


def test_file_that_cannot_be_read_is_named_beside_the_answer(running: RunningBot) -> None:
    file = attach(running, "broken.pdf", "%PDF-1.7 and nothing more")
    running.send.event(mention(files=[file]))
    running.answered()

    assert "service desk. [1]" in running.slack.public()[0].words
    assert "broken.pdf" in running.slack.public()[0].words


def test_file_of_which_not_even_the_name_can_be_read_is_told_of(running: RunningBot) -> None:
    unknown = {"id": "F404", "name": "plan.md", "mimetype": "text/markdown", "mode": "hosted"}
    running.send.event(mention(files=[unknown]))
    running.answered()
    said = running.slack.public()[0].words
    assert "I could not read a file that you attached: Slack does not let me read" in said


@pytest.mark.slow
def test_answer_from_an_attached_file_is_shown_again_as_it_was(running: RunningBot) -> None:
    file = attach(running, "trip.md", "The bus to Lyon leaves at nine.")
    running.script.passages = ()
    running.script.words = ["The bus to Lyon leaves at nine."]
    running.slack.broken["chat.stopStream"] = 1
    running.slack.broken["chat.update"] = 4
    running.send.event(mention(text="when does the bus to Lyon leave?", files=[file]))
    running.slack.wait_for(lambda: running.slack.broken["chat.update"] == 0)
    running.slack.wait_for(lambda: not running.open_jobs() or running.resume_now())
    settle(running)

    assert len(running.script.prompts) == 1
    assert "leaves at nine. [1]" in running.slack.public()[0].words


@pytest.mark.slow
@pytest.mark.parametrize("text", ["summarise this thread", "tl;dr please", "Fass bitte zusammen"])
def test_thread_is_summarised_from_what_its_people_wrote(running: RunningBot, text: str) -> None:
    running.slack.people |= {
        "U2": {"profile": {"display_name": "Maria"}},
        "U3": {"profile": {"display_name": "Jon"}},
    }
    root = say(running, "The oven is broken since monday.", "U2", thread="")
    at = f"{float(root) + 0.1:.6f}"
    line = {"user": "U3", "text": "I call the fitter today", "ts": at, "thread_ts": root}
    running.slack.written["C1"].append(line)
    running.script.words = ["Maria wrote that the oven is broken since monday."]
    ask(running, text, root)
    settle(running)

    answer = running.answers.recent(1)[0].answer
    prompt = running.script.prompts[-1][-1].content
    assert "Maria: The oven is broken since monday.\nJon: I call the fitter today" in prompt
    assert "Open points" in prompt
    assert not running.script.asked
    assert answer.kind is AnswerKind.ANSWERED
    (shown,) = running.slack.public()
    assert "broken since monday. [1]" in shown.words
    assert "“Maria: The oven is broken since monday.”" in shown.words
    assert ("C1", root) in links(shown.blocks)
    assert answer.citations[0].supports
    check_no_words(answer, root)


@pytest.mark.slow
def test_nothing_of_a_thread_is_stored_where_its_lines_are_quoted(running: RunningBot) -> None:
    root = say(running, "The oven is broken since monday.", "U2", thread="")
    running.script.words, running.script.error = (), ServerUnavailable("No model.")
    ask(running, "summarise this thread", root)
    settle(running)

    answer = running.answers.recent(1)[0].answer
    assert "U2: The oven is broken since monday." in running.slack.public()[0].words
    assert answer.kind is AnswerKind.QUOTED
    assert answer.text == NOT_ANSWERING
    check_no_words(answer, root)


@pytest.mark.slow
def test_summary_that_is_shown_again_leads_to_the_lines(running: RunningBot) -> None:
    root = say(running, "The oven is broken since monday.", "U2", thread="")
    running.script.words = ["U2 wrote that the oven is broken since monday."]
    running.slack.broken["chat.stopStream"] = 1
    running.slack.broken["chat.update"] = 4
    ask(running, "summarise this thread", root)
    running.slack.wait_for(lambda: running.slack.broken["chat.update"] == 0)
    running.slack.wait_for(lambda: not running.open_jobs() or running.resume_now())
    settle(running)

    assert len(running.script.prompts) == 1
    (shown,) = running.slack.public()
    assert "broken since monday. [1]" in shown.words
    assert "“" not in shown.words
    assert ("C1", root) in links(shown.blocks)


def check_no_words(answer: Answer, root: str) -> None:
    """That of the lines nothing is stored but where they stand."""
    assert {passage.source for passage in answer.passages} == {f"slack-thread:T1:C1:{root}"}
    assert {passage.text for passage in answer.passages} == {""}
    assert {citation.quote for citation in answer.citations} == {""}


def links(blocks: Any) -> list[tuple[str, str]]:
    """The channels and messages to which the sources lead."""
    found = re.findall(r"/archives/(\w+)/p(\d{10})(\d{6})", str(blocks))
    return [(channel, f"{seconds}.{rest}") for channel, seconds, rest in found]


def test_summary_is_in_the_channels_language_and_for_one_person_if_wanted(
    running: RunningBot,
) -> None:
    Channels(running.database).choose("T1", "C1", ChannelSettings(language="German"))
    root = say(running, "The oven is broken since monday.", "U2", thread="")
    ask(running, "Just for me: summarise this thread", root)
    settle(running)
    assert running.script.prompts[-1][0].content.endswith("Write in German.")
    assert "The oven is broken" in running.script.prompts[-1][-1].content
    assert {message.channel for message in running.slack.public()} == {"D1"}


def test_long_thread_is_summarised_in_parts(running: RunningBot) -> None:
    root = say(running, "Where do we put the shelves?", "U2", thread="")
    for n in range(1, 120):
        at = f"{float(root) + n / 1000:.6f}"
        text = f"In room {n} there is space for some more of them, " + "as I have said before. " * 6
        line = {"user": "U3", "text": text, "ts": at, "thread_ts": root}
        running.slack.written["C1"].append(line)
    ask(running, "summarise this thread", root)
    settle(running)

    parts, last = running.script.prompts[:-1], running.script.prompts[-1]
    assert 2 <= len(parts) <= 8
    assert "room 119 " in parts[-1][-1].content
    assert TEXT in last[-1].content


def test_summary_of_a_document_is_no_summary_of_the_thread(running: RunningBot) -> None:
    root = say(running, "We talked about leave.", "U2", thread="")
    ask(running, "summarise the leave policy", root)
    settle(running)

    assert [question.text for question in running.script.asked] == ["summarise the leave policy"]


def test_question_about_the_thread_is_answered_from_it_too(running: RunningBot) -> None:
    root = say(running, "I promised the customer friday.", "U2", thread="")
    running.script.sufficient = False
    running.script.words = ["The customer was promised friday."]
    ask(running, "what was promised to the customer in this thread?", root)
    settle(running)

    assert running.answers.recent(1)[0].answer.passages[0].source.startswith("slack-thread:T1:C1:")


def direct(running: RunningBot, text: str, at: float) -> None:
    ts = f"{at:.0f}.000100"
    running.send.event(payload("message_im", text=text, ts=ts, event_ts=ts) | {"event_id": ts})
    settle(running)


def test_direct_message_goes_on_from_those_of_the_last_hour(running: RunningBot) -> None:
    now = time() - 9_000
    direct(running, "How do I get a new laptop?", now)
    direct(running, "and how long does it take?", now + 600)
    direct(running, "and a phone?", now + 600 + 3_700)

    histories = [[turn.content for turn in one.history] for one in running.script.asked]
    assert histories == [[], ["How do I get a new laptop?", TEXT], []]


def test_thanks_get_a_thumb_and_a_greeting_gets_help(running: RunningBot) -> None:
    now = time() - 9_000
    direct(running, "thanks a lot!", now)
    running.slack.wait_for(lambda: running.slack.reactions)
    assert running.slack.reactions == [("D1", f"{now:.0f}.000100", "+1")]
    assert not running.slack.public()

    direct(running, "hi", now + 1)
    running.slack.wait_for(lambda: running.slack.public())
    assert "Ask me a question" in running.slack.public()[0].words
    assert not running.script.asked


def choose(running: RunningBot, **message: Any) -> None:
    body = payload("message_shortcut", callback_id="answer_message")
    body["message"] = {"type": "message", "user": "U2", "ts": "1763900000.000100"} | message
    assert running.send.interaction(body).status == 200


def test_message_of_somebody_else_is_answered_from_its_menu(running: RunningBot) -> None:
    choose(running, text="How do I get a new laptop?")
    running.answered()
    choose(running, text="How do I get a new laptop?")

    (message,) = running.slack.public()
    assert message.thread == "1763900000.000100"
    assert running.script.asked[0].asked_by == "U1"
    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert "asked that already" in running.slack.whispers("U1")[0]


def test_message_without_words_is_not_answered_from_its_menu(running: RunningBot) -> None:
    choose(running, text="")

    running.slack.wait_for(lambda: running.slack.whispers("U1"))
    assert "no words" in running.slack.whispers("U1")[0]
