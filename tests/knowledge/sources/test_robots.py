import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UnreadableSource
from knowledge.sources.robots import Robots, Wishes


def test_longest_rule_counts_and_wildcards_are_known() -> None:
    rules = b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /*.pdf$\n"
    robots = Robots.of(rules)
    allowed = [robots.allow(f"https://e.org{path}") for path in ("/a/c", "/a/b/c", "/x.pdf", "/x")]
    assert allowed == [False, True, False, True]


def test_rules_for_this_program_count_before_those_for_all() -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: Phi3-Expert\nDisallow: /x\nCrawl-delay: 2"
    robots = Robots.of(rules)
    assert (robots.allow("https://e.org/a"), robots.allow("https://e.org/x")) == (True, False)
    assert robots.delay == 2.0


def test_rules_cost_no_time_that_grows_with_their_wildcards() -> None:
    robots = Robots.of(b"User-agent: *\nDisallow: /" + b"*a" * 2_500 + b"*b\n")
    assert robots.allow("https://e.org/" + "a" * 2_000)


@pytest.mark.parametrize(
    "content",
    [
        b"User-agent: *\n" + b"Allow:/*1fz\n" * 40_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 200_000,
        b"".join(b"User-agent:%d\n" % n for n in range(15_000)) + b"Allow:/a\n" * 15_000,
        b"".join(b"useragent a%d\nfoo: x\nSitemap: /x\n" % n for n in range(5_000)),
    ],
    ids=["wildcards", "one rule", "programs", "programs between others"],
)
def test_rules_that_take_long_are_not_read(content: bytes) -> None:
    with pytest.raises(UnreadableSource, match="more rules"):
        Robots.of(content)


@pytest.mark.slow
def test_long_rules_of_real_sites_are_read() -> None:
    refused = b"".join(b"User-agent: bot%d\n" % n for n in range(300)) + b"Disallow: /\n\n"
    groups = b"".join(
        b"User-agent: other%d\n" % n
        + b"".join(b"Disallow: /some/folder/%d\n" % place for place in range(150))
        for n in range(90)
    )
    robots = Robots.of(refused + groups + b"User-agent: *\nDisallow: /*?id=*\n" * 300)
    assert robots.allow("https://e.org/some/folder/7")
    assert not robots.allow("https://e.org/x?id=7")


@given(st.binary(max_size=200))
def test_any_bytes_are_rules(content: bytes) -> None:
    robots = Robots.of(b"User-agent: *\n" + content)
    robots.allow("https://e.org/a?b")
    assert robots.delay >= 0


def test_wishes_for_other_programs_are_not_for_us() -> None:
    assert Wishes.of("NoIndex, nofollow") == Wishes(True, True)
    assert Wishes.of("googlebot: noindex, nofollow") == Wishes(False, False)
    assert Wishes.of("googlebot: noindex, phi3-expert: nofollow") == Wishes(False, True)
    assert Wishes.of("googlebot: noindex", "none") == Wishes(True, True)
    assert Wishes.of("max-snippet: 3, noindex") == Wishes(True, False)
    assert Wishes.of("") == Wishes(False, False)
