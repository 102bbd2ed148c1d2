import pytest

from training.selection.agreement import Said, groups, same_opinion

SAME = [
    ("10 years", "Bronze lasts 10 years."),
    ("In the shed.", "in the  SHED"),
    ("You have to pay 20 euros.", "20 euros must be paid"),
    ("after 10 years", "after ten years"),
    ("5,000 EUR", "5000 EUR"),
    ("$5", "5 dollars"),
    ("No, you may not wash it.", "You may not wash it."),
    ("In cortile si può fumare.", "Si può fumare in cortile"),
]
DIFFERENT = [
    ("You may not wash it.", "You may wash it."),
    ("may not", "may"),
    ("2 years", "10 years"),
    ("5 EUR", "5 USD"),
    ("5 hours", "5 days"),
    ("by Anna Berg", "by Anna Burg"),
    ("not later than 5 pm", "later than 5 pm"),
    ("It is in the shed.", "It isn't in the shed."),
    ("yes", "no"),
    ("in the shed", "in the barn"),
    ("with a receipt", "without a receipt"),
    ("$5", "€5"),
    ("5 %", "5 EUR"),
    ("1.5 hours", "15 hours"),
    ("on 3/4/2031", "on 4/3/2031"),
    ("every Monday", "every second Monday"),
    ("all members", "some members"),
    ("only members", "members"),
    ("You may rarely wash it.", "You may wash it."),
    ("at least 2 weeks", "2 weeks"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_words_is_one_opinion(one: str, other: str) -> None:
    assert same_opinion(one, other, "What is it?")
    assert same_opinion(other, one, "What is it?")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_negation_number_unit_or_name_is_another_opinion(one: str, other: str) -> None:
    assert not same_opinion(one, other, "What is it?")
    assert not same_opinion(other, one, "What is it?")


IN_OTHER_LANGUAGES = [
    ("Si può lavare in cortile.", "Non si può lavare in cortile."),
    ("Pode lavar no pátio.", "Não pode lavar no pátio."),
    ("Se puede lavar aquí.", "Tampoco se puede lavar aquí."),
    ("U mag het buiten wassen.", "U mag het buiten nooit wassen."),
    ("Du får tvätta ute.", "Du får inte tvätta ute."),
    ("Må vaskes ude.", "Må ikke vaskes ude."),
    ("Můžete prát venku.", "Nemůžete prát venku."),
    ("Ulkona saa pestä.", "Ulkona ei saa pestä."),
    ("Dışarıda yıkayabilirsiniz.", "Dışarıda yıkayamazsınız."),
    ("Можно мыть на улице.", "Нельзя мыть на улице."),
    ("可以洗", "不可以洗"),
    ("屋外で洗えます", "屋外で洗えません"),
    ("밖에서 씻을 수 있습니다", "밖에서 씻을 수 없습니다"),
    ("يمكنك الغسل في الخارج", "لا يمكنك الغسل في الخارج"),
    ("אפשר לשטוף בחוץ", "אי אפשר לשטוף בחוץ"),
    ("आप बाहर धो सकते हैं", "आप बाहर नहीं धो सकते हैं"),
    ("Μπορείτε να πλύνετε έξω.", "Δεν μπορείτε να πλύνετε έξω."),
    ("Anda boleh mencuci di luar.", "Anda tidak boleh mencuci di luar."),
    ("Bạn có thể rửa ở ngoài.", "Bạn không thể rửa ở ngoài."),
]


@pytest.mark.parametrize(("one", "other"), IN_OTHER_LANGUAGES)
def test_what_is_denied_in_another_language_is_another_opinion(one: str, other: str) -> None:
    assert not same_opinion(one, other, "May I wash it?")
    assert not same_opinion(other, one, "May I wash it?")


def test_two_currencies_are_never_counted_as_one_wording() -> None:
    found = groups([Said("$5", "a", 1), Said("€5", "b", 2), Said("5 $", "c", 3)], "How much?")
    assert [[one.by for one in group] for group in found] == [["a", "c"], ["b"]]


def test_most_people_come_first_and_of_as_many_the_latest() -> None:
    said = [
        Said("You may wash it.", "a", 1),
        Said("You may not wash it.", "b", 2),
        Said("you may wash it", "c", 3),
        Said("You must wash it.", "d", 4),
    ]
    found = groups(said, "May I wash it?")
    assert [[one.by for one in group] for group in found] == [["a", "c"], ["d"], ["b"]]


def test_very_many_wordings_are_all_kept() -> None:
    said = [Said(f"It is number {n}.", f"U{n}", n) for n in range(300)]
    found = groups(said, "Which number is it?")
    assert sorted(one.at for group in found for one in group) == list(range(300))
