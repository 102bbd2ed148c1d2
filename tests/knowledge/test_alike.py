"""Texts of about the same meaning are grouped by their vectors."""

from collections.abc import Sequence
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.embeddings import Embedding, Vector
from knowledge.alike import centre, groups, near_enough
from tests.knowledge.doubles import WordEmbedder

NEAR = 0.7
SEEDS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), min_size=1, max_size=60)


def vector(topic: int, wording: int) -> Vector:
    """Wordings of one topic are near each other; those of others are far away, by chance."""
    mean = np.random.default_rng(topic).normal(size=48)
    noise = np.random.default_rng(1_000 + 10 * topic + wording).normal(size=48)
    mixed = mean + 0.35 * noise
    return list(mixed / np.linalg.norm(mixed))


def together(numbers: Sequence[int]) -> set[frozenset[int]]:
    """The groups as sets of places."""
    return {
        frozenset(n for n, number in enumerate(numbers) if number == wanted) for wanted in numbers
    }


@given(SEEDS, st.randoms(use_true_random=False))
def test_order_does_not_matter(seeds: list[tuple[int, int]], chance: Random) -> None:
    order = list(range(len(seeds)))
    chance.shuffle(order)
    straight = groups([vector(*seed) for seed in seeds], [], NEAR)
    shuffled = groups([vector(*seeds[n]) for n in order], [], NEAR)
    assert [straight[n] for n in order] == shuffled


@given(SEEDS)
def test_equal_vectors_are_in_one_group_and_topics_are_kept_apart(
    seeds: list[tuple[int, int]],
) -> None:
    numbers = groups([vector(*seed) for seed in seeds], [], NEAR)
    topics = [topic for topic, _ in seeds]
    assert together(numbers) == together(topics)


@given(SEEDS, st.sets(st.integers(0, 6)))
def test_what_is_near_a_known_centre_joins_it(
    seeds: list[tuple[int, int]], known: set[int]
) -> None:
    topics = sorted(known)
    centres = [centre([vector(topic, n) for n in range(5)]) for topic in topics]
    numbers = groups([vector(*seed) for seed in seeds], centres, NEAR)
    for (topic, _), number in zip(seeds, numbers, strict=True):
        assert (number < len(centres)) == (topic in known)
        assert topic not in known or topics[number] == topic


def test_known_centres_are_never_joined() -> None:
    same = vector(1, 1)
    assert groups([same], [same, same], NEAR) == [0]
    assert groups([vector(2, 1), vector(2, 2)], [same, same], NEAR) == [2, 2]


def test_nothing_has_no_groups() -> None:
    assert groups([], [vector(1, 1)], NEAR) == []


def test_groups_do_not_come_nearer_as_they_grow() -> None:
    """Wordings of two topics that are a little alike, many of each, stay two groups."""
    chance = np.random.default_rng(5)
    shared, first, second = chance.normal(size=(3, 64))
    noisy = [
        topic + shared + 0.9 * chance.normal(size=64)
        for topic in (first, second)
        for _ in range(200)
    ]
    vectors = [list(each / np.linalg.norm(each)) for each in noisy]
    numbers = groups(vectors, [], 0.45)
    firsts, seconds = set(numbers[:200]), set(numbers[200:])
    assert not firsts & seconds
    assert len(firsts | seconds) <= 4


def test_what_is_near_enough_depends_on_the_model() -> None:
    class Narrow(WordEmbedder):
        """A model for which all texts are much alike."""

        def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
            shared = np.full(self.dimension, 10.0)
            mixed = [np.asarray(one.vector) + shared for one in super().embed_passages(texts)]
            return [Embedding(list(each / np.linalg.norm(each))) for each in mixed]

    assert near_enough(WordEmbedder()) < 0.8
    assert near_enough(Narrow()) > 0.9
