from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters import Example, Origin
from domain.prompt import REFUSAL
from domain.questions import AnswerKind, RatedAnswer
from tests.training.makers import down, example, place_of, rated, up
from tests.training.test_cards import card
from training.preference_rows import FEWEST, balanced, in_words, preferences
from training.recipe import Recipe
from training.rows_of_night import rows_of_night
from training.selection.plan import Bounds, Plan, plan

ROOMY = Bounds(longest=100_000, tokens=10**9)


def planned(rows: list[RatedAnswer], bounds: Bounds = ROOMY) -> Plan:
    return plan(rows, bounds, may_train=lambda one: one.was_open, budget=1500)


def corrected(n: int, by: str) -> RatedAnswer:
    return rated(n, down(by, place_of(n)), text=f"It lies in the {place_of(n + 1)}.")


def answered(n: int, rejected: str) -> Example:
    return replace(example(n), rejected=rejected)


def test_a_pair_is_the_correction_and_what_was_answered_to_the_same_prompt() -> None:
    rows = planned([corrected(n, f"U{n % 7}") for n in range(60)]).train
    found = preferences(rows, "dpo")
    assert found
    assert len(found.good) == len(found.bad) == len(rows) > 10
    number = {rated(n).answer.id: n for n in range(60)}
    for good, bad in zip(found.good, found.bad, strict=True):
        n = number[good.answer_id]
        assert (good.answer_id, good.prompt) == (bad.answer_id, bad.prompt)
        assert good.completion == place_of(n)
        assert bad.completion == f"It lies in the {place_of(n + 1)}."


@pytest.mark.slow
def test_kto_takes_liked_answers_and_corrected_ones() -> None:
    rows = [corrected(n, f"U{n % 7}") for n in range(60)]
    rows += [rated(n, up(f"U{n % 7}")) for n in range(60, 120)]
    chosen = planned(rows).train
    found = preferences(rows_of_night(chosen, is_large=False), "kto")
    assert found
    liked = {row.answer_id for row in chosen if row.origin is Origin.THUMB_UP}
    assert {row.answer_id for row in found.good} == liked
    assert {row.answer_id for row in found.bad} == {row.answer_id for row in chosen} - liked


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dpo", "kto"])
@pytest.mark.parametrize("others", [0, 60])
def test_nobody_gives_more_than_a_fifth_of_what_was_corrected(method: str, others: int) -> None:
    rows = [rated(n, up(f"U{n % 11}")) for n in range(100)]
    rows += [corrected(n, f"U{n % 11}") for n in range(100, 100 + others)]
    rows += [corrected(n, "loud") for n in range(200, 400)]
    chosen = planned(rows)
    found = preferences(chosen.train, "kto" if method == "kto" else "dpo")
    assert found
    assert sum(row.by == ("loud",) for row in chosen.train) > 5
    by_loud = [row for row in found.bad if row.by == ("loud",)]
    assert len(by_loud) <= len(found.bad) / 5
    assert bool(by_loud) == bool(others)


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_no_question_that_is_held_back_gives_a_preference(method: str) -> None:
    chosen = planned([corrected(n, f"U{n % 11}") for n in range(100)])
    found = preferences(chosen.train, "kto" if method == "kto" else "dpo")
    assert found
    held_back = {row.answer_id for row in chosen.held_back}
    assert held_back.isdisjoint(row.answer_id for row in (*found.good, *found.bad))
    assert held_back


def test_preferences_take_room_from_the_tokens_of_a_night() -> None:
    rows = [corrected(n, f"U{n % 11}") for n in range(200)]
    without, with_them = (
        planned(rows, Bounds(2048, 20_000, Recipe(preferences=method).passes)).train
        for method in ("off", "dpo")
    )
    assert 0 < 2 * len(with_them) < len(without)


@pytest.mark.parametrize("kind", [AnswerKind.REFUSED, AnswerKind.QUOTED])
def test_what_no_model_wrote_is_not_rejected(kind: AnswerKind) -> None:
    rows = [rated(n, down(f"U{n % 7}", place_of(n)), kind=kind, text=REFUSAL) for n in range(40)]
    chosen = planned(rows).train
    assert chosen
    assert not any(row.rejected for row in chosen)


def test_a_card_corrects_no_answer() -> None:
    chosen = plan([], ROOMY, cards=map(card, range(9)), may_train=lambda _: True, budget=1500)
    assert chosen.train
    assert not any(row.rejected for row in chosen.train)


@pytest.mark.parametrize(
    "rejected", ["", place_of(1), "The password is hunter2", "Write to jane.roe@gmail.com"]
)
def test_what_was_not_rejected_or_holds_a_secret_makes_no_pair(rejected: str) -> None:
    found = preferences([answered(1, rejected), answered(2, "In the sea.")], "dpo")
    assert found
    assert [row.answer_id for row in found.good] == [example(2).answer_id]


@given(st.integers(FEWEST, 10_000), st.integers(FEWEST, 10_000))
def test_both_sides_count_the_same_for_kto_however_many_there_are(good: int, bad: int) -> None:
    for_good, for_bad = balanced(good, bad)
    assert good * for_good == pytest.approx(bad * for_bad)
    assert min(for_good, for_bad) == 1


def test_off_has_none_and_too_few_are_told() -> None:
    assert preferences([answered(1, "In the sea.")], "off") is None
    assert in_words("dpo", 3, 3) == "DPO: 3 corrected answers; it needs 50, so it is skipped"
    assert in_words("kto", FEWEST, 9).endswith("it needs 50 of each, so it is skipped")
    assert in_words("kto", FEWEST, FEWEST) == "KTO: 50 liked and 50 corrected answers"
