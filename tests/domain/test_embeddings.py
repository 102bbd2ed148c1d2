"""Which vector is the most typical."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from domain.embeddings import from_centre


def test_the_most_typical_is_in_the_middle() -> None:
    middle = [0.8, 0.6]
    near = from_centre([[1.0, 0.0], [0.0, 1.0], middle])
    assert max(near) == near[-1]


@given(st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=1, max_size=9))
def test_it_is_the_mean_of_the_products_with_all(vectors: list[list[float]]) -> None:
    for one, near in zip(vectors, from_centre([array("d", each) for each in vectors]), strict=True):
        products = [sum(a * b for a, b in zip(one, other, strict=True)) for other in vectors]
        assert abs(near - sum(products) / len(vectors)) < 1e-9
