from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Code, Heading, Item, ItemList, Paragraph, Table, Where
from domain.errors import EmptySource, IngestError
from knowledge.readers.base import File
from knowledge.readers.page_checks import texts_of
from knowledge.readers.rst import read
from tests.hostile import is_linear


def blocks(text: str) -> list[Block]:
    return list(read(File(text.encode())).blocks)


def said(text: str) -> str:
    return texts_of(tuple(blocks(text)))


def test_headings_have_their_levels_and_anchors() -> None:
    found = read(File(b"Travel rules\n============\n\nAll.\n\n.. _pay:\n\nPay\n---\n\nWe do."))
    assert found.title == "Travel rules"
    assert found.blocks == (
        Heading("Travel rules", 1, Where(anchor="travel-rules")),
        Paragraph("All.", Where(anchor="travel-rules")),
        Heading("Pay", 2, Where(anchor="pay")),
        Paragraph("We do.", Where(anchor="pay")),
    )


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("*a* **b** ``c_*``", "a b c_*"),
        ("10\\ :sup:`6` and H\\ :sub:`2`\\ O", "10^6 and H2O"),
        ("`form <https://e.org/f>`_", "form (https://e.org/f)"),
        (":ref:`the form <form>` or :doc:`x`", "the form or x"),
        (":py:func:`~a.b` and :guilabel:`Save`", "a.b and Save"),
        ("Paid [#]_ late.\n\n.. [#] Not on Fridays.", "Paid [1] late.\n[1] Not on Fridays."),
        ("|x| y\n\n.. |x| replace:: Kestrel", "Kestrel y"),
        (".. comment\n\ny", "y"),
        ("Open `quote and *star", "Open `quote and *star"),
    ],
)
def test_markup_reads_as_plain_text(text: str, plain: str) -> None:
    assert said(text) == plain


def test_tables_have_header_rows_and_repeat_what_spans() -> None:
    grid = """
+---+---+
| A | B |
+===+===+
| x | 1 |
+   +---+
|   | 2 |
+---+---+
"""
    assert blocks(grid) == [Table((("A", "B"),), (("x", "1"), ("x", "2")))]
    listed = (
        ".. list-table:: Prices\n   :header-rows: 1\n\n   * - A\n     - B\n   * - 1\n     - 2\n"
    )
    assert blocks(listed) == [Table((("A", "B"),), (("1", "2"),), caption="Prices")]


def test_code_is_kept_with_any_option() -> None:
    text = (
        ".. code-block:: python\n   :caption: x\n   :emphasize-lines: 2\n\n   def f():\n       a_b"
    )
    assert blocks(text) == [Code("def f():\n    a_b")]
    assert blocks("Run::\n\n  make\n    all") == [Paragraph("Run:"), Code("make\n  all")]


def test_lists_keep_their_depth_and_numbers() -> None:
    assert blocks("- one\n\n  - two\n\n\n3. three\n4. four") == [
        ItemList((Item("one"), Item("two", 1))),
        ItemList((Item("three", 0, "3."), Item("four", 0, "4."))),
    ]


@pytest.mark.parametrize(
    "text",
    [
        ".. note:: Flights are not paid.",
        ".. versionadded:: 2.0\n   Flights are not paid.",
        ".. tabs::\n\n   .. tab:: Flights are not paid.\n\n      Text",
        ".. dropdown:: More\n   :open:\n\n   Flights are not paid.",
        ".. image:: x.png\n   :alt: Flights are not paid.",
        ".. figure:: x.png\n\n   Flights are not paid.",
        ".. topic:: T\n\n   Flights are not paid.",
        ":Rule: Flights are not paid.",
        "Rule\n  Flights are not paid.",
        ".. grid:: 2\n\n   .. grid-item-card:: Flights are not paid.\n\n      Text",
        ".. Admonition-Of-Ours::\n   :class: x\n\n   Flights are not paid.",
        ".. http:get:: /users\n\n   Flights are not paid.",
        ".. tab-set-code::\n\n   .. code-block:: sh\n\n      Flights are not paid.",
        ":our-role:`Flights are not <flights>` paid.",
        "`Flights`:our-other: are not paid.",
        ".. |x| our-picture:: Flights are not paid.\n\n|x|",
    ],
)
def test_what_directives_show_is_kept(text: str) -> None:
    assert "Flights are not paid." in said(text)


def test_a_setting_says_what_it_is_by_default() -> None:
    text = (
        ".. confval:: retention\n   :default: 30\n   :no-index:\n\n   Days that backups are kept."
    )
    assert said(text) == "retention\ndefault: 30\nDays that backups are kept."


def test_numbers_of_columns_are_not_shown() -> None:
    assert said(".. grid:: 1 2 3 4\n\n   Text") == "Text"


def test_nothing_is_read_from_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    for text in (
        f".. include:: {secret}",
        f".. literalinclude:: {secret}",
        f".. csv-table::\n   :file: {secret}",
        f".. raw:: html\n   :file: {secret}",
        ".. raw:: html\n\n   <b>secret words</b>",
    ):
        assert said(f"{text}\n\nText") == "Text"


@pytest.mark.parametrize("text", ["", " \n", ".. comment", ".. toctree::\n\n   a\n   b"])
def test_file_without_text_is_empty(text: str) -> None:
    with pytest.raises(EmptySource):
        blocks(text)


@settings(deadline=None)  # the first one imports a lot
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_become_blocks_or_one_of_our_errors(text: bytes) -> None:
    with suppress(IngestError):
        read(File(text))


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    ["*a ", "`a ", "a_ ", "|a ", "- a\n\n", "a\n  b\n", "::\n\n  a\n\n", "a\n==\n\n"],
)
def test_reading_takes_twice_as_long_for_twice_as_much(part: str) -> None:
    def read_text(text: str) -> None:
        with suppress(IngestError):
            blocks(text)

    assert is_linear(read_text, lambda n: part * (n // 40))


def test_paragraph_without_end_is_read_as_text_and_a_note_says_so() -> None:
    found = read(File(b"Rules\n=====\n\n" + b"*a " * 5_000))
    assert found.title == "Rules"
    [note] = found.notes
    assert "read as plain text" in note
