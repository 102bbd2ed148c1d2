from collections import Counter

import pytest

from domain.adapters import Example, Origin
from tests.training.makers import down, place_of, rated, up
from training.dataset import select
from training.selection.candidates import Candidate, Candidates, candidate_of
from training.selection.left_out import LeftOut

QUESTION = "Where do we keep the old brake?"
FACT = "The old brake is kept in the shed, near the door."
OTHERWISE = "We keep the old brake near the door in the shed."


def test_who_corrects_what_others_liked_when_it_was_asked_before_waits() -> None:
    liked = rated(1, up("a"), question=QUESTION, fact=FACT)
    again = rated(2, down("b", OTHERWISE), question=QUESTION, fact=FACT)
    found = select([liked, again])
    assert [one.answer_id for one in found.examples] == [liked.answer.id]
    assert found.left_out == {LeftOut.WAITING: 1}


def test_correction_of_what_was_answered_from_another_text_does_not_wait() -> None:
    liked = rated(1, up("a"), question=QUESTION, fact="The old brake is kept in the barn.")
    again = rated(2, down("b", OTHERWISE), question=QUESTION, fact=FACT)
    found = select([liked, again])
    assert [one.completion for one in found.examples] == [OTHERWISE]
    assert found.examples[0].origin is Origin.CORRECTION


def test_expert_who_corrects_what_others_liked_does_not_wait() -> None:
    liked = rated(1, up("a"), question=QUESTION, fact=FACT)
    again = rated(2, down("b", OTHERWISE), question=QUESTION, fact=FACT)
    found = select([liked, again], is_expert=lambda by, _: by == "b")
    assert [one.completion for one in found.examples] == [OTHERWISE]


@pytest.mark.parametrize("text", [OTHERWISE, "in the shed, near the door"])
def test_certain_correction_comes_before_what_several_liked_when_it_was_asked_before(
    text: str,
) -> None:
    liked = rated(1, up("a"), up("c"), question=QUESTION, fact=FACT)
    again = rated(2, down("b", text), question=QUESTION, fact=FACT)
    found = select([liked, again], is_expert=lambda by, _: text == OTHERWISE and by == "b")
    assert [one.completion for one in found.examples] == [text]
    assert found.left_out == {LeftOut.REPEATED: 1}


def test_one_who_likes_the_same_again_does_not_push_out_an_experts_correction() -> None:
    corrected = rated(1, down("b", OTHERWISE), question=QUESTION, fact=FACT)
    for likes, kept in ((["a"], OTHERWISE), (["a", "c"], FACT)):
        again = rated(2, *map(up, likes), question=QUESTION, fact=FACT)
        found = select([corrected, again], is_expert=lambda by, _: by == "b")
        assert [one.completion for one in found.examples] == [kept]


def test_answer_that_may_not_be_used_gives_its_place_to_another() -> None:
    old = rated(1, up("a"), up("c"), question=QUESTION, fact="The old brake is kept in the barn.")
    new, newest = (
        rated(n, up("b"), question=QUESTION, fact=f"{FACT} {words}")
        for n, words in ((2, "Since May it is."), (3, "Since June it is."))
    )

    def why_not(row: Example) -> LeftOut | None:
        return None if "May" in row.completion else LeftOut.OUTDATED

    for given in ([old, new], [old, new, newest], [new, newest]):
        found = select(given, why_not=why_not)
        assert [one.answer_id for one in found.examples] == [new.answer.id]
        assert found.left_out == {LeftOut.OUTDATED: len(given) - 1}


def test_who_rates_most_fills_the_memory_no_more_than_others() -> None:
    kept = Candidates(60)
    dropped: Counter[LeftOut] = Counter()
    for n in range(500):
        person = f"U{n}" if n < 20 else ("loud" if n % 5 else f"V{n % 4}")
        one = candidate_of(rated(n, up(person)), f"group{n}")
        assert isinstance(one, Candidate)
        dropped.update(reason for reason, _ in kept.add(one))
    dropped.update(reason for reason, _ in kept.shorten())
    left = Counter(one.alone for one in kept.oldest_first())
    assert left.total() == 60
    assert dropped == {LeftOut.OLD: 440}
    assert all(left[f"U{n}"] == 1 for n in range(20))
    assert left["loud"] <= 60 - 20


def test_quote_does_not_wait() -> None:
    one = rated(3, up("a"), down("b", place_of(3)))
    assert [row.origin for row in select([one]).examples] == [Origin.QUOTE]
