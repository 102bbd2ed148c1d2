"""Candidates whose tokens are one-hot vectors: token n is the word n of a vocabulary of 16."""

import numpy as np

from domain.candidates import Candidate, Ranked
from domain.embeddings import QuestionEmbedding, Vector
from domain.questions import Audience
from knowledge.embedders.token_vectors import signs
from knowledge.query.closer import LOOKED_AT, Closer

WORDS = 16


def candidate(name: str, score: float, *words: int) -> Ranked:
    tokens = signs(np.eye(WORDS, dtype=np.float32)[list(words)]) if words else b""
    found = Candidate(name, "d", "t", name, Audience.everyone(), score, tokens=tokens)
    return Ranked(score, found)


def asked(*words: int) -> QuestionEmbedding:
    rows: list[Vector] = [list(map(float, row)) for row in np.eye(WORDS)[list(words)]]
    mean = np.eye(WORDS)[list(words)].mean(axis=0)
    return QuestionEmbedding(list(map(float, mean / np.linalg.norm(mean))), tuple(rows))


def names(ranked: list[Ranked]) -> list[str]:
    return [one.candidate.id for one in ranked]


def test_passage_that_has_every_word_of_the_question_comes_before_a_nearer_one() -> None:
    given = [candidate("near", 0.60, 1, 9), candidate("both", 0.58, 1, 2), candidate("far", 0.1, 9)]
    assert names(Closer(asked(1, 2), given).by_tokens(given)) == ["both", "near", "far"]


def test_passage_with_a_near_part_comes_before_one_that_is_near_as_a_whole() -> None:
    part = [9] * 200 + [1, 2] * 40
    given = [candidate("whole", 0.50, *[1, 9] * 60), candidate("part", 0.49, *part)]
    given.append(candidate("far", 0.0, 9))
    assert names(Closer(asked(1, 2), given).by_windows(given)) == ["part", "whole", "far"]


def test_without_tokens_the_order_stays() -> None:
    given = [candidate("a", 0.5), candidate("b", 0.4)]
    closer = Closer(asked(1), given)
    assert closer.by_tokens(closer.by_windows(given)) == given
    with_tokens = [candidate("a", 0.5, 9), candidate("b", 0.4, 1)]
    question = QuestionEmbedding(asked(1).vector)  # an embedder that gives no words
    assert Closer(question, with_tokens).by_tokens(with_tokens) == with_tokens
    assert Closer(asked(1), []).by_tokens([]) == []


def test_passage_of_an_earlier_version_is_not_put_last() -> None:
    given = [candidate("known", 0.5, 1), candidate("old", 0.45), candidate("far", 0.1, 9)]
    assert names(Closer(asked(1), given).by_tokens(given)) == ["known", "old", "far"]


def test_what_is_not_looked_at_stays_behind() -> None:
    given = [candidate(f"{n:03}", 0.9 - n / 1_000, 9) for n in range(LOOKED_AT + 5)]
    given.append(candidate("late", 0.1, 1))
    ordered = Closer(asked(1), given).by_tokens(given)
    assert names(ordered) == names(given)
    assert [one.score for one in ordered] == sorted((one.score for one in ordered), reverse=True)
