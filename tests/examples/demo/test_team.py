"""The colleagues of the demo rate by the right words, and in turn."""

from collections import Counter
from dataclasses import replace

import pytest

from cli.asking import question_of
from domain.causes import Cause
from domain.questions import Answer, AnswerKind, RatedAnswer, Rating, Verdict
from examples.demo.fates import LIKED, bad, fates, of_cause
from examples.demo.story import ASKED_AGAIN
from examples.demo.team import RATED, Asked, Rated, holds, rate_all, sample
from tests.training.makers import down, place_of, rated, up
from training.dataset import is_held_back
from training.same.meaning import group_of
from training.selection.plan import Bounds, Plan, plan


@pytest.mark.parametrize(
    ("text", "span", "is_right"),
    [
        ("It is £45 a day.", "£45", True),
        ("It is £450 a day.", "£45", False),
        ("WITHIN 60 DAYS", "within 60 days", True),
        ("16 minutes", "6 minutes", False),
        ("40 to 60%.", "40 to 60%", True),
        ("", "2011", False),
    ],
)
def test_an_answer_is_right_if_it_has_the_right_words_whole(
    text: str, span: str, is_right: bool
) -> None:
    assert holds(text, span) is is_right


def test_the_first_questions_are_about_all_documents_and_none_follows_up() -> None:
    found = sample()
    assert len(found) == 150
    assert all(one.words for one in found)


def test_a_day_has_enough_questions_to_compare_on() -> None:
    found = sample()
    compared = [one for one in found[:RATED] if is_held_back(group_of(question_of(one.text)))]
    assert 20 <= len(compared) <= 30
    assert len(found) >= RATED + ASKED_AGAIN


def answered(n: int, text: str) -> Answer:
    return replace(rated(n).answer, text=text)


def test_right_answers_get_a_thumb_and_others_a_correction() -> None:
    said = ("It takes 30 days.", "30 days.", "It takes 40 days.", "Thirty.", "I think 30 days")
    answers = {Asked(f"question {n}", "30 days"): answered(n, said[n // 2]) for n in range(10)}
    kept: list[Rating] = []
    found = rate_all(answers, kept.append)
    assert [n // 2 for n, one in enumerate(found) if one.is_liked] == [0, 0, 1, 1, 4, 4]
    assert [one.verdict is Verdict.UP for one in kept] == [one.is_liked for one in found]
    assert {one.correction for one in kept if one.verdict is Verdict.DOWN} == {"30 days"}
    assert {one.correction for one in kept if one.verdict is Verdict.UP} == {""}
    assert set(Counter(one.by for one in kept).values()) == {1}


def test_a_quotation_with_the_right_words_is_not_liked() -> None:
    quoted = replace(answered(1, "The passage says: It takes 30 days."), kind=AnswerKind.UNSURE)
    kept: list[Rating] = []
    (found,) = rate_all({Asked("question", "30 days"): quoted}, kept.append)
    assert not found.is_liked


def planned(rows: list[RatedAnswer]) -> Plan:
    return plan(rows, Bounds(2000), may_train=lambda _: True, budget=1500)


def test_each_rated_answer_is_counted_once_by_what_was_at_fault() -> None:
    liked = [rated(n, up(f"U{n % 4}")) for n in range(12)]
    missed = [rated(n, down(f"U{n % 4}", place_of(n))) for n in range(12, 20)]
    elsewhere = [rated(20, down("U1", "Ask the Zurich desk for 17 stamps"))]
    found = planned([*liked, *missed, *elsewhere])
    told = [
        Rated(Asked(one.question.text, ""), one.answer, one in liked)
        for one in (*liked, *missed, *elsewhere)
    ]
    counted = {one.kind: one.trained + one.held_back + one.left_out for one in fates(told, found)}
    assert counted == {LIKED: 12, bad(Cause.MODEL): 8, bad(Cause.RETRIEVAL): 1}
    assert sum(one.trained for one in fates(told, found)) == len(found.train)
    not_found = of_cause(told, found, Cause.RETRIEVAL)
    assert [one.answer.id for one in not_found] == [elsewhere[0].answer.id]
    (retrieval,) = (one for one in fates(told, found) if one.kind == bad(Cause.RETRIEVAL))
    assert (retrieval.trained, retrieval.left_out) == (0, 1)
