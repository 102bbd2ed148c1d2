from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import Block, Content, Heading, Item, ItemList, Paragraph, Table, Where
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers.base import File
from knowledge.readers.slides import read
from knowledge.readers.spans import flat
from tests.hostile import is_linear
from tests.knowledge.readers.office_files import office, shape, slides, xml

FILES = Path(__file__).parents[1] / "files"
ONE, TWO, THREE = Where(slide=1), Where(slide=2), Where(slide=3)


def contents(*trees: str, **more: object) -> Content:
    return read(File(slides(*trees, **more)))  # type: ignore[arg-type]


def blocks(*trees: str, **more: object) -> tuple[Block, ...]:
    return contents(*trees, **more).blocks


def below_title(*shapes: str, **more: object) -> list[str]:
    """The texts of the blocks of one slide, without its title."""
    first, *rest = blocks(shape("Title", kind="title") + "".join(shapes), **more)
    assert first == Heading("Title", 1, ONE)
    return [flat([block]) for block in rest]


def line(*runs: tuple[str, str], properties: str = "") -> str:
    made = "".join(f"<a:r><a:rPr {look}<a:t>{words}</a:t></a:r>" for words, look in runs)
    return f"<a:p>{properties}{made}</a:p>"


def test_file_of_a_real_program_is_read_slide_by_slide() -> None:
    content = read(File((FILES / "talk.pptx").read_bytes()))
    four = Where(slide=4)
    assert content.title == "Crane training"
    assert content.notes == ("hidden slides are not read: 3",)
    assert content.blocks == (
        Heading("Crane training", 1, ONE),
        Paragraph("For the crew of hall 4", ONE),
        Paragraph("Speaker notes: Welcome everyone, doors close at nine.", ONE),
        Heading("Before the lift", 1, TWO),
        ItemList(
            (Item("Check the hook"), Item("and the rope", 1), Item("Loads up to 10^3 kg")), TWO
        ),
        Paragraph("Right column, call 5512.", TWO),
        Paragraph("Who stops the lift?", TWO, is_bold=True),
        Paragraph("Anyone, see the stop rule (https://yard.example/stop).", TWO),
        Heading("Duty rota", 1, four),
        Table(
            (("Site", "Weekday", "Person"),),
            (("Harbour", "Monday", "Orlov"), ("Harbour", "Tuesday", "Petrov")),
            four,
        ),
    )


def test_slide_without_title_does_not_stand_under_that_of_the_one_before() -> None:
    long = "word " * 30
    made = blocks(
        shape("One", kind="title") + shape("Text"),
        shape("On top") + shape("Below"),
        shape(long) + shape(long),
    )
    assert [block.text for block in made if isinstance(block, Heading)] == [
        "One",
        "On top",
        "Slide 3",
    ]


def test_title_of_the_first_slide_alone_is_no_chunk_of_its_own() -> None:
    content = contents(shape("Talk", kind="ctrTitle"), shape("Two", kind="title") + shape("Text"))
    assert content.title == "Talk"
    assert content.blocks == (Heading("Two", 1, TWO), Paragraph("Text", TWO))


@pytest.mark.parametrize(
    ("title", "shown"), [("Crane rules", "Crane rules"), ("PowerPoint Presentation", "")]
)
def test_title_among_the_properties_counts_where_no_slide_has_one(title: str, shown: str) -> None:
    assert contents(shape("word " * 40), title=title).title == shown


def test_text_is_read_in_the_order_in_which_it_is_seen() -> None:
    right = shape("Right", at=(600, 100, 300, 300))
    left = shape("Left below", at=(0, 250, 300, 100)) + shape("Left", at=(0, 100, 300, 100))
    grouped = f"<p:grpSp><p:grpSpPr/>{right}</p:grpSp>"
    assert below_title(right, left) == ["Left", "Left below", "Right"]
    assert sorted(below_title(grouped, left)) == ["Left", "Left below", "Right"]


def test_place_that_a_slide_does_not_name_is_that_of_its_layout() -> None:
    layout = xml("p:sldLayout", shape(kind="body", at=(0, 0, 500, 100)))
    body = shape("First, by the layout", kind="body")
    other = shape("Second", at=(0, 300, 500, 100))
    made = below_title(
        other,
        body,
        parts={"ppt/slideLayouts/slideLayout1.xml": layout},
        links={1: (("l", "slideLayout", "../slideLayouts/slideLayout1.xml"),)},
    )
    assert made == ["First, by the layout", "Second"]


def test_frame_of_the_slides_is_left_out() -> None:
    frame = shape("7", kind="sldNum") + shape("1 May", kind="dt") + shape("Firm", kind="ftr")
    assert below_title(frame, shape("Text")) == ["Text"]


def test_text_that_stands_on_most_slides_is_read_once() -> None:
    made = blocks(*(shape(f"T{n}", kind="title") + shape("Secret", f"{n}") for n in range(5)))
    assert sum(block == Paragraph("Secret", block.where) for block in made) == 1


def test_items_bear_their_bullets_and_numbers() -> None:
    def item(words: str, look: str, level: int = 0) -> str:
        return line((words, "/>"), properties=f'<a:pPr lvl="{level}">{look}</a:pPr>')

    letters = '<a:buAutoNum type="alphaLcParenR"/>'
    numbers = '<a:buAutoNum type="arabicPeriod" startAt="3"/>'
    made = blocks(
        shape(
            item("a", numbers),
            item("b", letters, 1),
            item("c", letters, 1),
            item("d", numbers),
            item("e", '<a:buChar char="x"/>'),
            item("f", "<a:buNone/>"),
        )
    )
    listed = next(block for block in made if isinstance(block, ItemList))
    assert [item.mark for item in listed.items] == ["3.", "a)", "b)", "4.", "-"]
    assert [item.depth for item in listed.items] == [0, 1, 1, 0, 0]
    assert made[-1] == Paragraph("f", ONE)


def test_placeholder_for_points_holds_a_list_and_one_point_alone_is_a_sentence() -> None:
    made = blocks(shape("One", "Two", kind="body") + shape("Alone", kind="body"))
    assert made[1:] == (ItemList((Item("One"), Item("Two")), ONE), Paragraph("Alone", ONE))


def test_links_powers_and_bold_text_are_read() -> None:
    link = '><a:hlinkClick r:id="l"/></a:rPr>'
    text = shape(
        line(("see ", "/>"), ("the ", link), ("plan", link), (".", "/>")),
        line(("10", "/>"), ("6", 'baseline="30000"/>'), (" units", "/>")),
        line(("Who pays?", 'b="1"/>')),
    )
    made = blocks(
        shape("T", kind="title") + text, links={1: (("l", "hyperlink", "https://b.example/p"),)}
    )
    assert made[1:] == (
        Paragraph("see the plan (https://b.example/p).", ONE),
        Paragraph("10^6 units", ONE),
        Paragraph("Who pays?", ONE, is_bold=True),
    )


def frame(inside: str, place: str = "") -> str:
    data = f"<a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic>"
    return f"<p:graphicFrame>{place}{data}</p:graphicFrame>"


def test_cells_that_span_are_repeated_and_the_first_row_is_the_header() -> None:
    def cell(words: str, spans: str = "") -> str:
        return f"<a:tc {spans}><a:txBody>{line((words, '/>'))}</a:txBody></a:tc>"

    rows = (
        cell("Site") + cell("2025") + cell("2026"),
        cell("Harbour", 'rowSpan="2"') + cell("1", 'gridSpan="2"') + cell("", 'hMerge="1"'),
        cell("", 'vMerge="1"') + cell("2") + cell("3"),
    )
    drawn = (
        '<a:tbl><a:tblPr firstRow="1"/>' + "".join(f"<a:tr>{r}</a:tr>" for r in rows) + "</a:tbl>"
    )
    made = blocks(shape("T", kind="title") + frame(drawn))
    assert made[1] == Table(
        (("Site", "2025", "2026"),), (("Harbour", "1", "1"), ("Harbour", "2", "3")), ONE
    )


def test_charts_and_smart_art_are_read_and_other_objects_are_counted() -> None:
    chart = xml(
        "c:chartSpace",
        "<c:chart><c:plotArea><c:ser><c:val><c:pt idx='0'><c:v>12</c:v></c:pt></c:val></c:ser>"
        "</c:plotArea></c:chart>",
    )
    smart = xml(
        "dgm:dataModel", "<dgm:pt><dgm:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></dgm:t></dgm:pt>"
    )
    content = contents(
        shape("T", kind="title")
        + frame('<c:chart r:id="c"/>')
        + frame('<dgm:relIds r:dm="d"/>')
        + frame("<p:oleObj/>"),
        parts={"ppt/charts/chart1.xml": chart, "ppt/diagrams/data1.xml": smart},
        links={
            1: (
                ("c", "chart", "../charts/chart1.xml"),
                ("d", "diagramData", "../diagrams/data1.xml"),
            )
        },
    )
    assert [flat([block]) for block in content.blocks[1:]] == ["12", "- Plan"]
    assert content.notes == ("1 embedded objects, such as spreadsheets, are not read",)


def test_hidden_shapes_and_slides_are_not_read() -> None:
    content = contents(
        shape("T", kind="title") + shape("Not this", name="hidden='1'") + shape("Text"),
        shape("Nor this"),
        hidden=(2,),
    )
    assert content.blocks == (Heading("T", 1, ONE), Paragraph("Text", ONE))
    assert content.notes == ("hidden slides are not read: 2",)


def picture(said: str = "") -> str:
    return f"<p:pic><p:nvPicPr><p:cNvPr id='3' name='x' descr='{said}'/></p:nvPicPr></p:pic>"


def test_pictures_say_what_is_said_of_them_and_slides_of_only_pictures_are_counted() -> None:
    content = contents(
        shape("T", kind="title") + picture("Map of hall 4") + picture("image2.png"), picture()
    )
    assert content.blocks == (Heading("T", 1, ONE), Paragraph("Map of hall 4", ONE))
    assert content.notes == (
        "1 of 2 slides holds no text, only pictures: they need text recognition",
    )
    with pytest.raises(EmptySource, match="text recognition"):
        contents(picture())
    with pytest.raises(EmptySource, match="no text"):
        contents("")


def test_file_without_its_slides_is_damaged() -> None:
    with pytest.raises(UnreadableSource, match="no readable PowerPoint file"):
        read(File(office("ppt/presentation.xml", {})))


@given(st.data())
def test_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray((FILES / "talk.pptx").read_bytes())
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with suppress(IngestError):
        read(File(bytes(content if data.draw(st.booleans()) else content[:cut])))


@pytest.mark.parametrize("times", [1, 30, 120, 240, 5_000])
def test_deep_groups_are_read_or_refused(times: int) -> None:
    opening, closing = "<p:grpSp><p:grpSpPr/>" * times, "</p:grpSp>" * times
    with suppress(UnreadableSource):
        assert blocks(opening + shape("Text") + closing)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["shapes", "slides", "runs", "items"])
def test_reading_takes_twice_as_long_for_twice_as_much(kind: str) -> None:
    files: dict[str, bytes] = {}  # by a text of their size: built here, so that it is not measured

    def make(size: int) -> str:
        n = size // 100 + 1
        name = "a" * size
        if kind == "shapes":
            files[name] = slides("".join(shape("a", at=(k, k, 1, 1)) for k in range(n)))
        elif kind == "slides":
            files[name] = slides(*(shape("a") for _ in range(n)))
        elif kind == "runs":
            files[name] = slides(shape(line(*[("a ", 'b="1"/>')] * n)))
        else:
            files[name] = slides(shape(*["a"] * n, kind="body"))
        return name

    assert is_linear(lambda name: read(File(files[name])), make)


def test_text_that_is_struck_out_is_not_read() -> None:
    struck = line(("90", 'strike="sngStrike"/>'), ("120 euros", 'strike="noStrike"/>'))
    assert below_title(shape(struck)) == ["120 euros"]
