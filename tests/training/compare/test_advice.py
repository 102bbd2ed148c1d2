"""The advice says what the intervals show, and no more."""

import pytest

from tests.training.compare.makers import answers
from training.compare.advice import advice
from training.compare.arms import Arm
from training.compare.figures import Comparison, Figure, compared

HELPS, HARMS, UNCLEAR = Figure(0.2, 0.1, 0.3), Figure(-0.2, -0.3, -0.1), Figure(0.0, -0.1, 0.1)


def made(search: Figure, tuned: Figure, with_adapter: Figure | None = None) -> Comparison:
    found = compared(list(answers(40)))
    differences = {
        **found.differences,
        (Arm.BASE, Arm.RAG): search,
        (Arm.RAG, Arm.BOTH): tuned,
        (Arm.TUNED, Arm.BOTH): with_adapter or search,
    }
    return Comparison(40, found.arms, differences)


def test_gains_stand_with_their_intervals() -> None:
    told = advice(made(Figure(0.21, 0.15, 0.27), Figure(0.204, 0.12, 0.28)))
    assert told == (
        "Searching gives +0.21 f1 (+0.15 to +0.27), the adapter +0.20 more (+0.12 to +0.28): keep "
        "both."
    )


@pytest.mark.parametrize(
    ("search", "tuned", "said"),
    [
        (HELPS, HELPS, ": keep both."),
        (
            HELPS,
            UNCLEAR,
            ": keep searching; these questions do not show whether the adapter",
        ),
        (HELPS, HARMS, ": keep searching, and roll the adapter back."),
        (
            UNCLEAR,
            HELPS,
            ": keep the adapter; these questions do not show whether searching",
        ),
        (UNCLEAR, UNCLEAR, ": these questions show no difference, so ask more of them."),
        (UNCLEAR, HARMS, ": roll the adapter back; these questions do not show"),
        (HARMS, HELPS, ": keep the adapter; the search finds what misleads"),
        (HARMS, UNCLEAR, ": the search finds what misleads"),
        (HARMS, HARMS, ": both make it worse"),
    ],
)
def test_advice_follows_from_what_is_sure(search: Figure, tuned: Figure, said: str) -> None:
    told = advice(made(search, tuned))
    assert said in told
    assert told.count(". ") == 0


def test_search_that_helps_only_with_the_adapter_is_kept() -> None:
    told = advice(made(UNCLEAR, HELPS, with_adapter=HELPS))
    assert "+0.00 f1 (−0.10 to +0.10) without the adapter and +0.20 f1" in told
    assert told.endswith("keep both.")


def test_few_questions_give_no_advice() -> None:
    told = advice(compared(list(answers(19, RAG=0.5))))
    assert told == "19 questions are too few for advice: ask at least 20, better 200."


@pytest.mark.parametrize(
    ("gain", "said"), [(0.2, "keep searching"), (0.0, "do not show"), (-0.1, "misleads")]
)
def test_without_an_adapter_only_searching_is_judged(gain: float, said: str) -> None:
    told = advice(compared(list(answers(40, (Arm.BASE, Arm.RAG), RAG=gain))))
    assert said in told
    assert told.endswith("there is no adapter yet.")
