from hypothesis import given
from hypothesis import strategies as st

from domain.documents import Document
from domain.questions import Audience
from knowledge.chunk import CHARACTERS, PATH, chunk, embedded_text, headings

EVERYONE = Audience.everyone()

HANDBOOK = f"""# Benefits

Intro.

## Health [plans](https://example.org)

{"Health is covered. " * 60}

### Dental

{"Teeth are covered too. " * 50}

## Money

```
# not a heading
```
{"Money is paid monthly. " * 50}
"""


def truncate(text: str, title: str = "Benefits") -> list[str]:
    return [c.title for c in chunk(Document("s", title, text), EVERYONE)]


def test_title_has_the_headings_above_the_chunk() -> None:
    titles = truncate(HANDBOOK)
    assert "Benefits › Health plans › Dental" in titles
    assert titles[-1] == "Benefits › Money"


def test_heading_that_repeats_the_title_appears_once() -> None:
    assert truncate("# Benefits\n\nHello") == ["Benefits"]


def test_number_sign_in_code_is_not_a_heading() -> None:
    assert [wording for _, _, wording in headings(HANDBOOK)] == [
        "Benefits",
        "Health plans",
        "Dental",
        "Money",
    ]


def test_closing_signs_of_a_heading_are_removed_and_others_stay() -> None:
    text = "# Rules ##\n\n## C#\n\n### See [it](https://x.example/a_(b)) #"
    assert [wording for _, _, wording in headings(text)] == ["Rules", "C#", "See it"]


def test_title_is_bounded_and_keeps_the_nearest_heading() -> None:
    long = "word " * 3_000
    text = f"# {long}\n\n## {long}\n\n### Dental {long}\n\n#### Teeth\n\n{'Hello. ' * 300}"
    *_, piece = chunk(Document("s", long, text), EVERYONE)
    assert len(piece.title) <= PATH
    assert piece.title.startswith("word word")
    assert piece.title.endswith(" › Teeth")


@given(st.lists(st.text(max_size=900), max_size=9), st.text(max_size=900))
def test_no_title_is_longer_than_its_limit(wordings: list[str], title: str) -> None:
    text = "".join(f"{'#' * (n % 6 + 1)} {wording}\n\nx\n" for n, wording in enumerate(wordings))
    for piece in chunk(Document("s", title, text), EVERYONE):
        assert len(piece.title) <= PATH
        assert len(embedded_text(piece)) <= PATH + 1 + CHARACTERS


def test_same_text_twice_is_one_chunk() -> None:
    text = "word " * 230
    pieces = chunk(Document("s", "t", f"{text}\n\n---\n\n{text}"), EVERYONE)
    assert len({piece.id for piece in pieces}) == len(pieces)
    assert len({piece.text for piece in pieces}) == len(pieces)


def test_ids_depend_on_source_and_text_only() -> None:
    [one] = chunk(Document("s", "t", "hello"), EVERYONE)
    [same] = chunk(Document("s", "other title", "hello"), Audience.of("channel:C"))
    [other] = chunk(Document("s2", "t", "hello"), EVERYONE)
    assert one.id == same.id != other.id


def test_embedded_text_starts_with_the_title() -> None:
    [one] = chunk(Document("s", "Lunch", "at noon"), EVERYONE)
    assert embedded_text(one) == "Lunch\nat noon"


@given(st.text(max_size=3_000))
def test_chunks_of_any_text_are_its_own_pieces_and_short_enough(text: str) -> None:
    for piece in chunk(Document("s", "t", text), EVERYONE):
        assert piece.text in text
        assert 0 < len(piece.text) <= CHARACTERS
