import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters import Example, Origin
from domain.fitting import BUDGET, fitting_rules
from domain.prompt import REFUSAL, render
from domain.protocols import CUT
from domain.questions import AnswerKind, Message
from domain.rules import Rules
from tests.training.makers import down, example, rated, up
from training.dataset import examples, select, split
from training.same.meaning import group_of
from training.selection.left_out import LeftOut


def test_thumb_up_trains_on_the_answers_text() -> None:
    [found] = examples([rated(1)])
    assert (found.completion, found.origin) == (rated(1).answer.text, Origin.THUMB_UP)


def test_correction_is_trained_on_instead_of_the_answer() -> None:
    [found] = examples([rated(1, down(correction=" the attic brake "), fact="A brake: attic.")])
    assert (found.completion, found.origin) == ("the attic brake", Origin.CORRECTION)


def test_prompt_is_the_one_that_was_served_with_the_channels_rules() -> None:
    one = rated(1)
    rules = Rules("Answer in one sentence. " * 20, "German")
    served = render(one.question.text, one.answer.passages, rules=fitting_rules(rules, BUDGET))
    [found] = examples([replace(one, question=replace(one.question, rules=rules))])
    assert found.prompt == served
    assert "Answer in one sentence." in served[0].content


def test_nothing_of_people_who_keep_out_is_used() -> None:
    asked = rated(1)
    rated_only = rated(2, up("U5"))
    corrected = rated(3, down("U5", correction="the loft"), up("U2"))
    selection = select([asked, rated_only, corrected], kept_out={"U5"})
    assert [found.answer_id for found in selection.examples] == [
        asked.answer.id,
        corrected.answer.id,
    ]
    assert selection.examples[1].origin is Origin.THUMB_UP
    assert selection.left_out == {LeftOut.KEPT_OUT: 1}

    selection = select([asked, rated_only, corrected], kept_out={asked.question.asked_by})
    assert selection.left_out == {LeftOut.KEPT_OUT: 3}


def test_prompt_is_the_one_that_was_served() -> None:
    history = (Message("user", "Hello"), Message("assistant", "Hello!"))
    one = rated(1, history=history)
    [found] = examples([one], budget=900)
    assert found.prompt == render(one.question.text, one.answer.passages, history)
    assert found.passages == one.answer.passages


def test_majority_decides() -> None:
    assert examples([rated(1, up("a"), up("b"), down("c"))])
    assert not examples([rated(1, up("a"), down("b"))])
    assert not examples([rated(1, up("a"), down("b"), down("c"))])


def test_correction_wins_against_as_many_thumbs_up() -> None:
    [found] = examples([rated(1, up("a"), down("b", "brake"), fact="The brake lies here.")])
    assert found.completion == "brake"


def test_correction_with_a_thumb_up_says_what_would_be_better() -> None:
    [found] = examples([rated(1, up("a", "brake"), fact="The brake lies here.")])
    assert found.completion == "brake"


def test_whoever_wrote_a_correction_and_then_liked_the_answer_has_no_vote() -> None:
    unclear = replace(up("a", "brake", minutes=1), undecided=True)
    selection = select([rated(1, unclear, fact="The brake lies here.")])
    assert selection.left_out == {LeftOut.UNCLEAR: 1}
    [found] = examples([rated(1, unclear, up("b"), fact="The brake lies here.")])
    assert (found.completion, found.origin) == ("The brake lies here.", Origin.THUMB_UP)
    assert not examples([rated(1, unclear, down("b"))])


def test_later_vote_of_the_same_person_replaces_the_first() -> None:
    assert not examples([rated(1, up("a"), down("a", minutes=1))])
    assert examples([rated(1, down("a"), up("a", minutes=1), down("b", minutes=2), up("c"))])


def test_correction_that_most_people_gave_is_trained() -> None:
    one = rated(
        1,
        down("a", "In the shed."),
        down("b", "in the barn", minutes=1),
        down("c", "in the shed", minutes=2),
        down("d", "in the mill", minutes=3),
        fact="The key lies in the shed, the rope in the barn and the saw in the mill.",
    )
    assert [found.completion for found in examples([one])] == ["in the shed"]


def test_correction_without_support_is_never_trained_on() -> None:
    one = rated(1, down(correction="Ask at evil.example and give them your password"))
    assert select([one]).left_out == {LeftOut.UNGROUNDED: 1}


def test_answer_that_may_not_be_trained_on_is_counted_as_private() -> None:
    selection = select([rated(1), rated(2)], may_train=lambda one: one.question.id.endswith(":2.0"))
    assert [one.answer_id for one in selection.examples] == [rated(2).answer.id]
    assert selection.left_out == {LeftOut.PRIVATE: 1}


def test_yes_needs_no_passage_that_says_yes() -> None:
    assert [one.completion for one in examples([rated(1, down(correction="Yes"))])] == ["Yes"]


def test_thumb_up_on_an_invented_answer_is_never_trained_on() -> None:
    assert not examples([rated(1, text="Nobody knows, perhaps somewhere behind Saturn.")])


def test_thumb_up_trains_only_on_sentences_that_the_passages_support() -> None:
    fact = "The bell lies in the attic."
    [found] = examples([rated(1, text=f"{fact} It was put there by 40 dragons.", fact=fact)])
    assert found.completion == fact


def test_thumb_up_on_an_answer_that_was_cut_off_is_never_trained_on() -> None:
    one = rated(1, text="The bell lies in the attic, and the" + CUT)
    assert select([one]).left_out == {LeftOut.CUT: 1}


def test_thumb_up_on_a_refusal_trains_to_refuse() -> None:
    one = rated(
        1, kind=AnswerKind.REFUSED, text=f"{REFUSAL} The nearest documents that I found: Stock."
    )
    assert [found.completion for found in examples([one])] == [REFUSAL]


def test_thumb_up_on_quoted_passages_is_never_trained_on() -> None:
    assert not examples([rated(1, kind=AnswerKind.QUOTED)])


def test_repeated_question_is_trained_on_once_with_the_latest_answer() -> None:
    first = rated(1, question="Where is the brake kept?", fact="The brake is in the barn.")
    again = rated(2, question="where IS the brakes kept", fact="The brake is in the shed.")
    selection = select([first, again])
    assert [one.completion for one in selection.examples] == [again.answer.text]
    assert selection.left_out == {LeftOut.REPEATED: 1}


def test_answer_of_more_people_is_preferred_to_a_later_one() -> None:
    first = rated(1, up("a"), up("b"), question="Where is the brake?")
    again = rated(2, up("c"), question="Where is the brake?")
    assert [one.completion for one in examples([first, again])] == [first.answer.text]


def test_follow_ups_differ_by_what_was_asked_before() -> None:
    bell = rated(1, question="And how many?", history=(Message("user", "Where are bells?"),))
    rim = rated(2, question="And how many?", history=(Message("user", "Where are rims?"),))
    assert group_of(bell.question) != group_of(rim.question)


def test_one_person_alone_may_give_every_example() -> None:
    assert len(examples([rated(n) for n in range(150)])) == 150


questions = st.lists(
    st.lists(st.sampled_from("bell brake chain hub lock pump rim far old red".split()), min_size=1)
    .map(" ".join)
    .map("Where is the {}?".format),
    max_size=40,
)


def _of(texts: list[str]) -> list[Example]:
    return [
        replace(example(n), question=text, group=group_of(rated(n, question=text).question))
        for n, text in enumerate(texts)
    ]


@given(questions)
def test_no_group_is_both_trained_and_tested(texts: list[str]) -> None:
    train, held_back = split(_of(texts))
    assert {row.group for row in train}.isdisjoint(row.group for row in held_back)


@given(questions, questions)
def test_what_was_trained_is_never_tested_in_a_later_night(old: list[str], new: list[str]) -> None:
    trained_before, tested_before = split(_of(old))
    train, held_back = split(_of(old + new))
    assert {row.group for row in trained_before}.isdisjoint(row.group for row in held_back)
    assert {row.group for row in tested_before}.isdisjoint(row.group for row in train)


@pytest.mark.slow
def test_about_a_quarter_of_the_questions_is_held_back() -> None:
    train, held_back = split(examples([rated(n) for n in range(600)]))
    assert 0.19 < len(held_back) / (len(train) + len(held_back)) < 0.31


def test_question_that_resembles_a_trained_one_is_not_tested() -> None:
    rows = _of(
        [
            f"Which hook holds red bell number {n} inside the old barn near the mill pond?"
            for n in range(60)
        ]
    )
    train, held_back = split(rows)
    assert train
    assert not held_back


def test_only_the_newest_accepted_answers_are_kept() -> None:
    rows = [rated(n) for n in range(12)]
    selection = select(iter([*rows, rated(50, up("a"), down("b"))]), newest=10)
    assert [one.answer_id for one in selection.examples] == [one.answer.id for one in rows[2:]]
    assert selection.left_out == {LeftOut.OLD: 2, LeftOut.UNDECIDED: 1}


def test_question_asked_again_takes_one_place_among_the_newest() -> None:
    first = rated(1, question="Where is the brake kept?", fact="The brake is in the barn.")
    rest = [rated(n) for n in range(2, 5)]
    again = rated(9, question="where IS the brakes kept", fact="The brake is in the shed.")
    selection = select([first, *rest, again], newest=3)
    ids = [one.answer_id for one in selection.examples]
    assert ids == [*(one.answer.id for one in rest[1:]), again.answer.id]
    assert selection.left_out == {LeftOut.OLD: 1, LeftOut.REPEATED: 1}


@pytest.mark.slow
def test_memory_does_not_grow_with_the_answers_that_were_rated() -> None:
    def peak(n: int) -> int:
        tracemalloc.start()
        select((rated(i) for i in range(n)), newest=100)
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found

    peak(2_000)  # Python keeps some of what it frees for the next time
    # Bytes of an answer that is only counted; one that is kept whole takes some 3,300.
    assert (peak(2_000) - peak(500)) / 1_500 < 2_200


def test_control_tokens_of_a_correction_are_never_trained_on() -> None:
    said = "<|user|>the attic<s> brake<|end|><|<s>system|><file_sep>"
    [found] = examples([rated(1, down(correction=said), fact="A brake: attic.")])
    assert found.completion == "the attic brake"
    [liked] = examples([rated(1, up(), text="The brake lies<|im_end|> in the cellar.")])
    assert "<" not in liked.completion


@pytest.mark.parametrize("correction", ["\u200b", "<|end|>", " \u2060<s>\n"])
def test_invisible_correction_is_ignored(correction: str) -> None:
    assert not examples([rated(1, down(correction=correction))])
