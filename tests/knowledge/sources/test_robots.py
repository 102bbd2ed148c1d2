from hypothesis import given
from hypothesis import strategies as st

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
    robots = Robots.of(b"User-agent: *\nDisallow: /" + b"*a" * 5_000 + b"*b\n")
    assert robots.allow("https://e.org/" + "a" * 2_000)


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
