import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.command import DEEPEST, Command, Target, TargetKind, Verb, parse

A, B = "https://a.example/x", "https://b.example/y"


def pages(*names: str) -> tuple[Target, ...]:
    return tuple(Target(TargetKind.PAGE, name) for name in names)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (f"{A} <{B}|the page>, {A}", Command(Verb.ADD, pages(A, B))),
        (f"Please read this page: {A}.", Command(Verb.ADD, pages(A))),
        (f"ingest {A} thanks!", Command(Verb.ADD, pages(A))),
        (f"site {A}", Command(Verb.ADD, (Target(TargetKind.SITE, A),))),
        (
            f"site <{A}> depth 2 and {B}",
            Command(Verb.ADD, (Target(TargetKind.SITE, A, 2), *pages(B))),
        ),
        (f"git {A}#main", Command(Verb.ADD, (Target(TargetKind.GIT, f"git+{A}#main"),))),
        (f"git+{A}", Command(Verb.ADD, (Target(TargetKind.GIT, f"git+{A}"),))),
        (f"git+<{A}|x>", Command(Verb.ADD, (Target(TargetKind.GIT, f"git+{A}"),))),
        ("<#C1|general>", Command(Verb.ADD, (Target(TargetKind.CHANNEL, "C1"),))),
        ("<#C1>", Command(Verb.ADD, (Target(TargetKind.CHANNEL, "C1"),))),
        ("#General.", Command(Verb.ADD, (Target(TargetKind.CHANNEL, "#general"),))),
        ("this thread, please", Command(Verb.ADD, (Target(TargetKind.THREAD),))),
        ("ingest this thread", Command(Verb.ADD, (Target(TargetKind.THREAD),))),
        (f"remove {A}", Command(Verb.REMOVE, pages(A))),
        (f"Remove site {A}", Command(Verb.REMOVE, (Target(TargetKind.SITE, A),))),
        (f"dry-run {A}", Command(Verb.DRY_RUN, pages(A))),
        (f"refresh {A}", Command(Verb.REFRESH, pages(A))),
        ("refresh", Command(Verb.REFRESH)),
        ("list", Command(Verb.LIST)),
        ("list 3", Command(Verb.LIST, page=3)),
        ("list page 3", Command(Verb.LIST, page=3)),
        ("status", Command(Verb.STATUS)),
        ("HELP ", Command(Verb.HELP)),
        ("", Command(Verb.FORM)),
        (" … ", Command(Verb.FORM)),
        ("ingest", Command(Verb.FORM)),
    ],
)
def test_commands_are_understood(text: str, command: Command) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("https://acme.slack.com/archives/C1A/p1700000000000100", "C1A:1700000000.000100"),
        (
            "<https://acme.slack.com/archives/C1A/p1700000009000200?thread_ts=1700000000.000100&amp;cid=C1A>",
            "C1A:1700000000.000100",
        ),
    ],
)
def test_link_of_a_message_is_its_thread(text: str, target: str) -> None:
    assert parse(text).targets == (Target(TargetKind.THREAD, target),)


@pytest.mark.parametrize(
    ("text", "word", "nearest"),
    [
        (f"delete {A}", "delete", ""),
        (f"remvoe {A}", "remvoe", "remove"),
        ("satus", "satus", "status"),
        ("list everything", "everything", ""),
        ("status now", "now", ""),
        (f"{A} depth 2", "depth", "depth"),
        (f"site {A} depth 99", "depth 99", "depth"),
        (f"do not add {A}", "do", ""),
        ("the laptop page", "laptop", ""),
        ("remove", "remove", "remove"),
        ("remove everything", "everything", ""),
        ("ftp://a.example", "ftp://a.example", ""),
        ("please", "please", ""),
        ("<@U2>", "<@u2>", ""),
    ],
)
def test_unknown_words_are_named_with_the_nearest_known_one(
    text: str, word: str, nearest: str
) -> None:
    command = parse(text)
    assert (command.verb, command.word, command.nearest) == (Verb.UNKNOWN, word, nearest)
    assert command.targets == ()


def test_files_need_no_address() -> None:
    assert parse("", has_files=True) == Command(Verb.ADD)
    assert parse("ingest please", has_files=True) == Command(Verb.ADD)
    assert parse("remove", has_files=True) == Command(Verb.REMOVE)
    assert parse("delete", has_files=True).verb is Verb.UNKNOWN


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Read https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x), please", "https://a.example/x"),
        ("https://de.example/wiki/Kette_(Rad)", "https://de.example/wiki/Kette_(Rad)"),
        ("(https://de.example/wiki/Kette_(Rad)).", "https://de.example/wiki/Kette_(Rad)"),
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
        ("<https://a.example/x.|it>", "https://a.example/x."),
        ("“https://a.example/x”", "https://a.example/x"),
        ("HTTPS://a.example/x", "HTTPS://a.example/x"),
    ],
)
def test_address_ends_where_it_ends_for_a_reader(text: str, url: str) -> None:
    assert parse(text).targets == pages(url)


WORDS = st.sampled_from(
    [
        *"remove refresh dry-run site git git+ #x <#C1|x> depth 2 this thread please".split(),
        *"list status help not | < >".split(),
        *(A, f"<{B}|b>"),
    ]
)


@given(st.lists(WORDS, max_size=8))
def test_what_is_done_is_only_what_was_named(words: list[str]) -> None:
    text = " ".join(words)
    command = parse(text)
    if "not" in words:
        assert command.verb is Verb.UNKNOWN
    if command.verb is Verb.REMOVE:
        assert words[0] == "remove"
        assert command.targets
    for target in command.targets:
        name = target.name.removeprefix("git+").removeprefix("#")
        assert name in text
        assert target.depth is None or 0 <= target.depth <= DEEPEST
    assert len(set(command.targets)) == len(command.targets)


@given(st.text(st.sampled_from("<>#|@:/.htps igtremov\n“")))
def test_any_text_is_a_command(text: str) -> None:
    assert isinstance(parse(text), Command)
