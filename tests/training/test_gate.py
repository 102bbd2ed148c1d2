from collections.abc import Mapping, Sequence
from typing import Any

from domain.adapters import ComparedNight, Evaluation
from domain.prompt import REFUSAL
from training import gate
from training.evaluation import ScoredAnswer
from training.gate import FEWEST, SURE


def reply(text: str, accepted: str = "bell hub", *, cited: bool = True) -> ScoredAnswer:
    return ScoredAnswer(text, accepted, cited=cited, refused=text == REFUSAL)


def seen(run: int, live: str, candidate: str, rise: float, questions: int = 40) -> ComparedNight:
    """A night on questions of its own, half of whose answers changed."""
    differences = {f"{run}-{n}": rise + (n % 2 or -1) * 0.3 for n in range(questions)}
    return ComparedNight(f"night-{run}", live, candidate, differences)


def compare(
    live: Sequence[ScoredAnswer],
    candidate: Sequence[ScoredAnswer],
    before: Sequence[ComparedNight] = (),
    **given: Any,
) -> Evaluation:
    pairs = zip(live, candidate, strict=True)
    rises: Mapping[str, float] = {
        str(n): new.agreement - old.agreement for n, (old, new) in enumerate(pairs)
    }
    night = ComparedNight("tonight", "live", "candidate", rises)
    return gate.compare(live, candidate, night, before, **given)


RIGHT, HALF, LONG, WRONG = (
    reply(text) for text in ("bell hub", "bell", "it is the bell hub over there", "rim")
)


def test_clearly_better_candidate_passes() -> None:
    found = compare([WRONG, HALF] * 10, [RIGHT] * 20)
    assert found.passed
    assert found.questions == 20
    assert found.low > 0
    assert found.sure > 0.99
    assert found.candidate.agreement == 1


def test_clearly_worse_candidate_is_rejected() -> None:
    found = compare([RIGHT] * 20, [HALF, WRONG] * 10)
    assert not found.passed
    assert found.sure < 0.01
    assert "agree less" in found.reason


def test_gain_that_may_be_a_loss_is_rejected() -> None:
    live = [RIGHT] * 4 + [WRONG] * 16
    found = compare(live, [WRONG] * 4 + [RIGHT] * 5 + [reply("rim far")] * 11)
    assert found.candidate.agreement > found.live.agreement
    assert 0.5 < found.sure < SURE
    assert "is needed" in found.reason


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


def test_gain_that_one_night_cannot_tell_from_luck_is_told_by_several() -> None:
    live, better = [RIGHT] * 20 + [WRONG] * 20, [RIGHT] * 22 + [WRONG] * 18
    alone = compare(live, better)
    before = [seen(n, "live", f"earlier-{n}", 0.05) for n in range(8)]
    together = compare(live, better, before)
    assert (alone.passed, together.passed) == (False, True)
    assert (alone.nights, together.nights) == (0, 8)


def test_lucky_night_after_many_bad_ones_is_rejected_and_its_gain_is_no_gain() -> None:
    live, lucky = [RIGHT] * 20 + [WRONG] * 20, [RIGHT] * 24 + [WRONG] * 16
    before = [seen(n, "live", f"earlier-{n}", -0.05) for n in range(8)]
    found = compare(live, lucky, before)
    assert found.candidate.agreement > found.live.agreement
    assert not found.passed
    assert found.gain < 0


def test_bad_night_after_many_good_ones_is_rejected() -> None:
    before = [seen(n, "live", f"earlier-{n}", 0.1) for n in range(8)]
    found = compare([RIGHT] * 20 + [WRONG] * 20, [RIGHT] * 16 + [WRONG] * 24, before)
    assert not found.passed
    assert "agree less" in found.reason


def test_reported_gain_is_smaller_than_what_was_seen_and_within_its_bounds() -> None:
    found = compare([RIGHT] * 20 + [WRONG] * 20, [RIGHT] * 26 + [WRONG] * 14)
    assert 0 < found.gain < found.candidate.agreement - found.live.agreement
    assert found.low < found.gain < found.high


def test_what_was_rolled_back_does_not_come_again_under_another_name() -> None:
    live, better = [RIGHT] * 20 + [WRONG] * 20, [RIGHT] * 23 + [WRONG] * 17
    before = [seen(n, "live", f"earlier-{n}", 0.075) for n in range(8)]
    assert compare(live, better, before).passed
    found = compare(live, better, before, rolled_back=["earlier-7", "unknown"])
    assert "no better than earlier-7, which was rolled back" in found.reason


def test_night_without_questions_is_rejected() -> None:
    assert not compare([], []).passed
