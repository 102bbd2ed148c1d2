from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adapters import Adapter, TrainingRun
from domain.documents import Grant, Source
from domain.errors import RecordsError
from domain.questions import Answer, Audience, Message, Question
from domain.ratings import Correction, RatingInput
from records.answers import Answers
from records.columns import decode_text, encode_text
from records.database import Database
from records.questions import Questions
from records.ratings import Ratings
from records.tables import (
    adapters,
    answers,
    corrections,
    grants,
    questions,
    rating_inputs,
    sources,
    training_runs,
)
from tests.records.makers import answer, claim_of, question, rating

ANYTHING = st.text(st.characters(exclude_categories=()))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001


@given(ANYTHING)
def test_escaped_text_is_storable_and_comes_back(text: str) -> None:
    stored = encode_text(text)
    assert b"\x00" not in stored.encode()
    assert decode_text(stored) == text


@given(ANYTHING, ANYTHING)
def test_escaping_keeps_prefixes(start: str, rest: str) -> None:
    assert encode_text(start + rest) == encode_text(start) + encode_text(rest)


@pytest.mark.parametrize("text", ["Grüße 👋🏽 日本語", "a\tb\r\n", "e\u0301", "\u202eabc"])
def test_peoples_text_is_stored_unchanged(text: str) -> None:
    assert encode_text(text) == text


def test_any_text_is_read_back_exactly(db: Database) -> None:
    numbers = iter(range(10**6))

    @settings(deadline=None)
    @given(ANYTHING, ANYTHING, ANYTHING, TIMES)
    def check(one: str, two: str, three: str, at: datetime) -> None:
        asked = replace(
            question(next(numbers)),
            text=one,
            asked_at=at,
            asked_by=two[:50],
            audience=Audience.of(one, three, public=bool(two)),
            history=(Message("user", two), Message("assistant", three)),
        )
        answered = replace(answer(asked), text=two, created_at=at)
        answered = replace(
            answered, passages=(replace(answered.passages[0], text=three, title=one),)
        )
        given_ = replace(rating(answered, by=three[:50]), correction=one, reason=two)
        Questions(db).claim([claim_of(asked)])
        assert Answers(db).record(answered) == answered
        assert Ratings(db).rate(given_) == given_
        assert Questions(db).find(asked.id) == asked

    check()


def test_single_nul_is_read_back(db: Database) -> None:
    asked = replace(question(), text="\x00", asked_by="\x00\x1a0000")
    Questions(db).claim([claim_of(asked)])
    assert Questions(db).find(asked.id) == asked


def test_time_without_zone_is_refused_and_nothing_is_stored(db: Database) -> None:
    naive = replace(question(), asked_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(RecordsError, match="no time zone"):
        Questions(db).claim([claim_of(naive)])
    assert Questions(db).find(naive.id) is None


def test_moments_are_ordered_across_zones(db: Database) -> None:
    east = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    west = datetime(2026, 1, 1, 1, tzinfo=UTC)
    for n, at in enumerate([west, east]):
        Questions(db).claim([claim_of(replace(question(n), asked_at=at))])
    assert [asked.asked_at for asked in Questions(db).unfinished()] == [east, west]


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (questions, Question),
        (answers, Answer),
        (rating_inputs, RatingInput),
        (corrections, Correction),
        (sources, Source),
        (grants, Grant),
        (adapters, Adapter),
        (training_runs, TrainingRun),
    ],
)
def test_every_field_has_a_column_that_is_empty_only_if_the_field_may_be(
    table: object, kind: type
) -> None:
    # Who may read a source is in the table `grants`.
    own = [field for field in fields(kind) if (kind, field.name) != (Source, "audience")]
    for field in own:
        column = table.c[field.name]  # type: ignore[attr-defined]
        assert column.nullable == ("None" in str(field.type)), column
