"""Words that ask for an answer for oneself alone, and words that only look like that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.private.wish import without_wish


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("just for me: how do I get a laptop?", "how do I get a laptop?"),
        ("Only to me, please: who is paid?", "who is paid?"),
        ("How do I get a laptop? Just for me, please.", "How do I get a laptop?"),
        ("How do I get a laptop (only for me)", "How do I get a laptop"),
        ("How do I get a laptop?\nprivately", "How do I get a laptop?"),
        ("Privately, how do I get a laptop?", "how do I get a laptop?"),
        ("privately how do I get one?", "how do I get one?"),
        ("Hi, answer me privately: what is due?", "what is due?"),
        ("Nur für mich: Wie viele Tage?", "Wie viele Tage?"),
        ("Wie viele Tage Urlaub habe ich? Nur für mich bitte", "Wie viele Tage Urlaub habe ich?"),
        ("Combien de jours ? En privé, s'il te plaît.", "Combien de jours?"),
        ("¿Cuántos días? Solo para mí", "¿Cuántos días?"),
        ("有給は何日ですか？私だけに教えてください。", "有給は何日ですか？"),
        ("छुट्टी कितने दिन? सिर्फ मेरे लिए", "छुट्टी कितने दिन?"),
    ],
)
def test_wish_is_heard_and_is_no_part_of_the_question(text: str, question: str) -> None:
    assert without_wish(text) == (question, True)


@pytest.mark.parametrize(
    "text",
    [
        "Is the car only for me?",
        "Privately owned cars: where do they park?",
        "How do I share a file privately?",
        "What may be said in private?",
        "In private-sector jobs, what is due?",
        "privater Arzt: wer zahlt?",
        "Ist das Zimmer nur für mich?",
        "just for me",
        "Privately.",
        "",
    ],
)
def test_question_about_what_is_private_is_no_wish(text: str) -> None:
    assert without_wish(text) == (text, False)


@given(st.text(max_size=400))
def test_any_text_keeps_its_words(text: str) -> None:
    kept, wished = without_wish(text)
    assert kept in text or wished
    assert wished or kept == text
