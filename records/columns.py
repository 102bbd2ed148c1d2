"""Column types for values of the domain; they work in the same way on SQLite and PostgreSQL."""
# ruff: noqa: ARG002 - SQLAlchemy passes the dialect to every conversion.

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from records.codecs import Codec, Json, newer

T = TypeVar("T")

_ESCAPE = "\x1a"
_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


def encode_text(text: str) -> str:
    """``text`` as it is stored: characters that PostgreSQL refuses are escaped.

    NUL and lone surrogates become U+001A and four hexadecimal digits; so does U+001A itself, the
    control character SUBSTITUTE. Other characters do not change. The prefixes of a text become the
    prefixes of its stored form.
    """
    return _UNSTORABLE.sub(lambda match: f"{_ESCAPE}{ord(match.group()):04x}", text)


def decode_text(stored: str) -> str:
    if _ESCAPE not in stored:
        return stored
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), stored)


class ExactText(TypeDecorator[str]):
    """Any Python string, read back exactly. It is ordered by code points on both databases."""

    # PostgreSQL's default is the order of a language, with which no index finds prefixes.
    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else encode_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else decode_text(value)


class UtcTime(TypeDecorator[datetime]):
    """A time with a zone, read back in UTC, exact to the microsecond; SQLite has no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Seconds(TypeDecorator[timedelta]):
    """A length of time, in whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value.total_seconds())

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(seconds=value)


class Choice(TypeDecorator[StrEnum]):
    """A member of a StrEnum, stored as its value. Reading an unknown one raises RecordsError."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        if value is None:
            return None
        try:
            return self.members(value)
        except ValueError as e:
            raise newer(f"a {self.members.__name__} {value!r}") from e


class AsJson(TypeDecorator[T], Generic[T]):
    """A value of the domain as JSON; its codec writes and reads it."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, codec: Codec[T]) -> None:
        super().__init__()
        self.codec = codec

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Json:
        return None if value is None else self.codec.encode(value)

    def process_result_value(self, value: Json, dialect: Dialect) -> T | None:
        return None if value is None else self.codec.decode(value)
