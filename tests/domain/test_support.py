"""Sentences of answers are told apart by what a small change makes false."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.questions import Difference, Passage
from domain.support.check import Checker
from tests.domain.build import passage

ANSWERS = Path(__file__).parent / "answers"
"""Each row has passages, a right paraphrase of them, and an answer in which one thing is changed:
a number, a name, or a not. Rows of two files have one answer, and whether it is right."""


def answers(name: str) -> Iterator[tuple[dict[str, Any], str, bool]]:
    """The rows of a file with each of their answers, and whether it is right."""
    for line in (ANSWERS / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "answer" in row:
            yield row, row["answer"], row["right"]
        else:
            yield row, row["right"], True
            yield row, row["changed"], False


def shown_in(row: dict[str, Any]) -> list[Passage]:
    return [
        passage(one, n=n) if isinstance(one, str) else passage(one["text"], title=one["title"], n=n)
        for n, one in enumerate(row["passages"], 1)
    ]


def is_caught(row: dict[str, Any], answer: str) -> bool:
    """Whether a sentence of ``answer`` is said to be unsupported."""
    told = Checker(shown_in(row), row["question"]).check(answer)
    return any(not one.supported for one in told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most_missed", "most_wronged"),
    [
        ("handbooks.jsonl", 2, 4),
        ("notices.jsonl", 2, 4),
        ("letters.jsonl", 2, 4),
        ("rules.jsonl", 2, 4),
        ("circulars.jsonl", 2, 4),
        ("sheets.jsonl", 2, 4),
        ("counters.jsonl", 4, 5),
        ("desks.jsonl", 2, 4),
        ("rooms.jsonl", 2, 4),
        ("replies.jsonl", 2, 4),
        ("offices.jsonl", 2, 4),
        ("sites.jsonl", 2, 4),
        ("plants.jsonl", 2, 4),
        ("leaflets.jsonl", 3, 4),
        ("posters.jsonl", 3, 5),
        ("departments.jsonl", 2, 4),
        ("associations.jsonl", 4, 4),
        ("schedules.jsonl", 5, 7),
        ("trades.jsonl", 3, 3),
        ("benches.jsonl", 2, 7),
        ("berths.jsonl", 7, 7),
        ("crafts.jsonl", 25, 14),
        # Two of three right answers say it in quite other words, or conclude it.
        ("paraphrases.jsonl", 281, 250),
    ],
)
def test_changed_answers_are_caught_and_right_paraphrases_are_not(
    name: str, most_missed: int, most_wronged: int
) -> None:
    every = [(answer, is_right, is_caught(row, answer)) for row, answer, is_right in answers(name)]
    missed = [answer for answer, is_right, caught in every if not (is_right or caught)]
    wronged = [answer for answer, is_right, caught in every if is_right and caught]
    assert len(every) >= 80
    assert len(missed) <= most_missed, missed
    assert len(wronged) <= most_wronged, wronged


@pytest.mark.parametrize(
    ("shown", "said", "differs"),
    [
        ("Returns end after 30 days.", "Returns end after 30 weeks.", Difference.NUMBER),
        ("The fee is €5.", "The fee is $5.", Difference.NUMBER),
        ("The desk opens at 9:30.", "The desk opens at 9.30 pm.", Difference.NUMBER),
        ("Ask Anna Kern for a key.", "Ask Anna Voss for a key.", Difference.NAME),
        ("Use form AB-12.", "Use form AB-13.", Difference.NAME),
        ("You may not park here.", "You may park here.", Difference.NEGATION),
        ("Gloves must be worn.", "Gloves may be worn.", Difference.NEGATION),
        (
            "Orders above 500 € need a check.",
            "Orders below 500 € need a check.",
            Difference.NEGATION,
        ),
        ("The shop is open on Mondays.", "The shop is closed on Mondays.", Difference.NEGATION),
        ("The yellow form is signed.", "The blue form is signed.", Difference.NUMBER),
        ("Pallets stand in hall A.", "Pallets stand in hall B.", Difference.NAME),
        ("Sign before the start.", "Sign after the start.", Difference.NEGATION),
        ("The course takes half a day.", "The course takes a whole day.", Difference.NUMBER),
        (
            "Tablets are used in the library.",
            "Use tablets outside the library.",
            Difference.NEGATION,
        ),
        ("Sort it here, not in the cellar.", "Sort it in the cellar.", Difference.NEGATION),
        ("Cash is never used.", "Cash is always used.", Difference.NEGATION),
        ("Frames carry a warranty.", "Unicorns deliver parcels.", Difference.WORDS),
    ],
)
def test_what_differs_is_named(shown: str, said: str, differs: Difference) -> None:
    (checked,) = Checker([passage(shown)]).check(said)
    assert differs in checked.differs


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("The grant is 1,000 euros.", "The grant is 1 000 €."),
        ("The grant is 1.000 €.", "The grant is a thousand euros."),
        ("Ten people fit in.", "10 people fit in."),
        ("A quarter of the seats is free.", "25% of the seats are free."),
        ("The notice period is two weeks.", "The notice period is 14 days."),
        ("The desk opens at 9:30.", "The desk opens at 9.30 am."),
        ("Doors close at 17:00.", "Doors close at 5 pm."),
        ("The deadline is 2026-11-20.", "The deadline is 20 November 2026."),
        ("Smoking is forbidden.", "Smoking is not allowed."),
        ("The shop is closed on Sundays.", "The shop is not open on Sundays."),
        ("Refunds are paid within 30 days.", "Refunds are paid no later than 30 days."),
        ("Ask Human Resources for a badge.", "Ask HR for a badge."),
        ("Frames carry a warranty.", "Yes."),
        ("The bus leaves at 16:15.", "The bus leaves at a quarter past four."),
        ("It takes 90 seconds to stop.", "It takes a minute and a half to stop."),
        ("The room is kept at 8 °C.", "The room is kept at 8 degrees."),
        (
            "Milk is delivered on Mondays and Fridays.",
            "Milk is delivered twice, Monday and Friday.",
        ),
        ("Unannounced deliveries are refused.", "Deliveries that are not announced are refused."),
        ("The server does not answer.", "The server fails to answer."),
        ("Gefahrgut wird nur dienstags entladen.", "Gefahrgut wird am Dienstag entladen."),
        ("Un écran est prêté par M. Diallo.", "C'est M. Diallo qui prête l'écran."),
        ("Mail is the way, not the phone.", "Mail is the way rather than the phone."),
        ("File it by May, otherwise it lapses.", "If you do not file it by May, it lapses."),
        ("The belt is changed every five years.", "Every five years the belt is changed."),
        ("La pausa dura 30 minutos.", "La pausa dura media hora."),
        ("The lab is kept at 28 °C.", "The lab is kept at 28 degrees Celsius."),
        ("Nobody enters without consent.", "Nobody may enter unless there is consent."),
        ("Trips end before the closing.", "Trips end prior to the closing."),
        ("Teams of 5+ people get a lead.", "Teams of at least five people get a lead."),
        ("Gigs are fine, paid or unpaid.", "Gigs are fine, paid or not."),
        ("You can't bring dogs or cats.", "Bring neither dogs nor cats."),
        ("We avoid debates in the chat.", "Debates are kept off the chat."),
        ("The pool opens on 12 May and closes on 15 June.", "The pool season ends on 15 June."),
        ("Never use vinegar: it damages the seals.", "Vinegar damages the seals."),
        ("Speed limit in the halls: 6 km/h; in the yard: 12.", "The limit in the yard is 12 km/h."),
        ("Students get 10% off from Monday to Wednesday.", "Students get 10% off on three days."),
        ("The depot manager Ilse Kranz signs it.", "Ilse Kranz, who manages the depot, signs it."),
        ("A no-show is charged with 80 percent.", "They are charged 80%."),
        ("The belt is greased every 90 minutes.", "Grease the belt every hour and a half."),
        ("The cellar is at -18 °C.", "The cellar is at minus 18 °C."),
        ("Bathing ends when the pool closes at 8 pm.", "Bathing ends at 8 pm."),
        ("All guests pay the toll, nurses excepted.", "Nurses don't pay the toll."),
        ("Luggage is included in the fare.", "Luggage costs nothing extra with the fare."),
        ("Weeks are short from May 1 through August 31 every year.", "It is May 1 to August 31."),
    ],
)
def test_what_is_written_otherwise_is_the_same(shown: str, said: str) -> None:
    (checked,) = Checker([passage(shown)]).check(said)
    assert checked.supported, checked.differs


def test_a_number_of_the_sentence_beside_supports_nothing() -> None:
    shown = [passage("Frames carry a warranty of ten years. Motors carry two.")]
    told = Checker(shown).check("Motors carry a warranty of ten years.")
    assert [one.supported for one in told] == [False]


def test_a_row_is_read_with_its_columns_and_not_with_other_rows() -> None:
    shown = [passage("Port | Free days\nRotterdam | 7\nAntwerp | 5")]
    right, wrong = Checker(shown).check("Antwerp has 5 free days. Antwerp has 7 free days.")
    assert (right.supported, wrong.supported) == (True, False)


def test_the_rest_of_a_sentence_goes_on_with_the_same_row() -> None:
    shown = [
        passage("Fee | Euros | Hours\nAdult | 310 | 6\nCouple | 540 | 10\n\nAll amounts in euros.")
    ]
    right, wrong, both = Checker(shown).check(
        "A couple's fee is 540 euros and includes ten hours. "
        "A couple's fee is 540 euros and includes six hours. "
        "The fee for a couple is 540 euros and for an adult 310."
    )
    assert (right.supported, wrong.supported, both.supported) == (True, False, True)


def test_a_word_of_another_row_supports_nothing() -> None:
    shown = [passage("Part | Decides\nFrame | Workshop Bern\nMotor | the maker")]
    right, wrong = Checker(shown).check(
        "The maker decides on the motor. Bern decides on the motor."
    )
    assert (right.supported, wrong.supported) == (True, False)


def test_the_head_of_a_table_and_a_heading_support_nothing() -> None:
    shown = [passage("Backups\n\n- Mail: every night\n- Grafana: not backed up")]
    right, wrong = Checker(shown).check("Grafana has no backup. There is a backup of Grafana.")
    assert (right.supported, wrong.supported) == (True, False)


def test_a_sentence_that_begins_with_it_is_read_with_the_one_before() -> None:
    shown = [passage("Public tours start on Saturdays. They cannot be reserved.")]
    right, wrong = Checker(shown).check(
        "Public tours cannot be reserved. You can reserve a public tour."
    )
    assert (right.supported, wrong.supported) == (True, False)


def test_a_word_of_the_question_does_not_excuse_what_another_passage_says() -> None:
    shown = [
        passage("Ward North\nVisitors come from 14:00 to 19:00.", n=1),
        passage("Ward South\nVisitors come from 15:00 to 20:00.", n=2),
    ]
    right, wrong = Checker(shown, "When can I visit ward North?").check(
        "Visitors of ward North come from 2 pm to 7 pm. "
        "Visitors of ward North come from 3 pm to 8 pm."
    )
    assert (right.supported, wrong.supported) == (True, False)


def test_two_facts_of_one_passage_may_be_told_in_one_sentence() -> None:
    shown = [passage("Frames carry ten years. Lamps are not covered. Motors carry two.")]
    (told,) = Checker(shown).check("Frames carry 10 years and motors carry 2.")
    assert told.supported


def test_abbreviations_and_list_markers_end_no_sentence() -> None:
    told = Checker([]).check("1. Ask Dr. Okafor, e.g. by mail.\n2. Wait.")
    assert [one.span.text for one in told] == ["Ask Dr. Okafor, e.g. by mail.", "Wait."]


def test_a_table_may_be_drawn_with_bars_and_dashes() -> None:
    shown = [passage("| Card | Fee |\n|---|---|\n| Adults | 24 |\n| Families | 36 |")]
    right, wrong = Checker(shown).check("The fee for families is 36. The fee for families is 24.")
    assert (right.supported, wrong.supported) == (True, False)


def test_a_number_or_name_that_stands_nearer_to_other_words_supports_nothing() -> None:
    shown = [
        passage(
            "At night the lift is repaired by Orbis, when people are inside.\n"
            "In spring the fence in the garden is painted by Hanfeld.\n"
            "The wardens read the meters in May and pass the list to the treasurer."
        )
    ]
    told = Checker(shown).check(
        "At night Orbis repairs the lift with people inside. "
        "At night Hanfeld repairs the lift with people inside. "
        "In May the meters are read by the wardens. "
        "In May the meters are read by the treasurer."
    )
    assert [one.supported for one in told] == [True, False, True, False]


def test_the_day_of_one_month_is_not_that_of_another_one() -> None:
    shown = [passage("Papers are sent by 15 May. Late papers are sent by 30 September.")]
    right, wrong = Checker(shown).check(
        "Late papers are sent by 30 September. Papers are sent by 30 May."
    )
    assert (right.supported, wrong.supported) == (True, False)


def test_several_facts_of_one_passage_may_be_told_in_one_sentence() -> None:
    shown = [
        passage(
            "1. Remove the orange lock.\n2. Connect the scanner to the blue socket.\n"
            "3. Send the address to Farid.\n4. Wait for his consent before the first scan."
        )
    ]
    (told,) = Checker(shown).check(
        "Take off the orange lock, connect the scanner to the blue socket, send the address to "
        "Farid, and wait for his consent."
    )
    assert told.supported


@pytest.mark.parametrize(
    ("said", "is_near"), [("1912", True), ("1913", False), ("Ada Quist", False)]
)
def test_number_that_is_doubtful_is_still_near_if_it_stands_in_a_passage(
    said: str, *, is_near: bool
) -> None:
    shown = [
        passage(
            "In 1907 the Norwegian engineer Ada Lund was able to run the first pump for a day. "
            "The first one that was sold was built in 1912 by the Quist brothers."
        )
    ]
    checker = Checker(shown, "In what year did Ada Lund run the pump?")
    (told,) = checker.check(said)
    assert (told.supported, checker.is_near(told)) == (False, is_near)


@pytest.mark.parametrize(
    ("said", "is_near"),
    [
        ("The choice is the director's, after marketing has tested three titles.", True),
        ("The choice is the director's, after marketing has tested five titles.", False),
        ("The curator does not propose titles.", False),
        ("Unicorns deliver parcels.", False),
    ],
)
def test_what_is_all_in_one_passage_is_near_also_if_no_sentence_says_it(
    said: str, *, is_near: bool
) -> None:
    shown = [
        passage(
            "The curator proposes three titles by August. The marketing team tests them with "
            "visitors, and the director takes the final choice in September."
        )
    ]
    checker = Checker(shown)
    (told,) = checker.check(said)
    assert (told.supported, checker.is_near(told)) == (False, is_near)


@pytest.mark.parametrize(
    ("shown", "asked", "said", "is_supported"),
    [
        ("Those from Larne could not hear it.", "Where did they come from?", "Larne", True),
        ("Dogs may not go into the garden.", "Where may dogs go?", "the garden", False),
        ("Dogs may not go into the garden.", "Where may dogs not go?", "the garden", True),
        ("Badges are not issued on Mondays.", "When are badges issued?", "On Mondays.", False),
        (
            "No refunds are given for sale items.",
            "What are refunds given for?",
            "sale items",
            False,
        ),
    ],
)
def test_few_words_answer_as_their_sentence_does_if_its_not_is_about_another_thing(
    shown: str, asked: str, said: str, *, is_supported: bool
) -> None:
    (told,) = Checker([passage(shown)], asked).check(said)
    assert told.supported == is_supported


@pytest.mark.parametrize(
    ("shown", "said", "is_supported"),
    [
        ("Dogs are not allowed in the ward.", "Yes, dogs are not allowed in the ward.", False),
        ("Dogs are not allowed in the ward.", "No, dogs are not allowed in the ward.", True),
        ("Dogs are allowed, but not in the ward.", "Yes, but not in the ward.", True),
    ],
)
def test_yes_is_not_said_of_what_the_rest_of_the_sentence_denies(
    shown: str, said: str, *, is_supported: bool
) -> None:
    (told,) = Checker([passage(shown)], "Are dogs allowed in the ward?").check(said)
    assert told.supported == is_supported
