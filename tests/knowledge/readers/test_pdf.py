"""PDF files as people have them: made by LibreOffice, and by libraries that print reports."""

from collections.abc import Callable, Mapping
from io import BytesIO

import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    TextStringObject,
)
from pypdfium2 import PdfDocument

from domain.blocks import Block, Content, Heading, ItemList, Paragraph, Table
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers.base import File
from knowledge.readers.pdf import read
from knowledge.readers.pdf.blocks import blocks_of
from knowledge.readers.pdf.layout import parts_of
from knowledge.readers.pdf.page import Page, Word
from knowledge.readers.pdf.pdfium import is_rubbish
from tests.hostile import is_linear
from tests.knowledge.readers.noise import damaged, file, survives

COLUMN = """Walk around the crane once and
look at the ropes, the hooks and
the brakes. Whatever looks worn is
reported to the harbour office be-
fore anything is lifted. The fore-
man decides whether it may work.""".splitlines()
OTHER = """The wind is read from the mast
on the north quay. From fourteen
metres a second on nothing is
lifted over water, and from there
on the boom is lowered and locked.
Nobody may change these limits.""".splitlines()


def made(size: float = 11) -> FPDF:
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(False)
    pdf.add_page()
    pdf.set_font("helvetica", size=size)
    return pdf


def content(pdf: FPDF) -> Content:
    return read(File(bytes(pdf.output())))


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, (Heading, Paragraph))]


def picture() -> Image.Image:
    return Image.new("L", (400, 560), 200)


def crane_manual() -> Content:
    return read(File(file("crane-manual.pdf")))


def test_a_manual_made_by_libreoffice_keeps_its_order_through_two_columns() -> None:
    found = texts(crane_manual().blocks)
    assert found[0] == "Crane manual"
    starts = [
        "Before the first lift",
        "Walk around the crane once and look",
        "The wind is read from the mast",
        "After the last lift",
        "Lower the hook to one metre",
        "Oil that dripped",
        "Who is on duty",
    ]
    places = [next(i for i, text in enumerate(found) if text.startswith(s)) for s in starts]
    assert places == sorted(places)
    assert "Nobody may change these limits, not even for a ship that waits." in found[places[2]]


def test_headings_have_levels_by_their_size_and_a_bold_question_stays_a_bold_paragraph() -> None:
    blocks = crane_manual().blocks
    levels = {block.text: block.level for block in blocks if isinstance(block, Heading)}
    assert levels == {
        "Crane manual": 1,
        "Before the first lift": 2,
        "After the last lift": 2,
        "Who is on duty": 2,
    }
    question = next(b for b in blocks if isinstance(b, Paragraph) and b.text.startswith("Who may"))
    assert question.is_bold
    assert question.where.page == 2


def test_a_ruled_table_repeats_what_spans_rows_and_columns() -> None:
    table = next(block for block in crane_manual().blocks if isinstance(block, Table))
    assert table.header == (("Quay", "Day", "Foreman"),)
    assert table.rows == (
        ("North quay", "Monday", "Ilse Brandt"),
        (
            "North quay",
            "Tuesday",
            "Oleg Petrov, who also keeps the list of the slings and chains and their tests",
        ),
        ("Ferry quay", "closed until May", "closed until May"),
    )
    assert table.where.page == 1


def test_a_footnote_stands_behind_the_paragraph_that_leads_to_it() -> None:
    found = texts(crane_manual().blocks)
    at = next(i for i, text in enumerate(found) if text.startswith("This manual holds"))
    assert "Kestrel Harbour and for whoever" in found[at]
    assert found[at + 1] == "Not for the ferry ramp, which has a manual of its own."


def test_raised_digits_are_powers() -> None:
    assert any("10^6 grams" in text for text in texts(crane_manual().blocks))


def test_lists_keep_their_depth_and_their_numbers() -> None:
    items = [i for b in crane_manual().blocks if isinstance(b, ItemList) for i in b.items]
    assert [(item.depth, item.mark, item.text[:12]) for item in items] == [
        (0, "-", "Gloves of cl"),
        (1, "-", "Size 9 lies "),
        (1, "-", "Size 11 lies"),
        (0, "-", "Helmets are "),
        (0, "1.", "Call the tow"),
        (0, "2.", "Wait for the"),
    ]
    assert items[0].text.endswith("also for a short look, and they are changed when they are wet.")


def test_a_link_shows_its_address() -> None:
    shown = "the rules of the red book (https://kestrel.example/red-book) for what"
    assert any(shown in text for text in texts(crane_manual().blocks))


def test_headers_and_footers_are_given_once_and_page_numbers_not_at_all() -> None:
    found = texts(crane_manual().blocks)
    assert sum("Kestrel Harbour Services" in text for text in found) == 1
    assert sum("Crane manual, edition 7" in text for text in found) == 1
    assert not any("page 1" in text or "of 3" in text for text in found)


def columns_by_rows() -> FPDF:
    pdf = made()
    for i, (left, right) in enumerate(zip(COLUMN, OTHER, strict=True)):
        pdf.text(60, 100 + 14 * i, left)
        pdf.text(320, 100 + 14 * i, right)
    return pdf


def test_columns_that_were_drawn_row_by_row_are_read_one_after_the_other() -> None:
    found = texts(content(columns_by_rows()).blocks)
    whole = " ".join(found)
    assert "reported to the harbour office before anything is lifted. The foreman decides" in whole
    assert whole.index("it may work.") < whole.index("The wind is read")
    assert "From fourteen metres a second on nothing is lifted over water" in whole


def test_columns_of_whole_sentences_are_no_table() -> None:
    pdf = made()
    for i in range(4):
        pdf.text(60, 100 + 14 * i, f"Pump {i} runs at night.")
        pdf.text(320, 100 + 14 * i, f"Crane {i} rests on Sundays.")
    whole = " ".join(texts(content(pdf).blocks))
    assert whole.index("Pump 3") < whole.index("Crane 0")


def test_three_columns_below_a_title_are_read_from_left_to_right() -> None:
    pdf = made(8)
    pdf.set_font_size(20)
    pdf.text(60, 70, "A title over the whole width of the page")
    pdf.set_font_size(8)
    for i in range(6):
        for x, lines in ((60, COLUMN), (225, OTHER), (390, COLUMN[::-1])):
            pdf.text(x, 100 + 11 * i, lines[i])
    found = texts(content(pdf).blocks)
    whole = " ".join(found)
    assert found[0].startswith("A title")
    assert whole.index("it may work.") < whole.index("The wind is read")
    assert whole.index("these limits.") < whole.index("man decides whether it may work.", 250)


def test_columns_whose_lines_stand_at_other_heights_are_columns_too() -> None:
    pdf = made()
    for i, (left, right) in enumerate(zip(COLUMN, OTHER, strict=True)):
        pdf.text(60, 100 + 14 * i, left)
        pdf.text(320, 105 + 15 * i, right)
    whole = " ".join(texts(content(pdf).blocks))
    assert whole.index("it may work.") < whole.index("The wind is read")


def test_an_aligned_table_without_lines_is_a_table() -> None:
    pdf = made()
    pdf.text(60, 60, "What our slings may carry, as tested in spring by the harbour office:")
    rows = [("Sling", "Load", "Tested"), ("Yellow", "3 t", "March"), ("Grey", "4 t", "April")]
    for i, row in enumerate([*rows, ("Blue", "8 t", "May")]):
        for x, cell in zip((60, 200, 320), row, strict=True):
            pdf.text(x, 100 + 16 * i, cell)
    table = next(block for block in content(pdf).blocks if isinstance(block, Table))
    assert table.header == (("Sling", "Load", "Tested"),)
    assert table.rows[1] == ("Grey", "4 t", "April")


def test_a_table_that_goes_on_on_the_next_page_is_one_table() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    with pdf.table() as table:
        for i in range(60):
            row = table.row()
            for cell in ("Part", "Keeper", "Price") if not i else (f"T-{i}", f"Keeper {i}", "3"):
                row.cell(cell)
    tables = [block for block in content(pdf).blocks if isinstance(block, Table)]
    assert len(tables) == 1
    assert tables[0].header == (("Part", "Keeper", "Price"),)
    assert [row[0] for row in tables[0].rows] == [f"T-{i}" for i in range(1, 60)]


def test_a_line_above_a_table_that_names_it_is_its_caption() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.cell(text="Table 3: Loads", new_x="LMARGIN", new_y="NEXT")
    with pdf.table() as table:
        for cells in (("Sling", "Load"), ("Yellow", "3 t"), ("Grey", "4 t")):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    (table_block,) = content(pdf).blocks
    assert isinstance(table_block, Table)
    assert table_block.caption == "Table 3: Loads"


def test_words_that_a_line_end_divides_become_whole() -> None:
    pdf = made()
    lines = ["The ware-", "house keeps state-of-the-", "art and on- and off-", "shore gear"]
    for i, line in enumerate(lines):
        pdf.text(60, 100 + 14 * i, line)
    pdf.text(60, 200, "It is called state-of-the-art gear.")
    whole = " ".join(texts(content(pdf).blocks))
    assert "The warehouse keeps state-of-the-art and on- and offshore gear" in whole


def form(*fields: tuple[str, tuple[float, float, float, float], Mapping[str, object]]) -> bytes:
    """A page with labels and fields, as an office program fills them in."""
    pdf = made()
    pdf.text(60, 82, "Access request form")
    pdf.text(60, 110, "Name of the system:")
    pdf.text(60, 140, "Reason")
    pdf.text(80, 190, "Remote access")
    writer = PdfWriter(PdfReader(BytesIO(bytes(pdf.output()))))
    references = ArrayObject()
    for name, (x0, y0, x1, y1), more in fields:
        sides = (x0, 841.89 - y1, x1, 841.89 - y0)
        widget = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/T"): TextStringObject(name),
                NameObject("/Rect"): ArrayObject(map(FloatObject, sides)),
                NameObject("/F"): FloatObject(4),
                **{NameObject(key): value for key, value in more.items()},
            }
        )
        references.append(writer._add_object(widget))
    writer.pages[0][NameObject("/Annots")] = references
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): references}
    )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def text_field(value: str) -> dict[str, object]:
    return {"/FT": NameObject("/Tx"), "/V": TextStringObject(value)}


def test_the_value_of_a_field_stands_behind_its_label() -> None:
    found = read(
        File(
            form(
                ("system", (200, 97, 400, 115), text_field("Turbine archive Zeta-9")),
                ("why", (60, 146, 400, 164), text_field("Tests in\rthe spring")),
            )
        )
    )
    assert "Name of the system: Turbine archive Zeta-9" in texts(found.blocks)
    assert "Reason: Tests in the spring" in texts(found.blocks)


def test_a_field_without_a_label_bears_its_name() -> None:
    found = read(File(form(("approved_until", (60, 600, 400, 620), text_field("31 March 2027")))))
    assert "approved until: 31 March 2027" in texts(found.blocks)


def test_boxes_that_were_ticked_and_choices_are_read() -> None:
    ticked = {"/FT": NameObject("/Btn"), "/V": NameObject("/On"), "/AS": NameObject("/On")}
    options = ArrayObject(map(TextStringObject, ["Crane hall", "North quay"]))
    chosen = {
        "/FT": NameObject("/Ch"),
        "/Ff": FloatObject(1 << 17),
        "/Opt": options,
        "/V": TextStringObject("North quay"),
    }
    found = read(
        File(
            form(
                ("remote", (60, 180, 72, 192), ticked),
                ("place", (200, 97, 400, 115), chosen),
            )
        )
    )
    assert "Name of the system: North quay" in texts(found.blocks)
    assert any("Remote access" in text for text in texts(found.blocks))


def test_comments_are_read_with_the_names_of_their_writers() -> None:
    pdf = made()
    pdf.text(60, 100, "The gate opens at six.")
    pdf.text_annotation(60, 100, "From May on at five", title="Ilse Brandt")
    found = texts(content(pdf).blocks)
    assert found == ["The gate opens at six.", "Comment: Ilse Brandt: From May on at five"]


def test_pages_without_text_are_named_in_a_note() -> None:
    pdf = made()
    pdf.text(60, 100, "Supplier contract Brandt")
    for _ in range(5):
        pdf.add_page()
        pdf.image(picture(), x=0, y=0, w=595, h=842)
    pdf.add_page()  # one that is blank
    found = content(pdf)
    assert texts(found.blocks) == ["Supplier contract Brandt"]
    assert found.notes[0].startswith("5 of 7 pages")


def test_attached_files_are_named_in_a_note() -> None:
    pdf = made()
    pdf.cell(text="Open this portfolio in a newer program.")
    writer = PdfWriter(BytesIO(bytes(pdf.output())))
    writer.add_attachment("contract.pdf", b"%PDF-1.4")
    assert notes(writer) == ("1 attached file is not read: contract.pdf",)
    for number in range(6):
        writer.add_attachment(f"{number}.txt", b"x")
    [note] = notes(writer)
    assert note.startswith("7 attached files are not read: ")
    assert note.endswith(" and others")


def notes(writer: PdfWriter) -> tuple[str, ...]:
    out = BytesIO()
    writer.write(out)
    return read(File(out.getvalue())).notes


def test_a_form_that_only_some_programs_show_is_named_in_a_note() -> None:
    pdf = made()
    pdf.cell(text="Please wait until the form is shown.")
    writer = PdfWriter(BytesIO(bytes(pdf.output())))
    xfa = DecodedStreamObject()
    xfa.set_data(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"/>')
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {
            NameObject("/Fields"): ArrayObject(),
            NameObject("/XFA"): writer._add_object(xfa),
        }
    )
    assert notes(writer) == ("its form is of a kind (XFA) that is not read",)


def test_a_scan_is_read_where_an_engine_is_installed() -> None:
    pytest.importorskip("rapidocr_onnxruntime")
    page = PdfDocument(WHOLE)[0]
    pdf = made()
    pdf.image(page.render(scale=3).to_pil(), x=0, y=0, w=595, h=842)
    found = " ".join(texts(content(pdf).blocks))
    assert "lifted over water" in found


def test_page_numbers_of_any_form_are_dropped() -> None:
    pdf = made(9)
    for number in range(1, 5):
        if number > 1:
            pdf.add_page()
        for i, line in enumerate(COLUMN):
            pdf.text(60, 100 + 14 * i, f"{line} Gate {number}.")
        pdf.text(290, 820, f"{number} / 4")
        pdf.text(60, 30, f"Rules of the gate {number}")
    found = content(pdf).blocks
    assert not any("/" in text for text in texts(found))
    assert sum("Rules of the gate" in text for text in texts(found)) == 1


def test_text_whose_letters_are_unknown_counts_as_none() -> None:
    words = [Word("\ufffd\ue004\ue011", 10, 40, 50, 10), Word("a", 50, 55, 50, 10)]
    assert is_rubbish(words)
    assert not is_rubbish(
        [Word("gate", 10, 40, 50, 10), words[0]] * 3 + [Word("x" * 9, 0, 9, 9, 9)]
    )


def test_a_scan_of_nothing_that_can_be_read_is_empty_and_says_why() -> None:
    pdf = made()
    pdf.image(picture(), x=0, y=0, w=595, h=842)
    with pytest.raises(EmptySource, match="no text"):
        content(pdf)


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("The gates of Kestrel Harbour", "The gates of Kestrel Harbour"),
        ("Microsoft Word - gates.doc", ""),
        ("untitled", ""),
        ("Document1", ""),
        ("C:\\texts\\gates", ""),
        ("gates_final.indd", ""),
        ("", ""),
    ],
)
def test_only_a_sensible_title_is_one(title: str, kept: str) -> None:
    pdf = made()
    pdf.set_title(title)
    pdf.text(60, 100, "The gate opens at six.")
    assert content(pdf).title == kept


def test_a_title_of_another_document_is_not_believed() -> None:
    pdf = made()
    pdf.set_title("Template for invoices")
    pdf.set_font_size(20)
    pdf.text(60, 100, "The gates")
    pdf.set_font_size(11)
    pdf.text(60, 130, "The gate opens at six in the morning, and closes when it is dark.")
    assert content(pdf).title == ""


def test_an_encrypted_file_is_read_where_it_needs_no_password() -> None:
    pdf = made()
    pdf.text(60, 100, "The gate opens at six.")
    pdf.set_encryption("owner", permissions=AccessPermission.none())
    assert texts(content(pdf).blocks) == ["The gate opens at six."]
    locked = made()
    locked.set_encryption("owner", user_password="secret")
    with pytest.raises(UnreadableSource, match="protected by a password"):
        content(locked)


def test_text_on_a_turned_page_is_read_as_it_is_seen() -> None:
    pdf = made()
    with pdf.rotation(90, 300, 420):
        for i, line in enumerate(COLUMN):
            pdf.text(200, 300 + 14 * i, line)
    assert " ".join(texts(content(pdf).blocks)).startswith("Walk around the crane once and look at")


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7 nothing more", b"hello", b"%PDF-1.4\n" * 50])
def test_what_is_no_pdf_is_refused(broken: bytes) -> None:
    with pytest.raises(UnreadableSource, match="no readable PDF"):
        read(File(broken))


WHOLE = bytes(columns_by_rows().output())


@given(damaged(WHOLE) | damaged(file("crane-manual.pdf")) | st.binary(max_size=500))
def test_damaged_file_becomes_content_or_one_of_our_errors(broken: bytes) -> None:
    survives(lambda: read(File(broken)))


def scattered(text: str) -> Page:
    """A page with the words of ``text`` all over it, in three sizes."""
    words = [
        Word(word, i * 37 % 500, i * 37 % 500 + 15, i * 1.7 % 9_000, 10 - i % 3 * 2)
        for i, word in enumerate(text.split())
    ]
    return Page(1, 600, 9_000, words)


def stacked(text: str) -> Page:
    """A page with the words of ``text`` below each other in two columns."""
    words = [
        Word(word, i % 2 * 300, i % 2 * 300 + 15, i // 2 * 12, 10, is_bold=True)
        for i, word in enumerate(text.split())
    ]
    return Page(1, 600, 90_000, words)


def in_one_row(text: str) -> Page:
    words = [
        Word(word, i * 9, i * 9 + 5, 10 - i % 2 * 3, 10 - i % 2 * 4, is_spaced=False)
        for i, word in enumerate(text.split())
    ]
    return Page(1, 600, 900, words)


@pytest.mark.slow
@pytest.mark.parametrize("place", [scattered, stacked, in_one_row])
def test_a_page_of_very_many_words_takes_time_in_proportion(
    place: Callable[[str], Page],
) -> None:
    def lay_out(text: str) -> None:
        blocks_of([parts_of(place(text))], {})

    assert is_linear(lay_out, lambda size: ("ab- " * size)[:size])


def test_numbered_headings_at_the_top_of_their_pages_are_headings() -> None:
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(False)
    for number, lines in enumerate((COLUMN, OTHER, COLUMN), 1):
        pdf.add_page()
        pdf.set_font("helvetica", "B", 16)
        pdf.text(60, 70, f"Step {number}")
        pdf.set_font("helvetica", size=10)
        for i, line in enumerate(lines):
            pdf.text(60, 100 + 13 * i, f"{line} {number}")
        pdf.text(60, 820, f"Crane manual, page {number}")
    found = content(pdf).blocks
    headings = [block.text for block in found if isinstance(block, Heading)]
    assert headings == ["Step 1", "Step 2", "Step 3"]
    assert sum("Crane manual" in text for text in texts(found)) == 1


def test_range_of_years_over_two_lines_stays_one() -> None:
    pdf = made()
    pdf.text(60, 100, "The contract of the harbour is for 2024-")
    pdf.text(60, 114, "2026 and ends then.")
    assert texts(content(pdf).blocks) == [
        "The contract of the harbour is for 2024-2026 and ends then."
    ]
