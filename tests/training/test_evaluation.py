import json
import threading
from collections.abc import Iterator, Sequence

import pytest

from domain.errors import GenerationTimedOut, ServerBusy
from domain.prompt import REFUSAL
from domain.questions import Message
from tests.training.makers import example, place_of
from training import patient
from training.evaluation import ScoredAnswer, ask, ask_all, score
from training.progress import TrainingProgress


def test_scores_are_means() -> None:
    replies = [ScoredAnswer("308", "308", True, False), ScoredAnswer(REFUSAL, "four", False, True)]
    found = score(replies)
    assert (found.f1, found.contained, found.cited, found.refused) == (0.5, 0.5, 0.5, 0.5)
    assert found.characters == pytest.approx((3 + len(REFUSAL)) / 2)


class Scripted:
    """A generator whose answers come from a script for each adapter."""

    model = "scripted"

    def __init__(self, script: dict[str | None, str], *, failures: Sequence[Exception] = ()):
        self._script = script
        self._failures = list(failures)
        self._together = threading.Barrier(2, timeout=60)
        self.meet = False

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        if self._failures:
            raise self._failures.pop()
        if self.meet:
            self._together.wait()
        yield self._script[adapter].format(question=messages[-1].content.rpartition(" ")[2])


def test_reply_says_whether_a_passage_supports_it() -> None:
    script = Scripted(
        {None: place_of(1), "lies": "on the moon", "mute": "the documents do not say"}
    )
    assert ask(script, example(1), None, max_tokens=9) == ScoredAnswer(
        place_of(1), place_of(1), cited=True, refused=False, question=example(1).question
    )
    assert not ask(script, example(1), "lies", max_tokens=9).cited
    refused = ask(script, example(1), "mute", max_tokens=9)
    assert (refused.text, refused.refused, refused.wrongly_refused) == (REFUSAL, True, True)


def test_replies_come_in_the_order_of_the_questions_and_progress_is_reported() -> None:
    rows, seen = [example(n) for n in range(8)], list[TrainingProgress]()
    replies = ask_all(
        Scripted({None: "{question}"}), rows, None, max_tokens=9, progress=seen.append
    )
    assert [reply.text for reply in replies] == [row.question.rpartition(" ")[2] for row in rows]
    assert seen[-1] == TrainingProgress("Comparing", 8, 8)


def test_questions_are_asked_several_at_once() -> None:
    script = Scripted({None: "yes"})
    script.meet = True  # each call waits for another one
    assert len(ask_all(script, [example(n) for n in range(4)], None, max_tokens=9, at_once=2)) == 4


def test_busy_server_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient, "_WAITS", (0.0, 0.0))
    script = Scripted({None: "bell"}, failures=[ServerBusy("full")] * 2)
    assert ask(script, example(1), None, max_tokens=9).text == "bell"


def test_failed_answer_ends_the_comparison() -> None:
    script = Scripted({None: "bell"}, failures=[GenerationTimedOut("slow")])
    with pytest.raises(GenerationTimedOut):
        ask_all(script, [example(n) for n in range(8)], None, max_tokens=9)


def test_score_can_be_written_as_json() -> None:
    assert json.dumps(score([]).f1) == "0.0"


def test_right_answer_in_a_sentence_agrees_more_than_half_and_alone_wholly() -> None:
    alone, wordy, half, wrong = (
        ScoredAnswer(text, "ten years", True, False).agreement
        for text in ("Ten years.", "It is ten years, as I read it.", "ten", "two")
    )
    assert (alone, wrong) == (1.0, 0.0)
    assert 0.5 < wordy < 1.0
    assert half == pytest.approx(1 / 3)
