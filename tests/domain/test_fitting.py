"""What a prompt shows: it stays within the budget and the context, in every script."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fitting import BUDGET, FRAME, QUESTION, fit, fitting_rules, longest_row, recent
from domain.prompt import render
from domain.questions import Message
from domain.rules import Rules
from domain.tokens import Estimates, estimate
from tests.domain.build import passage, question
from tests.texts import TEXTS


class Bytes:
    """A counter with the highest possible counts, which also counts its calls."""

    def __init__(self, context: int | None = None) -> None:
        self.context = context
        self.asked = 0

    def count(self, texts: Sequence[str]) -> list[int]:
        self.asked += 1
        return [len(text.encode()) for text in texts]


def total(messages: Sequence[Message]) -> int:
    return sum(len(message.content.encode()) for message in messages)


EMPTY = total(render("", ()))


def test_texts_that_fit_in_any_case_are_not_counted() -> None:
    counter = Bytes()
    shown = fit(
        question(), [passage("x" * 400), passage("y")], counter, budget=1500, max_tokens=160
    )
    assert shown
    assert [one.text for one in shown.passages] == ["x" * 400, "y"]
    assert counter.asked == 0


def test_tokens_are_counted_once_for_all_texts() -> None:
    counter = Bytes()
    passages = [passage("word " * 200, n=n) for n in range(1, 6)]
    shown = fit(question(), passages, counter, budget=1500, max_tokens=160)
    assert shown
    assert counter.asked == 1
    assert len(shown.passages) == 1


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("context", [None, 2047, 1000])
@pytest.mark.parametrize("counter", [Bytes, Estimates])
def test_question_in_any_script_has_a_passage_to_be_answered_from(
    text: str, context: int | None, counter: type
) -> None:
    passages = [passage(f"{text} " * 100, title=text, n=n) for n in range(1, 6)]
    shown = fit(
        question(text[:60]),
        passages,
        Bytes(context) if counter is Bytes else counter(),
        budget=BUDGET,
        max_tokens=160,
    )
    assert shown
    assert shown.passages
    first = shown.passages[0]
    assert passages[0].text.startswith(first.text)
    assert first.text or not text.strip()
    if counter is Bytes and context:
        prompt = render(text[:60], shown.passages, shown.history)
        assert total(prompt) - EMPTY + FRAME + 160 <= context


def test_shortened_passage_ends_with_a_sentence() -> None:
    text = "Frames carry a warranty of ten years. " * 100
    shown = fit(question(), [passage(text)], Bytes(), budget=600, max_tokens=160)
    assert shown
    assert shown.passages[0].text.endswith("years.")
    assert 300 < len(shown.passages[0].text) <= 600


def test_passage_without_sentences_ends_with_a_word() -> None:
    shown = fit(question(), [passage("word " * 300)], Bytes(), budget=600, max_tokens=160)
    assert shown
    assert shown.passages[0].text.endswith("word")


def test_long_title_counts_and_is_cut() -> None:
    passages = [passage("Ten years.", title="T" * 100_000), passage("Two.", title="U" * 100_000)]
    shown = fit(question(), passages, Bytes(), budget=1500, max_tokens=160)
    assert shown
    assert total(render("", shown.passages)) <= EMPTY + 1500


def test_question_that_leaves_no_room_for_a_passage_is_too_long() -> None:
    asked = question("Why? " * 1000)
    assert fit(asked, [passage("Ten years.")], Bytes(), budget=1500, max_tokens=160) is None
    assert fit(asked, [passage("Ten years.")], Bytes(512), budget=100_000, max_tokens=160) is None


def test_context_too_small_for_a_prompt_shows_nothing() -> None:
    assert fit(question(), [passage("Ten.")], Bytes(200), budget=1500, max_tokens=160) is None


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_channels_wishes_count_towards_the_budget(text: str) -> None:
    wishes = (f"{text} " * 500)[:500]
    asked = replace(question(), rules=Rules(wishes, "Japanese"))
    passages = [passage("word " * 60, n=n) for n in range(1, 8)]
    shown = fit(asked, passages, Bytes(2047), budget=BUDGET, max_tokens=160)
    assert shown
    assert shown.passages
    rules = fitting_rules(asked.rules, BUDGET)
    assert estimate(rules.wishes) <= BUDGET // 4 + 1
    prompt = render("", shown.passages, shown.history, rules)
    assert total(prompt) - EMPTY <= BUDGET
    assert fitting_rules(Rules("Rhyme."), BUDGET) == Rules("Rhyme.")


def test_history_keeps_its_latest_turns_and_starts_with_the_person() -> None:
    turns = (
        Message("user", "a" * 400),
        Message("assistant", "b" * 20),
        Message("user", "c" * 20),
        Message("assistant", "d" * 20),
    )
    assert [turn.content[0] for turn in recent(turns, 300)] == ["c", "d"]
    assert recent(turns, 3000) == turns
    assert recent(turns, 3) == ()


def test_history_that_would_leave_no_passage_is_left_out() -> None:
    turns = (Message("user", "word " * 100),)
    shown = fit(
        question(history=turns), [passage("x " * 900)], Bytes(820), budget=1500, max_tokens=160
    )
    assert shown
    assert shown.history == ()
    assert shown.passages


@given(
    st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=6),
    st.lists(st.text(max_size=200), max_size=4),
    st.text(max_size=300),
    st.integers(200, 1500),
    st.none() | st.integers(400, 3000),
)
def test_prompt_is_within_budget_and_context(
    texts: list[str], said: list[str], asked: str, budget: int, context: int | None
) -> None:
    turns = tuple(Message("user", text) for text in said)
    passages = [passage(text, title=text, n=n) for n, text in enumerate(texts, 1)]
    shown = fit(
        question(asked, history=turns), passages, Bytes(context), budget=budget, max_tokens=100
    )
    if shown is None:
        return
    assert shown.passages
    whole = total(render(asked, shown.passages, shown.history)) - EMPTY
    room = budget + QUESTION
    assert whole <= (room if context is None else min(room, context - FRAME - 100))


@pytest.mark.parametrize("text", [TEXTS["German"], TEXTS["Russian"], TEXTS["Chinese"]])
def test_longest_prompt_and_answer_make_the_longest_row(text: str) -> None:
    passages = [passage(f"{text} " * 60, n=n) for n in range(1, 6)]
    shown = fit(question(text), passages, Bytes(), budget=BUDGET, max_tokens=160)
    assert shown
    prompt = render(text, shown.passages, shown.history)
    assert total(prompt) - EMPTY + FRAME + 160 <= longest_row(BUDGET, 160)


def test_default_budget_makes_rows_that_the_trainer_takes() -> None:
    assert longest_row(BUDGET, 160) <= 2048
