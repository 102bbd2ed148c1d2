"""Candidates whose tokens are one-hot vectors: token n is the word n of a vocabulary of 16."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.candidates import Candidate, Ranked
from domain.embeddings import QuestionEmbedding, Vector
from domain.questions import Audience
from knowledge.embedders.token_vectors import signs
from knowledge.query.closer import LOOKED_AT, Closer

WORDS = 16
EVERYONE = Audience.everyone()


@dataclass(frozen=True)
class Given:
    """A candidate and the signs of its tokens."""

    ranked: Ranked
    tokens: bytes


def candidate(name: str, score: float, *words: int) -> Given:
    tokens = signs(np.eye(WORDS, dtype=np.float32)[list(words)]) if words else b""
    return Given(Ranked(score, Candidate(name, "d", "t", name, EVERYONE, score)), tokens)


def looked_at(question: QuestionEmbedding, given: Sequence[Given]) -> tuple[Closer, list[Ranked]]:
    ranked = [one.ranked for one in given]
    return Closer(question, ranked, [one.tokens for one in given[:LOOKED_AT]]), ranked


def by_tokens(question: QuestionEmbedding, given: Sequence[Given]) -> list[str]:
    closer, ranked = looked_at(question, given)
    return names(closer.by_tokens(ranked))


def asked(*words: int) -> QuestionEmbedding:
    rows: list[Vector] = [list(map(float, row)) for row in np.eye(WORDS)[list(words)]]
    mean = np.eye(WORDS)[list(words)].mean(axis=0)
    return QuestionEmbedding(list(map(float, mean / np.linalg.norm(mean))), tuple(rows))


def names(ranked: list[Ranked]) -> list[str]:
    return [one.candidate.id for one in ranked]


def test_passage_that_has_every_word_of_the_question_comes_before_a_nearer_one() -> None:
    given = [candidate("near", 0.60, 1, 9), candidate("both", 0.58, 1, 2), candidate("far", 0.1, 9)]
    assert by_tokens(asked(1, 2), given) == ["both", "near", "far"]


def test_passage_with_a_near_part_comes_before_one_that_is_near_as_a_whole() -> None:
    part = [9] * 200 + [1, 2] * 40
    given = [candidate("whole", 0.50, *[1, 9] * 60), candidate("part", 0.49, *part)]
    given.append(candidate("far", 0.0, 9))
    closer, ranked = looked_at(asked(1, 2), given)
    assert names(closer.by_windows(ranked)) == ["part", "whole", "far"]


def test_without_tokens_the_order_stays() -> None:
    closer, ranked = looked_at(asked(1), [candidate("a", 0.5), candidate("b", 0.4)])
    assert closer.by_tokens(closer.by_windows(ranked)) == ranked
    question = QuestionEmbedding(asked(1).vector)  # an embedder that gives no words
    assert by_tokens(question, [candidate("a", 0.5, 9), candidate("b", 0.4, 1)]) == ["a", "b"]
    assert by_tokens(asked(1), []) == []


def test_passage_of_an_earlier_version_is_not_put_last() -> None:
    given = [candidate("known", 0.5, 1), candidate("old", 0.45), candidate("far", 0.1, 9)]
    assert by_tokens(asked(1), given) == ["known", "old", "far"]


def test_what_is_not_looked_at_stays_behind() -> None:
    given = [candidate(f"{n:03}", 0.9 - n / 1_000, 9) for n in range(LOOKED_AT + 5)]
    given.append(candidate("late", 0.1, 1))
    closer, ranked = looked_at(asked(1), given)
    ordered = closer.by_tokens(ranked)
    assert names(ordered) == names(ranked)
    assert [one.score for one in ordered] == sorted((one.score for one in ordered), reverse=True)
