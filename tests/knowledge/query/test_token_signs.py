import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.embeddings import QuestionEmbedding
from knowledge.embedders.token_vectors import signs, vectors_of_words
from knowledge.query.token_signs import HALF, compared

Matrix = NDArray[np.float32]


def made(seed: int, count: int, dimension: int) -> Matrix:
    return np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)


def unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


@given(
    st.lists(st.integers(1, 3 * HALF), min_size=1, max_size=4),
    st.integers(1, 20),
    st.integers(1, 5),
)
def test_candidates_are_compared_as_if_each_was_alone(
    counts: list[int], dimension: int, words: int
) -> None:
    check(counts, dimension, words)


@pytest.mark.parametrize("words", [16, 17, 40])  # 16 are compared at once
def test_long_question_is_compared_like_a_short_one(words: int) -> None:
    check([1, HALF, 3 * HALF + 5], 400, words)


def check(counts: list[int], dimension: int, words: int) -> None:
    tokens = [made(n, count, dimension) for n, count in enumerate(counts)]
    question = unit(made(99, words, dimension))
    asked = [list(map(float, word)) for word in question]
    near = compared(QuestionEmbedding(asked[0], tuple(asked)), [signs(one) for one in tokens])

    plain = [unit(np.where(one > 0, 1, -1).astype(np.float32)) for one in tokens]
    matches = [(question @ one.T).max(axis=1).mean() for one in plain]
    np.testing.assert_allclose([one.words for one in near], matches, atol=1e-5)

    def window(rows: Matrix, start: int) -> float:
        total = rows[start : start + 2 * HALF].sum(axis=0)
        return float(unit(total) @ question[0]) if total.any() else 0.0

    windows = [
        max(window(one, start) for start in range(0, max(len(one) - HALF, 1), HALF))
        for one in plain
    ]
    np.testing.assert_allclose([one.window for one in near], windows, atol=1e-4)


def test_a_part_that_is_near_makes_a_long_passage_near() -> None:
    noise, near = made(1, 200, 64), made(2, 1, 64)
    part = np.concatenate([noise[:100], np.repeat(near, 60, axis=0), noise[100:]])
    question = QuestionEmbedding(list(map(float, unit(near)[0])))
    far, best = compared(question, [signs(noise), signs(part)])
    assert best.window > 0.7 > far.window + 0.3


@pytest.mark.parametrize(
    ("question", "tokens", "counted"),
    [
        (
            "How long is the warranty?",
            ["how", "long", "is", "the", "warrant", "##y", "?"],
            [1, 4, 5],
        ),
        ("What is it?", ["what", "is", "it", "?"], [0, 1, 2]),  # all words, if none says anything
        ("🎉", ["[UNK]"], [0]),
        ("", [], []),
    ],
)
def test_words_that_say_nothing_do_not_count(
    question: str, tokens: list[str], counted: list[int]
) -> None:
    vectors = made(3, len(tokens), 8)
    found = vectors_of_words(question, tokens, vectors)
    np.testing.assert_allclose(
        np.asarray(found).reshape(-1, 8), unit(vectors[counted]).reshape(-1, 8), atol=1e-6
    )
