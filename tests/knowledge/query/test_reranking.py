import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from domain.errors import ConfigError, RetrievalError
from domain.protocols import Reranker
from domain.questions import Passage
from knowledge.query.reranking import READ, Reranking
from tests.domain.build import passage


@dataclass
class Longest:
    """Likes long texts; it may fail. It remembers what it read."""

    model: str = "longest"
    fails: bool = False
    read: list[str] = field(default_factory=list)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read += texts
        if self.fails:
            raise RetrievalError("The re-ranking server does not answer.", "http://gpu:8001")
        return [float(len(text)) for text in texts]


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def found(*texts: str) -> list[Passage]:
    return [passage(text, n=n) for n, text in enumerate(texts, 1)]


def texts(passages: Sequence[Passage]) -> list[str]:
    return [each.text for each in passages]


def test_passages_come_in_the_order_of_their_scores() -> None:
    passages = found("aa", "a", "aaa")
    reranked = Reranking(Longest).reranked("?", passages)
    assert texts(reranked) == ["aaa", "aa", "a"]
    assert {each.id for each in reranked} == {each.id for each in passages}


def test_scores_still_fall_from_one_passage_to_the_next() -> None:
    passages = found("aa", "a", "aaa")
    reranked = Reranking(Longest).reranked("?", passages)
    assert [each.score for each in reranked] == [each.score for each in passages]


def test_equal_scores_keep_the_order_of_the_search() -> None:
    assert texts(Reranking(Longest).reranked("?", found("b", "aa", "a"))) == ["aa", "b", "a"]


def test_titles_are_read_too() -> None:
    longest = Longest()
    Reranking(lambda: longest).reranked("?", found("a", "b"))
    assert longest.read == ["Handbook\na", "Handbook\nb"]


def test_only_the_first_are_read_and_the_others_stay_behind() -> None:
    longest = Longest()
    passages = found(*("a" * n for n in range(1, READ + 4)))
    reranked = Reranking(lambda: longest).reranked("?", passages)
    assert len(longest.read) == READ
    assert texts(reranked) == texts([*reversed(passages[:READ]), *passages[READ:]])


def test_copies_are_read_once_and_stay_together() -> None:
    longest = Longest()
    reranked = Reranking(lambda: longest).reranked("?", found("aa", "b", "aa"))
    assert texts(reranked) == ["aa", "aa", "b"]
    assert len(longest.read) == 2


@pytest.mark.parametrize("passages", [[], found("alone")])
def test_where_nothing_can_change_nothing_is_read(passages: list[Passage]) -> None:
    longest = Longest()
    assert Reranking(lambda: longest).reranked("?", passages) == passages
    assert longest.read == []


def test_after_a_failure_passages_keep_their_order_and_it_is_logged_once_in_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    longest, clock = Longest(fails=True), Clock()
    reranking = Reranking(lambda: longest, clock)
    passages = found("a", "aa")
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert reranking.reranked("?", passages) == passages
        [told] = caplog.messages
        clock.now += 61
        assert reranking.reranked("?", passages) == passages
    assert "http://gpu:8001" in told
    assert len(caplog.messages) == 2


def test_it_goes_on_once_the_server_is_back() -> None:
    longest, clock = Longest(fails=True), Clock()
    reranking = Reranking(lambda: longest, clock)
    reranking.reranked("?", found("a", "aa"))
    longest.fails, clock.now = False, 61
    assert texts(reranking.reranked("?", found("a", "aa"))) == ["aa", "a"]


def test_model_that_cannot_be_loaded_leaves_the_order_of_the_search() -> None:
    def load() -> Reranker:
        raise ConfigError("The re-ranking model is not reachable on the hub.")

    assert texts(Reranking(load).reranked("?", found("a", "aa"))) == ["a", "aa"]
