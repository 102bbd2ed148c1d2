from dataclasses import replace

import pytest

from domain.adapters import Example, Origin
from domain.prompt import REFUSAL, render
from domain.questions import Message
from tests.training.makers import example, passage
from training.replay import with_replay
from training.unanswered import MOST_REFUSALS, SHARE, with_refusals


def own(n: int) -> list[Example]:
    return [example(i) for i in range(n)]


def made(rows: list[Example]) -> list[Example]:
    found = with_refusals(rows)
    assert found[: len(rows)] == rows
    return found[len(rows) :]


def row(question: str, answer: str, text: str) -> Example:
    shown = (passage(text),)
    return Example(
        question, question, render(question, shown), answer, Origin.CORRECTION, question, shown
    )


def test_tenth_of_the_rows_is_trained_on_again_without_the_passage_that_answers_it() -> None:
    rows = own(60)
    found = made(rows)
    assert len(found) == SHARE * len(rows)
    of = {one.answer_id: one for one in rows}
    for one in found:
        before = of[one.answer_id]
        assert (one.completion, one.origin, one.by) == (REFUSAL, Origin.LEFT_OUT, ())
        assert one.question == before.question
        assert one.prompt == render(one.question, one.passages)
        assert not {shown.text for shown in before.passages} & {
            shown.text for shown in one.passages
        }
        assert before.completion not in one.prompt[-1].content


def test_passages_that_hold_the_answer_too_are_not_shown_with_a_refusal() -> None:
    text = "Notice is 30 days. This is section {}."
    rows = [row(f"How long is notice {n}?", "30 days", text.format(n)) for n in range(40)]
    assert made(rows) == []
    others = [row(f"Where is room {n}?", "upstairs", f"Room {n} is upstairs.") for n in range(40)]
    shown = {one.passages for one in made(rows + others) if one.question.startswith("How long")}
    assert shown
    assert shown.isdisjoint(one.passages for one in rows)


def test_passages_nearest_to_the_question_are_taken() -> None:
    rows = [row(f"Who paints boat {n}?", f"Ann {n}x", f"Ann {n}x paints it.") for n in range(20)]
    rows += [row(f"Who made lamp {n}?", f"Bo {n}x", f"The lamp is by Bo {n}x.") for n in range(20)]
    rows += [row("Does a boat leak?", "The Swan", "The boat that leaks is the Swan.")]
    found = made(rows)
    assert len(found) == 4
    for one in found:
        assert ("lamp" in one.passages[0].text) == ("lamp" in one.question)


@pytest.mark.slow
def test_refusals_stay_a_fifth_of_all_rows() -> None:
    refused = [replace(example(n), completion=REFUSAL) for n in range(100, 115)]
    rows = own(60) + refused
    assert len(made(rows)) == 0
    found = with_refusals(with_replay(own(400), near=True))
    share = sum(one.completion == REFUSAL for one in found) / len(found)
    assert 0.1 < share <= MOST_REFUSALS


def test_earlier_turns_and_rules_of_the_prompt_are_kept() -> None:
    turns = (Message("user", "And bikes?"), Message("assistant", "In the shed."))
    rows = [
        replace(
            one,
            prompt=(
                replace(one.prompt[0], content=f"{one.prompt[0].content} In German."),
                *turns,
                one.prompt[-1],
            ),
        )
        for one in own(20)
    ]
    found = made(rows)
    assert len(found) == 2
    assert all(one.prompt[:-1] == rows[0].prompt[:-1] for one in found)


@pytest.mark.slow
def test_starter_rows_and_refusals_are_left_as_they_are() -> None:
    found = with_refusals(with_replay(own(50), near=True))
    assert {one.answer_id for one in found if one.origin is Origin.LEFT_OUT} <= {
        one.answer_id for one in own(50)
    }
