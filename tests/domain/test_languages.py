import pytest

from domain.content_words import content_words
from domain.languages import function_words, is_clearly_foreign


@pytest.mark.parametrize(
    "text",
    [
        "Wie lange ist die Probezeit?",
        "Où est la salle de réunion ?",
        "Comment réserver une salle ?",
        "¿Cuántos días de vacaciones tengo?",
        "Quanti giorni di ferie ho?",
        "Quantos dias de férias eu tenho?",
        "Hoeveel vakantiedagen heb ik?",
        "Hur många semesterdagar har jag?",
        "Kaç gün iznim var?",
        "wer ist Chef",
        "有几天年假？",
        "休暇",
        "휴가는 며칠입니까?",
        "เงินเดือนจ่ายเมื่อไหร่",
        "छुट्टी कितने दिन की है?",
        "Сколько дней отпуска?",
        "كم يوما الإجازة؟",
        "有几天年假？" * 5_000,
    ],
)
def test_questions_in_other_languages_are_told_from_english(text: str) -> None:
    assert is_clearly_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🎉🎉",
        "How long is the trial period?",
        "parental leave",
        "Who won in Los Angeles de la Cruz?",
        "What does 会議 mean?",
        "How do you say 'wie geht es dir' in German?",
        "Zoë Müller, Telefon",
        "IL, CE, DES and SA",
        "et al. est. 1990",
        "El Niño la Niña",
        "was war so?",
        "Do I die in a war, or wear a hat?",
        "café résumé naïve",
        "jest config",
        "Dan und Company",
        "dir /s",
        "kubectl get pods -n prod",
        "the of and",
        "teh mian offcie adress",
        "α",
        "a" * 40_000,
    ],
)
def test_english_and_what_is_not_clear_counts_as_english(text: str) -> None:
    assert not is_clearly_foreign(text)


def test_function_words_of_a_clear_language_are_no_content() -> None:
    assert content_words("Wie lange ist die Probezeit?") == {"lange", "probezeit"}
    assert content_words("Ou est la salle de reunion, et pour qui ?") == {"salle", "reunion"}


def test_english_words_stay_content_though_they_are_function_words_elsewhere() -> None:
    assert content_words("Who can wear a hat in the war?") == {"wear", "hat", "war"}
    assert not function_words("Who can wear a hat in the war?")


def test_hiragana_alone_is_no_content_unless_there_is_nothing_else() -> None:
    assert content_words("会議室はどこですか") == {"会議", "議室", "室は"}
    assert content_words("すし") == {"すし"}


def test_a_question_of_function_words_alone_keeps_them() -> None:
    assert content_words("Was ist das und wo ist es?")
