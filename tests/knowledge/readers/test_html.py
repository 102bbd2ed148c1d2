from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Code, Content, Heading, Item, ItemList, Paragraph, Table, Where
from domain.errors import EmptySource, IngestError
from knowledge.readers.base import File
from knowledge.readers.html import read
from knowledge.readers.page_checks import texts_of
from tests.hostile import is_linear

ADDRESS = "https://wiki.example.org/staff/lunch"


def content(page: str, address: str = "") -> Content:
    return read(File(page.encode(), address=address))


def blocks(page: str, address: str = "") -> list[Block]:
    return list(content(page, address).blocks)


def said(page: str) -> str:
    return texts_of(content(page).blocks)


def tables(page: str) -> list[Table]:
    return [block for block in blocks(page) if isinstance(block, Table)]


def test_text_is_plain_and_nothing_is_escaped() -> None:
    page = "<h1>Error E_4032</h1><p>Set <code>max_* = [1]</code> &amp; <b>restart</b> #2.</p>"
    assert blocks(page) == [
        Heading("Error E_4032", 1),
        Paragraph("Set max_* = [1] & restart #2."),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<form><div><p>Flights under 700 km are not paid.</div></form>",
        "<div id=tab2 hidden><p>Flights under 700 km are not paid.</div>",
        "<section class=tab style='display: none'>Flights under 700 km are not paid.</section>",
        "<div aria-hidden=true class=panel>Flights under 700 km are not paid.</div>",
        "<p hidden=until-found>Flights under 700 km are not paid.</p>",
        "<aside><p>Flights under 700 km are not paid.</aside>",
        "<main><p>First.</main><main><p>Flights under 700 km are not paid.</main>",
        "<main><p>First.</main><aside>Flights under 700 km are not paid.</aside>",
        "<main><p>First.</main><dialog>Flights under 700 km are not paid.</dialog>",
        "<div role=main>First.</div><div role=main>Flights under 700 km are not paid.</div>",
        "<main hidden><p>Flights under 700 km are not paid.</main>",
        "<main></main><div>Flights under 700 km are not paid.</div>",
        "<article><p>x<footer>Flights under 700 km are not paid.</footer></article>",
        "<main><section>x<footer>Flights under 700 km are not paid.</footer></section></main>",
        "<article><header>Flights under 700 km are not paid.</header>x</article>",
        "<h2><button>Flights under 700 km are not paid.</button></h2>",
        "<button aria-expanded=false>Flights under 700 km are not paid.</button>",
        "<details><summary>Flights</summary>Flights under 700 km are not paid.</details>",
        "<details><summary>Flights under 700 km are not paid.</summary></details>",
        "<fieldset><legend>Flights under 700 km are not paid.</legend></fieldset>",
        "<textarea>Flights under 700 km are not paid.</textarea>",
        "<label>Rule</label><input readonly value='Flights under 700 km are not paid.'>",
        "<img alt='Flights under 700 km are not paid.' src=x.png>",
        "<figure><img src=x><figcaption>Flights under 700 km are not paid.</figcaption></figure>",
        "<dialog><p>Flights under 700 km are not paid.</dialog>",
        "<div class=cookie-policy><h2>Rules</h2>Flights under 700 km are not paid.</div>",
        "<ul class=menu><li>Flights under 700 km are not paid.</ul>",
        "<header><p>Flights under 700 km are not paid." + " By decision" * 20 + "</header>x",
        "<blockquote>Flights under 700 km are not paid.</blockquote>",
        "<table><tr><td><h2>a</h2><td>Flights under 700 km are not paid.</table>",
        "<my-card><my-text>Flights under 700 km are not paid.</my-text></my-card>",
        "<nav>" + "Flights under 700 km are not paid. " * 20 + "</nav>",
        "<dl><dt>Flights<dd>Flights under 700 km are not paid.</dl>",
        "<center><font>Flights under 700 km are not paid.",
        "<div><div>" * 3_000 + "Flights under 700 km are not paid.",
        "<sup><b>1" * 2_000 + "Flights under 700 km are not paid.",
    ],
)
def test_what_a_page_says_is_kept_wherever_it_stands(page: str) -> None:
    assert "Flights under 700 km are not paid." in said(page)


@pytest.mark.parametrize(
    "clutter",
    [
        "<nav><a href=/>Clutter</a></nav>",
        "<div role=navigation><ul><li><a href=/>Clutter</a></ul></div>",
        "<header><a href=/>Clutter</a> Kestrel</header>",
        "<footer>Clutter</footer>",
        "<div role=contentinfo>Clutter</div>",
        "<script>Clutter</script>",
        "<style>Clutter</style>",
        "<noscript>Clutter</noscript>",
        "<template><p>Clutter</template>",
        "<svg><text>Clutter</text></svg>",
        "<iframe>Clutter</iframe>",
        "<div id=cookie-banner><p>Clutter: we use cookies.</p><button>Accept</button></div>",
        "<div role=dialog aria-label=x>Clutter: we use cookies.</div>",
        "<ol class=breadcrumb><li><a href=/>Clutter</a><li><a href=/b>Clutter</a></ol>",
        "<aside><a href=/a>Clutter</a><a href=/b>Clutter</a><a href=/c>Clutter</a></aside>",
        "<a href=#main>Skip to Clutter</a>",
        "<p hidden>Clutter</p>",
        "<span aria-hidden=true>Clutter</span>",
        "<input type=hidden value=Clutter><input type=password value=Clutter>",
        "<input type=submit value=Clutter>",
        "<button>Clutter</button>",
        "<del>Clutter</del><s>Clutter</s>",
        "<main hidden>Clutter</main><main>Text</main>",
        "<!-- Clutter -->",
        "<img alt=Clutter.png><img alt='' title=Clutter>",
    ],
)
def test_what_every_page_of_a_site_bears_is_left_out(clutter: str) -> None:
    page = f"<html><head><title>Rules</title></head><body>{clutter}<h1>Rules</h1><p>Text</p>"
    assert "Clutter" not in said(page)
    assert "Text" in said(page)


def test_question_in_a_button_or_a_summary_leads_its_answer() -> None:
    page = (
        "<button aria-controls=a>Who pays?</button><div id=a>We.</div><summary>And I?</summary>No."
    )
    assert blocks(page)[:3:2] == [
        Paragraph("Who pays?", is_bold=True),
        Paragraph("And I?", is_bold=True),
    ]


@pytest.mark.parametrize(
    "opening",
    [
        "<button class=accordion>Grace period</button>",
        "<button class='faq-title x'>Grace period</button>",
        "<div role=button>Grace period</div>",
        "<button data-bs-target=#x>Grace period</button>",
    ],
)
def test_what_opens_a_part_stands_above_it(opening: str) -> None:
    assert blocks(f"{opening}<div class=panel>Eleven days.</div>") == [
        Paragraph("Grace period", is_bold=True),
        Paragraph("Eleven days."),
    ]


def test_heading_in_a_button_is_a_heading() -> None:
    assert blocks("<button><h3>Grace period</h3></button><div>Eleven days.</div>") == [
        Heading("Grace period", 3),
        Paragraph("Eleven days."),
    ]


def test_tab_names_the_panel_that_it_shows() -> None:
    page = """<div role=tablist><button role=tab aria-controls=p1>Basic</button>
    <button role=tab aria-controls=p2>Pro</button></div>
    <div id=p1 role=tabpanel>5 euros</div><div id=p2 role=tabpanel hidden>19 euros</div>"""
    assert [block.text for block in blocks(page) if isinstance(block, Paragraph)] == [
        "Basic",
        "5 euros",
        "Pro",
        "19 euros",
    ]


def test_lists_keep_their_depth_and_their_marks() -> None:
    page = "<ol start=4><li>Four<ol type=a><li>sub a<li>sub b</ol><li>Five<ul><li>dot</ul></ol>"
    assert blocks(page) == [
        ItemList(
            (
                Item("Four", 0, "4."),
                Item("sub a", 1, "a."),
                Item("sub b", 1, "b."),
                Item("Five", 0, "5."),
                Item("dot", 1, "-"),
            )
        )
    ]


def test_items_without_end_tags_stay_apart() -> None:
    assert blocks("<ul><li>one<li>two<p>more<li><p>three</ul>") == [
        ItemList((Item("one"), Item("two more"), Item("three")))
    ]


@pytest.mark.parametrize(
    ("opening", "marks"),
    [
        ("<ol type=I>", ["I.", "II."]),
        ("<ol type=i start=9>", ["ix.", "x."]),
        ("<ol reversed>", ["2.", "1."]),
        ("<ol start=x>", ["1.", "2."]),
        ("<ol start=-1>", ["-1.", "0."]),
        ("<ol type=a start=99>", ["99.", "100."]),
        ("<menu>", ["-", "-"]),
    ],
)
def test_items_bear_the_marks_that_browsers_show(opening: str, marks: list[str]) -> None:
    (found,) = blocks(f"{opening}<li>a<li>b")
    assert isinstance(found, ItemList)
    assert [item.mark for item in found.items] == marks


def test_code_in_an_item_is_a_block_between_its_texts() -> None:
    assert blocks("<ol><li>Run<pre>make\n  all</pre>then wait<li>Done</ol>") == [
        ItemList((Item("Run", 0, "1."),)),
        Code("make\n  all"),
        Paragraph("then wait"),
        ItemList((Item("Done", 0, "2."),)),
    ]


def test_headings_in_items_are_headings() -> None:
    assert blocks("<ul class=cards><li><h3>Gym</h3><p>Open.</ul>") == [
        Heading("Gym", 3),
        Paragraph("Open."),
    ]


def test_ticked_boxes_are_shown() -> None:
    page = "<ul><li><input type=checkbox checked> Laptop<li><input type=checkbox> Badge</ul>"
    assert blocks(page) == [ItemList((Item("[x] Laptop"), Item("[ ] Badge")))]


def test_box_that_opens_a_menu_is_not_text() -> None:
    page = "<p>Cranes</p><div><input type=checkbox role=button aria-label=Tools></div><p>Stop.</p>"
    assert blocks(page) == [Paragraph("Cranes"), Paragraph("Stop.")]


def test_short_definitions_are_items_and_long_ones_follow_their_term() -> None:
    assert blocks("<dl><dt>Owner<dd>Anna<dt>Room<dt>Desk<dd>4</dl>") == [
        ItemList((Item("Owner: Anna"), Item("Room, Desk: 4")))
    ]
    long = "word " * 60
    assert blocks(f"<dl><dt>Who pays?<dd>{long}</dl>") == [
        Paragraph("Who pays?", is_bold=True),
        Paragraph(long.strip()),
    ]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("10<sup>6</sup> units", "10^6 units"),
        ("5 m<sup>2</sup>, H<sub>2</sub>O", "5 m^2, H2O"),
        ("the 4<sup>th</sup>", "the 4th"),
        ("10<sup><b>-3</b></sup>", "10^-3"),
        ("<q>Yes</q>, he said", "“Yes”, he said"),
        ("an <abbr title='Service Level'>SLA</abbr>", "an SLA (Service Level)"),
        ("so<wbr>ft&shy;ware&nbsp;x", "software x"),
        ("a<br>b", "a b"),
        ("<span>a</span><span>b</span>", "ab"),
        ("<label>Name</label><input value=Anna>", "Name Anna"),
        ("<select><option>Rail<option>Air</select>", "Rail; Air"),
        ("<select><option>Rail<option selected>Air</select>", "Air"),
        ("press <button>Save</button> now", "press Save now"),
        ("e&#x301;", "é"),
    ],
)
def test_inline_elements_read_as_a_person_would_write_them(page: str, text: str) -> None:
    assert blocks(f"<p>{page}</p>") == [Paragraph(text)]


def test_paragraph_in_bold_is_known_as_such() -> None:
    assert blocks(
        "<p><b>Who pays?</b></p><p><b>Note</b> that</p><p><strong><p>In</p></strong>"
    ) == [
        Paragraph("Who pays?", is_bold=True),
        Paragraph("Note that"),
        Paragraph("In", is_bold=True),
    ]


def test_two_breaks_part_paragraphs() -> None:
    assert blocks("<div>one<br> <br>two</div>") == [Paragraph("one"), Paragraph("two")]


def test_relative_links_are_shown_as_whole_addresses() -> None:
    page = """<a href="../form.pdf">Form</a>, <a href="#x">here</a>, <a href="javascript:x">js</a>,
    <a href="mailto:a@b.org">mail</a>, <a href="https://e.org">https://e.org</a>"""
    assert blocks(page, ADDRESS) == [
        Paragraph(
            "Form (https://wiki.example.org/form.pdf), here, js, mail (a@b.org), https://e.org"
        )
    ]
    assert said("<a href=/form>Form</a>") == "Form"
    assert (
        said("<base href='https://e.org/d/'><a href=form>Form</a>") == "Form (https://e.org/d/form)"
    )
    assert said("<a href='http://[bad'>Form</a>") == "Form"


def test_footnote_stands_behind_the_paragraph_that_refers_to_it() -> None:
    page = """<p>Paid<sup><a href="#n1">1</a></sup> late.</p><p>End.</p>
    <section><ol><li id=n1>Not on Fridays. <a href="#r1">↩</a></ol></section>"""
    assert blocks(page) == [
        Paragraph("Paid [1] late."),
        Paragraph("[1] Not on Fridays."),
        Paragraph("End."),
    ]


def test_blocks_know_the_anchor_of_their_section() -> None:
    page = """<h1>Top</h1><p>a<h2 id=pay>Pay</h2><p>b<h3>Sub</h3><p>c
    <h2><a name=old></a>Old</h2><p>d
    <section id=sec><h2>Sec</h2><p>e</section><h2>None</h2><p>f"""
    assert [(b.text, b.where.anchor) for b in blocks(page) if isinstance(b, Paragraph)] == [
        ("a", ""),
        ("b", "pay"),
        ("c", "pay"),
        ("d", "old"),
        ("e", "sec"),
        ("f", ""),
    ]


def test_cells_that_span_rows_and_columns_are_repeated() -> None:
    page = """<table><tr><th rowspan=2>Building</th><th colspan=2>Seats</th></tr>
    <tr><th>Theatre</th><th>Classroom</th></tr>
    <tr><td rowspan=2>North</td><td>120</td><td>60</td></tr>
    <tr><td>80</td><td>40</td></tr></table>"""
    assert tables(page) == [
        Table(
            (("Building", "Seats", "Seats"), ("Building", "Theatre", "Classroom")),
            (("North", "120", "60"), ("North", "80", "40")),
        )
    ]


@pytest.mark.parametrize(
    ("rows", "header", "body"),
    [
        ("<thead><tr><td>A<td>B<tbody><tr><td>1<td>2", [("A", "B")], [("1", "2")]),
        ("<tr><td><th>A<th>B<tr><th>x<td>1<td>2", [("", "A", "B")], [("x", "1", "2")]),
        ("<tr><th>Owner<td>Anna<tr><th>Room<td>4", [], [("Owner", "Anna"), ("Room", "4")]),
        ("<tr><td><b>A</b><td><b>B</b><tr><td>x<td>y", [("A", "B")], [("x", "y")]),
        ("<tr><td>Item<td>Price<tr><td>x<td>5 €", [("Item", "Price")], [("x", "5 €")]),
        ("<tr><td>x<td>1<tr><td>y<td>2", [], [("x", "1"), ("y", "2")]),
        ("<tr><th>A<th>B<tr><td rowspan=0>x<td>1<tr><td>2", [("A", "B")], [("x", "1"), ("x", "2")]),
        ("<tr><th>A<th>B<tr><td colspan=x>x<td>1", [("A", "B")], [("x", "1")]),
        (
            "<tr><th>A<th>B<tfoot><tr><td>sum<td>3<tbody><tr><td>x<td>3",
            [("A", "B")],
            [("x", "3"), ("sum", "3")],
        ),
        ("<tr><th>A<th>B<tr><td>x<td><ul><li>p<li>q</ul>", [("A", "B")], [("x", "p q")]),
        ("<tr><th>A<th>B<tr><td>x<td><table><tr><td>p<td>q</table>", [("A", "B")], [("x", "p q")]),
        ("<tr><th>A<th>B<tr><td>x<td>10<sup>6</sup><br>e", [("A", "B")], [("x", "10^6 e")]),
        ("<tr><th>A<th>B<th><tr><td>x<td>1<td>", [("A", "B")], [("x", "1")]),
    ],
)
def test_header_rows_are_known(
    rows: str, header: list[tuple[str, ...]], body: list[tuple[str, ...]]
) -> None:
    assert tables(f"<table>{rows}</table>") == [Table(tuple(header), tuple(body))]


def test_caption_stands_with_its_table() -> None:
    (table,) = tables("<table><caption>Prices</caption><tr><th>A<th>B<tr><td>1<td>2</table>")
    assert table.caption == "Prices"


@pytest.mark.parametrize(
    "page",
    [
        "<table role=presentation><tr><td>one<td>two<tr><td>three<td>four</table>",
        "<table><tr><td>one</td></tr><tr><td>two</table>",
        "<table><tr><td><table><tr><td>one</table><td>two<tr><td>x<td>y</table>",
        "<table><tr><td><h2>one</h2><td>two<tr><td>x<td>y</table>",
        "<table><tr><td>menu<td><ul><li>one</ul><tr><td>x<td>y</table>",
    ],
)
def test_table_that_only_places_parts_of_a_page_is_none(page: str) -> None:
    assert not tables(page)
    assert "one" in said(page)


def test_numbers_of_code_lines_are_no_code() -> None:
    page = """<table class=highlighttable><tr><td class=linenos><pre>1\n2</pre></td>
    <td class=code><pre>a = 1<br>  b = <span class=n>2</span></pre></td></tr></table>"""
    assert blocks(page) == [Code("a = 1\n  b = 2")]


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Lunch | Wiki</title><h1>Lunch</h1>x", "Lunch"),
        ("<title>Lunch &amp; more</title><p>At noon", "Lunch & more"),
        ("<title>Rules</title><h1>One</h1><h1>Two</h1>", "Rules"),
        ("<meta property=og:title content=Shared><p>At noon", "Shared"),
        ("<h1 hidden>No</h1><title>Rules</title><p>x", "Rules"),
        ("<p>At noon", ""),
    ],
)
def test_page_is_named_by_its_heading_or_its_title(page: str, title: str) -> None:
    assert content(page).title == title


@pytest.mark.parametrize("page", ["", "<nav><a href=/>Home</a></nav>", "<p> <br>&nbsp;"])
def test_page_without_text_is_empty(page: str) -> None:
    with pytest.raises(EmptySource, match="no text"):
        content(page)


@pytest.mark.parametrize(
    ("head", "encoding", "charset"),
    [
        ("<meta charset=windows-1251>", "cp1251", ""),
        ("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r", ""),
        ("<?xml version='1.0' encoding='windows-1251'?>", "cp1251", ""),
        ("<meta charset=koi8-r>", "cp1251", "windows-1251"),
        ("<meta charset=windows-1251>", "utf-8", ""),
        ("", "cp1251", ""),
        ("", "utf-16", ""),
    ],
)
def test_page_is_read_in_its_encoding(head: str, encoding: str, charset: str) -> None:
    page = f"{head}<p>Отпуск длится двадцать восемь дней.".encode(encoding)
    assert read(File(page, charset=charset)).blocks == (
        Paragraph("Отпуск длится двадцать восемь дней."),
    )


@settings(deadline=None)  # the first one imports a lot
@given(st.binary(max_size=400))
def test_any_bytes_become_blocks_or_one_of_our_errors(page: bytes) -> None:
    with suppress(IngestError):
        texts_of(read(File(page, address=ADDRESS)).blocks).encode()


PARTS = (
    "<p>|</p>|<table>|<tr>|<td rowspan=3>|<th colspan=9>|</table>|<ul>|<li>|</ul>|<ol type=i>|<h1>|"
    "</h1>|<a href=#x>|</a>|<sup>|</sup>|<b>|</b>|<pre>|</pre>|<div hidden id=x>|</div>|<main>|"
    "</main>|<dl>|<dt>|<dd>|<button>|<select>|<option>|<br>|text |1|<svg>|<template>|<noscript>|"
    "<input value=v>|<details>|<summary>|<nav>|<dialog>|<form>|<caption>|<frameset>|<math>|"
    "<img alt=a>"
).split("|")


@given(st.lists(st.sampled_from(PARTS), max_size=40))
def test_any_order_of_tags_becomes_blocks_or_an_empty_page(parts: list[str]) -> None:
    with suppress(EmptySource):
        for block in blocks("".join(parts)):
            if isinstance(block, Table):
                assert len({len(row) for row in (*block.header, *block.rows)}) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [*PARTS, "<div>", "<font color=x>", "<a", "<!--", "<b><p>", "&amp;", "<a b=", "<x-y>", "<td>"],
)
def test_reading_takes_twice_as_long_for_twice_as_much(part: str) -> None:
    def read_page(page: str) -> None:
        with suppress(EmptySource):
            content(page)

    assert is_linear(read_page, lambda n: f"x{part}y" * (n // 8))


def test_attributes_and_spans_without_end_cost_little() -> None:
    attributes = " ".join(f"a{n}=1" for n in range(50_000))
    assert said(f"<p {attributes}>x</p>") == "x"
    wide = "<tr><td colspan=1000 rowspan=1000>x<td>y" * 2_000
    (table,) = tables(f"<table>{wide}</table>")
    assert sum(len(row) for row in table.rows) < 5_000_000


def test_where_is_nowhere_without_anchors() -> None:
    assert blocks("<p>x") == [Paragraph("x", Where())]


def test_equations_are_read_in_one_line() -> None:
    power = "<msup><mn>10</mn><mn>6</mn></msup>"
    half = "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>"
    both = "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup><annotation>x_1</annotation>"
    assert said(f"<p>Up to <math>{power}</math> units") == "Up to 10^6 units"
    assert said(f"<p>It is <math>{half}</math>, <math><semantics>{both}</semantics></math>.") == (
        "It is (a+b)/2, x_1^2."
    )


def test_table_of_other_elements_is_one() -> None:
    header = "<span role=columnheader>City</span><span role=columnheader>Fee</span>"
    row = "<span role=cell>Rome</span><span role=cell>12</span>"
    page = (
        f"<div role=table><div role=rowgroup><div role=row>{header}</div></div>"
        f"<div><div role=row>{row}</div></div></div>"
    )
    assert tables(page) == [Table((("City", "Fee"),), (("Rome", "12"),))]


def test_cells_never_run_together_where_a_table_is_broken() -> None:
    row = "<span role=cell>Rome</span><span role=cell>12</span>"
    assert said(f"<div role=table>Fees<div role=row>{row}</div></div>").split() == [
        *("Fees", "Rome", "12")
    ]


def test_icons_in_cells_are_read() -> None:
    page = (
        "<table><tr><th>Feature<th>Basic<th>Pro<tr><td>SSO<td><i class='fa fa-times'></i>"
        "<td><svg aria-label=Included></svg><tr><td>API<td><svg><title>no</title></svg>"
        "<td><i class=icon-check></i></table>"
    )
    assert tables(page)[0].rows == (("SSO", "✗", "Included"), ("API", "no", "✓"))


def test_several_definitions_stay_with_their_term() -> None:
    assert blocks("<dl><dt>Phone<dd>12<dd>ext 13<dt>Fax<dd>4</dl>") == [
        ItemList((Item("Phone: 12; ext 13"), Item("Fax: 4")))
    ]


@pytest.mark.parametrize("box", ["aside", "details", "dialog"])
def test_what_follows_a_box_stands_under_the_heading_above_it(box: str) -> None:
    page = f"<h1>Leave</h1><h2>Parental</h2><{box}><h2>Tip</h2>Ask.</{box}><p>Paid in full."
    assert blocks(page) == [
        Heading("Leave", 1),
        Heading("Parental", 2),
        Heading("Tip", 2),
        Paragraph("Ask."),
        Heading("Parental", 2),
        Paragraph("Paid in full."),
    ]


def test_heading_of_a_box_without_one_above_ends_with_it() -> None:
    page = "<details><h3>Tip</h3>Ask.</details><ul><li>Room 12</ul><h2>End</h2>"
    assert blocks(page)[2:] == [
        Heading("", 3),
        ItemList((Item("Room 12"),)),
        Heading("End", 2),
    ]


def test_empty_elements_of_xhtml_hold_nothing_that_follows() -> None:
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>'
        '<script src="a.js"/></head><body><a id="p1"/><p>One<br/>two</p></body></html>'
    )
    assert said(page) == "One two"


@pytest.mark.parametrize("style", ["visibility: hidden", "display:none"])
def test_small_elements_that_nobody_sees_are_left_out(style: str) -> None:
    assert said(f'<p>Fee: <span style="{style}">90</span>120') == "Fee: 120"
