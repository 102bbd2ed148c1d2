from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import Block, Code, Content, Heading, Item, ItemList, Paragraph, Table, Where
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers import slides, word
from knowledge.readers.base import File
from knowledge.readers.opendocument import read
from knowledge.readers.spans import flat
from tests.hostile import is_linear
from tests.knowledge.readers.office_files import packed

FILES = Path(__file__).parents[1] / "files"
URN = "urn:oasis:names:tc:opendocument:xmlns:"
NAMES = {
    "fo": "xsl-fo-compatible",
    "svg": "svg-compatible",
    "draw": "drawing",
    **{name: name for name in ("office", "text", "table", "style", "presentation", "meta")},
}
NAMESPACES = " ".join(f'xmlns:{prefix}="{URN}{name}:1.0"' for prefix, name in NAMES.items()) + (
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def document(
    body: str, automatic: str = "", styles: str = "", title: str = "", kind: str = "text"
) -> bytes:
    def root(name: str, inside: str) -> str:
        return f"<office:{name} {NAMESPACES}>{inside}</office:{name}>"

    content = (
        f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    )
    return packed(
        {
            "content.xml": root("document-content", content),
            "styles.xml": root("document-styles", styles),
            "meta.xml": root(
                "document-meta", f"<office:meta><dc:title>{title}</dc:title></office:meta>"
            ),
        }
    )


def contents(body: str, automatic: str = "", **more: str) -> Content:
    return read(File(document(body, automatic, **more)))


def blocks(body: str, automatic: str = "", **more: str) -> tuple[Block, ...]:
    return contents(body, automatic, **more).blocks


def texts(body: str, automatic: str = "", **more: str) -> list[str]:
    return [flat([block]) for block in blocks(body, automatic, **more)]


def p(inside: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{inside}</text:p>'


def style(name: str, inside: str = "", family: str = "paragraph", parent: str = "") -> str:
    based = f'style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}" {based}>{inside}</style:style>'
    )


def cell(words: str, spans: str = "") -> str:
    return f"<table:table-cell {spans}>{p(words)}</table:table-cell>"


def row(*cells: str, properties: str = "") -> str:
    made = "".join(each if each.startswith("<") else cell(each) for each in cells)
    return f"<table:table-row {properties}>{made}</table:table-row>"


def table(*rows: str) -> str:
    return f"<table:table>{''.join(rows)}</table:table>"


@pytest.mark.parametrize(
    ("name", "twin", "reader"),
    [("handbook.odt", "handbook.docx", word.read), ("talk.odp", "talk.pptx", slides.read)],
)
def test_file_of_a_real_program_is_read_like_its_twin_in_another_format(
    name: str, twin: str, reader: object
) -> None:
    twins = reader(File((FILES / twin).read_bytes()))  # type: ignore[operator]
    assert read(File((FILES / name).read_bytes())) == twins


def test_headings_bear_their_levels_and_titles_name_the_document() -> None:
    content = contents(
        p("Crane rules", "Title")
        + p("For all", "Own")
        + '<text:h text:outline-level="3">Hooks</text:h>'
        + p("Text"),
        style("Own", parent="Subtitle") + style("Subtitle") + style("Title"),
    )
    assert content.title == "Crane rules"
    assert content.blocks == (Heading("For all", 2), Heading("Hooks", 3), Paragraph("Text"))


def test_deletions_hidden_parts_comments_and_contents_are_not_read() -> None:
    body = (
        f"<text:tracked-changes><text:deletion>{p('Deleted')}</text:deletion></text:tracked-changes>"
        f'<text:section text:display="none">{p("Hidden section")}</text:section>'
        f"<text:table-of-content>{p('Rules 3')}</text:table-of-content>"
        f"<text:section>{p('Shown')}</text:section>"
        + p('Text<text:span text:style-name="H"> hidden</text:span>')
        + p(f"Said<office:annotation>{p('A comment')}</office:annotation>")
    )
    hidden = style("H", '<style:text-properties text:display="none"/>', "text")
    assert texts(body, hidden) == ["Shown", "Text", "Said"]


def test_items_bear_their_numbers_also_where_a_list_goes_on() -> None:
    levels = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" '
        'style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" '
        'style:num-format="1" style:num-suffix=")" text:display-levels="2"/></text:list-style>'
    )
    inner = f"<text:list><text:list-item>{p('b')}</text:list-item></text:list>"
    item = f"<text:list-item>{p('a')}{inner}</text:list-item>"
    first = f'<text:list text:style-name="L">{item}</text:list>'
    again = (
        '<text:list text:style-name="L" text:continue-numbering="true">'
        f"<text:list-item>{p('c')}{p('goes on')}</text:list-item></text:list>"
    )
    made = blocks(first + p("Between") + again, levels)
    assert made == (
        ItemList((Item("a", 0, "1."), Item("b", 1, "1.1)"))),
        Paragraph("Between"),
        ItemList((Item("c goes on", 0, "2."),)),
    )


def test_cells_that_span_or_repeat_stand_in_each_place() -> None:
    covered = "<table:covered-table-cell/>"
    made = table(
        f"<table:table-header-rows>{row('Site', 'Day', 'Who')}</table:table-header-rows>",
        row(cell("Harbour", 'table:number-rows-spanned="2"'), "Monday", "Orlov"),
        row(covered, cell("Petrov", 'table:number-columns-repeated="2"')),
        row("Quay", "-", "Ana", properties='table:number-rows-repeated="2"'),
        row("Not", "this", "row", properties='table:visibility="collapse"'),
    )
    assert blocks(made) == (
        Table(
            (("Site", "Day", "Who"),),
            (
                ("Harbour", "Monday", "Orlov"),
                ("Harbour", "Petrov", "Petrov"),
                ("Quay", "-", "Ana"),
                ("Quay", "-", "Ana"),
            ),
        ),
    )


def test_links_notes_powers_and_code_are_read() -> None:
    said = f"<text:note-body>{p('Since May.')}</text:note-body>"
    note = f"<text:note><text:note-citation>1</text:note-citation>{said}</text:note>"
    automatic = style("Up", '<style:text-properties style:text-position="33% 58%"/>', "text")
    automatic += style("Preformatted_20_Text") + style(
        "B", '<style:text-properties fo:font-weight="bold"/>'
    )
    body = (
        p(f'Open{note} <text:a xlink:href="https://b.example/x">here</text:a>.')
        + p('10<text:span text:style-name="Up">6</text:span> units')
        + p("if a:", "Preformatted_20_Text")
        + p('<text:s text:c="2"/>stop', "Preformatted_20_Text")
        + p("Who pays?", "B")
    )
    assert blocks(body, automatic) == (
        Paragraph("Open here (https://b.example/x). (Footnote: Since May.)"),
        Paragraph("10^6 units"),
        Code("if a:\n  stop"),
        Paragraph("Who pays?", is_bold=True),
    )


def test_headers_are_read_once_without_the_numbers_of_pages() -> None:
    page = p("Page <text:page-number>3</text:page-number>")
    margins = f"<style:header>{p('Brandt')}</style:header><style:footer>{page}</style:footer>"
    styles = f"<style:master-page>{margins}</style:master-page>" * 2
    assert texts(p("Text"), styles=styles) == ["Brandt", "Text"]


def test_text_boxes_and_descriptions_of_pictures_are_read() -> None:
    box = f"<draw:frame><draw:text-box>{p('In the box')}</draw:text-box></draw:frame>"
    picture = "<draw:frame><draw:image/><svg:title>Map of hall 4</svg:title></draw:frame>"
    assert texts(p(f"Before {box}after{picture}")) == [
        "Before after",
        "In the box",
        "Map of hall 4",
    ]


def page(*frames: str, name: str = "") -> str:
    return f'<draw:page draw:style-name="{name}">{"".join(frames)}</draw:page>'


def frame(words: str, kind: str = "", place: str = "") -> str:
    return (
        f'<draw:frame presentation:class="{kind}" {place}>'
        f"<draw:text-box>{p(words)}</draw:text-box></draw:frame>"
    )


def test_slides_are_read_in_visual_order_without_their_frame() -> None:
    low = 'svg:x="1cm" svg:y="10cm" svg:width="5cm" svg:height="1cm"'
    high = 'svg:x="10mm" svg:y="1in" svg:width="5cm" svg:height="1cm"'
    made = page(
        frame("Below", place=low),
        f"<draw:g>{frame('Above', place=high)}</draw:g>",
        frame("7", "page-number"),
        frame("Plan", "title"),
        f"<presentation:notes>{frame('Say hello.', 'notes')}</presentation:notes>",
    )
    one = Where(slide=1)
    assert blocks(made, kind="presentation") == (
        Heading("Plan", 1, one),
        Paragraph("Above", one),
        Paragraph("Below", one),
        Paragraph("Speaker notes: Say hello.", one),
    )


def test_file_without_text_is_empty_and_one_without_a_body_damaged() -> None:
    with pytest.raises(EmptySource, match="no text"):
        contents("")
    for content in (packed({"content.xml": "<a/>"}), packed({"a": ""}), b"PK"):
        with pytest.raises(UnreadableSource, match="no readable OpenDocument file"):
            read(File(content))


@given(st.data(), st.sampled_from(["handbook.odt", "talk.odp"]))
def test_damaged_file_is_read_or_refused(data: st.DataObject, name: str) -> None:
    content = bytearray((FILES / name).read_bytes())
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with suppress(IngestError):
        read(File(bytes(content if data.draw(st.booleans()) else content[:cut])))


REPEATED = 'table:number-rows-repeated="1000000000" table:number-columns-repeated="1000000000"'
DEEP = {
    "tables": (
        f"<table:table><table:table-row {REPEATED}><table:table-cell {REPEATED}>",
        f"</table:table-cell>{cell('b', REPEATED)}</table:table-row></table:table>",
    ),
    "lists": ("<text:list><text:list-item>", "</text:list-item></text:list>"),
    "spans": ("<text:p>" + "<text:span>" * 150, "</text:span>" * 150 + "</text:p>"),
    "boxes": ("<text:p><draw:frame><draw:text-box>", "</draw:text-box></draw:frame></text:p>"),
}


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("times", [1, 30, 60, 80, 5_000])
def test_deep_nesting_is_read_or_refused(name: str, times: int) -> None:
    opening, closing = DEEP[name]
    try:
        content = contents(opening * times + p("Text") + closing * times + p("End"))
    except UnreadableSource:
        return
    assert len(flat(content.blocks)) < 5_000_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rows", "columns", "spaces", "lists", "styles"])
def test_reading_takes_twice_as_long_for_twice_as_much(kind: str) -> None:
    files: dict[str, bytes] = {}  # by a text of their size: built here, so that it is not measured

    def make(size: int) -> str:
        n = size // 100 + 1
        name = "a" * size
        if kind == "rows":
            made = table(row("a" * 200, "b", properties='table:number-rows-repeated="99999"') * n)
        elif kind == "columns":
            made = table(row(cell("a" * 400, 'table:number-columns-repeated="99999"'), "b") * n)
        elif kind == "spaces":
            made = p('<text:s text:c="999999999"/>' * n + "a")
        elif kind == "lists":
            made = f"<text:list><text:list-item>{p('a')}</text:list-item></text:list>" * n
        else:
            made = "".join(p("a", f"s{k}") for k in range(n))
        styles = "".join(style(f"s{k}", parent=f"s{k + 1}") for k in range(n))
        files[name] = document(made, styles)
        return name

    assert is_linear(lambda name: read(File(files[name])), make)


def test_text_that_is_struck_out_is_not_read() -> None:
    struck = style("S", '<style:text-properties style:text-line-through-style="solid"/>', "text")
    body = p('Fee: <text:span text:style-name="S">90 </text:span>120 euros')
    assert texts(body, struck) == ["Fee: 120 euros"]
