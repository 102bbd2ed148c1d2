import pytest

from knowledge.readers.base import File, Outline
from knowledge.readers.page_outline import MOST_LINKS, outline
from knowledge.reading import Readers
from tests.hostile import is_linear

ADDRESS = "https://wiki.example.org/staff/lunch"


def outlined(page: str) -> Outline:
    return outline(File(page.encode(), "lunch.html", address=ADDRESS))


def test_links_are_whole_addresses_each_once() -> None:
    page = """<a href="tea#x">a</a> <a href=/b?x=1>b</a> <map><area href="//e.org/c"></map>
    <a href="tea">again</a> <a href="mailto:x@e.org">m</a> <a href="javascript:x">j</a>
    <a rel="NoFollow noopener" href=/ads>ad</a> <a>none</a> <a href="http://[">wrong</a>"""
    assert outlined(page).links == (
        "https://wiki.example.org/staff/tea",
        "https://wiki.example.org/b?x=1",
        "https://e.org/c",
    )


def test_links_lead_on_from_the_base_of_the_page() -> None:
    page = "<base href=/other/><a href=tea>a</a>"
    assert outlined(page).links == ("https://wiki.example.org/other/tea",)


def test_page_says_by_which_address_it_is_known() -> None:
    assert outlined("<link rel='x canonical' href='/a#b'><p>x").canonical.endswith(".org/a#b")
    assert outlined("<link rel=canonical href='http://['><p>x").canonical == ""
    assert outlined("<link rel=next href=/b><p>x").canonical == ""


def test_page_asks_programs_for_something() -> None:
    page = "<meta name=Robots content='NoIndex, follow'><meta name=phi3-expert content=none><p>x"
    assert outlined(page).robots == "noindex, follow,none"
    assert outlined("<meta name=googlebot content=noindex><p>x").robots == ""


def test_other_files_have_no_outline() -> None:
    assert outline(File(b"# Lunch <a href=/b>", "lunch.md", address=ADDRESS)) == Outline()
    assert outline(File(b"", "lunch.html", address=ADDRESS)) == Outline()


def test_links_without_end_are_cut() -> None:
    page = "".join(f"<a href=/{n}>x</a>" for n in range(MOST_LINKS + 10))
    assert len(outlined(page).links) == MOST_LINKS


@pytest.mark.parametrize(
    "piece", ["<a href=x>", "<link rel=canonical href=y>", "<meta name=robots content=z>"]
)
def test_time_grows_with_the_page(piece: str) -> None:
    assert is_linear(outlined, lambda size: piece * (size // len(piece)))


def test_page_is_outlined_in_a_process_of_its_own() -> None:
    readers = Readers()
    try:
        file = File(b"<p>x <a href=/b>b</a>", "lunch.html", address=ADDRESS)
        assert readers.outline(file) == outline(file)
    finally:
        readers.close()
