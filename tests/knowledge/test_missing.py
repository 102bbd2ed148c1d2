from hypothesis import given
from hypothesis import strategies as st

from knowledge.missing import Missing, missing

DOCS = [f"/docs/{n}.md" for n in range(12)]


def compare(found: list[str], *, confirmed: bool = False, **others: list[str]) -> Missing:
    left_out, unreadable = others.get("left_out", []), others.get("unreadable", [])
    return missing(
        "/docs", DOCS, found, left_out=left_out, unreadable=unreadable, confirmed=confirmed
    )


def test_few_deleted_documents_are_removed() -> None:
    assert compare(DOCS[4:]) == Missing(tuple(sorted(DOCS[:4])))


def test_more_than_a_third_is_held_back_until_it_is_confirmed() -> None:
    held = compare(DOCS[5:])
    assert held.gone == ()
    [failure] = held.held_back
    assert failure.source == "/docs"
    assert "5 of its 12 documents" in failure.reason
    assert compare(DOCS[5:], confirmed=True) == Missing(tuple(sorted(DOCS[:5])))


def test_small_folders_follow_the_same_rule() -> None:
    for count, gone, is_held in ((1, 1, True), (2, 1, True), (3, 1, False), (3, 2, True)):
        few = DOCS[:count]
        found = missing("/docs", few, few[gone:], left_out=[], unreadable=[], confirmed=False)
        assert bool(found.held_back) is is_held
        assert found.gone == (() if is_held else tuple(few[:gone]))


def test_what_must_not_be_read_any_more_is_removed_however_much_it_is() -> None:
    assert compare([], left_out=DOCS) == Missing(tuple(sorted(DOCS)))
    assert compare([], left_out=["/docs"]) == Missing(tuple(sorted(DOCS)))


@given(st.sets(st.sampled_from(DOCS)), st.booleans())
def test_nothing_in_a_folder_that_cannot_be_opened_is_removed(
    found: set[str], confirmed: bool
) -> None:
    kept = compare(sorted(found), confirmed=confirmed, unreadable=["/docs"])
    assert kept == Missing(())
