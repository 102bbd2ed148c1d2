"""Counting through the server, and without one."""

from pathlib import Path

import pytest

from domain.answering import Answerer
from domain.fitting import BUDGET, FRAME, longest_row
from domain.prompt import render
from domain.questions import AnswerKind, Evidence, Passage, Question
from domain.tokens import estimate
from domain.trials import BASE
from serving.token_counter import ServerTokenCounter
from tests.domain.build import passage, question
from tests.domain.test_answering import Notebook
from tests.models import smollm2_home
from tests.serving.conftest import TINY, Running, running
from tests.serving.test_client import client_of, closed_port, json_reply, refusal, scripted
from tests.texts import TEXTS

__all__ = ["smollm2_home"]


class Found:
    """A retriever with the same passages for every question."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = passages

    def search(self, question: Question, k: int | None = None) -> Evidence:
        return Evidence(self.passages, sufficient=True)


def test_each_text_is_counted_as_the_server_counts_it_alone(server: Running) -> None:
    texts = [*TEXTS.values(), "", "\x1e"]
    engine = server.engine
    expected = [len(engine.tokens(text.replace("\x1e", " "), special=False)) for text in texts]
    assert server.client.count_tokens(texts) == expected


def test_context_is_that_of_the_server(server: Running) -> None:
    assert ServerTokenCounter(server.client).context == 2047


def test_counted_text_is_not_counted_again() -> None:
    reply = json_reply(200, '{"count": 5, "max_model_len": 9, "tokens": [3, 7, 7, 3, 3]}')
    with scripted(reply) as url, client_of(url) as client:
        counter = ServerTokenCounter(client)
        assert counter.count(["two words", ""]) == [2, 0]
        assert counter.count(["", "two words"]) == [0, 2]


@pytest.mark.parametrize(
    "reply",
    [
        refusal(404),
        refusal(500),
        json_reply(200, "[]"),
        json_reply(200, '{"tokens": []}'),
        json_reply(200, '{"tokens": [1, 2, 3]}'),
        json_reply(200, "no JSON"),
        "",
    ],
)
def test_server_that_cannot_count_is_not_asked_again_and_tokens_are_estimated(reply: str) -> None:
    texts = ["Ten years of warranty.", "十年"]
    with scripted(reply) as url, client_of(url) as client:
        counter = ServerTokenCounter(client)
        for _ in range(2):  # the second time no server would answer
            assert counter.count(texts) == [estimate(text) for text in texts]
        assert counter.context is None


def test_without_a_server_tokens_are_estimated_and_the_context_is_unknown() -> None:
    with client_of(closed_port()) as client:
        counter = ServerTokenCounter(client)
        assert counter.context is None
        assert counter.count(["Ten"]) == [estimate("Ten")]


@pytest.mark.parametrize("card", ["{}", '{"max_model_len": null}', '{"max_model_len": "big"}'])
def test_server_that_does_not_say_its_context_has_an_unknown_one(card: str) -> None:
    cards = f'{{"data": [{{"id": "{TINY}", {card[1:-1] or chr(34) + "x" + chr(34) + ": 1"}}}]}}'
    with scripted(json_reply(200, cards)) as url, client_of(url) as client:
        assert ServerTokenCounter(client).context is None


def ask(server: Running, text: str, budget: int = BUDGET) -> AnswerKind:
    """Asks with five long passages and the server's counts; the row must fit the trainer."""
    client = server.client
    found = Found(*(passage(f"{text} " * 40, title=text, n=n) for n in range(1, 6)))
    answerer = Answerer(
        found,
        client,
        Notebook(),
        lambda _: BASE,
        budget=budget,
        max_tokens=8,
        counter=ServerTokenCounter(client),
    )
    answer = answerer.answer(question(text))
    assert answer.passages
    prompt = server.engine.prompt(render(text, answer.passages))
    assert len(prompt) <= longest_row(budget, 0)
    return answer.kind


@pytest.mark.slow
@pytest.mark.parametrize("script", ["English", "German", "Russian", "Chinese", "Hindi", "emoji"])
def test_question_in_any_script_is_answered_by_the_small_phi3(server: Running, script: str) -> None:
    assert ask(server, TEXTS[script]) is not AnswerKind.QUOTED


def test_instructions_are_within_their_limit(server: Running) -> None:
    assert len(server.engine.prompt(render("", ()))) <= FRAME


@pytest.mark.slow
def test_smollm2_counts_and_answers_in_any_script(smollm2_home: Path) -> None:
    with running(smollm2_home / "models" / "SmolLM2-135M-Instruct") as server:
        texts = list(TEXTS.values())
        counts = [len(server.engine.tokens(text, special=False)) for text in texts]
        counted = server.client.count_tokens(texts)
        # White space at an end may be split differently if something follows it.
        assert all(abs(a - b) <= 1 for a, b in zip(counted, counts, strict=True))
        assert len(server.engine.prompt(render("", ()))) <= FRAME
        for script in ("Russian", "Chinese"):
            # A prompt of the whole budget takes half a minute on a busy processor.
            assert ask(server, TEXTS[script], budget=300) is not AnswerKind.QUOTED
