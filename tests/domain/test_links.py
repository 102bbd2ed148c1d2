"""People are shown the place in a document, and a link leads to it."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import NOWHERE, Where
from domain.links import LONGEST_LINK, link_to, name_in_git, titled

PAGE = "https://docs.example.com/handbook.pdf"


@pytest.mark.parametrize(
    ("title", "where", "shown"),
    [
        ("Handbook › Leave", Where(page=3), "Handbook › Leave, page 3"),
        ("Deck", Where(slide=12), "Deck, slide 12"),
        ("Deck › Slide 12", Where(slide=12), "Deck › Slide 12"),
        ("Deck › Slide 12", Where(slide=2), "Deck › Slide 12, slide 2"),
        ("Prices", Where(sheet="January"), "Prices, sheet January"),
        ("Guide", Where(anchor="leave"), "Guide"),
        ("Guide", NOWHERE, "Guide"),
        ("", Where(page=3), "page 3"),
        ("", NOWHERE, ""),
        ("Prices", Where(sheet="x" * 500), f"Prices, sheet {'x' * 32} …"),
    ],
)
def test_place_is_named_behind_the_title(title: str, where: Where, shown: str) -> None:
    assert titled(title, where.label) == shown


@pytest.mark.parametrize(
    ("source", "where", "address"),
    [
        (PAGE, Where(page=3), f"{PAGE}#page=3"),
        (f"{PAGE}#page=1", Where(page=3), f"{PAGE}#page=3"),
        (f"{PAGE}#part", NOWHERE, f"{PAGE}#part"),
        (PAGE, Where(slide=3), PAGE),
        (
            "https://docs.example.com/a?b=c",
            Where(anchor="leave"),
            "https://docs.example.com/a?b=c#leave",
        ),
        ("http://wiki/a", Where(anchor="Über uns"), "http://wiki/a#%C3%9Cber%20uns"),
        ("http://wiki/a", Where(anchor="100%25|<x>#y"), "http://wiki/a#100%2525%7C%3Cx%3E%23y"),
        ("http://wiki/a", Where(anchor=":~:text=x"), "http://wiki/a#%3A~%3Atext=x"),
        ("http://wiki/a", Where(anchor="\ud800"), "http://wiki/a#%3F"),
        ("http://wiki/a#b", Where(anchor="x" * 5_000), "http://wiki/a#b"),
        ("/docs/handbook.pdf", Where(page=3), None),
        ("slack-file:F1", Where(page=3), None),
        ("ftp://files/handbook.pdf", Where(page=3), None),
    ],
)
def test_link_leads_to_the_very_place(source: str, where: Where, address: str | None) -> None:
    assert link_to(source, where) == address


@given(st.text(max_size=300))
def test_link_opens_the_same_page_whatever_its_anchor_is(anchor: str) -> None:
    address = link_to(PAGE, Where(anchor=anchor))

    assert address is not None
    assert address == PAGE or re.fullmatch(r"[\w=%.~#:/-]+", address, re.ASCII)
    assert len(address) <= LONGEST_LINK
    opened = urlsplit(address)
    assert opened._replace(fragment="").geturl() == PAGE
    assert unquote(opened.fragment) in (anchor, "")


@pytest.mark.parametrize(
    ("source", "anchor", "there"),
    [
        ("slack-thread:T1:C1:1700000000.000100", "", "archives/C1/p1700000000000100"),
        (
            "slack-thread:T1:C1:1700000000.000100",
            "1700000009.000200",
            "archives/C1/p1700000009000200?thread_ts=1700000000.000100&cid=C1",
        ),
        ("slack-day:T1:C1:2026-11-26", "1700000009.000200", "archives/C1/p1700000009000200"),
        ("slack-day:T1:C1:2026-11-26", "", "archives/C1"),
    ],
)
def test_message_in_slack_is_a_link(source: str, anchor: str, there: str) -> None:
    workspace = "https://acme.slack.com/"
    assert link_to(source, Where(anchor=anchor), workspace) == workspace + there
    shown = link_to(source, Where(anchor=anchor))
    assert shown is not None
    assert shown.startswith("https://app.slack.com/client/T1/C1")


@pytest.mark.parametrize("source", ["slack-file:F1", "slack-thread:T1", "slack-thread"])
def test_other_things_in_slack_are_no_links(source: str) -> None:
    assert link_to(source, Where(), "https://acme.slack.com/") is None


@pytest.mark.parametrize(
    ("repository", "page"),
    [
        ("git+https://github.com/o/r.git", "https://github.com/o/r/blob/main/a/b%20c.md"),
        ("git+ssh://git@github.com/o/r.git", "https://github.com/o/r/blob/main/a/b%20c.md"),
        ("git+https://gitlab.com/g/s/r", "https://gitlab.com/g/s/r/-/blob/main/a/b%20c.md"),
        ("git+https://gitlab.e.org:8443/r", "https://gitlab.e.org:8443/r/-/blob/main/a/b%20c.md"),
        ("git+http://forgejo.e.org/r", "http://forgejo.e.org/r/src/branch/main/a/b%20c.md"),
        ("git+ssh://git@gitea.e.org:22/r", "https://gitea.e.org/r/src/branch/main/a/b%20c.md"),
        ("git+https://codeberg.org/o/r/", "https://codeberg.org/o/r/src/branch/main/a/b%20c.md"),
        ("git+https://bitbucket.org/o/r.git", "https://bitbucket.org/o/r/src/main/a/b%20c.md"),
        ("git+https://e.org/r.git", None),
        ("git+file:///srv/gitlab.com/r", None),
        ("git+https://[github.com/r", None),
        ("git+javascript://github.com/r", None),
    ],
)
def test_file_of_a_repository_is_a_link_to_the_page_that_shows_it(
    repository: str, page: str | None
) -> None:
    source = f"{repository}#main:a/b%20c.md"
    assert link_to(source, NOWHERE) == page
    placed = link_to(source, Where(anchor="leave"))
    assert placed == (f"{page}#leave" if page else None)
    assert name_in_git(source) == "b c.md"


def test_repository_itself_is_no_file() -> None:
    assert link_to("git+https://github.com/o/r.git#main", NOWHERE) is None
    assert name_in_git("git+https://github.com/o/r.git#main") == ""
    assert name_in_git("/srv/a#b:c.md") == ""
