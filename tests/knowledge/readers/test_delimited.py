from functools import partial
from operator import mul

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import Content, Table
from domain.errors import EmptySource
from knowledge.readers.base import File
from knowledge.readers.delimited import read
from tests.hostile import is_linear
from tests.knowledge.readers.noise import survives


def content(text: str, name: str = "x.csv") -> Content:
    return read(File(text.encode(), name))


def table(text: str, name: str = "x.csv") -> Table:
    found = content(text, name).blocks[-1]
    assert isinstance(found, Table)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "name,price,place\nHook,1.5,A\nRope,7,B",
        "name;price;place\nHook;1.5;A\nRope;7;B",
        "name\tprice\tplace\nHook\t1.5\tA\nRope\t7\tB",
        "name|price|place\nHook|1.5|A\nRope|7|B",
        "sep=;\nname;price;place\nHook;1.5;A\nRope;7;B",
        "name, price, place\r\n\r\nHook, 1.5, A\r\n\r\nRope, 7, B\r\n",
        'name,price,place\n"Hook","1.5","A"\n"Rope",7,"B"',
        "name,price,place\rHook,1.5,A\rRope,7,B",
    ],
)
def test_the_delimiter_is_found(text: str) -> None:
    assert table(text).header == (("name", "price", "place"),)
    assert table(text).rows == (("Hook", "1.5", "A"), ("Rope", "7", "B"))
    assert table(text).is_record_list


def test_commas_within_numbers_delimit_nothing() -> None:
    text = "name;price\n" + "".join(f"item {n};{n},50\n" for n in range(100))
    assert table(text).rows[3] == ("item 3", "3,50")


def test_commas_within_remarks_delimit_nothing() -> None:
    text = "name\tremark\nHook\tred, heavy, old\nRope\tblue, light, new"
    assert table(text, "x.tsv").rows[0] == ("Hook", "red, heavy, old")


def test_values_hold_quotes_delimiters_and_line_ends() -> None:
    text = 'name,remark\n"Hook, large","says ""heavy""\nand red"\n5" pipe,x\n'
    assert table(text).rows == (
        ("Hook, large", 'says "heavy" and red'),
        ('5" pipe', "x"),
    )


def test_a_quote_that_nobody_closed_costs_one_cell() -> None:
    rows = table('id,remark\n1,"open\n' + "2,x\n" * 400).rows
    assert rows[0] == ("1", '"open')
    assert len(rows) == 401
    assert content('id,remark\n1,"open\n' + "2,x\n" * 400).notes == (
        "a quote is not closed: it is read as a letter",
    )


def test_a_cell_of_very_many_lines_is_one_cell() -> None:
    log = "\n".join(f"10:{n}, error, again" for n in range(400))
    found = content(f'id,text,owner\n1,"a, b",Jo\n2,"{log}",Ada\n3,"x\ny",Jo\n')
    rows = table(f'id,text,owner\n1,"a, b",Jo\n2,"{log}",Ada\n3,"x\ny",Jo\n').rows
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert rows[1][1:] == (log.replace("\n", " "), "Ada")
    assert found.notes == ()


def test_an_export_that_is_cut_within_a_quote_keeps_its_other_rows() -> None:
    text = 'id,text\n1,"a, b"\n2,"c\nd"\n3,"e, f\ng'
    assert table(text).rows == (("1", "a, b"), ("2", "c d"), ("3", "e, f g"))


def test_a_quote_amiss_costs_no_other_value_its_quotes() -> None:
    text = "".join(f'"{n}","a"\n' for n in range(9)) + '"9","open\n' + '"10","a ""b"""\n' * 9
    rows = table(f'"id","text"\n{text}').rows
    assert rows[8:11] == (("8", "a"), ("9", '"open'), ("10", 'a "b"'))
    assert table('id,text\n1,"5" pipe, wide"\n2,"a, b"\n3,"c, d"\n').rows[1:] == (
        ("2", "a, b", ""),
        ("3", "c, d", ""),
    )
    told = "".join(
        f'{n},"It failed, again.\nThe lamp is off.\nWhy, Jo?\nSee below"\n' for n in range(9)
    )
    assert len(table(f'id,text\n{told}10,"5" pipe"\n').rows) == 10


def test_rows_of_other_lengths_are_kept() -> None:
    rows = table("a,b,c\n1,2\n1,2,3,4\n1,2,3\n").rows
    assert rows == (("1", "2", "", ""), ("1", "2", "3", "4"), ("1", "2", "3", ""))


def test_titles_stand_above_the_names() -> None:
    found = content("Cranes of March;;\n\nSite;Crane;Load\nHarbour;KX-01;12\n")
    assert getattr(found.blocks[0], "text", "") == "Cranes of March"
    assert table("Cranes of March;;\n\nSite;Crane;Load\nHarbour;KX-01;12\n").header == (
        ("Site", "Crane", "Load"),
    )


def test_values_alone_have_no_names() -> None:
    assert table("1,2\n3,4").header == ()


def test_files_without_values_are_empty() -> None:
    with pytest.raises(EmptySource):
        content(" ,,\n,,\n")


def test_very_long_values_are_read() -> None:
    assert len(table("a,b\n1," + "x" * 300_000).rows[0][1]) == 300_000


@pytest.mark.slow
def test_time_grows_with_the_text() -> None:
    for piece in (",", '"', '""', '","', "a,b\n", ",\n", '"\n', "; ", "\n"):
        make = partial(mul, piece)
        assert is_linear(lambda text: survives(lambda: content(text)), make)


@given(st.text())
def test_any_text_costs_only_itself(text: str) -> None:
    survives(lambda: content(text))
