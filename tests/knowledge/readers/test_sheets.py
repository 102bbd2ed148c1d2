import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Heading, Paragraph, Table, Where
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers import kinds
from knowledge.readers.base import File
from knowledge.readers.recognition import recognized
from knowledge.readers.sheets import read
from tests.knowledge.readers.noise import damaged, file, survives
from tests.knowledge.readers.office_files import repacked

FORMATS = ["cranes.xlsx", "cranes.xls", "cranes.ods"]
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = '<Types><Override PartName="/book.xml" ContentType="{main}"/></Types>'
RELATIONS = (
    f'<Relationships><Relationship Id="rId1" Type="{_RELATIONS}/{{kind}}" Target="{{target}}"/>'
    "</Relationships>"
)


def workbook(rows: str, *, before: str = "", after: str = "", styles: str = "") -> bytes:
    """An Excel file of one sheet with ``rows``, as XML."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships><Relationship Id="rId1" Type="{_RELATIONS}/worksheet" '
            f'Target="/xl/worksheets/sheet1.xml"/><Relationship Id="rId2" '
            f'Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        )
        made.writestr("xl/styles.xml", f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>')
        made.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>',
        )
    return out.getvalue()


def cell(place: str, value: str, more: str = "") -> str:
    return f'<c r="{place}" t="str" {more}><v>{value}</v></c>'


def blocks(content: bytes) -> tuple[Block, ...]:
    return read(File(content)).blocks


def tables(content: bytes) -> list[Table]:
    return [block for block in blocks(content) if isinstance(block, Table)]


@pytest.mark.parametrize("name", FORMATS)
def test_cells_read_as_people_see_them(name: str) -> None:
    table = tables(file(name))[0]
    assert table.header == (
        ("Site", "Crane", "Load", "Price a day", "VAT", "Inspected on", "Hours", "Depot code"),
    )
    assert table.rows == (
        ("Harbour", "KX-01", "1200 kg", "340.50 €", "19%", "2026-03-01", "36:00", "01067"),
        ("Harbour", "KX-02", "800 kg", "290.00 €", "19%", "2026-02-14", "6:00", "01067"),
        ("Yard", "KX-07", "3000 kg", "610.10 €", "7%", "2025-12-31", "48:00", "80331"),
    )
    assert table.is_record_list
    assert table.where == Where(sheet="Cranes")


@pytest.mark.parametrize("name", FORMATS)
def test_what_stands_above_and_below_a_table_is_text(name: str) -> None:
    found = blocks(file(name))
    assert found[:3] == (
        Heading("Cranes", 1, Where(sheet="Cranes")),
        Paragraph("Cranes of Nordwind Logistics", Where(sheet="Cranes")),
        Paragraph("As of March 2026; ask Petra Lang for changes", Where(sheet="Cranes")),
    )
    assert found[4] == Paragraph("Loads are those with the long jib.", Where(sheet="Cranes"))


@pytest.mark.parametrize("name", FORMATS)
def test_a_sheet_may_hold_several_tables(name: str) -> None:
    shifts = tables(file(name))[1]
    assert shifts.header == (("Shift", "Leader"),)
    assert shifts.rows == (("Early", "Petra Lang"), ("Late", "Jo Ahmadi"))


@pytest.mark.parametrize("name", FORMATS)
def test_names_over_several_columns_are_repeated(name: str) -> None:
    turnover = tables(file(name))[2]
    assert turnover.header == (
        ("Region", "2025", "2025", "2026", "2026"),
        ("", "Plan", "Actual", "Plan", "Actual"),
    )
    assert turnover.rows[0] == ("North", "80", "40", "90", "0.3")
    link = Paragraph("How it is counted (https://example.org/turnover)", Where(sheet="Turnover"))
    assert blocks(file(name))[-1] == link


@pytest.mark.parametrize("name", FORMATS)
def test_hidden_sheets_and_rows_are_left_out_and_named(name: str) -> None:
    found = read(File(file(name)))
    assert "Secret bonus" not in str(found.blocks)
    assert "KX-99" not in str(found.blocks)
    assert found.notes == (
        "1 of 3 sheets are hidden and not read: Salaries",
        "sheet Cranes: not read: 1 hidden row",
    )


def test_binary_workbooks_of_excel_are_read() -> None:
    (table,) = tables(file("dates.xlsb"))
    assert table.rows == (("2021-01-01", "15"), ("2021-01-02", "16"), ("255:10:10", "17"))


def test_sheets_of_a_binary_workbook_that_are_hidden_or_charts_are_left_out() -> None:
    found = read(File(file("sheets.xlsb")))
    assert [block.text for block in found.blocks if isinstance(block, Heading)] == ["Visible"]
    assert found.notes == ("2 of 3 sheets are hidden and not read: Hidden, VeryHidden",)


def test_characters_that_xml_cannot_hold_are_not_shown_as_codes() -> None:
    rows = f'<row r="1">{cell("A1", "two_x000D_ lines")}{cell("B1", "_x005F_x000D_")}</row>'
    rows += '<row r="2"><c t="inlineStr"><is><t>a_x0009_b</t></is></c><c><v>1</v></c></row>'
    assert tables(workbook(rows))[0].rows == (("two lines", "_x000D_"), ("a b", "1"))


def renamed(content: bytes, name: Callable[[str], str]) -> bytes:
    """An archive with the same parts under other names."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as parts, zipfile.ZipFile(out, "w") as made:
        for part in parts.namelist():
            info = zipfile.ZipInfo("part")
            info.filename = name(part)  # a name with a backslash would be changed otherwise
            made.writestr(info, parts.read(part))
    return out.getvalue()


@pytest.mark.parametrize("name", [str.upper, lambda name: name.replace("/", "\\")])
def test_parts_may_be_named_in_other_letters_or_as_on_windows(name: Callable[[str], str]) -> None:
    content = renamed(file("cranes.xlsx"), name)
    assert recognized(File(content)) == kinds.XLSX
    assert read(File(content)) == read(File(file("cranes.xlsx")))


def test_the_workbook_may_be_anywhere() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", TYPES.format(main=f"{SHEETS}.sheet.main+xml"))
        made.writestr("_rels/.rels", RELATIONS.format(kind="officeDocument", target="book.xml"))
        made.writestr("_rels/book.xml.rels", RELATIONS.format(kind="worksheet", target="one.xml"))
        made.writestr(
            "book.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        made.writestr(
            "one.xml",
            f'<worksheet xmlns="{_MAIN}"><sheetData><row>{cell("A1", "near")}</row></sheetData>'
            "</worksheet>",
        )
    assert recognized(File(out.getvalue())) == kinds.XLSX
    assert blocks(out.getvalue())[-1] == Paragraph("near", Where(sheet="S"))


def test_a_cell_far_away_costs_no_more_than_a_near_one() -> None:
    rows = f'<row r="1">{cell("A1", "near")}</row>'
    rows += f'<row r="1048576">{cell("XFD1048576", "far away")}</row>'
    assert [getattr(block, "text", "") for block in blocks(workbook(rows))] == [
        "S",
        "near",
        "far away",
    ]


def test_rows_and_cells_without_places_follow_each_other() -> None:
    row = "<row><c t='str'><v>Site</v></c><c t='str'><v>Load</v></c></row>"
    row += "<row><c t='inlineStr'><is><t>Har</t></is></c><c><v>12.000000000001</v></c></row>"
    assert tables(workbook(row))[0].rows == (("Har", "12"),)


def test_a_formula_without_its_result_is_named() -> None:
    rows = f'<row r="1">{cell("A1", "Sum")}<c r="B1"><f>1+1</f></c></row>'
    assert read(File(workbook(rows))).notes == (
        "sheet S: 1 formula holds no result: open the file in Excel and save it",
    )


def test_cells_that_are_struck_out_are_not_read() -> None:
    struck = cell("A3", "Crane", 's="1"')
    styles = "<fonts><font/><font><strike/></font></fonts><cellXfs><xf/><xf fontId='1'/></cellXfs>"
    runs = (
        '<c r="B4" t="inlineStr"><is><r><rPr><strike/></rPr><t>90 </t></r>'
        '<r><rPr><strike val="0"/></rPr><t>120 </t></r><r><t>euros</t></r></is></c>'
        '<c r="C4" s="1" t="inlineStr"><is><r><t>old </t></r><r><rPr/><t>new</t></r></is></c>'
    )
    rows = (
        f"<row r='1'>{cell('A1', 'Item')}{cell('B1', 'Price')}{cell('C1', 'State')}</row>"
        f"<row r='2'>{cell('A2', 'Hook')}{cell('B2', '7')}{cell('C2', 'in use')}</row>"
        f"<row r='3'>{struck}<c r='B3' s='1'><v>90</v></c></row>"
        f"<row r='4'>{cell('A4', 'Crane')}{runs}</row>"
    )
    (table,) = tables(workbook(rows, styles=styles))
    assert table.header == (("Item", "Price", "State"),)
    assert table.rows == (("Hook", "7", "in use"), ("Crane", "120 euros", "new"))


def _struck_in_xls(content: bytes) -> bytes:
    """With a line through what is bold, as the records of fonts say."""
    bold = re.compile(rb"(1\x00.\x00..).(\x00..\xbc\x02)", re.DOTALL)
    return bold.sub(b"\\1\x08\\2", content)


def _struck_in_ods(content: bytes) -> bytes:
    through = b'text-line-through-style="'
    return repacked(content, lambda _, part: part.replace(through + b"none", through + b"solid", 1))


@pytest.mark.parametrize(
    ("name", "struck"), [("cranes.xls", _struck_in_xls), ("cranes.ods", _struck_in_ods)]
)
def test_cells_that_are_struck_out_in_other_formats_are_not_read(
    name: str, struck: Callable[[bytes], bytes]
) -> None:
    content = file(name)
    assert all(word in str(blocks(content)) for word in ("Site", "Harbour"))
    read = str(blocks(struck(content)))
    assert "Harbour" in read
    assert "Site" not in read


def test_hidden_columns_are_left_out() -> None:
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", f"a{n}")}{cell(f"B{n}", f"b{n}")}{cell(f"C{n}", f"c{n}")}'
        "</row>"
        for n in (1, 2, 3)
    )
    made = workbook(rows, before='<cols><col min="2" max="2" hidden="1"/></cols>')
    assert "b1" not in str(blocks(made))
    assert read(File(made)).notes == ("sheet S: not read: 1 hidden column",)
    assert len(tables(made)) == 1


def test_a_span_over_the_whole_sheet_takes_no_longer() -> None:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}", "x")}</row>' for n in range(1, 3_000))
    spans = "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 3_000 + "</mergeCells>"
    assert blocks(workbook(rows, after=spans))


def test_the_names_of_a_formatted_table_are_known() -> None:
    rows = f'<row r="1">{cell("A1", "Anna")}{cell("B1", "Berlin")}</row>'
    rows += f'<row r="2">{cell("A2", "Jo")}{cell("B2", "Essen")}</row>'
    plain = tables(workbook(rows))[0]
    assert plain.header == ()
    filtered = tables(workbook(rows, after='<autoFilter ref="A1:B2"/>'))[0]
    assert filtered.header == (("Anna", "Berlin"),)


def test_workbooks_without_values_are_empty() -> None:
    with pytest.raises(EmptySource):
        read(File(workbook("")))


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_workbook_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read(File(content))


def test_workbooks_with_a_password_say_so() -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(UnreadableSource, match="password"):
        read(File(content))


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_cost_only_themselves(name: str) -> None:
    @given(damaged(file(name)))
    @settings(deadline=None)
    def check(content: bytes) -> None:
        survives(lambda: read(File(content)))

    check()


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_xml_within_a_sheet_costs_only_itself(text: str) -> None:
    survives(lambda: read(File(workbook(text.encode("utf-8", "ignore").decode()))))


def with_parts(content: bytes, parts: Mapping[str, str]) -> bytes:
    """``content`` with more files; those of Excel's sheet are named by their kind."""
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_RELATIONS}/{kind}" Target="../{kind}.xml"/>'
        for n, kind in enumerate(parts)
    )
    out = BytesIO(content)
    with zipfile.ZipFile(out, "a") as made:
        made.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels", f"<Relationships>{links}</Relationships>"
        )
        for kind, text in parts.items():
            made.writestr(f"xl/{kind}.xml", text)
    return out.getvalue()


ROWS = (
    f"<row r='1'>{cell('A1', 'Item')}{cell('B1', 'Price')}</row>"
    f"<row r='2'>{cell('A2', 'Crane hire')}{cell('B2', '120')}</row>"
    f"<row r='3' hidden='1'>{cell('A3', 'Old hire')}{cell('B3', '90')}</row>"
)


def test_comments_name_the_cell_that_they_are_on() -> None:
    comments = (
        f'<comments xmlns="{_MAIN}"><authors><author>Petra</author><author>tc={{1}}</author>'
        '</authors><commentList><comment ref="B2" authorId="0"><text><r><t>From May: </t></r><r>'
        '<t>150</t></r></text></comment><comment ref="B3" authorId="0"><text><t>Hidden</t></text>'
        '</comment><comment ref="A2" authorId="1"><text><t>Update Excel.</t></text></comment>'
        '<comment ref="A1" authorId="0"><text><t>Petra:\nAll of them</t></text></comment>'
        "</commentList></comments>"
    )
    threads = '<a><threadedComment ref="A2"><text>With driver?</text></threadedComment></a>'
    found = blocks(with_parts(workbook(ROWS), {"comments": comments, "threadedComment": threads}))
    assert found[-3:] == tuple(
        Paragraph(text, Where(sheet="S"))
        for text in (
            "Comment on A2 (Crane hire): With driver?",
            "Comment on B2 (Crane hire, 120): Petra: From May: 150",
            "Comment on A1 (Item): Petra: All of them",
        )
    )


def test_boxes_of_text_stand_below_the_cells() -> None:
    box = (
        "<d:sp><d:txBody><a:p><a:r><a:t>Never fill above </a:t></a:r><a:r><a:t>80 %.</a:t></a:r>"
        "</a:p></d:txBody></d:sp>"
    )
    drawing = (
        '<d:wsDr xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        f"<d:twoCellAnchor>{box}</d:twoCellAnchor><d:grpSp>{box}</d:grpSp></d:wsDr>"
    )
    assert blocks(with_parts(workbook(ROWS), {"drawing": drawing}))[-1] == Paragraph(
        "Never fill above 80 %.", Where(sheet="S")
    )
    alone = blocks(with_parts(workbook(""), {"drawing": drawing}))
    assert [getattr(each, "text", "") for each in alone] == ["S", "Never fill above 80 %."]
