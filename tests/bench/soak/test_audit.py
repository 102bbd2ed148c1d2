"""What became of each question of a soak."""

from typing import Any

from bench.soak.audit import answer_of, became
from tests.slack_double import SlackMessage

THUMBS = {"type": "context_actions", "elements": []}


def asked(**fields: str) -> dict[str, Any]:
    return {"person": "U1", "channel": "C1", "ts": "1.0", "thread": ""} | fields


def message(words: str, answer: str = "", **fields: Any) -> SlackMessage:
    mark = {"event_type": "x", "event_payload": {"id": answer}} if answer else None
    thread = fields.pop("thread", "1.0")
    blocks = fields.pop("blocks", [])
    return SlackMessage("C1", "9.0", words, blocks, thread, metadata=mark, **fields)


def outcome(line: dict[str, Any], *messages: SlackMessage) -> str:
    (found,) = became([line], messages).values()
    return found.outcome


def test_a_question_without_a_message_is_lost_and_so_is_one_with_half_an_answer() -> None:
    line = asked()
    answer = answer_of(line)
    assert outcome(line) == "lost"
    assert outcome(line, message("Reading the documents …", answer)) == "lost"
    assert outcome(line, message("New laptops ar", streaming=True)) == "lost"


def test_a_whole_answer_is_one_that_can_be_rated() -> None:
    line = asked()
    whole = message("Within five days.", answer_of(line), blocks=[THUMBS])
    assert outcome(line, whole) == "answered"
    assert outcome(line, whole, whole) == "doubled"
    assert outcome(line, whole, message("Within fi", streaming=True)) == "doubled"


def test_a_message_with_the_reference_explains_and_so_does_one_for_the_person_alone() -> None:
    line = asked()
    answer = answer_of(line)
    assert outcome(line, message(f"The search failed ({answer}).", answer)) == "explained"
    assert outcome(line, message("Ask again later.", only_for="U1")) == "explained"
    assert outcome(line, message("Ask again later.", only_for="U2")) == "lost"


def test_the_answer_to_another_question_of_the_thread_is_not_this_ones() -> None:
    first, second = asked(), asked(ts="2.0", thread="1.0")
    whole = message("Within five days.", answer_of(first), blocks=[THUMBS])
    found = became([first, second], [whole])
    assert [found[answer_of(one)].outcome for one in (first, second)] == ["answered", "lost"]
