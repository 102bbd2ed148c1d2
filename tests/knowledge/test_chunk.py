from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from domain.blocks import Block, Code, Content, Heading, Item, ItemList, Paragraph, Table, Where
from domain.documents import Chunk
from domain.tokens import Reach, estimate
from knowledge.chunk import ANCHOR, CHARACTERS, PATH, TITLE, chunk, embedded_text
from knowledge.embedders.choosing import local_embedder
from tests.hostile import is_linear

REACH = Reach(512)


def cut(*blocks: Block, title: str = "Benefits", reach: Reach = REACH) -> list[Chunk]:
    return chunk(Content(blocks), title, reach)


def texts(*blocks: Block) -> list[str]:
    return [one.text for one in cut(*blocks)]


def words(n: int, word: str = "word") -> str:
    return " ".join([word] * n)


def test_title_holds_the_headings_that_the_chunk_stands_under() -> None:
    found = cut(
        Heading("Benefits", 1),
        Paragraph("Intro."),
        Heading("Health", 2),
        Paragraph("Health is covered."),
        Heading("Dental", 3),
        Paragraph("Teeth are covered too."),
        Heading("Money", 2),
        Paragraph("Money is paid monthly."),
    )
    assert [(one.title, one.text) for one in found] == [
        ("Benefits", "Intro."),
        ("Benefits › Health", "Health is covered."),
        ("Benefits › Health › Dental", "Teeth are covered too."),
        ("Benefits › Money", "Money is paid monthly."),
    ]


def test_heading_with_nothing_under_it_is_a_text_itself() -> None:
    found = cut(Heading("Rules", 1), Heading("No smoking", 2), Heading("No dogs", 2))
    assert [(one.title, one.text) for one in found] == [
        ("Benefits › Rules", "No smoking"),
        ("Benefits › Rules", "No dogs"),
    ]


def test_title_is_bounded_and_keeps_the_nearest_heading() -> None:
    long = words(3_000)
    levels = [Heading(long, 1), Heading(long, 2), Heading(f"Dental {long}", 3), Heading("Teeth", 4)]
    *_, one = cut(*levels, Paragraph("Hello."), title=long)
    assert len(one.title) <= PATH
    assert one.title.startswith("word word")
    assert one.title.endswith(" › Teeth")


def test_heading_that_is_too_long_for_a_title_is_read_whole() -> None:
    [one] = cut(Heading(f"{words(60)} end", 1), Paragraph("Hello."))
    assert one.text == f"{words(60)} end\n\nHello."


def test_question_in_bold_stays_with_its_answer() -> None:
    for filling in range(150, 240):
        found = texts(
            Paragraph(words(filling)),
            Paragraph("Who pays?", is_bold=True),
            Paragraph(words(60, "We")),
        )
        assert [text for text in found if "Who pays?\n\nWe" in text]


def test_what_introduces_a_list_stays_with_it() -> None:
    items = ItemList(tuple(Item(words(20, f"item{n}")) for n in range(6)))
    found = texts(Paragraph(words(200)), Paragraph("Bring these:"), items)
    assert found[1].startswith("Bring these:\n\n- item0")


def test_list_and_code_that_fit_stay_whole() -> None:
    items = ItemList(tuple(Item(f"step {n}", mark=f"{n}.") for n in range(1, 30)))
    code = Code("\n".join(f"line {n}" for n in range(60)))
    found = texts(Paragraph(words(150)), items, Paragraph(words(150)), code)
    assert [text for text in found if "1. step 1\n" in text and "29. step 29" in text]
    assert [text for text in found if code.text in text]


def test_each_part_of_a_long_table_has_its_caption_and_header() -> None:
    rows = tuple((f"KX-{n:04}", f"{n} euros", "3 weeks") for n in range(200))
    header = (("Part", "Net price", "Lead time"),)
    found = texts(Table(header, rows, caption="Parts of 2026"))
    assert len(found) > 5
    for text in found:
        assert text.startswith("Parts of 2026\nPart | Net price | Lead time\nKX-")
    assert sum(text.count("KX-") for text in found) == 200


def test_each_record_can_be_read_alone() -> None:
    header = (("", "2026", "2026"), ("Name", "Q1", "Q2"))
    [text] = texts(Table(header, (("Zeta", "1", "2"), ("Eta", "", "4")), is_record_list=True))
    assert text == "Name: Zeta; 2026 Q1: 1; 2026 Q2: 2\nName: Eta; 2026 Q2: 4"


@pytest.mark.parametrize("is_record_list", [True, False])
def test_each_part_of_a_long_row_says_what_it_is_about(is_record_list: bool) -> None:
    steps = [f"Step {n}: turn valve {n} to the left and wait." for n in range(80)]
    rows = (("Alarm E-17", "short"), ("Alarm E-18", " ".join(steps)), ("", " ".join(steps[:60])))
    header = (("Question", "Answer"),)
    found = texts(Table(header, rows, is_record_list=is_record_list))
    lead = "Question: Alarm E-18; " if is_record_list else "Alarm E-18 | "
    about = [text for text in found if lead in text]
    assert len(about) > 2
    assert all(text.removeprefix("Question | Answer\n").startswith(lead) for text in about[1:])
    lines = [line for text in about for line in text.split("\n") if line.startswith(lead)]
    said = " ".join(line.removeprefix(lead) for line in lines)
    assert said.removeprefix("Answer: ").startswith(" ".join(steps))
    assert "E-18" not in found[-1]
    assert all(len(text) <= CHARACTERS for text in found)


@pytest.mark.parametrize("first", ["x" * 400, "Alarm " * 300])
def test_long_beginning_of_a_row_is_repeated_in_part(first: str) -> None:
    steps = " ".join(f"Step {n}." for n in range(400))
    found = texts(Table((), ((first, steps),)))
    assert all(first[:100] in text for text in found)
    assert "Step 399." in found[-1]
    assert all(len(text) <= CHARACTERS for text in found)


def test_header_that_fills_a_chunk_is_not_repeated() -> None:
    rows = tuple((f"row {n}", "x") for n in range(100))
    found = texts(Table(((words(180), "B"),), rows))
    assert sum(text.count("word word") > 0 for text in found) == 1
    assert sum(text.count("row ") for text in found) == 100


def test_long_paragraph_is_cut_between_sentences() -> None:
    sentences = [f"This is sentence number {n} of a long paragraph." for n in range(60)]
    found = texts(Paragraph(" ".join(sentences)))
    assert len(found) > 2
    assert all(text.endswith("paragraph.") for text in found)
    assert " ".join(found) == " ".join(sentences)


def test_chunk_knows_where_it_begins_and_its_place() -> None:
    found = cut(
        Paragraph(words(200), Where(page=1)),
        Paragraph(words(200, "next"), Where(page=2)),
        Heading("End", 1, Where(page=3)),
        Paragraph("Fin.", Where(page=3)),
    )
    assert [(one.where.page, one.place) for one in found] == [(1, 0), (2, 1), (3, 2)]


def test_chunks_do_not_repeat_what_names_their_place_without_end() -> None:
    [linked, far, sheet] = cut(
        Paragraph(words(200), Where(anchor="a" * ANCHOR)),
        Paragraph(words(200, "next"), Where(anchor="a" * (ANCHOR + 1))),
        Paragraph(words(200, "last"), Where(sheet="s" * 100_000)),
    )
    assert linked.where == Where(anchor="a" * ANCHOR)
    assert far.where == Where()
    assert len(sheet.where.sheet) == TITLE


def test_same_text_twice_is_one_chunk() -> None:
    found = cut(Paragraph(words(230)), Paragraph(words(230)))
    assert len(found) == len({one.id for one in found}) == len({one.text for one in found}) == 1


def test_same_text_under_other_headings_is_another_chunk() -> None:
    hours = "Open Monday to Friday, 9 to 17."
    found = cut(
        Heading("Berlin", 2),
        Paragraph(hours),
        Heading("Munich", 2),
        Paragraph(hours),
        title="Offices",
    )
    assert [one.title for one in found] == ["Offices › Berlin", "Offices › Munich"]
    assert {one.text for one in found} == {hours}


def test_ids_depend_on_title_and_text_only() -> None:
    [one] = cut(Paragraph("hello"), title="t")
    [moved] = cut(Paragraph("hello", Where(page=3)), title="t")
    [other] = cut(Paragraph("hello"), title="other title")
    assert one.id == moved.id != other.id


def test_embedded_text_starts_with_the_title() -> None:
    [one] = cut(Paragraph("at noon"), title="Lunch")
    assert embedded_text(one) == "Lunch\nat noon"


LINES = st.text(max_size=200)
TEXTS = st.one_of(st.text(max_size=2_000), st.builds(lambda t, n: t * n, LINES, st.integers(0, 40)))
ROWS = st.lists(st.lists(LINES, min_size=1, max_size=4).map(tuple), max_size=12).map(tuple)
BLOCKS = st.lists(
    st.one_of(
        st.builds(Heading, TEXTS, st.integers(1, 6)),
        st.builds(Paragraph, TEXTS, is_bold=st.booleans()),
        st.builds(
            ItemList, st.lists(st.builds(Item, TEXTS, st.integers(0, 3)), max_size=6).map(tuple)
        ),
        st.builds(Table, ROWS, ROWS, caption=LINES, is_record_list=st.booleans()),
        st.builds(Code, TEXTS),
    ),
    max_size=8,
)


@given(BLOCKS, st.text(max_size=400), st.sampled_from([64, 128, 512, 8_192]))
def test_no_chunk_is_longer_than_the_model_reads(
    blocks: Sequence[Block], title: str, tokens: int
) -> None:
    for one in cut(*blocks, title=title, reach=Reach(tokens)):
        assert 0 < len(one.text) <= CHARACTERS
        assert len(one.title) <= PATH
        assert estimate(one.title) + estimate(one.text) <= tokens


@given(st.lists(st.text(min_size=1, max_size=900), max_size=6))
def test_no_letter_is_lost(paragraphs: list[str]) -> None:
    found = "".join(texts(*map(Paragraph, dict.fromkeys(paragraphs))))
    for paragraph in paragraphs:
        assert {*paragraph} - {*" \n\t"} <= {*found} | {
            letter for letter in paragraph if not letter.isalnum()
        }


@pytest.mark.slow
def test_no_chunk_is_longer_than_minilm_reads() -> None:
    reach = local_embedder("").reach
    tokenizer = Tokenizer.from_file(reach.tokenizer)
    tokenizer.no_truncation()
    for text in (
        words(3_000, "Größe"),
        words(2_000, "日本語"),
        "x" * 9_000,
        words(4_000, "a1b2-c3"),
    ):
        for one in cut(Paragraph(text), title=words(90, "Überschrift"), reach=reach):
            assert len(tokenizer.encode(embedded_text(one)).ids) <= reach.tokens


def test_places_are_in_reading_order() -> None:
    found = cut(*(Paragraph(words(100, f"p{n}")) for n in range(9)))
    assert all(one.place + 1 == after.place for one, after in pairwise(found))
    assert TITLE < PATH


@pytest.mark.slow
@pytest.mark.parametrize("word", ["é", "a1", "【1】", "Cranes lift. "])
def test_time_to_cut_a_long_line_grows_with_its_length(word: str) -> None:
    def made(size: int) -> str:
        return word * (size // len(word))

    assert is_linear(lambda text: cut(Paragraph(text)), lambda size: made(8 * size))


def test_long_line_loses_nothing_where_it_is_cut() -> None:
    numbers = [f"Number {n}." for n in range(5_000)]
    assert " ".join(texts(Paragraph(" ".join(numbers)))).split() == " ".join(numbers).split()
