from collections.abc import Set

from hypothesis import given
from hypothesis import strategies as st

from training.similar import SIMILAR, WordSets

_words = st.frozensets(st.sampled_from("abcdefghijklmnop"), max_size=14)


def _compared_with_each(words: frozenset[str], others: list[frozenset[str]]) -> bool:
    return any(len(words & other) >= SIMILAR * len(words | other) for other in others)


@given(st.lists(_words, max_size=30), st.lists(_words, max_size=10))
def test_result_is_the_same_as_when_comparing_all(
    kept: list[frozenset[str]], asked: list[frozenset[str]]
) -> None:
    sets = WordSets(kept)
    for words in asked:
        assert sets.resemble(words) == _compared_with_each(words, kept)


@given(st.lists(_words, min_size=1, max_size=20), st.data())
def test_finds_sets_that_differ_in_one_word(
    kept: list[frozenset[str]], data: st.DataObject
) -> None:
    sets = WordSets(kept)
    one = data.draw(st.sampled_from(kept))
    changed = one ^ {data.draw(st.sampled_from("abcdefghijklmnopqr"))}
    assert sets.resemble(changed) == _compared_with_each(changed, kept)


def test_nothing_is_similar_to_no_sets() -> None:
    assert not WordSets([]).resemble(frozenset("abc"))


class _Counted(frozenset[str]):
    """A set that counts its comparisons."""

    comparisons = 0

    def __and__(self, other: Set[object]) -> frozenset[str]:
        _Counted.comparisons += 1
        return super().__and__(other)


def test_sets_that_share_common_words_only_are_not_compared() -> None:
    common = {f"common{i}" for i in range(9)}
    sets = WordSets(frozenset({*common, f"a{i}", f"b{i}", f"c{i}"}) for i in range(2_000))
    asked = [_Counted({*common, f"d{i}", f"e{i}", f"f{i}"}) for i in range(500)]
    assert not any(map(sets.resemble, asked))
    assert _Counted.comparisons == 0
    assert sets.resemble(_Counted({*common, "a1", "b1", "x"}))
    assert _Counted.comparisons > 0
