from datetime import UTC, datetime

import pytest

from domain.questions import Audience, Message, Question
from knowledge.query.followups import standalone_question

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def asked(text: str, *history: str) -> Question:
    turns = tuple(
        Message("assistant" if n % 2 else "user", content) for n, content in enumerate(history)
    )
    return Question("q", text, "me", NOW, Audience.everyone(), turns)


def test_long_question_with_its_own_subject_is_searched_alone() -> None:
    text = "On which day of the month does the company pay the salaries of its engineers abroad?"
    assert standalone_question(asked(text, "How long is leave?", "16 weeks.")) == text


def test_question_that_refers_back_is_joined_to_the_last_turns() -> None:
    history = ("old", "older", "How long is parental leave in the first year?", "16 weeks.")
    text = "Does the company pay all of that to people abroad as well?"
    assert standalone_question(asked(text, *history)) == "\n".join([*history[2:], text])


@pytest.mark.parametrize(
    ("text", "refers"),
    [
        ("Und für die zweite Person?", True),
        ("Wird der volle Lohn auch im Ausland davon immer ganz bezahlt?", True),
        ("それは契約社員にも適用？", True),
        ("那第二位看护人呢？", True),
        ("海外の支社で働く技術者の給与は毎月何日にどの口座へ振り込まれますか。", False),
        ("公司每个月的哪一天把工资转入海外工程师的银行账户？", False),
    ],
)
def test_question_of_another_language_refers_back_in_the_same_way(text: str, refers: bool) -> None:
    history = ("How long is leave?", "16 weeks.")
    assert (standalone_question(asked(text, *history)) != text) is refers


def test_first_question_of_a_conversation_is_itself() -> None:
    assert standalone_question(asked("and that?")) == "and that?"
