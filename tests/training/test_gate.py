from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.prompt import REFUSAL
from training.evaluation import ScoredAnswer
from training.gate import FEWEST, SURE, bootstrap, compare


def reply(text: str, accepted: str = "bell hub", *, cited: bool = True) -> ScoredAnswer:
    return ScoredAnswer(text, accepted, cited=cited, refused=text == REFUSAL)


RIGHT, HALF, LONG, WRONG = (
    reply(text) for text in ("bell hub", "bell", "it is the bell hub over there", "rim")
)


def test_clearly_better_candidate_passes() -> None:
    found = compare([WRONG, HALF] * 10, [RIGHT] * 20)
    assert found.passed
    assert found.questions == 20
    assert found.low > 0
    assert (found.sure, found.candidate.agreement) == (1, 1)


def test_clearly_worse_candidate_is_rejected() -> None:
    found = compare([RIGHT] * 20, [HALF, WRONG] * 10)
    assert not found.passed
    assert found.sure == 0
    assert "no better" in found.reason


def test_gain_that_may_be_a_loss_is_rejected() -> None:
    live = [RIGHT] * 4 + [WRONG] * 16
    found = compare(live, [WRONG] * 4 + [RIGHT] * 5 + [reply("rim far")] * 11)
    assert found.candidate.agreement > found.live.agreement
    assert 0.5 < found.sure < SURE
    assert "(80% is needed)" in found.reason


def test_replacing_nonsense_by_other_nonsense_is_rejected() -> None:
    assert not compare([WRONG] * 20, [reply("saddle saddle saddle")] * 20).passed


def test_candidate_that_changes_nothing_is_rejected() -> None:
    found = compare([RIGHT, HALF] * 10, [RIGHT, HALF] * 10)
    assert not found.passed
    assert "exactly as the live model" in found.reason


def test_empty_answers_are_rejected_even_beside_a_useless_live_model() -> None:
    assert not compare([WRONG] * 20, [reply("")] * 20).passed


def test_fewer_questions_than_needed_never_pass() -> None:
    found = compare([WRONG] * (FEWEST - 1), [RIGHT] * (FEWEST - 1))
    assert not found.passed
    assert "too few" in found.reason


def test_shorter_answers_that_lose_the_accepted_one_are_rejected() -> None:
    # f1 rises, since the long answers score low; but the answer itself is lost.
    live = [reply("well now let me see it is the bell hub over there")] * 40
    found = compare(live, [HALF] * 40)
    assert found.candidate.f1 > found.live.f1
    assert not found.passed


def test_better_words_do_not_make_up_for_losing_the_accepted_answer() -> None:
    lost = [reply("the bell", "bell hub on the left side")] * 10
    live = [reply("bell hub on the left side", "bell hub on the left side")] * 10 + [WRONG] * 50
    found = compare(live, lost + [HALF] * 50)
    assert found.sure > SURE
    assert "contain the accepted one" in found.reason


def test_right_answer_alone_is_better_than_in_a_long_sentence() -> None:
    assert compare([LONG] * 20, [RIGHT] * 20).passed


def test_answers_without_support_are_rejected() -> None:
    found = compare([LONG] * 20, [reply("bell hub", cited=False)] * 20)
    assert "supported by the passages" in found.reason


def test_one_wrong_refusal_more_is_noise_and_two_are_not() -> None:
    live = [LONG] * 30
    one, two = ([RIGHT] * (30 - n) + [reply(REFUSAL, cited=True)] * n for n in (1, 2))
    assert compare(live, one).passed
    assert "wrongly refuses 2 questions" in compare(live, two).reason


def test_accepted_refusal_is_not_a_wrong_one() -> None:
    accepted = [reply(REFUSAL, REFUSAL)] * 5
    assert compare([WRONG] * 25, [RIGHT] * 20 + accepted).passed


@pytest.mark.parametrize(
    ("n", "gain", "share"),
    [(10, 0.5, 0.8), (25, 0.3, 0.8), pytest.param(60, 0.2, 0.8, marks=pytest.mark.slow)],
)
def test_large_gain_mostly_passes_on_few_questions(n: int, gain: float, share: float) -> None:
    assert _passes(n, gain) >= share


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 25, 60])
def test_equal_candidate_rarely_passes_and_worse_one_almost_never(n: int) -> None:
    assert _passes(n, 0.0) <= 0.3
    assert _passes(n, -0.2) <= 0.05


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_interval_lies_within_the_differences(differences: list[float]) -> None:
    gain = bootstrap(differences)
    assert min(differences) - 1e-9 <= gain.low <= gain.high <= max(differences) + 1e-9
    assert 0 <= gain.sure <= 1


def _passes(n: int, gain: float) -> float:
    """In how many of 40 nights a candidate with this true gain passes."""
    nights = []
    for seed in range(40):
        chance = Random(seed)
        gains = [max(-1.0, min(1.0, chance.gauss(gain, 0.5))) for _ in range(n)]
        nights.append(bootstrap(gains).sure >= SURE)
    return sum(nights) / len(nights)
