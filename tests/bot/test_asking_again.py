from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.questions.earlier import NOT_KEPT
from domain.documents import Source, SourceState
from domain.errors import GenerationError, ServerUnavailable
from domain.jobs import JobKind, JobState
from domain.questions import Answer, Audience, Fault, Message, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from records.asked_again import AskedAgain
from tests.bot.running_bot import LAPTOPS, RunningBot, is_idle
from tests.payloads import click, mention
from tests.slack_double import SlackMessage

OLD = "New laptops arrive within nine days."
NEW = "New laptops arrive within five days."


@pytest.fixture
def corrected(running: RunningBot) -> RunningBot:
    """U1 asked, and wrote that the answer is wrong."""
    says(running, OLD)
    running.send.event(mention())
    running.answered()
    correct(running, "within five days")
    return running


def says(running: RunningBot, text: str) -> None:
    """From now on the documents, and the model, say that."""
    running.script.words = text.split(" ")
    running.script.passages = (replace(LAPTOPS, text=text),)
    read = Source(
        LAPTOPS.source, Audience.everyone(), SourceState.INDEXED, "U1", datetime.now(UTC), "Laptops"
    )
    running.sources.save(read)


def correct(
    running: RunningBot, text: str, fault: Fault | None = None, person: str = "U1"
) -> Answer:
    answer = running.answers.recent(1)[0].answer
    at = datetime.fromtimestamp(1763900100, UTC)
    running.ratings.correct(Correction(answer.id, person, at, text, fault=fault))
    return answer


def ask_again(running: RunningBot) -> None:
    """Lets all that is due be asked again, and waits for the end of that."""
    running.bot.asking_again.add_due()
    running.resume_now()
    running.slack.wait_for(lambda: not running.open_jobs(JobKind.AGAIN))


def told(running: RunningBot, person: str = "U1") -> list[SlackMessage]:
    return [each for each in running.slack.public() if each.channel == "D" + person[1:]]


def asked(running: RunningBot) -> int:
    """How often a question was asked again."""
    return len(running.jobs.in_states([JobState.DONE], JobKind.AGAIN))


def test_person_is_told_once_when_a_later_document_answers_it_right(corrected: RunningBot) -> None:
    says(corrected, NEW)
    ask_again(corrected)
    [message] = told(corrected)
    assert "was wrong. Now I answer:" in message.words
    assert f"{NEW} [1]" in message.words
    assert "Laptops" in message.words

    says(corrected, NEW)
    ask_again(corrected)
    assert len(told(corrected)) == 1


def test_new_answer_can_be_rated_by_whoever_asked(corrected: RunningBot) -> None:
    says(corrected, NEW)
    ask_again(corrected)
    [message] = told(corrected)
    [element] = message.blocks[-1]["elements"]
    new_id, _, verdict = element["positive_button"]["value"].partition(":")
    assert verdict == "up"
    corrected.send.interaction(click(new_id, "up", channel="D1"))
    corrected.slack.wait_for(lambda: corrected.ratings.of(new_id))
    assert corrected.answers.get(new_id).text == NEW


def test_new_answer_keeps_no_words_of_the_conversation(corrected: RunningBot) -> None:
    """They would stay where nobody finds them when they are forgotten."""
    question = corrected.answers.recent(1)[0].question
    corrected.questions.set_history(question.id, (Message("user", "Somebody's words."),))
    says(corrected, NEW)
    ask_again(corrected)
    assert corrected.script.asked[-1].history == (Message("user", "Somebody's words."),)
    assert corrected.answers.recent(1)[0].question.history == NOT_KEPT


def test_somebody_else_is_told_without_a_copy_of_the_question(corrected: RunningBot) -> None:
    correct(corrected, "within five days", person="U2")
    before = len(corrected.answers.recent())
    says(corrected, NEW)
    answer = corrected.answers.recent(1)[0].answer
    corrected.ratings.take_back(answer.id, "U1", datetime.now(UTC))
    ask_again(corrected)
    [message] = told(corrected, "U2")
    assert all(block["type"] != "context_actions" for block in message.blocks)
    assert len(corrected.answers.recent()) == before
    assert told(corrected) == []


@pytest.mark.parametrize("text", [OLD, "New laptops arrive within six days."])
def test_nobody_is_told_of_an_answer_that_does_not_say_what_they_wrote(
    corrected: RunningBot, text: str
) -> None:
    says(corrected, text)
    ask_again(corrected)
    assert (asked(corrected), told(corrected)) == (1, [])


def test_nobody_is_told_of_an_answer_that_no_passage_supports(corrected: RunningBot) -> None:
    says(corrected, OLD)
    corrected.script.words = NEW.split(" ")
    ask_again(corrected)
    assert (asked(corrected), told(corrected)) == (1, [])


def test_question_is_asked_again_only_after_a_change(corrected: RunningBot) -> None:
    says(corrected, OLD)
    for _ in range(3):
        ask_again(corrected)
    assert asked(corrected) == 1


def test_without_a_right_answer_a_newer_document_must_support_it(running: RunningBot) -> None:
    says(running, OLD)
    running.send.event(mention())
    running.answered()
    correct(running, "", Fault.OUTDATED)
    says(running, OLD)
    ask_again(running)
    assert told(running) == []
    says(running, NEW)
    ask_again(running)
    assert len(told(running)) == 1


def test_whoever_says_that_the_answer_is_good_is_not_told(corrected: RunningBot) -> None:
    answer = corrected.answers.recent(1)[0].answer
    at = datetime.now(UTC)
    corrected.ratings.give(RatingInput(answer.id, "U1", InputKind.BUTTON, Verdict.UP, at))
    says(corrected, NEW)
    ask_again(corrected)
    assert told(corrected) == []


def test_whoever_can_no_longer_read_the_conversation_is_not_told(corrected: RunningBot) -> None:
    correct(corrected, "within five days", person="U7")
    corrected.slack.people["U7"] = {"is_restricted": True}
    says(corrected, NEW)
    ask_again(corrected)
    assert told(corrected, "U7") == []
    assert len(told(corrected)) == 1


def test_guest_is_answered_only_from_what_the_channel_was_given(corrected: RunningBot) -> None:
    correct(corrected, "within five days", person="U2")
    corrected.slack.people["U2"] = {"is_restricted": True}
    corrected.script.asked.clear()
    says(corrected, NEW)
    ask_again(corrected)
    audiences = {frozenset(one.audience.labels) for one in corrected.script.asked}
    assert frozenset({"channel:T1:C1"}) in audiences


def test_nothing_is_asked_again_while_people_ask(corrected: RunningBot) -> None:
    says(corrected, NEW)
    now = datetime.now(UTC)
    corrected.send.event(mention(1, asked=now.timestamp()))
    corrected.answered()
    ask_again(corrected)
    assert asked(corrected) == 0
    corrected.bot.asking_again.add_due(now + timedelta(hours=1))
    assert corrected.open_jobs(JobKind.AGAIN) or asked(corrected)


@pytest.mark.slow
def test_message_that_slack_refuses_is_sent_later(
    corrected: RunningBot,
) -> None:
    says(corrected, NEW)
    corrected.slack.busy["chat.postMessage"] = 9
    corrected.bot.asking_again.add_due()
    corrected.resume_now()
    key = corrected.answers.recent(1)[0].answer.id, "U1"
    corrected.slack.wait_for(lambda: corrected.slack.busy["chat.postMessage"] < 9)
    corrected.slack.busy["chat.postMessage"] = 0
    corrected.slack.wait_for(lambda: told(corrected) or corrected.resume_now() or told(corrected))
    assert len(told(corrected)) == 1
    assert AskedAgain(corrected.database).was_told(*key)


def test_message_whose_outcome_is_unknown_is_not_sent_twice(corrected: RunningBot) -> None:
    says(corrected, NEW)
    corrected.slack.lost["chat.postMessage"] = 1
    corrected.bot.asking_again.add_due()
    corrected.resume_now()
    corrected.slack.wait_for(lambda: told(corrected))
    ask_again(corrected)
    assert len(told(corrected)) == 1


def test_question_is_asked_once_more_if_no_model_answered(corrected: RunningBot) -> None:
    says(corrected, NEW)
    words, corrected.script.words = corrected.script.words, ()
    corrected.script.error = ServerUnavailable("It is away.")
    corrected.bot.asking_again.add_due()
    corrected.slack.wait_for(lambda: is_idle(corrected.bot.runner))
    (waits,) = corrected.open_jobs(JobKind.AGAIN)
    assert waits.state is JobState.WAITING
    corrected.script.error, corrected.script.words = None, words
    corrected.resume_now()
    corrected.slack.wait_for(lambda: not corrected.open_jobs(JobKind.AGAIN))
    assert len(told(corrected)) == 1


def test_what_fails_for_good_does_not_keep_others_waiting(corrected: RunningBot) -> None:
    says(corrected, OLD)
    corrected.script.error = GenerationError("It is broken.")
    corrected.bot.asking_again.add_due()
    for _ in range(4):
        corrected.resume_now()
        corrected.slack.wait_for(lambda: is_idle(corrected.bot.runner))
    assert not corrected.open_jobs(JobKind.AGAIN)
    again = AskedAgain(corrected.database)
    changed_at = again.changed_at()
    assert changed_at
    assert again.to_ask("slack:T1:", changed_at, 9) == []


def test_few_questions_are_asked_again_at_once(
    corrected: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(2, 9):
        correct(corrected, "within five days", person=f"U{n}")
    says(corrected, OLD)
    ask_again(corrected)
    assert asked(corrected) == 5
    monkeypatch.setattr("bot.questions.asking_again._A_DAY", 6)
    ask_again(corrected)
    assert asked(corrected) == 6
    ask_again(corrected)
    assert asked(corrected) == 6
