"""Files of plain formats that real programs wrote: README.md beside them says which."""

import pytest

from domain.blocks import Code, Heading, ItemList, Paragraph, Table
from knowledge.readers.base import File
from knowledge.readers.reading import read
from tests.knowledge.readers.noise import file

CRANES = (("Harbour", "KX-01", "1200", "340"), ("Harbour", "KX-02", "800", "290"))


@pytest.mark.parametrize("name", ["cranes.tsv", "cranes.json", "cranes.yaml"])
def test_exported_rows_are_records(name: str) -> None:
    [table] = [block for block in read(File(file(name), name)).blocks if isinstance(block, Table)]
    assert table.header == (("site", "crane", "load", "price"),)
    assert table.rows[:2] == CRANES


def test_sheet_that_was_saved_as_csv_keeps_what_stands_around_its_table() -> None:
    blocks = read(File(file("cranes.csv"), "cranes.csv")).blocks
    assert blocks[0] == Paragraph("Cranes of Nordwind Logistics")
    cranes, shifts = [block for block in blocks if isinstance(block, Table)]
    assert cranes.header[0][:3] == ("Site", "Crane", "Load")
    assert cranes.rows[2][:4] == ("Yard", "KX-07", "3000", "610.1")
    assert blocks[-2] == Paragraph("Loads are those with the long jib.")
    assert "Early" in str(shifts)


@pytest.mark.parametrize("name", ["handbook.html", "handbook.md", "handbook.rst"])
def test_headings_lists_and_tables_of_a_converted_document_are_kept(name: str) -> None:
    blocks = read(File(file(name), name)).blocks
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    assert headings == ["Forklifts", "Order of checks", "Duty rota"]
    order, loads = [block for block in blocks if isinstance(block, ItemList)]
    assert [(item.text, item.depth) for item in order.items] == [
        ("Tyres", 0),
        ("Left side", 1),
        ("Right side", 1),
        ("Brakes", 0),
    ]
    assert [item.text for item in loads.items] == ["Pallets up to 10^3 kg", "Tanks of CO2"]
    [rota] = [block for block in blocks if isinstance(block, Table)]
    assert rota.header == (("Site", "Weekday", "Person"),)
    assert rota.rows[0] == ("Harbour", "Monday", "Orlov")
    paragraphs = [block.text for block in blocks if isinstance(block, Paragraph)]
    assert any("the rules page (https://yard.example/rules)" in each for each in paragraphs)


def test_code_of_a_web_page_is_code() -> None:
    [code] = [b for b in read(File(file("handbook.html"))).blocks if isinstance(b, Code)]
    assert code.text == "if load > 900:\n    stop()"


def test_paragraphs_and_items_of_a_text_are_told_apart() -> None:
    blocks = read(File(file("handbook.txt"), "handbook.txt")).blocks
    assert Paragraph("Who may drive?") in blocks
    items = [item.text for each in blocks if isinstance(each, ItemList) for item in each.items]
    assert items[-2:] == ["Pallets up to 10³ kg", "Tanks of CO₂"]
