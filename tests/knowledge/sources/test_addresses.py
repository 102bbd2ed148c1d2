import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sources.addresses import (
    are_of_one_site,
    are_twins,
    is_first_page,
    known_address,
    link_target,
    plain_address,
)


def test_address_keeps_only_what_tells_pages_apart() -> None:
    assert plain_address("HTTP://E.org:80?b=%20&a=") == "http://e.org/?b=%20&a="
    assert plain_address("http://[::1]:8080/x") == "http://[::1]:8080/x"
    address = "https://E.org:443/page?utm_source=mail&id=1&fbclid=2#top"
    assert plain_address(address) == "https://e.org/page?id=1"
    assert plain_address("https://bü.de/größe?ü=%C3%BC") == (
        "https://xn--b-eha.de/gr%C3%B6%C3%9Fe?%C3%BC=%C3%BC"
    )


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("/a?id=7#part", "https://e.org/a?id=7"),
        ("b", "https://e.org/docs/b"),
        ("https://other.org", "https://other.org/"),
        ("javascript:x", ""),
        ("http://[", ""),
        ("http://e.org:x/", ""),
        ("http://me:secret@e.org/", ""),
        ("/" + "x" * 3_000, ""),
    ],
)
def test_link_leads_to_a_plain_address_or_nowhere(target: str, leads: str) -> None:
    assert link_target("https://e.org/docs/a", target) == leads


@given(st.text(max_size=50))
def test_any_link_leads_to_a_plain_address_or_nowhere(target: str) -> None:
    found = link_target("https://e.org/docs/a", target)
    assert not found or plain_address(found) == found


def test_twins_differ_only_in_scheme_www_or_the_last_slash() -> None:
    assert are_twins("http://www.e.org/a", "https://e.org/a/")
    assert not are_twins("http://e.org/a", "http://e.org/a?b=1")
    assert are_of_one_site("http://www.e.org/a", "https://e.org/b")
    assert not are_of_one_site("http://e.org/a", "http://e.org:8080/a")


def test_first_page_of_a_host() -> None:
    assert is_first_page("https://e.org")
    assert not is_first_page("https://e.org/a")
    assert not is_first_page("https://e.org/?page=2")


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("https://Wiki.Example/laptops#top", "https://wiki.example/laptops"),
        ("git+https://git.example/a.git#main", "git+https://git.example/a.git#main"),
        ("https://user:word@wiki.example/", ""),
        ("https://[", ""),
        ("/etc/passwd", ""),
        ("see the wiki", ""),
        (f"https://wiki.example/{'ä' * 250}", ""),  # 1,521 bytes, as it is known
    ],
)
def test_page_or_repository_is_known_by_its_plain_address(written: str, known: str) -> None:
    assert known_address(written) == known
