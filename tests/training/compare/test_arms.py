"""The same question is asked in four ways, and each answer is scored."""

from collections.abc import Iterator, Sequence

import pytest

from domain.errors import GenerationError, ServerUnavailable
from domain.prompt import REFUSAL
from domain.questions import Audience, Evidence, Message, Question
from tests.training.makers import passage
from training.as_people_ask import AsPeopleAsk
from training.compare.arms import Arm, Arms, Case

FACT = "The frame warranty is 10 years."
CASE = Case("How long is the frame warranty?", "10 years")


class Documents:
    def __init__(self, *texts: str) -> None:
        self.passages, self.asked = tuple(map(passage, texts)), list[Question]()

    def search(self, question: Question, k: int | None = None) -> Evidence:
        self.asked.append(question)
        return Evidence(self.passages[:k], sufficient=bool(self.passages))


class Model:
    """Says ``known`` with the adapter, reads passages, and otherwise says ``other``."""

    model = "tiny"

    def __init__(self, other: str = REFUSAL, known: str = "10 years") -> None:
        self.other, self.known = other, known
        self.asked: list[tuple[str | None, Sequence[Message]]] = []

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        self.asked.append((adapter, messages))
        if FACT in messages[-1].content:
            yield FACT if adapter is None else self.known
        else:
            yield self.other[:max_tokens]


def arms(model: Model, documents: Documents, wanted: Sequence[Arm] = tuple(Arm)) -> Arms:
    return Arms(AsPeopleAsk(documents, Audience.everyone()), model, wanted, "night-1")


def test_only_arms_that_search_see_passages_and_only_tuned_ones_have_the_adapter() -> None:
    model, documents = Model(), Documents(FACT)
    arms(model, documents).ask(CASE, 0)
    assert [(adapter, FACT in turns[-1].content) for adapter, turns in model.asked] == [
        (None, False), (None, True), ("night-1", False), ("night-1", True),
    ]  # fmt: skip
    assert len(documents.asked) == 1


def test_each_question_begins_with_another_arm() -> None:
    model = Model()
    asked = arms(model, Documents(FACT))
    for turn in range(4):
        assert set(asked.ask(CASE, turn)) == set(Arm)
    assert [adapter for adapter, _ in model.asked[::4]] == [None, None, "night-1", "night-1"]


def test_answers_are_scored_by_words_numbers_and_refusals() -> None:
    found = arms(Model(other="It is 5 years."), Documents(FACT)).ask(CASE, 0)
    right, wrong = found[Arm.BOTH], found[Arm.BASE]
    assert (right.f1, right.contained, right.right, right.refused) == (1.0, True, True, False)
    assert (wrong.contained, wrong.right, wrong.refused) == (False, False, False)
    assert 0 < wrong.f1 < 1
    assert all(one.seconds > 0 for one in found.values())


def test_refusals_of_the_model_and_of_the_search_are_alike() -> None:
    found = arms(Model(), Documents()).ask(CASE, 0)
    assert {(one.text, one.refused, one.right) for one in found.values()} == {
        (REFUSAL, True, False)
    }


def test_right_refusal_is_right() -> None:
    found = arms(Model(), Documents()).ask(Case("Who?", REFUSAL), 0)
    assert all(one.right and one.f1 == 1.0 for one in found.values())


def test_model_that_writes_nothing_is_wrong_and_does_not_end_it() -> None:
    found = arms(Model(other=" ", known=" "), Documents(FACT)).ask(CASE, 0)
    assert (found[Arm.BOTH].text, found[Arm.BOTH].right) == ("", False)
    assert not found[Arm.TUNED].right


def test_earlier_turns_are_part_of_both_prompts() -> None:
    model = Model()
    turns = (Message("user", "About frames:"), Message("assistant", "Yes?"))
    arms(model, Documents(FACT)).ask(Case(CASE.question, "10 years", turns), 0)
    for _, messages in model.asked:
        assert [turn.content for turn in messages[1:3]] == ["About frames:", "Yes?"]


def test_server_that_dies_is_an_error_and_no_quotation() -> None:
    class Dead(Model):
        def stream(
            self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
        ) -> Iterator[str]:
            raise ServerUnavailable("It is away.")
            yield

    for wanted in Arm:
        with pytest.raises(GenerationError, match="It is away"):
            arms(Dead(), Documents(FACT), [wanted]).ask(CASE, 0)
