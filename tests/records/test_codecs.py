"""What is stored stays readable: by the version that wrote it, and by every later one."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from domain.adapters import Evaluation, Score
from domain.blocks import NOWHERE, Where
from domain.errors import RecordsError
from domain.questions import Audience, Citation, Message, Passage, Timings
from domain.rules import Rules
from records.answers import Answers
from records.codecs import (
    AUDIENCE,
    CITATIONS,
    EVALUATION,
    MESSAGES,
    PASSAGES,
    RULES,
    SENTENCES,
    TEXTS,
    TIMINGS,
    VERSION,
    Codec,
)
from records.database import Database
from records.questions import Questions
from records.ratings import Ratings
from records.sources import Sources
from tests.records.makers import answer, question, rating, source

_ASKED = question()
_ANSWER = answer(_ASKED)

WITHOUT_VERSION: list[tuple[Codec[Any], str, object]] = [
    (
        AUDIENCE,
        '{"labels": ["channel:C1", "everyone"]}',
        Audience.of("channel:C1", "everyone"),
    ),
    (
        MESSAGES,
        '[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello!"}]',
        (Message("user", "Hello"), Message("assistant", "Hello!")),
    ),
    (
        PASSAGES,
        '[{"id": "p1", "source": "/docs/leave.md", "title": "Leave", "text": "30 days.\\n",'
        ' "score": 0.30000000000000004, "similarity": -0.125,'
        ' "audience": {"labels": ["everyone", "person:U1"]}}]',
        (
            Passage(
                "p1",
                "/docs/leave.md",
                "Leave",
                "30 days.\n",
                0.1 + 0.2,
                -0.125,
                Audience.of("everyone", "person:U1"),
            ),
        ),
    ),
    (
        CITATIONS,
        '[{"n": 1, "source": "/docs/leave.md", "title": "Leave", "quote": "30 days",'
        ' "passage_id": "p1", "ends": [7, 11]}]',
        (Citation(1, "/docs/leave.md", "Leave", "30 days", "p1", (7, 11)),),
    ),
    (
        TIMINGS,
        '{"embed": 1.5, "search": 2.25, "first_token": 3.0, "generate": 0.1, "total": 6.85}',
        Timings(1.5, 2.25, 3.0, 0.1, 6.85),
    ),
    (
        EVALUATION,
        '{"questions": 20, "live": {"agreement": 0.4, "f1": 0.5, "contained": 0.25, "cited": 1.0,'
        ' "refused": 0.0, "characters": 120.5}, "candidate": {"agreement": 0.6, "f1": 0.5,'
        ' "contained": 0.25, "cited": 1.0, "refused": 0.0, "characters": 99}, "low": -0.01,'
        ' "high": 0.2, "sure": 0.9, "passed": true, "reason": "better by 0.1"}',
        Evaluation(
            20,
            Score(0.4, 0.5, 0.25, 1.0, 0.0, 120.5),
            Score(0.6, 0.5, 0.25, 1.0, 0.0, 99.0),
            -0.01,
            0.2,
            0.9,
            True,
            "better by 0.1",
            0.6 - 0.4,
        ),
    ),
    (
        EVALUATION,  # of the first version, which compared f1 and stored no probability
        '{"questions": 20, "live": {"f1": 0.5, "contained": 0.25, "cited": 1.0, "refused": 0.0,'
        ' "characters": 120.5}, "candidate": {"f1": 0.75, "contained": 0.5, "cited": 1.0,'
        ' "refused": 0.0, "characters": 99}, "low": -0.01, "high": 0.2, "passed": false,'
        ' "reason": "worse"}',
        Evaluation(
            20,
            Score(0.5, 0.5, 0.25, 1.0, 0.0, 120.5),
            Score(0.75, 0.75, 0.5, 1.0, 0.0, 99.0),
            -0.01,
            0.2,
            0.0,
            False,
            "worse",
            0.75 - 0.5,
        ),
    ),
]
FIRST_VERSION: list[tuple[Codec[Any], str, object]] = [
    (codec, f'{{"v": 1, "items": {stored}}}', value)
    if stored.startswith("[")
    else (codec, stored.replace("{", '{"v": 1, ', 1), value)
    for codec, stored, value in WITHOUT_VERSION
]
CODECS = [AUDIENCE, MESSAGES, PASSAGES, CITATIONS, SENTENCES, TIMINGS, EVALUATION, RULES, TEXTS]

_texts = st.text(st.characters(exclude_categories=()), max_size=20)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_audiences = st.builds(Audience, st.frozensets(_texts, max_size=4), st.booleans())
_places = st.builds(Where, st.integers(), st.integers(), _texts, _texts)
_scores = st.builds(Score, *[_numbers] * 6)
VALUES: list[tuple[Codec[Any], st.SearchStrategy[Any]]] = [
    (AUDIENCE, _audiences),
    (RULES, st.builds(Rules, _texts, _texts, st.none() | st.frozensets(_texts, max_size=3))),
    (TEXTS, st.lists(_texts, max_size=3).map(tuple)),
    (
        MESSAGES,
        st.lists(
            st.builds(Message, st.sampled_from(["system", "user", "assistant"]), _texts), max_size=3
        ).map(tuple),
    ),
    (
        PASSAGES,
        st.lists(
            st.builds(Passage, *[_texts] * 4, _numbers, _numbers, _audiences, _places), max_size=3
        ).map(tuple),
    ),
    (
        CITATIONS,
        st.lists(
            st.builds(
                Citation, st.integers(), *[_texts] * 4, st.lists(st.integers()).map(tuple), _places
            ),
            max_size=3,
        ).map(tuple),
    ),
    (TIMINGS, st.builds(Timings, *[_numbers] * 5)),
    (
        EVALUATION,
        st.builds(
            Evaluation,
            st.integers(),
            _scores,
            _scores,
            *[_numbers] * 3,
            st.booleans(),
            _texts,
        ),
    ),
]


@pytest.mark.parametrize(("codec", "stored", "value"), WITHOUT_VERSION + FIRST_VERSION)
def test_values_of_every_version_are_read(codec: Codec[Any], stored: str, value: object) -> None:
    assert codec.decode(json.loads(stored)) == value


@pytest.mark.parametrize(("codec", "values"), VALUES)
def test_written_values_are_read_exactly(codec: Codec[Any], values: st.SearchStrategy[Any]) -> None:
    @given(values)
    def check(value: object) -> None:
        stored = json.loads(json.dumps(codec.encode(value)))
        assert stored["v"] == VERSION
        assert codec.decode(stored) == value

    check()


@pytest.mark.parametrize(("codec", "stored", "value"), WITHOUT_VERSION + FIRST_VERSION)
def test_unknown_keys_are_ignored(codec: Codec[Any], stored: str, value: object) -> None:
    def grown(at: Any) -> Any:
        if isinstance(at, list):
            return [grown(item) for item in at]
        if isinstance(at, dict):
            return {**{key: grown(item) for key, item in at.items()}, "colour": {"red": [1]}}
        return at

    assert codec.decode(grown(json.loads(stored))) == value


@pytest.mark.parametrize("codec", CODECS)
def test_missing_keys_have_defaults(codec: Codec[Any]) -> None:
    assert codec.decode(json.loads(json.dumps(codec.encode(codec.decode({}))))) == codec.decode({})


def test_passage_that_does_not_say_who_may_read_it_is_for_nobody() -> None:
    [passage] = PASSAGES.decode([{"text": "Secret."}])
    assert passage.audience == Audience.of()


def test_passages_and_citations_of_earlier_versions_say_nothing_of_their_place() -> None:
    [passage] = PASSAGES.decode([{"text": "30 days."}])
    [citation] = CITATIONS.decode({"v": 1, "items": [{"quote": "30 days."}]})
    assert passage.where == citation.where == NOWHERE


@pytest.mark.parametrize("codec", [PASSAGES, CITATIONS])
def test_place_of_which_a_part_is_missing_or_unknown_is_read(codec: Codec[Any]) -> None:
    [read] = codec.decode([{"where": {"page": 3, "line": 7}}])
    assert read.where == Where(page=3)


@pytest.mark.parametrize("codec", [PASSAGES, CITATIONS])
@pytest.mark.parametrize("where", [None, "page 3", [], {"page": "3"}, {"anchor": 7}])
def test_place_of_another_type_is_an_error(codec: Codec[Any], where: object) -> None:
    with pytest.raises(RecordsError, match="cannot be read"):
        codec.decode([{"where": where}])


@pytest.mark.parametrize("codec", CODECS)
def test_newer_version_is_an_error_of_one_line(codec: Codec[Any]) -> None:
    with pytest.raises(RecordsError, match="made by a newer version of phi3: update phi3") as e:
        codec.decode({"v": VERSION + 1, "items": "who knows"})
    assert "\n" not in str(e.value)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "v items labels role content audience score n ends f1 live passed where page "
                "anchor".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("codec", CODECS)
def test_any_stored_json_is_read_or_an_error(codec: Codec[Any]) -> None:
    @given(_json)
    def check(stored: object) -> None:
        with contextlib.suppress(RecordsError):
            codec.decode(stored)

    check()


class TestRowsOfANewerVersion:
    """Every method that reads such a row raises an error of one line."""

    @pytest.mark.parametrize(
        ("change", "read"),
        [
            ("UPDATE rating_inputs SET verdict = 'meh'", lambda db: Ratings(db).of(_ANSWER.id)),
            ("UPDATE answers SET kind = 'sung'", lambda db: Answers(db).get(_ANSWER.id)),
            ("UPDATE sources SET state = 'lost'", lambda db: Sources(db).all()),
            (
                """UPDATE answers SET passages = '{"v": 99}'""",
                lambda db: Answers(db).get(_ANSWER.id),
            ),
            (
                """UPDATE questions SET history = '[{"role": "judge"}]'""",
                lambda db: Questions(db).find(_ASKED.id),
            ),
        ],
    )
    def test_is_told(self, db: Database, change: str, read: Any) -> None:
        _keep_one_of_each(db)
        with db.session() as connection:
            connection.execute(text(change.replace(":", r"\:")))
        with pytest.raises(RecordsError, match="made by a newer version of phi3") as e:
            read(db)
        assert "\n" not in str(e.value)


def test_rows_without_versions_are_read_from_the_database(db: Database) -> None:
    _keep_one_of_each(db)
    stored = {codec: text for codec, text, _ in WITHOUT_VERSION}
    with db.session() as connection:
        connection.execute(
            text(
                "UPDATE answers SET passages = :passages, citations = :citations,"
                " timings = :timings"
            ),
            {
                "passages": stored[PASSAGES],
                "citations": stored[CITATIONS],
                "timings": stored[TIMINGS],
            },
        )
        connection.execute(
            text("UPDATE questions SET audience = :audience, history = :history"),
            {"audience": stored[AUDIENCE], "history": stored[MESSAGES]},
        )
    values = {codec: value for codec, _, value in WITHOUT_VERSION}
    kept = Answers(db).get(_ANSWER.id)
    assert kept.passages == values[PASSAGES]
    assert (kept.citations, kept.timings) == (_ANSWER.citations, _ANSWER.timings)
    asked = Questions(db).find(_ASKED.id)
    assert asked is not None
    assert (asked.audience, asked.history) == (values[AUDIENCE], values[MESSAGES])


def test_broken_json_is_an_error_of_one_line(sqlite: str) -> None:
    db = Database(sqlite)
    _keep_one_of_each(db)
    with db.session() as connection:
        connection.execute(text("UPDATE answers SET timings = 'no json'"))
    with pytest.raises(RecordsError) as e:
        Answers(db).get(_ANSWER.id)
    assert "\n" not in str(e.value)
    db.close()


def _keep_one_of_each(db: Database) -> None:
    Answers(db).ask(_ASKED)
    Answers(db).record(_ANSWER)
    Ratings(db).rate(rating(_ANSWER))
    Sources(db).save(source())
