"""What a night keeps of its replies."""

from tests.training.makers import example
from training.evaluation import ScoredAnswer
from training.seen import compared


def reply(text: str) -> ScoredAnswer:
    return ScoredAnswer(text, "barn", cited=True, refused=False)


def test_numbers_are_kept_and_no_text_and_no_id_of_an_answer() -> None:
    asked = [example(1), example(2)]
    replies = [reply("shed"), reply("barn")], [reply("barn"), reply("barn")]
    kept = compared("run-1", None, "night-1", asked, replies)
    assert sorted(kept.differences.values()) == [0.0, 1.0]
    assert not any(row.answer_id in repr(kept) or "barn" in repr(kept) for row in asked)
    assert kept == compared("run-1", None, "night-1", asked, replies)
