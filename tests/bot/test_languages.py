"""A question is answered, refused, failed and thanked for in its own language."""

from pathlib import Path

import pytest

from bot.words import CATALOGUES, Words
from domain.errors import GenerationTimedOut
from tests.bot.running_bot import RunningBot, http_bot
from tests.payloads import click, mention
from tests.slack_double import SlackDouble

QUESTIONS = {
    "German": "Wie bekomme ich einen Laptop?",
    "French": "Comment est-ce que je peux avoir un ordinateur ?",
    "Spanish": "¿Cómo consigo un portátil para el trabajo?",
    "Japanese": "ノートパソコンはどうすればもらえますか？",
    "Devanagari": "मुझे लैपटॉप कैसे मिलेगा?",
}
LANGUAGES = pytest.mark.parametrize("language", QUESTIONS)


def ask(running: RunningBot, language: str) -> Words:
    running.send.event(mention(text=QUESTIONS[language]))
    return CATALOGUES[language]


def shown(running: RunningBot) -> str:
    running.answered()
    (message,) = running.slack.public()
    return message.words


@pytest.mark.slow
@LANGUAGES
def test_refusal_is_in_the_language_of_the_question(running: RunningBot, language: str) -> None:
    running.script.sufficient = False
    words = ask(running, language)

    text = shown(running)
    assert words.refused in text
    assert words.nearest_documents.format(titles="Laptops") in text
    assert words.after_refusal in text
    assert words.good in text
    statuses = [call["status"] for name, call in running.slack.calls if name.endswith("setStatus")]
    assert statuses[0] == words.status


@pytest.mark.slow
@LANGUAGES
def test_failure_is_in_the_language_of_the_question(running: RunningBot, language: str) -> None:
    running.script.error = GenerationTimedOut("It took too long.")
    words = ask(running, language)

    running.slack.wait_for(lambda: not running.questions.unfinished())
    (message,) = running.slack.public()
    assert words.failure.partition("{")[0].strip() in message.words
    assert words.model_failed in message.words


@pytest.mark.slow
@LANGUAGES
def test_form_and_thanks_are_in_the_language_of_the_question(
    running: RunningBot, language: str
) -> None:
    words = ask(running, language)
    answer = running.answered()
    assert words.sources in shown(running) or words.nearest in shown(running)

    running.send.interaction(click(answer.id, "up"))
    running.slack.wait_for(lambda: words.noted_good in running.slack.whispers("U1"))
    running.send.interaction(click(answer.id, "down"))
    running.slack.wait_for(lambda: running.slack.views)
    assert running.slack.views[0]["title"]["text"] == words.what_was_wrong


@pytest.mark.slow
@LANGUAGES
def test_doubt_is_in_the_language_of_the_question(
    slack: SlackDouble, database_file: Path, language: str
) -> None:
    with http_bot(slack, database_file, doubts_refusals=True) as running:
        running.script.words = ["The documents do not say."]
        words = ask(running, language)
        text = shown(running)
    assert words.unsure in text
    assert "New laptops arrive within five days." in text
    assert words.after_refusal in text
    assert words.refused not in text
