from pathlib import Path

import pytest

from domain.errors import EmptySource, UnreadableSource
from domain.tokens import Reach
from knowledge.chunk import TITLE
from knowledge.document import ReadDocument, read_document
from knowledge.readers.base import File


def read(content: str, name: str = "a.md", source: str = "/docs/how to.md") -> ReadDocument:
    return read_document(File(content.encode(), name), source, Reach(512))


def test_document_is_named_by_its_format_or_the_heading_above_all_others() -> None:
    assert read("---\ntitle: Our Rules\n---\n# Other\n\nText").title == "Our Rules"
    assert read("Hello\n\n## The *Rules*\n\n- one\n\n### More\n\ntwo").title == "The Rules"


def test_one_of_several_parts_does_not_name_the_document() -> None:
    assert read("# One\n\na\n\n# Two\n\nb").title == "how to"
    assert read("## One\n\na\n\n## Two\n\nb").title == "how to"


def test_document_without_heading_is_named_by_its_file_or_address() -> None:
    assert read("hello").title == "how to"
    assert read("hello", source="https://example.org/a%20b/rules.md?x=1").title == "rules"
    assert read("hello", source="https://example.org/").title == "example.org"


@pytest.mark.parametrize(
    "source", ["slack-file:F0123", "git+https://example.org/team/handbook.git#main:docs/leave.txt"]
)
def test_file_whose_address_does_not_name_it_is_named_by_its_own_name(source: str) -> None:
    assert read("hello", "Vacation policy.txt", source).title == "Vacation policy"
    assert read("# Leave\n\nhello", "Vacation policy.md", source).title == "Leave"
    assert read("hello", "caf\udce9.txt", source).title == "caf?"  # in git it may be any bytes


@pytest.mark.slow
def test_title_is_bounded_wherever_it_comes_from() -> None:
    long = "word " * 100_000
    for content, name in (
        (f"---\ntitle: {long}\n---\nText", "a.md"),
        (f"# {long}\n\nText", "a.md"),
        (f"<title>{long}</title><p>Text", "a.html"),
    ):
        assert len(read(content, name).title) <= TITLE
    assert len(read("Text", source=f"https://example.org/{'a' * 9_000}.txt").title) <= TITLE


@pytest.mark.parametrize("content", [" ", "\n\n", "---\n", "# \n", "***"])
def test_document_that_says_nothing_is_empty(content: str) -> None:
    with pytest.raises(EmptySource):
        read(content)


@pytest.mark.slow
def test_more_text_than_a_book_holds_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="more than 10,000,000 characters"):
        read("word " * 2_100_000, "a.txt")


def test_sample_handbook_is_read(request: pytest.FixtureRequest) -> None:
    folder = Path(request.config.rootpath) / "examples" / "handbook"
    for file in sorted(folder.iterdir()):
        found = read_document(File(file.read_bytes(), file.name), str(file), Reach(256))
        assert found.chunks, file
        assert found.notes == (), file
