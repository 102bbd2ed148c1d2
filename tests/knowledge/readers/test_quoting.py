import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.readers.quoting import unfolded, written
from tests.hostile import is_linear, texts


def found(text: str) -> list[tuple[bool, str]]:
    return [(each.is_quoted, each.text) for each in written(text)]


def test_marked_lines_are_quotations_without_their_marks() -> None:
    assert found("No.\n\n> > Is it?\n> Yes") == [(False, "No."), (True, "Is it? Yes")]


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 2 Mar 2026 at 10:00, Jo Ahmadi <jo@x.example> wrote:",
        "Am 02.03.2026 um 10:00 schrieb Jo Ahmadi:",
        "On Mon, 2 Mar 2026 at 10:00, Jo Ahmadi\n<jo@x.example> wrote:",
        "Le lun. 2 mars 2026 à 10:00, Jo Ahmadi a écrit :",
    ],
)
def test_who_wrote_the_quotation_belongs_to_it(introduction: str) -> None:
    one = " ".join(introduction.split())
    assert found(f"No.\n\n{introduction}\n\n> Is it?") == [
        (False, "No."),
        (True, one),
        (True, "Is it?"),
    ]


@pytest.mark.parametrize(
    "below",
    [
        "-----Original Message-----\nFrom: Jo\nSubject: Wind\n\nIs it?",
        "From: Jo\nSent: Monday\nTo: Petra\nSubject: Wind\n\nIs it?",
        "Von: Jo\nGesendet: Montag\nAn: Petra\nBetreff: Wind\n\nIs it?",
    ],
)
def test_an_earlier_mail_may_stand_below_without_marks(below: str) -> None:
    assert found(f"No.\n\n{below}")[0] == (False, "No.")
    assert found(f"No.\n\n{below}")[-1] == (True, "Is it?")
    assert len(found(f"No.\n\n{below}")) == 3


def test_words_that_only_look_so_are_no_quotation() -> None:
    assert found("From: the harbour to the yard it takes long.") == [
        (False, "From: the harbour to the yard it takes long.")
    ]
    assert found("On Monday Jo wrote:\nnothing")[0][0] is False


def test_the_line_above_a_signature_is_no_text() -> None:
    assert found("Words\n-- \nJo") == [(False, "Words Jo")]


def test_flowing_text_keeps_its_quotations_apart() -> None:
    assert unfolded("a \nb\n> c \n> d") == "a b\n> c \n> d"


@pytest.mark.slow
def test_time_grows_with_the_text() -> None:
    for make in texts(["> ", ">", "On ", "wrote:", "From: a\n", "--", "- a\n", "1) "]):
        assert is_linear(written, make)


@given(st.text())
def test_any_text_is_written(text: str) -> None:
    assert all(each.text for each in written(text))
