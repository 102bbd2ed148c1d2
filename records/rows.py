"""Converts rows to dataclasses and back; the columns are named as the fields."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table

from domain.questions import Answer, Question, RatedAnswer
from domain.ratings import Correction, RatingInput
from records.tables import answers, corrections, questions, rating_inputs

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")


def columns(table: Table, kind: "type[DataclassInstance]") -> list[ColumnElement[Any]]:
    """The columns of ``table`` for the fields of ``kind``, in the same order."""
    return [table.c[field.name] for field in fields(kind)]


def values(item: "DataclassInstance") -> dict[str, object]:
    """The fields of ``item`` by name; their values are not converted."""
    return {field.name: getattr(item, field.name) for field in fields(item)}


def every(connection: Connection, kind: Callable[..., T], query: Select[Any]) -> list[T]:
    """A ``kind`` for each row of a query that selects ``columns(table, kind)``."""
    return [kind(*row) for row in connection.execute(query)]


def first(connection: Connection, kind: Callable[..., T], query: Select[Any]) -> T | None:
    """A ``kind`` for the first row of such a query; None if there is none."""
    row = connection.execute(query).first()
    return None if row is None else kind(*row)


def insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that supports ON CONFLICT, which each database has in its own class."""
    # Only what is used: that of PostgreSQL takes 2 MB.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


QUESTION = columns(questions, Question)
ANSWER = columns(answers, Answer)
RATING_INPUT = columns(rating_inputs, RatingInput)
CORRECTION = columns(corrections, Correction)


def rated_answer(row: Sequence[Any]) -> RatedAnswer:
    """An answer, without its ratings, from a row of ``QUESTION`` and ``ANSWER``."""
    middle, end = len(QUESTION), len(QUESTION) + len(ANSWER)
    return RatedAnswer(Question(*row[:middle]), Answer(*row[middle:end]))
