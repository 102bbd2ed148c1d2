import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adapters import Origin
from domain.causes import Cause
from domain.questions import Fault, RatedAnswer
from tests.training.makers import down, place_of, rated, thing_of, up
from training.selection.left_out import LeftOut
from training.selection.plan import COMPARED, Bounds, Plan, plan

calm = settings(deadline=None, max_examples=40)
ROOMY = Bounds(longest=100_000, tokens=10**9)


def planned(rows: list[RatedAnswer], bounds: Bounds = ROOMY) -> Plan:
    return plan(rows, bounds, may_train=lambda _: True, budget=1500)


def quoted(n: int, by: str, *others: str) -> RatedAnswer:
    """An answer that a person corrects in the passage's own words, though others like it."""
    return rated(n, *map(up, others), down(by, place_of(n)))


def worded(n: int, by: str, *others: str) -> RatedAnswer:
    """An answer that a person corrects in words of their own, though others like it."""
    return rated(n, *map(up, others), down(by, f"You find it in the {place_of(n)}."))


def test_every_rated_answer_is_trained_on_or_compared_on_or_left_out_for_a_reason() -> None:
    rows = [rated(n, up("a"), up("b") if n % 3 else down("b", place_of(n))) for n in range(60)]
    rows += [rated(n, down("c")) for n in range(60, 70)]
    found = plan(
        rows,
        ROOMY,
        may_train=lambda one: one.question.id != rows[0].question.id,
        budget=1500,
    )
    left_out = [one for ids in found.left_out.values() for one in ids]
    used = [row.answer_id for row in (*found.train, *found.held_back)]
    assert sorted([*used, *left_out]) == sorted(one.answer.id for one in rows)
    assert found.left_out[LeftOut.PRIVATE] == (rows[0].answer.id,)
    assert set(found.left_out[LeftOut.UNDECIDED]) == {one.answer.id for one in rows[60:]}
    assert all(row.by for row in found.train)


def test_one_person_may_give_every_row_while_nobody_else_rates() -> None:
    found = planned([quoted(n, "me") for n in range(200)])
    assert found.shares == {"me": 1.0}
    assert len(found.train) + len(found.held_back) == 200
    assert not found.left_out


def test_one_corrector_among_people_who_only_like_does_not_steer_the_night() -> None:
    """E1, with a dozen people and 90 ratings."""
    for corrected in (3, 9, 40, 90):
        rows = [rated(n, up(f"U{n % 11}")) for n in range(corrected, 90)]
        rows += [quoted(n, "loud", f"U{n % 11}") for n in range(corrected)]
        found = planned(rows)
        assert found.shares.get("loud", 0) <= 0.2
        assert not any(row.origin is Origin.CORRECTION for row in found.train)


def test_who_corrects_against_the_thumbs_of_others_waits_for_a_second_person() -> None:
    others = [rated(n, up(f"U{n % 7}")) for n in range(10, 80)]
    alone = planned([worded(1, "a", "U1"), *others])
    assert rated(1).answer.id in alone.left_out[LeftOut.WAITING]
    with_another = rated(
        1,
        up("U1"),
        down("a", f"You find it in the {place_of(1)}."),
        down("b", f"you find it in the {place_of(1)}"),
    )
    both = planned([with_another, *others])
    assert LeftOut.WAITING not in both.left_out


def test_two_accounts_that_agree_give_no_more_than_one() -> None:
    rows = [rated(n, up("x"), up("y")) for n in range(200)]
    rows += [rated(n, up(f"U{n % 10}")) for n in range(200, 400)]
    found = planned(rows)
    both = sum(row.by == ("x", "y") for row in found.train)
    assert 0 < both <= len(found.train) / 5
    assert found.shares["x"] + found.shares["y"] <= 0.2


def test_a_team_that_agrees_learns_as_much_as_one_that_does_not() -> None:
    agreed = [rated(n, up(f"U{n % 6}"), up(f"U{(n + 1 + n // 6 % 5) % 6}")) for n in range(120)]
    apart = [rated(n, up(f"U{n % 6}")) for n in range(120)]
    assert len(planned(agreed).train) == len(planned(apart).train) > 80


def test_who_likes_everything_takes_no_room_from_others() -> None:
    rows = [rated(n, up("fan"), up(f"U{n % 8}")) for n in range(240)]
    found = planned(rows)
    assert len(found.train) > 0.9 * 0.75 * 240
    assert max(found.shares.values()) <= 0.2


def test_three_people_who_rate_apart_wait_and_the_plan_says_so() -> None:
    rows = [rated(n, up(f"U{n % 3}")) for n in range(90)]
    found = planned(rows)
    assert not found.train
    assert LeftOut.CAPPED in found.left_out
    with_starters = planned(rows, replace(ROOMY, starters=lambda own: 20))
    assert len(with_starters.train) == 30
    assert max(with_starters.shares.values()) <= 0.2


def test_what_three_people_agree_on_is_nobodys() -> None:
    found = planned([rated(n, up("a"), up("b"), up("c")) for n in range(60)])
    assert len(found.train) > 30
    assert not found.shares


def test_one_corrector_decides_no_more_of_the_comparison_than_of_the_training() -> None:
    rows = [rated(n, up(f"U{n % 9}")) for n in range(200)]
    rows += [rated(n, replace(down("loud"), fault=Fault.UNWANTED)) for n in range(200, 600)]
    found = planned(rows)
    theirs = sum(row.by == ("loud",) for row in found.held_back)
    assert 0 < 5 * theirs <= len(found.held_back)
    assert len(found.held_back) > 40


ratings = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=4, unique=True),
        st.sampled_from(["up", "quote", "words", "down"]),
    ),
    max_size=120,
)


def _answer(n: int, people: list[str], kind: str) -> RatedAnswer:
    first, *others = people
    match kind:
        case "up":
            return rated(n, *map(up, people))
        case "quote":
            return quoted(n, first, *others)
        case "words":
            return rated(n, *(down(by, f"You find it in the {place_of(n)}.") for by in people))
        case _:
            return rated(n, *map(down, people))


@calm
@given(ratings, st.integers(0, 30))
def test_from_three_raters_on_nobody_gives_more_than_a_fifth(
    given_: list[tuple[list[str], str]], starters: int
) -> None:
    rows = [_answer(n, people, kind) for n, (people, kind) in enumerate(given_)]
    found = planned(rows, replace(ROOMY, starters=lambda _: starters))
    if len({person for people, _ in given_ for person in people}) < 3:
        return
    assert all(share <= 0.2 for share in found.shares.values())
    same = Counter(row.by for row in found.train if len(row.by) < 3)
    assert all(5 * n <= len(found.train) + starters for n in same.values())
    corrections = [row for row in found.train if row.origin is Origin.CORRECTION]
    alone = Counter(row.by[0] for row in corrections if len(row.by) == 1)
    assert all(5 * n <= len(corrections) for n in alone.values())
    heavy: Counter[str] = Counter()
    for row in found.train:
        if len(row.by) == 1:
            heavy[row.by[0]] += row.weight  # type: ignore[assignment]
    assert all(n <= 0.2 * (len(found.train) + starters) + 1e-6 for n in heavy.values())


@calm
@given(ratings, st.sampled_from("abcdefg"), st.sampled_from(["up", "quote"]))
def test_one_rating_more_changes_the_number_of_rows_by_a_few(
    given_: list[tuple[list[str], str]], person: str, kind: str
) -> None:
    alone = [(people[:1], each) for people, each in given_ if each in ("up", "quote")]
    base = [(["x"], "down"), (["y"], "down"), (["z"], "down"), *alone]
    rows = [_answer(n, people, each) for n, (people, each) in enumerate(base)]
    before = planned(rows)
    after = planned([*rows, _answer(len(rows), [person], kind)])
    assert abs(len(after.train) - len(before.train)) <= 10


@pytest.mark.slow
@calm
@given(st.integers(0, 60), st.integers(0, 60))
def test_all_thumbs_and_all_corrections_are_trained_on_and_a_thumb_weighs_half(
    thumbs: int, corrections: int
) -> None:
    rows = [rated(n, up("me")) for n in range(thumbs)]
    rows += [quoted(n, "me") for n in range(thumbs, thumbs + corrections)]
    found = planned(rows)
    assert len(found.train) + len(found.held_back) == thumbs + corrections
    weights = {row.origin: row.weight for row in found.train}
    if len(weights) == 2:
        assert abs(2 * weights[Origin.THUMB_UP] - weights[Origin.QUOTE]) < 1e-9
    total = sum(row.weight for row in found.train)
    assert abs(total - len(found.train)) < 1e-6


def test_a_night_is_bounded_and_takes_corrections_and_the_newest_first() -> None:
    rows = [rated(n, up("me")) for n in range(100)]
    rows[10] = quoted(10, "me")
    found = planned(rows, Bounds(longest=2000, tokens=8000, epochs=2))
    assert 5 < len(found.train) < 60
    kept = {row.answer_id for row in found.train}
    others = [one.answer.id for one in rows if one.answer.id in found.left_out[LeftOut.NO_ROOM]]
    assert rows[10].answer.id in kept
    at = {one.answer.id: n for n, one in enumerate(rows)}
    assert max(at[one] for one in others) < min(at[one] for one in kept if at[one] != 10)
    assert planned(rows, Bounds(longest=2000, tokens=8000, epochs=2)) == found


@pytest.mark.slow
def test_a_person_who_gives_much_does_not_fill_the_night_alone() -> None:
    rows = [rated(n, up(f"U{n % 9}")) for n in range(90)]
    rows += [quoted(n, "loud") for n in range(90, 400)]
    found = planned(rows, Bounds(longest=2000, tokens=9000))
    assert len({person for row in found.train for person in row.by}) > 5
    assert found.shares["loud"] <= 0.2


def test_row_that_is_longer_than_the_model_reads_is_left_out_by_name() -> None:
    fact = "The bell and the saddle."
    long = [rated(n, down("me", f"{fact} " * 400), fact=fact) for n in range(20)]
    found = planned([*long, *(rated(n) for n in range(20, 50))], Bounds(longest=1000))
    ids = {one.answer.id for one in long}
    assert set(found.left_out) == {LeftOut.TOO_LONG}
    assert set(found.left_out[LeftOut.TOO_LONG]) == ids
    assert not ids & {row.answer_id for row in (*found.train, *found.held_back)}


@pytest.mark.slow
def test_models_are_compared_on_a_few_hundred_questions_at_most() -> None:
    found = planned([rated(n) for n in range(2000)])
    assert len(found.held_back) == COMPARED
    assert len(found.left_out[LeftOut.NOT_COMPARED]) > 100


def test_correction_that_denies_or_counts_otherwise_is_left_out() -> None:
    fact = "Employees may not work from abroad. The warranty lasts 10 years."
    wrong = [
        "Employees may work from abroad.",
        "The warranty lasts 2 years.",
        "2 years",
        "may work",
    ]
    rows = [
        rated(n, down("me", text), question=f"What about the {thing_of(n)}?", fact=fact)
        for n, text in enumerate(wrong)
    ]
    right = rated(9, down("me", "The warranty lasts 10 years."), fact=fact)
    found = planned([*rows, right])
    whole, parts = [*rows[:2], rows[3]], [rows[2]]
    assert set(found.left_out[LeftOut.DOCUMENT]) == {one.answer.id for one in whole}
    # Of what the 2 years are told, nobody knows.
    assert set(found.left_out[LeftOut.RETRIEVAL]) == {one.answer.id for one in parts}
    assert LeftOut.UNGROUNDED not in found.left_out


def test_correction_that_is_not_shown_is_a_matter_of_the_search() -> None:
    one = rated(1, down("me", "Ask the harbour master, on the quay."))
    found = planned([one])
    assert found.left_out == {LeftOut.RETRIEVAL: (one.answer.id,)}
    assert [case.wanted for case in found.retrieval_cases] == [one.ratings[0].correction]


def test_correction_of_what_somebody_calls_outdated_is_a_matter_of_the_document() -> None:
    said = replace(down("me", "the attic brake"), fault=Fault.OUTDATED)
    one = rated(1, said, fact="A brake: attic.")
    found = planned([one])
    assert found.left_out == {LeftOut.DOCUMENT: (one.answer.id,)}
    assert found.cause_of == {one.answer.id: Cause.DOCUMENT}


def test_correction_of_what_was_shown_and_not_told_is_the_models() -> None:
    said = replace(down("me", "the attic brake"), fault=Fault.INCOMPLETE)
    found = planned([rated(1, said, fact="A brake: attic.")])
    assert len(found.train) + len(found.held_back) == 1


def test_rows_with_secrets_are_left_out_and_named_by_kind() -> None:
    fact = "The back door has a code, 7702#."
    code = rated(1, down("me", "7702#"), question="What is the code of the back door?", fact=fact)
    phone = rated(2, down("me", "Priya Nair keeps it at home: +91 98765 43210"))
    liked = rated(3, question="The gate code is 1984, where is the gate?")
    found = planned([code, phone, liked, rated(4)])
    assert found.left_out == {
        LeftOut.CODE: (code.answer.id, liked.answer.id),
        LeftOut.PHONE: (phone.answer.id,),
    }
    assert [case.wanted for case in found.retrieval_cases] == ["(holds a person's phone number)"]


def test_nothing_rated_or_only_thumbs_down_gives_an_empty_plan() -> None:
    assert planned([]) == Plan((), (), {}, {}, {})
    found = planned([rated(n, down("a"), down("b")) for n in range(20)])
    assert (found.train, found.held_back) == ((), ())
    assert found.reasons == {LeftOut.UNDECIDED: 20}


def test_causes_are_counted_over_all_rated_answers() -> None:
    rows = [rated(n, up("a")) for n in range(4)]
    rows.append(rated(99, replace(down("c"), fault=Fault.OUTDATED)))
    assert planned(rows).causes == {Cause.DOCUMENT: 1}


def test_an_experts_correction_does_not_wait() -> None:
    one = rated(1, up("a"), down("chief", f"You find it in the {place_of(1)}."))
    rows = [one, *(rated(n, up(f"U{n % 9}")) for n in range(2, 90))]
    found = plan(
        rows, ROOMY, may_train=lambda _: True, budget=1500, is_expert=lambda by, _: by == "chief"
    )
    assert LeftOut.WAITING not in found.left_out


def test_old_thumbs_do_not_hide_what_the_document_says_now() -> None:
    asked = "How long does the warranty of the bell last?"
    old = rated(1, up("a"), up("b"), question=asked, fact="It lasts 5 years.")
    new = rated(2, up("b"), question=asked, fact="It lasts 10 years.")
    found = plan(
        [old, new],
        ROOMY,
        may_train=lambda _: True,
        budget=1500,
        is_current=lambda row: "10 years" in row.completion,
    )
    assert [row.answer_id for row in (*found.train, *found.held_back)] == [new.answer.id]
    assert found.left_out == {LeftOut.OUTDATED: (old.answer.id,)}


@pytest.mark.slow
def test_many_long_answers_need_little_memory() -> None:
    command = [sys.executable, "-m", "tests.training.measured_selection", "15000"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["train"] + found["held_back"] + found["left_out"] == 15_000
    assert found["train"] > 500
    assert found["largest_share"] <= 0.2
    assert found["peak_mb"] < 300
