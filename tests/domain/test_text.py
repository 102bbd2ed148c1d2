import pytest

from domain.text import code_spans, is_blank, span_at


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "\u200b\u200d", "\u2060\ufeff\xad", "\u3164", "\u2800", "\u0301\ufe0f", "\0"],
)
def test_invisible_text_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "\u200bé", "…", "👍", "7", "가"])
def test_visible_text_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a `b` c", ["`b`"]),
        ("a ``b ` c`` d", ["``b ` c``"]),
        ("a ` b", []),
        ("a `b\nc` d", []),
        ("```\na\n```\nb `c`", ["```\na\n```", "`c`"]),
        ("a\n```\nb", ["```\nb"]),
        ("````\n```\n````", ["````\n```\n````"]),
    ],
)
def test_code_is_found_as_in_markdown(text: str, code: list[str]) -> None:
    spans = code_spans(text)
    assert [text[span.start : span.end] for span in spans] == code
    inside = {n for n in range(len(text)) if span_at(spans, n)}
    assert len(inside) == sum(map(len, code))
