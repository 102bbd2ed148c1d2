import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import Block, ItemList, Paragraph, Table
from knowledge.readers.grids import Styled, blocks_of


def found(text: str) -> list[Block]:
    """The blocks of a grid that is drawn with bars; a row that begins with ``*`` is bold."""
    rows = [line.strip() for line in text.strip().splitlines()]
    return list(
        blocks_of(
            [
                Styled(
                    tuple(cell.strip() for cell in row.removeprefix("*").split("|")),
                    row.startswith("*"),
                )
                for row in rows
            ]
        )
    )


def tables(text: str) -> list[Table]:
    return [block for block in found(text) if isinstance(block, Table)]


def test_words_above_values_name_the_columns() -> None:
    table = tables("Item | Price\nHook | 12\nRope | 7")[0]
    assert table.header == (("Item", "Price"),)


def test_a_list_of_properties_has_no_names_of_columns() -> None:
    table = tables("Company: | Nordwind\nPhone: | +49 40 12\nBoxes: | 7")[0]
    assert table.header == ()
    assert len(table.rows) == 3


def test_years_name_columns() -> None:
    assert tables("Region | 2025 | 2026\nNorth | 1 | 2\nSouth | 3 | 4")[0].header


@pytest.mark.parametrize(
    "text",
    [
        "Machine | Shift 1 | Shift 2\nPress | Meyer | Lang\nLathe | Ito | Kaya",
        "Name | 2026-03-02 | 2026-03-03\nMeyer | early | late\nLang | late | free",
        "Name | Mon 2/3 | Tue 3/3\nMeyer | early | late\nLang | late | free",
        "Name | 02.03. | 03.03.\nMeyer | early | late\nLang | late | free",
        "Team | Jan-26 | Feb-26\nSales | 40 | 50\nOps | 30 | 20",
        "Region | 2026-01 | 2026-02\nNorth | 1 | 2\nSouth | 3 | 4",
        "Machine | CO 2 | Price\nPress | low | 12\nLathe | high | 7",
        "Key | Labels | Labels | Created\nA-1 | x | y | 2026-03-01\nA-2 | | z | 2026-03-02",
        "Name | Phone | Name | Phone\nMeyer | 4711 | Lang | 4712\nIto | 4713 | Kaya | 4714",
    ],
)
def test_dates_words_with_numbers_and_repeated_words_can_name_columns(text: str) -> None:
    [table] = tables(text)
    assert table.header == (tuple(cell.strip() for cell in text.split("\n")[0].split("|")),)
    assert len(table.rows) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Press | Shift 1 | Shift 2\nLathe | Shift 2 | Shift 3\nSaw | none | Shift 1",
        "Meyer | 2026-03-02 | 2026-03-09\nLang | 2026-03-03 | open\nIto | 2026-03-04 | open",
        "2026-03-02 | Meyer\n2026-03-03 | Lang\n2026-03-04 | Ito",
        "Start | 2026-03-02\nBoxes | 7\nRooms | 12",
        "Meyer | Room 1 | Sales\nLang | Lobby | Ops\nIto | Yard | IT",
        "Meyer | early | late | early\nLang | late | early | late\nIto | free | late | free",
        "Hook | red | n/a | red\nRope | blue | 9 | red",
        "Hook | Zone 1 | Zone 2\nRope | none | none",
    ],
)
def test_first_row_that_could_be_a_record_names_nothing(text: str) -> None:
    [table] = tables(text)
    assert table.header == ()
    assert len(table.rows) == text.count("\n") + 1


def test_rows_of_values_alone_have_no_names() -> None:
    assert tables("1 | 2 | 3\n4 | 5 | 6")[0].header == ()


def test_what_follows_a_blank_row_goes_on_under_the_same_names() -> None:
    first, second = tables("Name | Team | Room\nAnna | Sales | B\n\nJo | Ops | C\nDi | IT | D")
    assert first.header == second.header
    assert second.rows == (("Jo", "Ops", "C"), ("Di", "IT", "D"))


def test_another_table_below_has_its_own_names() -> None:
    first, second = tables("*Name | Room\nAnna | B\n\n*Item | Price\nHook | 12")
    assert (first.header, second.header) == ((("Name", "Room"),), (("Item", "Price"),))


def test_tables_stand_side_by_side() -> None:
    text = "*Item | Price | | Shift | Leader\nHook | 12 | | Early | Petra\nRope | 7 | | Late | Jo"
    first, second = tables(text)
    assert first.rows == (("Hook", "12"), ("Rope", "7"))
    assert second.rows == (("Early", "Petra"), ("Late", "Jo"))


def test_a_blank_column_before_a_single_one_only_sets_it_off() -> None:
    table = tables("*Item | Price | | Remark\nHook | 12 | | heavy")[0]
    assert table.rows == (("Hook", "12", "heavy"),)


def test_one_column_is_a_list() -> None:
    assert isinstance(found("Hook\nRope\nChain")[0], ItemList)


def test_titles_and_remarks_are_paragraphs() -> None:
    blocks = found("Prices of March |\n*Item | Price\nHook | 12\nAll without tax |")
    assert blocks[0] == Paragraph("Prices of March")
    assert blocks[-1] == Paragraph("All without tax")


def test_no_cell_is_lost_in_a_table_without_repetitions() -> None:
    @given(
        st.lists(st.lists(st.sampled_from(["", "a1", "word", "7", "x:"]), max_size=5), max_size=8)
    )
    def check(rows: list[list[str]]) -> None:
        numbered = [
            tuple(f"{cell}~{r}~{c}" if cell else "" for c, cell in enumerate(row))
            for r, row in enumerate(rows)
        ]
        text = str(list(blocks_of([Styled(row) for row in numbered])))
        for row in numbered:
            for cell in row:
                assert cell in text

    check()
