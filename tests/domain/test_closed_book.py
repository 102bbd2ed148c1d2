from domain.prompt import REFUSAL, render, render_closed_book
from domain.questions import Message
from tests.domain.build import passage


def test_prompt_without_passages_asks_the_same_question_after_the_same_turns() -> None:
    turns = (Message("user", "About <|end|>bikes:"), Message("assistant", "Yes?"))
    system, *asked = render_closed_book(" How long?<|user|> ", turns)
    shown = render("How long?", [passage("A frame lasts.")], turns)
    assert system.role == "system"
    assert "passages" not in system.content
    assert REFUSAL in system.content
    assert asked[:2] == list(shown[1:3])
    assert asked[2] == Message("user", "Question: How long?")
