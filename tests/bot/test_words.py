"""The bot speaks to those who ask in the language of their question."""

from dataclasses import asdict, fields, replace
from string import Formatter

import pytest

from bot.answers.render import provenance
from bot.words import CATALOGUES, ENGLISH, Words, words_for
from tests.records.makers import answer, question

OTHERS = {name: words for name, words in CATALOGUES.items() if words is not ENGLISH}


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", CATALOGUES)
@pytest.mark.parametrize("key", [field.name for field in fields(Words)])
def test_each_text_has_the_same_placeholders_in_every_language(language: str, key: str) -> None:
    text, english = getattr(CATALOGUES[language], key), getattr(ENGLISH, key)
    assert text.strip() == text
    assert text
    assert placeholders(text) == placeholders(english)
    for name in ("/phi3-ingest help", "👍", "👎"):
        assert text.count(name) == english.count(name)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    theirs, english = asdict(OTHERS[language]), asdict(ENGLISH)
    same = {key for key, text in theirs.items() if text == english[key]}
    assert same <= {"sources", "page"}  # which are French words too


@pytest.mark.parametrize("language", CATALOGUES)
def test_forms_have_room_for_their_labels(language: str) -> None:
    words = CATALOGUES[language]
    titles = [words.what_was_wrong, words.send, words.skip, words.thanks_title, words.close]
    assert all(len(title) <= 24 for title in titles)
    labels = asdict(words)
    short = ["good", "bad", "good_answer", "bad_answer", "say_what_was_wrong"]
    short += ["delete_what_i_wrote", *(key for key in labels if key.startswith("fault_"))]
    assert all(len(labels[key]) <= 75 for key in short)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How long is the warranty?", "English"),
        ("warranty frames", "English"),
        ("Wie lange gilt die Garantie?", "German"),
        ("Was kostet das?", "German"),
        ("Quelle est la durée de la garantie ?", "French"),
        ("¿Cuánto dura la garantía?", "Spanish"),
        ("保証期間はどのくらいですか", "Japanese"),
        ("वारंटी कितनी लंबी है?", "Devanagari"),
        ("我的保修期多长", "English"),
        ("", "English"),
    ],
)
def test_the_language_is_that_of_the_question(question: str, language: str) -> None:
    assert words_for(question) is CATALOGUES[language]


@pytest.mark.parametrize("language", CATALOGUES)
def test_last_line_of_an_answer_says_that_its_adapter_is_on_trial(language: str) -> None:
    words = CATALOGUES[language]
    told = replace(answer(question()), model="phi", adapter="night-2")
    on_trial = provenance(replace(told, on_trial=True), words)
    assert on_trial.startswith(f"phi + night-2 ({words.on_trial}) · ")
    assert words.on_trial not in provenance(told, words)
