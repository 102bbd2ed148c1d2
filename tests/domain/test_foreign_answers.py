"""Answers in another language than the passages are compared by numbers, codes and names."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.questions import AnswerKind, Difference, Evidence, Passage
from domain.support.check import Checked, Checker
from domain.support.scripts import spaced
from tests.domain.build import passage, question
from tests.domain.test_answering import Script, answerer

ANSWERS = Path(__file__).parent / "answers"
WARRANTY = passage("Frames carry a warranty of ten years. A repair costs 45 euros.")


def told(row: dict[str, str], said: str) -> list[Checked]:
    shown = [passage(text, n=n) for n, text in enumerate(row["passages"], 1)]
    return Checker(shown, row["question"]).check(said)


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (ANSWERS / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("row", rows("across_languages.jsonl"), ids=lambda row: row["right"])
def test_right_numbers_and_names_are_supported_and_others_are_not(row: dict[str, str]) -> None:
    assert all(one.supported for one in told(row, row["right"]))
    (changed,) = told(row, row["changed"])
    assert changed.differs & {Difference.NUMBER, Difference.NAME}


def test_text_without_blanks_is_compared_by_numbers_and_by_nearly_all_of_its_letters() -> None:
    every = rows("without_blanks.jsonl")
    missed = [row["changed"] for row in every if told(row, row["changed"])[0].supported]
    refused = [
        row["right"]
        for row in every
        if not (one := told(row, row["right"])[0]).supported and one.compared
    ]
    assert len(every) == 12
    assert missed == []
    assert refused == []


def test_sentence_without_numbers_and_names_is_not_compared() -> None:
    (one,) = Checker([WARRANTY], "Was muss ich tun?").check("Das kann man leider nicht sagen.")
    assert not one.supported
    assert one.differs == {Difference.LANGUAGE}


@pytest.mark.parametrize(
    "said",
    [
        "Die Reparatur kostet nicht 45 Euro.",  # a not cannot be compared
        "Der Rahmen hat eine Garantie von 10 Jahren, sagt Frau Voss.",
    ],
)
def test_what_agrees_in_part_is_not_compared(said: str) -> None:
    (one,) = Checker([WARRANTY]).check(said)
    assert one.differs == {Difference.LANGUAGE}


@pytest.mark.parametrize(
    "shown",
    [
        [passage("Rahmen haben eine Garantie von zwei Jahren, und das ist nicht verhandelbar.")],
        [
            passage("Rahmen haben eine Garantie von zwei Jahren, und das ist nicht zu ändern."),
            passage("The shop has been open for ten years, and it is in the old town.", n=2),
        ],
    ],
)
def test_words_of_the_same_language_are_still_compared(shown: Sequence[Passage]) -> None:
    (one,) = Checker(shown).check("Rahmen haben eine Garantie von zehn Jahren, das ist sicher.")
    assert (one.supported, one.compared) == (False, True)


def test_english_over_english_is_compared_by_words() -> None:
    (one,) = Checker([WARRANTY], "Wie lange?").check("Unicorns carry parcels for 45 euros.")
    assert one.compared
    (one,) = Checker([WARRANTY]).check("The unicorns deliver all of the parcels.")
    assert one.differs == {Difference.WORDS}


def test_numbers_are_read_in_text_without_blanks() -> None:
    read = spaced(
        "受付は午前9時30分から午後5時まで。料金は5万円、期間は3か月、二週間以内、10月5日。"
    )
    for part in ("9:30", "17:00", "50000 yen", "3 months", "2 weeks", "October 5"):
        assert part in read


def answered(said: str, asked: str) -> tuple[AnswerKind, list[int], list[tuple[str, ...]]]:
    evidence = Evidence((WARRANTY,), sufficient=True)
    answer = answerer(Script(said), evidence).answer(question(asked))
    return (
        answer.kind,
        [end for citation in answer.citations for end in citation.ends],
        [sentence.differs for sentence in answer.sentences],
    )


def test_right_german_answer_from_an_english_passage_is_shown_with_its_source() -> None:
    said = "Die Garantie auf Rahmen beträgt zehn Jahre."
    kind, ends, differs = answered(said, "Wie lange ist die Garantie?")
    assert (kind, ends, differs) == (AnswerKind.ANSWERED, [len(said)], [()])


def test_german_answer_with_a_number_of_no_passage_is_a_refusal() -> None:
    kind, ends, _ = answered("Die Garantie beträgt zwölf Jahre.", "Wie lange ist die Garantie?")
    assert (kind, ends) == (AnswerKind.REFUSED, [])


def test_german_answer_that_cannot_be_compared_is_shown_and_marked() -> None:
    kind, ends, differs = answered(
        "Ja, eine Werkstatt repariert ihn und prüft ihn auch.", "Kann man einen Rahmen reparieren?"
    )
    assert (kind, ends, differs) == (AnswerKind.ANSWERED, [], [(Difference.LANGUAGE,)])
