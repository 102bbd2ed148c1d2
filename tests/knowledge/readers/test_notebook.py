import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Code, Content, Heading, Paragraph
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers import kinds
from knowledge.readers.base import File
from knowledge.readers.notebook import read
from tests.knowledge.readers.noise import damaged, file, survives


def read_part(part: File) -> Content:
    assert part.kind == kinds.MARKDOWN
    if part.content == b"bad":
        raise UnreadableSource("it is damaged")
    return Content((Paragraph(part.content.decode()),))


def content(*cells: object) -> Content:
    return read(File(json.dumps({"cells": cells}).encode()), read_part)


def test_words_code_and_what_it_printed_are_read_in_their_order() -> None:
    found = read(File(file("turnover.ipynb")), read_part)
    assert found.blocks[:2] == (
        Paragraph("# Turnover of March\n\nCranes of the **harbour** only."),
        Code("prices = [340, 290]\nprint(sum(prices))"),
    )
    printed = found.blocks[2]
    assert isinstance(printed, Code)
    assert printed.text.startswith("630\n")
    assert printed.text.endswith("line\n…")
    assert printed.text.count("\n") == 20
    assert "Figure" not in printed.text


def test_old_notebooks_are_read() -> None:
    sheets = [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b"], "outputs": []}]}]
    made = json.dumps({"worksheets": sheets}).encode()
    assert read(File(made), read_part).blocks == (Code("a = 1\nb"),)
    assert content({"cell_type": "heading", "level": 2, "source": "Loads"}).blocks == (
        Heading("Loads", 2),
    )


def test_a_cell_that_fails_costs_itself() -> None:
    found = content(
        {"cell_type": "markdown", "source": "bad"}, {"cell_type": "code", "source": "1"}
    )
    assert found.blocks == (Code("1"),)
    assert found.notes == ("a cell could not be read: it is damaged",)


def test_notebooks_without_text_are_empty() -> None:
    with pytest.raises(EmptySource):
        content({"cell_type": "code", "source": []})


@pytest.mark.parametrize("made", [b"", b"[]", b"{", b"[" * 100_000, b"\0\1"])
def test_what_is_no_notebook_is_unreadable(made: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read(File(made), read_part)


@given(damaged(file("turnover.ipynb")))
@settings(deadline=None)
def test_damaged_notebooks_cost_only_themselves(made: bytes) -> None:
    survives(lambda: read(File(made), read_part))


_any = st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cell_type", "source", "outputs", "text", "data"]), inner
        )
    ),
)


@given(st.lists(_any, max_size=3))
def test_cells_of_any_form_cost_only_themselves(cells: list[object]) -> None:
    survives(lambda: content(*cells))
