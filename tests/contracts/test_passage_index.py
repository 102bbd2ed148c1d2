"""What every PassageIndex must do; each implementation inherits the same tests."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import lancedb
import numpy as np
import pyarrow as pa
import pytest

from domain.blocks import NOWHERE, Where
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import IndexMismatch
from domain.protocols import PassageIndex
from domain.questions import Audience
from knowledge.chunk import embedded_text
from knowledge.index.lance import LanceIndex
from knowledge.index.lance_rows import schema_of
from knowledge.index.places import COLUMNS
from knowledge.index.words import searchable
from tests.knowledge.doubles import DIMENSION, WordEmbedder, ranked
from tests.knowledge.made import HUNDREDTH, MANY, TENTH, Made

EVERYONE = Audience.everyone()
Open = Callable[..., PassageIndex]

embedder = WordEmbedder()
made = Made(DIMENSION)


PLACES = [
    Where(page=3),
    Where(slide=2),
    Where(sheet='it\'s: "January"'),
    Where(anchor="Über uns #1"),
    NOWHERE,
]


def chunk(document: str, text: str, audience: Audience = EVERYONE, title: str = "Notes") -> Chunk:
    return Chunk(f"{title}|{text}", document, title, text, audience)


def embedded(document: str, chunks: Sequence[Chunk]) -> Embedded:
    return Embedded(document, chunks, embedder.embed_passages([c.text for c in chunks]))


def placed(document: str) -> list[Chunk]:
    """A chunk for each of PLACES, in this order in their document."""
    return [
        replace(chunk(document, f"line {n}"), where=where, place=n)
        for n, where in enumerate(PLACES)
    ]


def put(index: PassageIndex, document: str, *texts: str, audience: Audience = EVERYONE) -> None:
    index.replace(embedded(document, [chunk(document, text, audience) for text in texts]))


def found(index: PassageIndex, text: str, audience: Audience = EVERYONE, k: int = 10) -> list[str]:
    vector = embedder.embed_question(text).vector
    return [p.text for p in ranked(index, text, vector, audience, k)]


def share_found(index: PassageIndex, documents: Sequence[Embedded], label: str) -> float:
    """The share of the ten nearest chunks that searches by meaning alone find, of 100 questions.

    Vector indexes begin with chance, so one question says little.
    """
    readable = [
        (chunk.id, its.vector)
        for one in documents
        for chunk, its in zip(one.chunks, one.embeddings, strict=True)
        if label in chunk.audience.labels
    ]
    vectors = np.array([vector for _, vector in readable], np.float32)
    questions = [vector for _, vector in made.questions(100)]
    found = 0
    for vector in questions:
        nearest = np.argpartition(vectors @ np.asarray(vector, np.float32), -10)[-10:]
        hits = ranked(index, "", vector, Audience.of(label), 10)
        found += len({readable[at][0] for at in nearest} & {hit.id for hit in hits})
    return found / (10 * len(questions))


class PassageIndexContract:
    @pytest.fixture
    def open_index(self) -> Open:
        raise NotImplementedError

    @pytest.fixture
    def without_places(self) -> Callable[[], None]:
        """Makes the index as a version that kept no places of chunks had made it."""
        raise NotImplementedError

    @pytest.fixture
    def index(self, open_index: Open) -> PassageIndex:
        return open_index()

    def test_new_index_is_empty(self, index: PassageIndex) -> None:
        assert index.count() == 0
        assert index.documents() == frozenset()
        assert found(index, "anything") == []

    def test_best_passage_comes_first(self, index: PassageIndex) -> None:
        put(index, "a", "The cat sleeps on the mat", "Bread is baked in an oven")
        put(index, "b", "Invoices are paid every Friday")
        assert found(index, "when are invoices paid", k=1) == ["Invoices are paid every Friday"]

    def test_passage_is_found_by_a_rare_word_even_if_its_vector_is_far(
        self, index: PassageIndex
    ) -> None:
        texts = [f"Holiday rule number {n}" for n in range(80)]
        put(index, "rules", *texts)
        odd = chunk("odd", "zyxgadget")
        index.replace(
            Embedded("odd", [odd], embedder.embed_passages(["entirely different content"]))
        )
        hits = ranked(index, "zyxgadget", embedder.embed_question(texts[0]).vector, EVERYONE, 100)
        assert "zyxgadget" in [p.text for p in hits]

    @pytest.mark.parametrize(
        ("passage", "question"),
        [
            ("会議室は受付で予約できます。", "予約した会議室はどこですか"),
            ("报销单在每月五号之前提交。", "什么时候提交报销单？"),
            ("회의실은 안내 데스크에서 예약합니다.", "회의실을 예약하려면?"),
            ("พนักงานจองห้องประชุมได้ที่แผนกต้อนรับ", "ห้องประชุมจองอย่างไร"),
        ],
    )
    def test_words_of_languages_without_blanks_are_found(
        self, index: PassageIndex, passage: str, question: str
    ) -> None:
        far = [chunk("rules", f"規則 กฎ 규칙 {n}") for n in range(80)]
        near = embedder.embed_question("near").vector
        index.replace(Embedded("rules", far, [Embedding(near)] * len(far)))
        one = chunk("one", passage)
        index.replace(Embedded("one", [one], embedder.embed_passages(["far away"])))
        hits = ranked(index, question, near, EVERYONE, 100)
        assert passage in [hit.text for hit in hits]

    @pytest.mark.parametrize(
        "question", ["🎉🎉", "the of and", "は", "会議室の予約" * 6_000, "ก" * 40_000]
    )
    def test_any_question_may_be_asked(self, index: PassageIndex, question: str) -> None:
        put(index, "a", "会議室は受付で予約できます。")
        assert len(found(index, question)) == 1

    def test_of_many_passages_that_differ_in_a_code_the_one_with_it_comes_first(
        self, index: PassageIndex
    ) -> None:
        texts = [f"Error E_{4000 + n} stops the crane. Call Ada." for n in range(60)]
        for n in (0, 32, 59):
            question = f"What does error E_{4000 + n} mean for the crane?"
            near, [far] = embedder.embed_question(question).vector, embedder.embed_passages(["Ada"])
            made = [far if m == n else Embedding(near) for m in range(60)]
            index.replace(Embedded("errors", [chunk("errors", text) for text in texts], made))
            assert [p.text for p in ranked(index, question, near, EVERYONE, 1)] == [texts[n]]

    def test_passage_that_has_nothing_but_the_code_comes_before_many_that_have_all_else(
        self, index: PassageIndex
    ) -> None:
        put(index, "general", *(f"If the hoist shows a fault, wait {n} minutes" for n in range(80)))
        put(index, "log", "E_4012: relay stuck")
        question = "What if the hoist shows the fault E_4012, how many minutes do I wait?"
        assert found(index, question, k=1) == ["E_4012: relay stuck"]

    def test_similarity_is_the_cosine_of_question_and_passage(self, index: PassageIndex) -> None:
        put(index, "a", "red green blue", "one two three", "red one")
        question = embedder.embed_question("red green").vector
        for passage in ranked(index, "red green", question, EVERYONE, 10):
            [its] = embedder.embed_passages([passage.text])
            cosine = sum(a * b for a, b in zip(question, its.vector, strict=True))
            assert passage.similarity == pytest.approx(cosine, abs=1e-3)

    def test_at_most_k_are_found_by_meaning_and_as_many_by_words(self, index: PassageIndex) -> None:
        put(index, "a", *(f"word{n} common" for n in range(20)))
        vector = embedder.embed_question("word3 common").vector
        assert 7 <= len(index.search("word3 common", vector, EVERYONE, 7)) <= 14
        assert len(index.search("", vector, EVERYONE, 7)) == 7

    def test_search_for_nothing_but_stop_words_still_searches_by_meaning(
        self, index: PassageIndex
    ) -> None:
        put(index, "a", "what is this")
        assert found(index, "what is this") == ["what is this"]
        assert found(index, "?!") == ["what is this"]

    def test_reader_sees_only_what_its_audience_may_read(self, index: PassageIndex) -> None:
        put(index, "open", "lunch is at noon")
        put(index, "secret", "lunch is cancelled", audience=Audience.of("channel:C1"))
        assert found(index, "lunch") == ["lunch is at noon"]
        assert found(index, "lunch", Audience.of("channel:C1")) == ["lunch is cancelled"]
        assert len(found(index, "lunch", Audience.of("everyone", "channel:C1"))) == 2
        assert found(index, "lunch", Audience.of()) == []

    def test_chosen_documents_are_filtered_before_the_best_are_chosen(
        self, index: PassageIndex
    ) -> None:
        for n in range(5):
            put(index, f"near'{n}", f"salary table {n}")
        put(index, "far", "the canteen")
        put(index, "secret", "the canteen is closed", audience=Audience.of("channel:X"))

        def texts(*only: str) -> list[str]:
            vector = embedder.embed_question("salary table").vector
            near = index.search("salary table", vector, EVERYONE, 1, only)
            return sorted({one.text for one in near})

        assert texts("far", "secret") == ["the canteen"]
        assert texts("near'3") == ["salary table 3"]
        assert texts("secret") == []
        assert texts() == []

    @pytest.mark.slow
    def test_audience_is_filtered_before_the_best_are_chosen(self, index: PassageIndex) -> None:
        for n in range(120):
            put(index, f"secret{n}", f"salary table {n}", audience=Audience.of("channel:X"))
        put(index, "open", "the canteen")
        assert found(index, "salary table", k=1) == ["the canteen"]

    def test_audience_that_looks_like_a_query_is_only_a_label(self, index: PassageIndex) -> None:
        put(index, "a", "hidden", audience=Audience.of("channel:C"))
        assert found(index, "hidden", Audience.of("x'] ) OR true --")) == []
        assert found(index, "hidden", Audience.of('x" || true')) == []

    def test_passages_have_all_fields_of_their_chunks(self, index: PassageIndex) -> None:
        audience = Audience.of("channel:C", "person:U")
        given = chunk("s", "körper × 你好 🎈", audience, title="Überschrift › Teil")
        index.replace(embedded("s", [given]))
        [passage] = ranked(index, "körper", embedder.embed_question("körper").vector, audience, 5)
        assert (passage.id, passage.document, passage.title, passage.text, passage.audience) == (
            given.id,
            given.document,
            given.title,
            given.text,
            given.audience,
        )

    def test_places_of_chunks_are_kept_and_found(self, index: PassageIndex) -> None:
        given = placed("s")
        index.replace(embedded("s", given))
        assert sorted(index.chunks("s"), key=lambda c: c.place) == given

        question = embedder.embed_question("line").vector
        hits = ranked(index, "line", question, EVERYONE, 10)
        assert {p.id: p.where for p in hits} == {c.id: c.where for c in given}

        index.set_audience(Audience.of("team:T1"), "s")
        narrowed = [replace(c, audience=Audience.of("team:T1")) for c in given]
        assert sorted(index.chunks("s"), key=lambda c: c.place) == narrowed

        moved = [replace(c, where=Where(page=9), place=c.place + 1) for c in given]
        index.replace(embedded("s", moved))
        assert sorted(index.chunks("s"), key=lambda c: c.place) == moved

    def test_index_of_an_earlier_version_is_searched_and_written_to(
        self, open_index: Open, without_places: Callable[[], None]
    ) -> None:
        old = open_index()
        put(old, "old", "the saddle lies in the shed")
        put(old, "narrow", "the bell lies in the attic")
        old.close()
        without_places()

        index = open_index()
        assert [(c.text, c.where, c.place) for c in index.chunks("old")] == [
            ("the saddle lies in the shed", NOWHERE, 0)
        ]
        question = embedder.embed_question("saddle").vector
        [passage] = ranked(index, "saddle", question, EVERYONE, 1)
        assert (passage.document, passage.where) == ("old", NOWHERE)

        index.set_audience(Audience.of("team:T1"), "narrow")
        assert found(index, "bell", Audience.of("team:T1")) == ["the bell lies in the attic"]
        given = placed("new")
        index.replace(embedded("new", given))
        assert sorted(index.chunks("new"), key=lambda c: c.place) == given
        index.replace(embedded("old", placed("old")))
        assert sorted(index.chunks("old"), key=lambda c: c.place) == placed("old")
        assert open_index().count() == 2 * len(PLACES) + 1

    def test_index_of_an_earlier_version_is_opened_by_several_at_once(
        self, open_index: Open, without_places: Callable[[], None]
    ) -> None:
        put(open_index(), "old", "the saddle lies in the shed")
        without_places()

        with ThreadPoolExecutor(4) as pool:
            opened = list(pool.map(lambda _: open_index(), range(4)))
        given = placed("new")
        for index in opened:
            index.replace(embedded("new", given))
            assert sorted(index.chunks("new"), key=lambda c: c.place) == given
            assert found(index, "saddle", k=1) == ["the saddle lies in the shed"]

    def test_chunks_of_a_document_are_listed_whole_and_no_others(self, index: PassageIndex) -> None:
        audience = Audience.of("channel:C", "person:U")
        given = [chunk("s", f"körper {n} 你好 🎈", audience, title=f"Teil {n}") for n in range(3)]
        index.replace(embedded("s", given))
        put(index, " s", "another")
        assert sorted(index.chunks("s"), key=lambda c: c.title) == given
        assert list(index.chunks("unknown")) == []

    def test_long_document_is_listed_whole_over_several_pages(self, index: PassageIndex) -> None:
        put(index, "other", *(f"other {n}" for n in range(700)))
        texts = [f"line {n}" for n in range(1_200)]
        put(index, "a", *texts)
        listed = [c.text for c in index.chunks("a")]
        assert sorted(listed) == sorted(texts)

    def test_forgotten_document_is_gone_and_others_are_found_as_before(
        self, index: PassageIndex
    ) -> None:
        put(index, "/a.md", "The bell lies in the attic.", "The rim lies in the barn.")
        put(index, "/b.md", "The saddle lies in the shed.")
        assert index.forget("/a.md") == 2
        assert index.forget("/a.md") == 0
        assert index.documents() == {"/b.md"}
        assert found(index, "saddle") == ["The saddle lies in the shed."]
        assert index.forget("/b.md") == 1
        put(index, "/c.md", "The pump lies in the mill.")
        assert found(index, "pump") == ["The pump lies in the mill."]

    def test_replacing_a_document_leaves_only_its_new_passages(self, index: PassageIndex) -> None:
        put(index, "a", "old one", "kept", "old two")
        put(index, "b", "other document")
        put(index, "a", "kept", "new")
        assert sorted(found(index, "x")) == ["kept", "new", "other document"]
        assert index.count() == 3

    def test_replacing_again_by_the_same_changes_nothing(self, index: PassageIndex) -> None:
        for _ in range(3):
            put(index, "a", "one", "two")
        assert index.count() == 2

    def test_several_documents_are_replaced_and_removed_at_once(self, index: PassageIndex) -> None:
        put(index, "a", "old")
        put(index, "d", "kept")
        texts = {"a": ["one", "two"], "b": ["three"], "c": []}
        index.replace(
            *(embedded(name, [chunk(name, text) for text in its]) for name, its in texts.items())
        )
        assert index.documents() == {"a", "b", "d"}
        assert sorted(found(index, "x")) == ["kept", "one", "three", "two"]
        assert index.remove("a", "b", "unknown") == 3
        assert index.remove() == 0
        assert found(index, "x") == ["kept"]

    def test_same_chunk_in_two_documents_is_kept_and_found_in_both(
        self, index: PassageIndex
    ) -> None:
        put(index, "a", "the same")
        put(index, "b", "the same")
        hits = ranked(index, "the same", embedder.embed_question("the same").vector, EVERYONE, 5)
        assert sorted(hit.document for hit in hits) == ["a", "b"]
        index.remove("a")
        assert index.documents() == {"b"}

    def test_embeddings_of_a_document_are_known_by_its_chunks(self, index: PassageIndex) -> None:
        put(index, "b", "one")
        [one, two] = embedder.embed_passages(["one", "two"])
        signs = bytes(range(256)) * 40
        chunks = [chunk("a", "one"), chunk("a", "two")]
        index.replace(Embedded("a", chunks, [Embedding(one.vector, signs), two]))
        known = index.embeddings("a")
        assert set(known) == {"Notes|one", "Notes|two"}
        assert list(known["Notes|one"].vector) == pytest.approx(list(one.vector), abs=1e-5)
        assert [known[f"Notes|{text}"].tokens for text in ("one", "two")] == [signs, b""]
        assert index.embeddings("unknown") == {}
        found = index.search("one", one.vector, EVERYONE, 10)
        places = [(hit.document, hit.text) for hit in found]
        assert dict(zip(places, index.tokens(found), strict=True)) == {
            ("a", "one"): signs,
            ("a", "two"): b"",
            ("b", "one"): b"",
        }
        assert index.tokens([]) == []
        index.remove("a", "b")
        assert index.tokens(found) == [b"", b"", b""]

    def test_chunks_around_one_are_those_of_its_document_that_may_be_read(
        self, index: PassageIndex
    ) -> None:
        chunks = [replace(chunk("a", f"line {n}"), place=n) for n in range(9)]
        index.replace(embedded("a", chunks))
        put(index, "b", "line 4")
        put(index, "it's", "line 0")

        vector = embedder.embed_question("line").vector
        hits = index.search("line", vector, EVERYONE, 20)
        known = {(hit.document, hit.place): hit for hit in hits}

        def places(*found: tuple[str, int], reach: int = 2) -> list[tuple[str, int]]:
            near = index.around([known[at] for at in found], reach, EVERYONE)
            return sorted((one.document, one.place) for one in near)

        near = index.around([known["a", 4]], 2, EVERYONE)
        assert sorted(near, key=lambda one: one.place) == chunks[2:7]
        assert places(("a", 0), ("it's", 0), reach=1) == [("a", 0), ("a", 1), ("it's", 0)]
        assert places(("a", 8), reach=1) == [("a", 7), ("a", 8)]
        assert places() == []
        assert index.around([known["a", 4]], 2, Audience.of("channel:T1:C1")) == []
        assert index.around([known["a", 4]], 2, Audience.of()) == []
        index.set_audience(Audience.of("channel:T1:C1"), "a")
        assert index.around([known["a", 4]], 2, EVERYONE) == []

    def test_words_of_all_chunks_are_listed(self, index: PassageIndex) -> None:
        put(index, "a", "The Pay-Day is Friday.", "Leave")
        put(index, "b", "Café")
        assert sorted(index.words()) == ["notes cafe", "notes leave", "notes the pay day is friday"]

    def test_tidying_changes_nothing_that_is_found(self, index: PassageIndex) -> None:
        for n in range(30):
            put(index, f"{n}", f"text {n}")
        index.remove("3")
        index.tidy()
        assert index.count() == 29
        assert found(index, "text 7", k=1) == ["text 7"]

    @pytest.mark.slow
    def test_ten_thousand_chunks_are_searched_and_changed(self, index: PassageIndex) -> None:
        documents = list(made.documents(0, 1_000))
        for start in range(0, len(documents), 100):
            index.replace(*documents[start : start + 100])
        index.tidy()
        assert index.count() == 10_000
        assert index.documents() == {one.document for one in documents}
        for label in (MANY, TENTH, HUNDREDTH):
            assert share_found(index, documents, label) >= 0.97

        [changed, narrowed, removed, *_] = documents
        index.replace(
            replace(changed, chunks=changed.chunks[:3], embeddings=changed.embeddings[:3])
        )
        index.set_audience(Audience.of("channel:T1:C5"), narrowed.document)
        assert index.remove(removed.document) == 10
        index.tidy()
        assert index.count() == 10_000 - 7 - 10
        assert {chunk.id for chunk in index.chunks(changed.document)} == {
            chunk.id for chunk in changed.chunks[:3]
        }
        readers = index.audiences()
        assert len(readers) == 999
        assert readers[narrowed.document] == {Audience.of("channel:T1:C5")}
        for label, expected in (("channel:T1:C5", {narrowed.document}), (TENTH, set())):
            hits = ranked(index, "", narrowed.embeddings[0].vector, Audience.of(label), 10)
            seen = {hit.document for hit in hits}
            assert seen & {narrowed.document, removed.document} == expected

    def test_replacing_by_nothing_removes_the_document(self, index: PassageIndex) -> None:
        put(index, "a", "one")
        index.replace(Embedded("a", [], []))
        assert index.documents() == frozenset()

    def test_replacing_may_narrow_the_audience(self, index: PassageIndex) -> None:
        put(index, "a", "plans")
        put(index, "a", "plans", audience=Audience.of("channel:C"))
        assert found(index, "plans") == []
        assert found(index, "plans", Audience.of("channel:C")) == ["plans"]

    def test_setting_the_audience_changes_nothing_but_who_may_read(
        self, index: PassageIndex
    ) -> None:
        texts = [f'lunch rule {n}, it\'s "special"' for n in range(3)]
        put(index, "a", *texts, audience=Audience.of("channel:T1:C1"))
        put(index, "b", "other", audience=Audience.of("channel:T1:C1"))
        reader = Audience.of("channel:T1:C1")
        [before] = ranked(index, texts[0], embedder.embed_question(texts[0]).vector, reader, 1)
        both = Audience.of("channel:T1:C1", "it's: 'odd'")
        index.set_audience(both, "a")

        [after] = ranked(index, texts[0], embedder.embed_question(texts[0]).vector, reader, 1)
        assert (after.id, after.title, after.text) == (before.id, before.title, before.text)
        assert after.similarity == pytest.approx(before.similarity, abs=1e-5)
        assert after.audience == both
        assert sorted(found(index, "lunch", Audience.of("it's: 'odd'"))) == texts
        assert sorted(found(index, "x", reader)) == [*texts, "other"]
        assert index.count() == 4

    def test_setting_the_audience_may_narrow_it_to_nobody(self, index: PassageIndex) -> None:
        put(index, "a", "plans")
        index.set_audience(Audience.of(), "a")
        assert found(index, "plans") == []
        assert index.count() == 1
        assert index.audiences(["a"]) == {"a": {Audience.of()}}
        index.set_audience(EVERYONE, "a")
        assert found(index, "plans") == ["plans"]

    def test_replacing_after_the_audience_was_set_leaves_only_the_new(
        self, index: PassageIndex
    ) -> None:
        put(index, "a", "kept", "old")
        index.set_audience(Audience.of("channel:T1:C1"), "a")
        put(index, "a", "kept", "new", audience=Audience.of("team:T1"))
        assert found(index, "kept", Audience.of("channel:T1:C1")) == []
        assert sorted(found(index, "kept", Audience.of("team:T1"))) == ["kept", "new"]

    def test_audience_of_a_large_document_is_set_for_all_of_it(self, index: PassageIndex) -> None:
        put(index, "a", *(f"line {n}" for n in range(1_100)))
        index.set_audience(Audience.of("team:T1"), "a")
        assert index.audiences(["a"]) == {"a": {Audience.of("team:T1")}}
        assert found(index, "line", EVERYONE) == []

    def test_audiences_of_the_requested_documents_are_returned(self, index: PassageIndex) -> None:
        put(index, "it's a", "one", "two", audience=Audience.of("channel:T1:C1", "team:T1"))
        put(index, "b", "three")
        put(index, "c", "four")
        assert index.audiences([]) == {}
        many = [f"unknown {n}" for n in range(150)]
        for wanted in (["it's a", "b", "unknown"], ["it's a", "b", *many]):
            assert index.audiences(wanted) == {
                "it's a": {Audience.of("channel:T1:C1", "team:T1")},
                "b": {EVERYONE},
            }

    def test_audiences_of_all_documents_are_returned_without_names(
        self, index: PassageIndex
    ) -> None:
        put(index, "a", "one", audience=Audience.of("channel:T1:C1", "team:T1"))
        put(index, "b", "two", "three")
        put(index, "c", "four", audience=Audience.of())
        assert index.audiences() == {
            "a": {Audience.of("channel:T1:C1", "team:T1")},
            "b": {EVERYONE},
            "c": {Audience.of()},
        }

    def test_audience_of_several_documents_is_set_at_once(self, index: PassageIndex) -> None:
        for name in "abc":
            put(index, name, f"text {name}")
        index.set_audience(Audience.of("team:T1"), "a", "b")
        index.set_audience(EVERYONE)
        assert sorted(found(index, "text", Audience.of("team:T1"))) == ["text a", "text b"]
        assert found(index, "text") == ["text c"]

    def test_differing_audiences_of_one_document_are_all_returned(
        self, index: PassageIndex
    ) -> None:
        chunks = [
            chunk("a", "one", Audience.of("team:T1", "channel:T1:C1")),
            chunk("a", "two", Audience.of("channel:T1:C1")),
        ]
        index.replace(embedded("a", chunks))
        assert len(index.audiences(["a"])["a"]) == 2

    def test_removing_returns_how_many_there_were(self, index: PassageIndex) -> None:
        put(index, "a", "one", "two")
        put(index, "b", "three")
        assert index.remove("a") == 2
        assert index.remove("a") == 0
        assert index.documents() == {"b"}

    @pytest.mark.parametrize(
        "document",
        [
            "it's a 'quote'",
            "' OR 1=1 --",
            "double \" quote and \\ backslash \\' both",
            "100%_wild*card?",
            "https://example.org/a?b=c&d='e'#f",
            "/tmp/наука/你好/🎈.md",
            "two  spaces",
        ],
    )
    def test_document_is_matched_exactly(self, index: PassageIndex, document: str) -> None:
        put(index, document, "mine", 'it\'s "mine" too; DROP TABLE passages --')
        put(index, "other", "not mine")
        assert index.documents() == {document, "other"}
        put(index, document, "mine")
        assert index.count() == 2
        assert index.remove(document) == 1
        assert found(index, "mine's \"'; --") == ["not mine"]

    def test_white_space_around_a_document_makes_another_document(
        self, index: PassageIndex
    ) -> None:
        put(index, "a", "one")
        put(index, " a", "two")
        assert index.remove("a") == 1
        assert found(index, "x") == ["two"]

    def test_large_document_is_replaced_whole(self, index: PassageIndex) -> None:
        put(index, "a", *(f"old line {n}" for n in range(1_200)))
        put(index, "a", *(f"new line {n}" for n in range(1_100)))
        assert index.count() == 1_100

    def test_restart_finds_everything_again(self, open_index: Open) -> None:
        first = open_index()
        put(first, "a", "remembered")
        first.close()
        again = open_index()
        assert found(again, "remembered") == ["remembered"]
        assert again.count() == 1

    def test_second_reader_sees_what_the_first_writes(self, open_index: Open) -> None:
        writer, reader = open_index(), open_index()
        put(writer, "a", "fresh")
        assert found(reader, "fresh") == ["fresh"]
        writer.remove("a")
        assert found(reader, "fresh") == []

    def test_dropping_others_keeps_this_one(self, open_index: Open) -> None:
        index = open_index()
        put(index, "a", "kept")
        index.drop_others()
        assert open_index().count() == 1

    @pytest.mark.parametrize("other", [{"model": "another"}, {"dimension": DIMENSION // 2}])
    def test_other_embedding_model_is_refused(
        self, open_index: Open, other: dict[str, object]
    ) -> None:
        put(open_index(), "a", "kept")
        with pytest.raises(IndexMismatch, match="ingest again"):
            open_index(**other)
        assert open_index().count() == 1

    def test_readers_never_see_a_gap_while_a_document_is_replaced(
        self, open_index: Open, index: PassageIndex
    ) -> None:
        put(index, "a", "version zero")
        reader = open_index()
        seen: list[int] = []
        over = threading.Event()

        def read() -> None:
            while not over.is_set():
                seen.append(len(found(reader, "version")))

        thread = threading.Thread(target=read)
        thread.start()
        try:
            for n in range(12):
                put(index, "a", f"version {n}")
        finally:
            over.set()
            thread.join()
        assert seen
        assert min(seen) >= 1
        assert found(index, "version") == ["version 11"]

    def test_threads_that_write_different_documents_lose_nothing(self, index: PassageIndex) -> None:
        def write(n: int) -> None:
            for m in range(5):
                put(index, f"{n}-{m}", f"text {n} {m}")

        threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert index.count() == 20


class TestLanceIndex(PassageIndexContract):
    @pytest.fixture
    def open_index(self, tmp_path: Path) -> Open:
        def start(model: str = embedder.model, dimension: int = DIMENSION) -> PassageIndex:
            return LanceIndex(tmp_path / "index", model, dimension)

        return start

    @pytest.fixture
    def without_places(self, tmp_path: Path) -> Callable[[], None]:
        def drop() -> None:
            index = LanceIndex(tmp_path / "index", embedder.model, DIMENSION)
            rows = [
                {
                    "id": chunk.id,
                    "source": document,
                    "title": chunk.title,
                    "text": chunk.text,
                    "words": searchable(embedded_text(chunk)),
                    "audience": sorted(chunk.audience.labels),
                    "vector": list(index.embeddings(document)[chunk.id].vector),
                }
                for document in index.documents()
                for chunk in index.chunks(document)
            ]
            schema = schema_of(embedder.model, DIMENSION)
            earlier = [schema.field(name) for name in ("words", "audience", "vector")]
            earlier += [pa.field(n, pa.string()) for n in ("id", "source", "title", "text")]
            shutil.rmtree(tmp_path / "index")
            lancedb.connect(tmp_path / "index").create_table(
                "passages", rows, schema=pa.schema(earlier, metadata=schema.metadata)
            )

        return drop


@pytest.mark.weaviate
class TestWeaviateIndex(PassageIndexContract):
    def test_document_beyond_what_can_be_paged_is_listed_whole(
        self, index: PassageIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("knowledge.index.weaviate._WINDOW", 1_000)
        self.test_long_document_is_listed_whole_over_several_pages(index)

    @pytest.fixture
    def collection(self) -> str:
        return f"Test{uuid4().hex}"

    @pytest.fixture
    def open_index(self, weaviate_address: tuple[str, int], collection: str) -> Iterator[Open]:
        from knowledge.index.weaviate import WeaviateIndex  # takes seconds

        url, grpc_port = weaviate_address
        opened: list[WeaviateIndex] = []

        def start(model: str = embedder.model, dimension: int = DIMENSION) -> PassageIndex:
            index = WeaviateIndex(
                url, grpc_port, model=model, dimension=dimension, collection=collection
            )
            opened.append(index)
            return index

        start()
        yield start
        opened[0]._server.client.connect()
        opened[0]._server.client.collections.delete(collection)
        for index in opened:
            index.close()

    @pytest.fixture
    def without_places(
        self, weaviate_address: tuple[str, int], collection: str
    ) -> Callable[[], None]:
        """A property cannot be dropped: the collection is made again without it."""
        from weaviate.classes.data import DataObject

        from knowledge.index.weaviate_server import WeaviateServer

        def make_again() -> None:
            with WeaviateServer(*weaviate_address, None, 5).client as client:
                made = client.collections.get(collection)
                schema = made.config.get().to_dict()
                objects = [
                    DataObject(
                        uuid=one.uuid,
                        properties={
                            name: value
                            for name, value in one.properties.items()
                            if name not in COLUMNS
                        },
                        vector=one.vector,
                    )
                    for one in made.iterator(include_vector=True)
                ]
                client.collections.delete(collection)
                kept = [one for one in schema["properties"] if one["name"] not in COLUMNS]
                client.collections.create_from_dict({**schema, "properties": kept})
                assert not made.data.insert_many(objects).has_errors

        return make_again
