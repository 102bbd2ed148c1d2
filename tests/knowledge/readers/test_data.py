import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Code, Content, Heading, Item, ItemList, Paragraph, Table
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers import kinds, values
from knowledge.readers.base import File
from knowledge.readers.data import read
from knowledge.readers.page_checks import texts_of
from tests.knowledge.readers.noise import survives

KINDS = [kinds.JSON, kinds.JSON_LINES, kinds.YAML]


def content(text: str, kind: str = kinds.JSON) -> Content:
    return read(File(text.encode(), kind=kind))


def blocks(text: str, kind: str = kinds.JSON) -> tuple[Block, ...]:
    return content(text, kind).blocks


def table(rows: list[tuple[str, ...]]) -> Table:
    return Table((rows[0],), tuple(rows[1:]), is_record_list=True)


def test_a_list_of_objects_is_a_table_of_records() -> None:
    text = '[{"id": "KX-01", "load": 1200.50, "on": true}, {"id": "KX-02", "tags": ["a", "b"]}]'
    assert blocks(text) == (
        table(
            [
                ("id", "load", "on", "tags"),
                ("KX-01", "1200.50", "yes", ""),
                ("KX-02", "", "", "a, b"),
            ]
        ),
    )


def test_each_line_of_json_lines_is_a_record() -> None:
    text = '{"a": 1}\n{"a": 2}\n\n'
    assert blocks(text, kinds.JSON_LINES) == (table([("a",), ("1",), ("2",)]),)
    assert blocks(text, kinds.JSON) == blocks(text, kinds.JSON_LINES)


def test_objects_stand_under_their_names() -> None:
    text = """
title: Crane rules
owner: {name: Petra Lang, phone: 040 1}
cranes:
  - {name: KX-01, load: 12}
  - {name: KX-02, load: 8}
"""
    found = content(text, kinds.YAML)
    assert found.title == "Crane rules"
    assert found.blocks == (
        ItemList((Item("title: Crane rules"), Item("owner: name: Petra Lang; phone: 040 1"))),
        Heading("cranes", 1),
        table([("name", "load"), ("KX-01", "12"), ("KX-02", "8")]),
    )


def test_values_stay_as_they_are_written() -> None:
    text = "version: 1.10\nport: 0080\non: no\nday: 2026-03-01\nnot a day: 2026-13-45\n"
    assert blocks(text, kinds.YAML) == (
        ItemList(
            tuple(
                map(
                    Item,
                    [
                        "version: 1.10",
                        "port: 0080",
                        "on: no",
                        "day: 2026-03-01",
                        "not a day: 2026-13-45",
                    ],
                )
            )
        ),
    )


def test_tags_of_yaml_do_nothing() -> None:
    found = blocks("run: !!python/object/apply:os.system [echo]\nto: !Ref Bucket", kinds.YAML)
    assert found == (ItemList((Item("run: echo"), Item("to: Bucket"))),)


def test_documents_of_one_file_stand_under_their_names() -> None:
    text = "kind: Service\nmetadata: {name: web}\n---\nkind: Pod\nmetadata: {name: db}\n"
    headings = [each.text for each in blocks(text, kinds.YAML) if isinstance(each, Heading)]
    assert headings == ["Service web", "Pod db"]


def test_lists_of_lists_are_tables() -> None:
    text = '[["Site", "Load"], ["North", 1], ["South", 2]]'
    assert blocks(text) == (table([("Site", "Load"), ("North", "1"), ("South", "2")]),)


def test_large_objects_of_a_list_have_headings() -> None:
    long = "words and " * 60
    text = json.dumps([{"name": "First", "rules": [{"a": long, "b": long}, {"c": {"d": long}}]}])
    assert blocks(text)[0] == Heading("First", 1)
    assert any(isinstance(each, Paragraph) and "d: words" in each.text for each in blocks(text))


def test_packed_bytes_are_no_text() -> None:
    text = json.dumps({"name": "Plan", "picture": "QUJD" * 500})
    assert blocks(text) == (ItemList((Item("name: Plan"),)),)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "sentence", ["商品到着後三十日以内に返品を申請できます。", "ลูกค้าขอคืนเงินได้ภายในสามสิบวัน"]
)
def test_long_texts_without_blanks_are_no_packed_bytes(sentence: str, kind: str) -> None:
    text = json.dumps({"name": "Plan", "policy": sentence * 30}, ensure_ascii=False)
    assert sentence * 30 in texts_of(blocks(text, kind))


def test_what_does_not_parse_is_text() -> None:
    found = content('{\n  // loads\n  "a": 1,\n}')
    assert found.blocks == (Code('{\n  // loads\n  "a": 1,\n}'),)
    assert found.notes == ("it does not parse: it is read as text",)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " \n", "{}", "[]", "null"])
def test_files_without_values_are_empty(kind: str, text: str) -> None:
    with pytest.raises(EmptySource):
        content(text, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ("- ", "")])
def test_endless_nesting_costs_only_itself(kind: str, opening: str, closing: str) -> None:
    survives(lambda: content(opening * 50_000 + closing * 50_000, kind))
    if kind == kinds.YAML and opening == "[":
        with pytest.raises(UnreadableSource, match="deep"):
            content(opening * 500 + closing * 500, kind)


def test_aliases_that_multiply_are_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST", 20_000)
    for inner in ("x,x,x,x,x,x,x,x,x", ""):
        text = f"a0: &a0 [{inner}]\n"
        text += "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 40))
        found = content(text, kinds.YAML)
        assert found.notes == ("it holds too many values: only the first are read",)


def test_an_alias_of_itself_is_no_value() -> None:
    survives(lambda: content("&a [*a]", kinds.YAML))


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=30,
)


@given(_values)
@settings(deadline=None)
def test_any_value_is_written(value: object) -> None:
    survives(lambda: content(json.dumps(value)))
    survives(lambda: content(json.dumps(value), kinds.YAML))


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_costs_only_itself(text: str) -> None:
    for kind in KINDS:
        survives(lambda kind=kind: content(text, kind))  # type: ignore[misc]


def test_document_without_a_name_does_not_stand_under_the_one_before() -> None:
    assert blocks("name: Zeta\n---\nlimit: 14\n", kinds.YAML) == (
        Heading("Zeta", 1),
        ItemList((Item("name: Zeta"),)),
        Heading("Document 2", 1),
        ItemList((Item("limit: 14"),)),
    )


def test_broken_line_costs_only_itself() -> None:
    found = content('{"q": "How long?"}\n{"q": "Who?"}\n{"q": "cut of\n', kinds.JSON_LINES)
    assert found.blocks == (table([("q",), ("How long?",), ("Who?",)]), Code('{"q": "cut of'))
    assert found.notes == ("1 line does not parse: read as text",)
