from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import Block, Code, Content, Heading, Item, ItemList, Paragraph, Table
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers.base import File
from knowledge.readers.spans import flat
from knowledge.readers.word import read
from tests.hostile import is_linear
from tests.knowledge.readers.office_files import (
    cell,
    drawing,
    field,
    office,
    paragraph,
    repacked,
    row,
    run,
    style,
    table,
    text,
    word,
    xml,
)

FILES = Path(__file__).parents[1] / "files"

BASE_STYLES = (
    style("heading 1", inside='<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')
    + style("heading 2", inside='<w:pPr><w:outlineLvl w:val="1"/></w:pPr>')
    + style("Title")
    + style("Subtitle")
    + style("caption")
    + style("List Paragraph")
    + style("toc 1")
    + style("TOC Heading", "heading1")
    + style("Source Code")
)


def contents(body: str, **parts: object) -> Content:
    parts.setdefault("styles", BASE_STYLES)
    return read(File(word(body, **parts)))  # type: ignore[arg-type]


def blocks(body: str, **parts: object) -> tuple[Block, ...]:
    return contents(body, **parts).blocks


def texts(body: str, **parts: object) -> list[str]:
    return [flat([block]) for block in blocks(body, **parts)]


def rows(body: str) -> Iterable[tuple[str, ...]]:
    (made,) = blocks(body)
    assert isinstance(made, Table)
    return [*made.header, *made.rows]


def header(body: str) -> tuple[tuple[str, ...], ...]:
    (made,) = blocks(body)
    assert isinstance(made, Table)
    return made.header


def test_file_of_a_real_program_is_read_as_its_reader_sees_it() -> None:
    content = read(File((FILES / "handbook.docx").read_bytes()))
    assert content.title == "Yard handbook"
    assert content.notes == ()
    assert content.blocks == (
        Paragraph("Brandt Turbines, rules of the yard"),
        Heading("For everyone in hall 4", 2),
        Heading("Forklifts", 1),
        Paragraph(
            "The fine is 120 euros for each breach. Ask the rules page "
            "(https://yard.example/rules). (Footnote: The council set it in March.)"
        ),
        Paragraph("Who may drive?", is_bold=True),
        Paragraph("Only holders of card F-31."),
        Heading("Order of checks", 2),
        ItemList(
            (
                Item("Tyres", 0, "1."),
                Item("Left side", 1, "a)"),
                Item("Right side", 1, "b)"),
                Item("Brakes", 0, "2."),
            )
        ),
        Paragraph("Loads:"),
        ItemList((Item("Pallets up to 10^3 kg"), Item("Tanks of CO2"))),
        Heading("Duty rota", 1),
        Table(
            (("Site", "Weekday", "Person"),),
            (
                ("Harbour", "Monday", "Orlov"),
                ("Harbour", "Tuesday", "Petrov"),
                ("Airport", "Airport", "Quist"),
            ),
            caption="Table 1: who is on duty",
        ),
        Code("if load > 900:\n    stop()"),
        Paragraph("The gate opens at 6:40."),
        Paragraph("Call 5512 when the gate jams."),
    )


def test_style_that_is_based_on_a_heading_is_one() -> None:
    styles = (
        BASE_STYLES
        + style("Chapter", "heading1")
        + style("Part", "Chapter")
        + style("Clause", inside='<w:pPr><w:outlineLvl w:val="2"/></w:pPr>')
        + style("Looks like one", "heading1", '<w:pPr><w:outlineLvl w:val="9"/></w:pPr>')
    )
    body = "".join(paragraph(name, name.replace(" ", "")) for name in ("Chapter", "Part", "Clause"))
    body += paragraph("Text", "Lookslikeone")
    body += paragraph("Direct", properties='<w:outlineLvl w:val="1"/>')
    assert blocks(body, styles=styles) == (
        Heading("Chapter", 1),
        Heading("Part", 1),
        Heading("Clause", 3),
        Paragraph("Text"),
        Heading("Direct", 2),
    )


def test_styles_that_are_based_on_each_other_in_a_circle_are_read() -> None:
    styles = style("A", "B") + style("B", "A")
    assert blocks(paragraph("Text", "A"), styles=styles) == (Paragraph("Text"),)


def test_paragraph_in_the_style_of_titles_is_the_title_and_not_a_chunk_of_its_own() -> None:
    body = paragraph("Crane", "Title") + paragraph("rules", "Title") + paragraph("2026", "Subtitle")
    content = contents(body + paragraph("Text"))
    assert content.title == "Crane rules"
    assert content.blocks == (Heading("2026", 2), Paragraph("Text"))


def test_later_paragraph_in_the_style_of_titles_is_a_heading() -> None:
    body = "".join(paragraph(n, "Title") + paragraph(f"Text {n}") for n in ("One", "Two"))
    content = contents(body)
    assert content.title == "One"
    assert content.blocks == (Paragraph("Text One"), Heading("Two", 1), Paragraph("Text Two"))


@pytest.mark.parametrize(
    ("title", "body", "shown"),
    [
        ("Travel rules", paragraph("Ask first."), "Travel rules"),
        ("Microsoft Word - x.doc", paragraph("Ask first."), ""),
        ("Document1", paragraph("Ask first."), ""),
        ("Old template", paragraph("Travel", "heading1") + paragraph("Ask first."), ""),
        ("Travel", paragraph("Travel") + paragraph("Scope", "heading1"), "Travel"),
    ],
)
def test_title_among_the_properties_counts_where_it_is_sensible(
    title: str, body: str, shown: str
) -> None:
    assert contents(body, title=title).title == shown


def test_what_is_too_long_for_a_heading_keeps_all_its_words() -> None:
    assert blocks(paragraph("word " * 60, "heading1")) == (Paragraph(("word " * 60).strip()),)


def test_tracked_changes_are_read_as_if_all_were_accepted() -> None:
    mark = "<w:rPr><w:del/></w:rPr>"
    moved = '<w:moveFromRangeStart w:name="m"/>'
    body = (
        paragraph(
            text("Limit ")
            + "<w:del><w:r><w:delText>90</w:delText></w:r></w:del>"
            + f"<w:ins>{text('120')}</w:ins>"
            + text(" euros")
        )
        + paragraph(f"<w:moveFrom>{text('Old place')}</w:moveFrom>{moved}")
        + paragraph(f"<w:moveTo>{text('New place')}</w:moveTo>")
        + paragraph("Two para", properties=mark)
        + paragraph("graphs that became one")
        + table(
            row("Gone", "row", properties="<w:del/>"),
            row("Tool", "Shelf", properties="<w:ins/>"),
            row("Drill", "S1"),
        )
    )
    assert texts(body) == [
        "Limit 120 euros",
        "New place",
        "Two paragraphs that became one",
        "Tool, Shelf; Drill, S1",
    ]


def test_hidden_text_is_not_read() -> None:
    styles = BASE_STYLES + style("Internal", inside="<w:rPr><w:vanish/></w:rPr>")
    styles += style("secret", inside="<w:rPr><w:vanish/></w:rPr>", kind="character")
    body = (
        paragraph(text("Shown") + text(" hidden", "<w:vanish/>"))
        + paragraph("By its style", "Internal")
        + paragraph(text("Shown again", '<w:vanish w:val="0"/>'), "Internal")
        + paragraph(text("A") + text("B", '<w:rStyle w:val="secret"/>'))
        + table(
            row("One", "Two"),
            row("Not", "this", properties="<w:hidden/>"),
            row("Three", "Four"),
        )
    )
    assert texts(body, styles=styles) == ["Shown", "Shown again", "A", "One, Two; Three, Four"]


def test_cells_that_span_are_repeated() -> None:
    start, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    wide = '<w:gridSpan w:val="2"/>'
    made = table(
        row("Site", "Day", "Shift", "Who"),
        row(cell("Harbour", start), cell("Monday", wide), "Orlov"),
        row(cell("", go_on), "Tuesday", "Late", cell("Petrov", start)),
        row(cell("", go_on), cell("Friday", wide), cell("", go_on)),
        row("Airport", "Friday", "Late", "Quist"),
    )
    assert rows(made) == [
        ("Site", "Day", "Shift", "Who"),
        ("Harbour", "Monday", "Monday", "Orlov"),
        ("Harbour", "Tuesday", "Late", "Petrov"),
        ("Harbour", "Friday", "Friday", "Petrov"),
        ("Airport", "Friday", "Late", "Quist"),
    ]


def test_older_and_indented_rows_stay_in_their_columns() -> None:
    made = table(
        row("A", "B", "C"),
        row(cell("1", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), "2"),
        row("3", "4", properties='<w:gridBefore w:val="1"/>'),
    )
    assert rows(made) == [("A", "B", "C"), ("1", "1", "2"), ("", "3", "4")]


def test_rows_that_word_repeats_on_each_page_are_the_header() -> None:
    repeated = "<w:tblHeader/>"
    made = table(
        row(cell("2026", '<w:gridSpan w:val="2"/>'), properties=repeated),
        row("1", "2", properties=repeated),
        row("3", "4"),
        row("5", "6"),
    )
    (block,) = blocks(made)
    assert block == Table((("1", "2"),), (("3", "4"), ("5", "6")), caption="2026")


@pytest.mark.parametrize(
    ("first", "is_header"),
    [
        (("Tool", "Shelf"), True),
        (("", "Shelf"), True),
        (("Tool", "Tool"), False),
        (("Tool", "17"), False),
        (("Tool", ""), False),
        (("Tool", "long " * 40), False),
    ],
)
def test_first_row_is_the_header_where_it_names_the_columns(
    first: tuple[str, str], is_header: bool
) -> None:
    assert bool(header(table(row(*first), row("Drill", "S1"), row("Saw", "S2")))) is is_header


def test_names_that_are_bold_in_the_first_column_make_no_header() -> None:
    def bold(words: str) -> str:
        return cell(paragraph(text(words, "<w:b/>")))

    assert not header(table(row(bold("Owner"), "Ana"), row(bold("Room"), "12")))
    assert header(table(row(bold("Owner"), bold("Owner")), row("Ana", "12")))


def test_frame_around_text_is_no_table() -> None:
    framed = table(row(cell(paragraph("Careful", "heading1") + paragraph("Hot pipes."))))
    assert blocks(framed) == (Heading("Careful", 1), Paragraph("Hot pipes."))


def test_table_within_a_cell_is_text_of_the_cell() -> None:
    inner = table(row("Mon", "Tue"), row("8", "9"))
    made = table(row("Who", "When"), row("Ana", cell(inner + paragraph("each week"))))
    assert list(rows(made))[1] == ("Ana", "Mon, Tue; 8, 9 each week")


def test_caption_stays_with_its_table() -> None:
    made = table(row("Tool", "Shelf"), row("Drill", "S1"))
    above = blocks(paragraph("Table 1: tools", "caption") + made + paragraph("Text"))
    below = blocks(made + paragraph("Table 1: tools", "caption") + paragraph("Text"))
    assert above == below
    assert isinstance(above[0], Table)
    assert above[0].caption == "Table 1: tools"
    figure = paragraph("Figure 2: a crane", "caption")
    assert texts(figure + made)[0] == "Figure 2: a crane"
    assert texts(paragraph("Text") + paragraph("Table 9", "caption"))[1] == "Table 9"


def list_of(num: int, level: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'


def level(depth: int, form: str, mark: str, more: str = "") -> str:
    says = f'<w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{mark}"/>'
    return f'<w:lvl w:ilvl="{depth}">{says}</w:lvl>'


NUMBERING = (
    '<w:abstractNum w:abstractNumId="1">'
    + level(0, "decimal", "%1.")
    + level(1, "decimal", "%1.%2")
    + level(2, "lowerRoman", "(%3)")
    + '</w:abstractNum><w:abstractNum w:abstractNumId="2">'
    + level(0, "bullet", "x")
    + "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="1"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
)


def test_items_bear_the_numbers_that_word_shows() -> None:
    levels = [(1, 0), (1, 1), (1, 2), (1, 2), (1, 1), (1, 0), (1, 1), (3, 0), (3, 0), (2, 0)]
    body = "".join(paragraph("x", properties=list_of(*each)) for each in levels)
    (made,) = blocks(body, numbering=NUMBERING)
    assert isinstance(made, ItemList)
    marks = ["1.", "1.1", "(i)", "(ii)", "1.2", "2.", "2.1", "7.", "8.", "-"]
    assert [item.mark for item in made.items] == marks
    assert [item.depth for item in made.items] == [level for _, level in levels]


@pytest.mark.parametrize(
    ("restart", "marks"),
    [
        ("", ["I", "A", "§ 1", "§ 2", "B", "§ 1", "II", "A", "§ 1"]),
        ('<w:lvlRestart w:val="0"/>', ["I", "A", "§ 1", "§ 2", "B", "§ 3", "II", "A", "§ 4"]),
        ('<w:lvlRestart w:val="1"/>', ["I", "A", "§ 1", "§ 2", "B", "§ 3", "II", "A", "§ 1"]),
    ],
)
def test_numbers_go_on_below_the_levels_that_do_not_restart_them(
    restart: str, marks: list[str]
) -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="1">'
        + level(0, "upperRoman", "%1")
        + level(1, "upperLetter", "%2")
        + level(2, "decimal", "§ %3", restart)
        + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    )
    levels = [0, 1, 2, 2, 1, 2, 0, 1, 2]
    body = "".join(paragraph("x", properties=list_of(1, each)) for each in levels)
    (made,) = blocks(body, numbering=numbering)
    assert isinstance(made, ItemList)
    assert [item.mark for item in made.items] == marks


def test_numbers_of_headings_are_read_and_bullets_are_not() -> None:
    body = (
        paragraph("Scope", "heading1", list_of(1))
        + paragraph("Places", "heading2", list_of(1, 1))
        + paragraph("Text")
        + paragraph("Point", "heading1", list_of(2))
        + paragraph("Text")
    )
    headings = [block for block in blocks(body, numbering=NUMBERING) if isinstance(block, Heading)]
    assert headings == [Heading("1. Scope", 1), Heading("1.1 Places", 2), Heading("Point", 1)]


def test_paragraph_without_mark_continues_the_item() -> None:
    body = (
        paragraph("Brakes", properties=list_of(1))
        + paragraph("Both of them.", "ListParagraph")
        + paragraph("Tyres", properties=list_of(1))
        + paragraph("Text", properties=list_of(0))
    )
    assert blocks(body, numbering=NUMBERING) == (
        ItemList((Item("Brakes Both of them.", 0, "1."), Item("Tyres", 0, "2."))),
        Paragraph("Text"),
    )


def test_link_targets_are_read() -> None:
    form = f'<w:hyperlink r:id="l">{text("the form")}</w:hyperlink>'
    simple = f'<w:fldSimple w:instr=" HYPERLINK mailto:hr@b.example ">{text("us")}</w:fldSimple>'
    body = (
        paragraph(form + text(" first"))
        + paragraph(field(' HYPERLINK "https://b.example/x" \\o "tip" ', text("the plan")))
        + paragraph(simple)
        + paragraph(f'<w:hyperlink w:anchor="_Ref1">{text("above")}</w:hyperlink>')
        + paragraph(field(" REF _Ref1 ", text("Table 3")))
    )
    assert texts(body, links=(("l", "hyperlink", "https://b.example/form"),)) == [
        "the form (https://b.example/form) first",
        "the plan (https://b.example/x)",
        "us (hr@b.example)",
        "above",
        "Table 3",
    ]


BEGIN = run('<w:fldChar w:fldCharType="begin"/>')


def test_field_that_never_ends_hides_no_other_paragraph() -> None:
    assert texts(paragraph(BEGIN + text("IF")) + paragraph("Text")) == ["Text"]


def box(inside: str) -> str:
    content = f"<w:txbxContent>{inside}</w:txbxContent>"
    drawn = f"<w:drawing><wps:txbx>{content}</wps:txbx></w:drawing>"
    older = f"<w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict>"
    return run(
        f"<mc:AlternateContent><mc:Choice Requires='wps'>{drawn}</mc:Choice>"
        f"<mc:Fallback>{older}</mc:Fallback></mc:AlternateContent>"
    )


def test_text_box_is_read_once_behind_its_paragraph() -> None:
    body = paragraph(text("Before ") + box(paragraph("In the box")) + text("after"))
    assert texts(body) == ["Before after", "In the box"]
    nested = paragraph(box(paragraph(text("Outer") + box(paragraph("Inner")))))
    assert texts(nested) == ["Outer", "Inner"]


def test_footnotes_stand_with_the_paragraph_that_refers_to_them() -> None:
    notes = xml(
        "w:footnotes",
        '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>___</w:t></w:r></w:p></w:footnote>'
        f'<w:footnote w:id="2">{paragraph("Only on weekdays.")}</w:footnote>',
    )
    ends = xml("w:endnotes", f'<w:endnote w:id="2">{paragraph("See the law.")}</w:endnote>')
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = (
        paragraph(text("Open from 8") + reference + text(" to 5"))
        + paragraph(text("Again") + reference)
        + paragraph(text("End") + '<w:r><w:endnoteReference w:id="2"/></w:r>')
    )
    found = texts(
        body,
        parts={"word/footnotes.xml": notes, "word/endnotes.xml": ends},
        links=(("f", "footnotes", "footnotes.xml"), ("e", "endnotes", "endnotes.xml")),
    )
    assert found == [
        "Open from 8 to 5 (Footnote: Only on weekdays.)",
        "Again",
        "End (Footnote: See the law.)",
    ]


def test_headers_and_footers_are_read_once_without_the_numbers_of_pages() -> None:
    page = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>7</w:t></w:r></w:fldSimple>'
    pages = page.replace(" PAGE ", " NUMPAGES ")
    kinds = (("header", "default", "h"), ("header", "first", "h1"), ("header", "even", "h2"))
    sections = "".join(
        f'<w:{kind}Reference w:type="{pages_of}" r:id="{name}"/>'
        for kind, pages_of, name in (*kinds, ("footer", "default", "f"))
    )
    body = (
        paragraph("Text", properties=f"<w:sectPr>{sections}</w:sectPr>")
        + paragraph("More")
        + f"<w:sectPr>{sections}</w:sectPr>"
    )
    footer = paragraph(text("QM-17, page ") + page + text(" of ") + pages) + paragraph(
        text("Page ") + page
    )
    found = texts(
        body,
        parts={
            "word/header1.xml": xml("w:hdr", paragraph("Brandt Turbines")),
            "word/header2.xml": xml("w:hdr", paragraph("Never shown")),
            "word/footer1.xml": xml("w:ftr", footer),
        },
        links=(
            ("h", "header", "header1.xml"),
            ("h1", "header", "header2.xml"),
            ("h2", "header", "header2.xml"),
            ("f", "footer", "footer1.xml"),
        ),
    )
    assert found == ["Brandt Turbines", "QM-17,", "Text", "More"]


def control(inside: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"


def test_content_controls_are_read_and_what_they_ask_for_is_not() -> None:
    body = (
        control(paragraph("Block"))
        + paragraph(control(text("inline")) + control(text("Click here"), "<w:showingPlcHdr/>"))
        + table(row("A", control(cell("B"))), control(row("C", "D")))
        + paragraph(f"<w:smartTag>{text('Tagged')}</w:smartTag>")
    )
    assert texts(body) == ["Block", "inline", "A, B; C, D", "Tagged"]


def test_cell_that_still_asks_for_its_text_keeps_its_column() -> None:
    asks = control(
        cell("Choose an item", '<w:gridSpan w:val="2"/>') + cell("Date"), "<w:showingPlcHdr/>"
    )
    made = table(row("Site", "Head", "Deputy", "Since", "Phone"), row("North", asks, "4711"))
    assert rows(made) == [
        ("Site", "Head", "Deputy", "Since", "Phone"),
        ("North", "", "", "", "4711"),
    ]


def test_table_of_contents_is_left_out() -> None:
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    body = (
        control(paragraph("Contents", "TOCHeading") + paragraph("Scope 3"), gallery)
        + paragraph("Contents", "TOCHeading")
        + paragraph("Scope 3", "toc1")
        + paragraph("Text")
    )
    assert texts(body) == ["Text"]


def test_signs_breaks_and_powers_are_read() -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    raised = text("10") + text("6", up) + text(" H") + text("2", down) + text("O, 4")
    tick = '<w:sym w:font="Wingdings" w:char="F0FC"/>'
    alpha = '<w:sym w:font="Symbol" w:char="F061"/>'
    body = (
        paragraph(raised + text("th", up))
        + paragraph(run("<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/>"))
        + paragraph(run(f"{tick}<w:t> done </w:t>{alpha}"))
        + paragraph("co\xadoperate e\ufb03cient")
    )
    assert texts(body) == ["10^6 H2O, 4th", "a b c-", "✓ done α", "cooperate efficient"]


def test_equations_are_read() -> None:
    def m(words: str) -> str:
        return f"<m:r><m:t>{words}</m:t></m:r>"

    fraction = f"<m:f><m:num>{m('a+b')}</m:num><m:den>{m('2')}</m:den></m:f>"
    power = f"<m:sSup><m:e>{m('x')}</m:e><m:sup>{m('2')}</m:sup></m:sSup>"
    root = f"<m:rad><m:deg/><m:e>{m('y')}</m:e></m:rad>"
    whole = f"<m:oMath>{fraction}{m('=')}{power}{m('+')}{root}</m:oMath>"
    assert texts(paragraph(f"<m:oMathPara>{whole}</m:oMathPara>")) == ["(a+b)/2=x^2+√(y)"]


def test_forms_say_what_was_ticked_and_chosen() -> None:
    ticked = '<w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData>'
    chosen = (
        '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Red"/>'
        '<w:listEntry w:val="Blue"/></w:ddList></w:ffData>'
    )
    body = paragraph(field(" FORMCHECKBOX ", "", ticked) + text("Paid"))
    body += paragraph(field(" FORMDROPDOWN ", "", chosen) + text(" paint"))
    assert texts(body) == ["☒ Paid", "Blue paint"]


def test_code_is_known_by_its_style_or_its_font() -> None:
    font = '<w:rFonts w:ascii="Consolas"/>'
    lines = run('<w:t>def f():</w:t><w:br/><w:t xml:space="preserve">    pass</w:t>')
    body = (
        paragraph(lines, "SourceCode")
        + paragraph(text("  return 1", font))
        + paragraph(text("The command ") + text("ls", font))
    )
    assert blocks(body) == (
        Code("def f():\n    pass\n  return 1"),
        Paragraph("The command ls"),
    )


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("Map of hall 4 with the exits", ["Map of hall 4 with the exits"]),
        ("A crane Description automatically generated", ["A crane"]),
        ("image1.png", []),
        ("Picture 3", []),
        ("", []),
    ],
)
def test_alternative_text_of_a_picture_is_read_where_it_says_something(
    said: str, read_as: list[str]
) -> None:
    picture = drawing(f'<wp:docPr id="1" name="x" descr="{said}"/>')
    assert texts(paragraph(text("Text") + picture)) == ["Text", *read_as]


def test_charts_and_smart_art_are_read() -> None:
    def points(kind: str, *values: str) -> str:
        each = "".join(f'<c:pt idx="{n}"><c:v>{v}</c:v></c:pt>' for n, v in enumerate(values))
        return f"<c:{kind}><c:strRef><c:strCache>{each}</c:strCache></c:strRef></c:{kind}>"

    output = "<c:rich><a:p><a:r><a:t>Output</a:t></a:r></a:p></c:rich>"
    values = points("val", "0.30000000000000004", "12")
    series = points("tx", "Hall 4") + points("cat", "2025", "2026") + values
    bars = f"<c:plotArea><c:barChart><c:ser>{series}</c:ser></c:barChart></c:plotArea>"
    chart = f"<c:chart><c:title><c:tx>{output}</c:tx></c:title>{bars}</c:chart>"
    nodes = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        "<dgm:pt type='parTrans'><dgm:t><a:p><a:r><a:t>no</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for words in ("Plan", "Do")
    )
    smart = f"<dgm:ptLst>{nodes}</dgm:ptLst>"
    drawn = drawing('<c:chart r:id="c"/><dgm:relIds r:dm="d"/>')
    assert blocks(
        paragraph(drawn),
        parts={
            "word/charts/chart1.xml": xml("c:chartSpace", chart),
            "word/diagrams/data1.xml": xml("dgm:dataModel", smart),
        },
        links=(
            ("c", "chart", "charts/chart1.xml"),
            ("d", "diagramData", "/word/diagrams/data1.xml"),
        ),
    ) == (
        Table((("", "Hall 4"),), (("2025", "0.3"), ("2026", "12")), caption="Output"),
        ItemList((Item("Plan"), Item("Do"))),
    )


def test_file_in_the_strict_form_of_the_standard_is_read() -> None:
    def strict(name: str, content: bytes) -> bytes:
        for which in (b"wordprocessingml", b"officeDocument"):
            usual = b"http://schemas.openxmlformats.org/" + which + b"/2006/"
            content = content.replace(usual, b"http://purl.oclc.org/ooxml/" + which + b"/")
        return content

    made = word(paragraph("Travel", "heading1") + paragraph("Ask first."), BASE_STYLES)
    expected = (Heading("Travel", 1), Paragraph("Ask first."))
    assert read(File(repacked(made, strict))).blocks == expected


PICTURE = run('<w:pict><v:shape><v:imagedata r:id="p"/></v:shape></w:pict>')


def test_what_is_not_read_is_said() -> None:
    content = contents(paragraph(text("Scan") + PICTURE) + '<w:altChunk r:id="x"/>')
    assert len(content.notes) == 2
    assert "text recognition" in content.notes[0]
    assert "other formats" in content.notes[1]
    assert not contents(paragraph(text("word " * 100) + PICTURE)).notes


def test_file_without_text_is_empty() -> None:
    for body, says in (("", "no text"), (paragraph(PICTURE), "text recognition")):
        with pytest.raises(EmptySource, match=says):
            contents(body)


def test_file_without_its_document_is_damaged() -> None:
    for parts in ({}, {"word/document.xml": "<a/>"}, {"word/document.xml": "<a"}):
        with pytest.raises(UnreadableSource, match="no readable Word file"):
            read(File(office("word/document.xml", parts)))


@pytest.mark.parametrize(
    "missing", ["word/styles.xml", "word/_rels/document.xml.rels", "_rels/.rels"]
)
def test_file_that_lacks_a_part_is_read_as_far_as_it_goes(missing: str) -> None:
    whole = (FILES / "handbook.docx").read_bytes()
    content = repacked(whole, lambda name, part: None if name == missing else part)
    assert "Only holders of card F-31." in flat(read(File(content)).blocks)


@given(st.data())
def test_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray((FILES / "handbook.docx").read_bytes())
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        read(File(bytes(content if data.draw(st.booleans()) else content[:cut])))
    except IngestError:
        return


TAGS = "p r t tbl tr tc sdt sdtContent ins del hyperlink pict txbxContent fldSimple pPr rPr".split()


def elements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def element(tag: str, children: list[str]) -> str:
        return f"<w:{tag}>{''.join(children)}</w:{tag}>"

    return st.builds(element, st.sampled_from(TAGS), st.lists(inner, max_size=4))


@given(st.recursive(st.just("x"), elements, max_leaves=40))
def test_any_order_of_elements_is_read(body: str) -> None:
    try:
        content = contents(body)
    except EmptySource:
        return
    assert content.blocks


DEEP = {
    "tables": ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
    "tables that span": (
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="9"/></w:tcPr>',
        f"</w:tc>{cell('b')}</w:tr></w:tbl>",
    ),
    "controls": ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"),
    "boxes": ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"),
    "links": ("<w:p>" + "<w:hyperlink>" * 200 + "<w:r/>" + "</w:hyperlink>" * 200, "</w:p>"),
    "equations": ("<w:p><m:oMath>" + "<m:d><m:e>" * 100 + "</m:e></m:d>" * 100, "</m:oMath></w:p>"),
}


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("times", [1, 30, 60, 80, 120, 5_000])
def test_deep_nesting_is_read_or_refused(name: str, times: int) -> None:
    opening, closing = DEEP[name]
    try:
        content = contents(opening * times + paragraph("Text") + closing * times + paragraph("End"))
    except UnreadableSource:
        return
    assert len(flat(content.blocks)) < 100_000


def growing(kind: str, length: int) -> bytes:
    n = length // 40 + 1
    if kind == "vertical merges":
        merged = row(cell("a" * 400, '<w:vMerge w:val="restart"/><w:gridSpan w:val="60"/>'), "b")
        return word(table(merged, row(cell("", "<w:vMerge/>"), "b") * n))
    if kind == "wide spans":
        return word(table(row(cell("a" * 400, '<w:gridSpan w:val="999999999"/>'), "b") * n))
    if kind == "notes":
        notes = xml("w:footnotes", f'<w:footnote w:id="1">{paragraph("a" * length)}</w:footnote>')
        return word(
            paragraph('<w:r><w:footnoteReference w:id="1"/></w:r>') * n,
            parts={"word/footnotes.xml": notes},
            links=(("f", "footnotes", "footnotes.xml"),),
        )
    if kind == "fields":
        return word(paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * n + text("a")))
    if kind == "links":
        return word(paragraph("<w:hyperlink>" * 200 + text("a" * length) + "</w:hyperlink>" * 200))
    if kind == "styles":
        styles = "".join(style(f"s{k}", f"s{k + 1}") for k in range(n))
        return word("".join(paragraph("a", f"s{k}") for k in range(n)), styles)
    return word(paragraph(kind * (length // len(kind) + 1)) + paragraph(text("a")) * n)


KINDS = ["vertical merges", "wide spans", "notes", "fields", "links", "styles", "page ", "a\t"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_reading_takes_twice_as_long_for_twice_as_much(kind: str) -> None:
    files: dict[str, bytes] = {}  # by a text of their size: built here, so that it is not measured

    def make(size: int) -> str:
        name = "a" * size
        files[name] = growing(kind, size)
        return name

    def read_quietly(name: str) -> None:
        with suppress(IngestError):
            read(File(files[name]))

    assert is_linear(read_quietly, make)


def test_text_that_is_struck_out_is_not_read() -> None:
    body = paragraph(
        text("Fee: ")
        + text("90 ", "<w:strike/>")
        + text("95 ", "<w:dstrike/>")
        + text("120 euros", '<w:strike w:val="0"/>')
    )
    assert texts(body) == ["Fee: 120 euros"]
