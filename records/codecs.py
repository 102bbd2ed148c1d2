"""Writes values of the domain as JSON, and reads them, also those that earlier versions wrote.

Each column's JSON is an object with its version in ``v``; a sequence is in ``items``. JSON without
``v`` was written before there were versions, and is read as it is. Unknown keys are ignored, and
missing ones get defaults, so that adding a field needs no new version. The keys are written here
and not taken from the dataclasses, so that old rows stay readable when a field is renamed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar, cast

from domain.adapters import Check, Evaluation, Score
from domain.blocks import NOWHERE, Where
from domain.errors import RecordsError
from domain.questions import (
    Audience,
    Citation,
    Difference,
    Message,
    Newer,
    Passage,
    Sentence,
    Timings,
)
from domain.rules import Rules

VERSION = 1
"""The version that this program writes, and the newest that it reads."""

Json = Any
"""Any JSON value."""

T = TypeVar("T")
F = TypeVar("F", str, int, bool, list[Any], dict[str, Any])

_ROLES = ("system", "user", "assistant")


class _Unreadable(Exception):
    """A value does not have the expected type; the message says which one."""


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Writes a ``T`` as JSON and reads it again. ``what`` names it in messages.

    ``write`` and ``read`` handle only the fields, without the version.
    """

    what: str
    write: Callable[[T], dict[str, Json]]
    read: Callable[[Mapping[str, Json]], T]

    def encode(self, value: T) -> Json:
        return {"v": VERSION, **self.write(value)}

    def decode(self, stored: Json) -> T:
        """Raises RecordsError if a newer version wrote it, or if it is not valid."""
        try:
            fields = _object({"items": stored} if isinstance(stored, list) else stored)
            written_by = _get(fields, "v", VERSION)
            if written_by <= VERSION:
                return self.read(fields)
        except _Unreadable as e:
            raise RecordsError(f"The database holds {self.what} that cannot be read: {e}.") from e
        raise newer(self.what)


def parse_json(stored: str) -> Json:
    """The JSON value in ``stored``. Raises RecordsError if it is not JSON."""
    try:
        return json.loads(stored)
    except (ValueError, RecursionError) as e:
        raise RecordsError(f"The database holds JSON that cannot be read: {e}.") from e


def newer(what: str) -> RecordsError:
    """The error for a row that this version is too old to understand."""
    return RecordsError(f"The database holds {what} made by a newer version of phi3: update phi3.")


def _get(fields: Mapping[str, Json], key: str, default: F) -> F:
    """The field, or the default if it is missing. Raises _Unreadable if it has another type."""
    value = fields.get(key, default)
    if type(value) is not type(default):
        raise _Unreadable(f"{key} is of another type")
    return value


def _number(fields: Mapping[str, Json], key: str, default: float = 0.0) -> float:
    value = fields.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Unreadable(f"{key} is no number")
    return float(value)


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _Unreadable("it holds no object")
    return value


def _many(what: str, one: Codec[T]) -> "Codec[tuple[T, ...]]":
    """The codec of a sequence; its items have no versions."""
    return Codec(
        what,
        lambda values: {"items": [one.write(value) for value in values]},
        lambda fields: tuple(
            one.read(_object(item)) for item in _get(fields, "items", list[Any]())
        ),
    )


def _write_audience(value: Audience) -> dict[str, Json]:
    return {"labels": sorted(value.labels), "public": value.public}


def _read_audience(fields: Mapping[str, Json]) -> Audience:
    labels = _get(fields, "labels", list[Any]())
    if not all(isinstance(label, str) for label in labels):
        raise _Unreadable("a label is no text")
    # Earlier versions did not store whether a channel was public, and gave questions from public
    # channels no channel label, so nothing is lost.
    return _audience(tuple(labels), _get(fields, "public", default=False))


@lru_cache(maxsize=256)  # nearly all passages have one of a few
def _audience(labels: tuple[str, ...], public: bool) -> Audience:
    return Audience.of(*labels, public=public)


def _write_rules(value: Rules) -> dict[str, Json]:
    only = None if value.only is None else sorted(value.only)
    return {"wishes": value.wishes, "language": value.language, "only": only}


def _read_rules(fields: Mapping[str, Json]) -> Rules:
    only = fields.get("only")
    return Rules(
        _get(fields, "wishes", ""),
        _get(fields, "language", ""),
        None if only is None else frozenset(_texts({"items": only})),
    )


def _write_texts(values: tuple[str, ...]) -> dict[str, Json]:
    return {"items": list(values)}


def _texts(fields: Mapping[str, Json]) -> tuple[str, ...]:
    found = _get(fields, "items", list[Any]())
    if not all(isinstance(one, str) for one in found):
        raise _Unreadable("one of several texts is none")
    return tuple(found)


def _write_message(value: Message) -> dict[str, Json]:
    return {"role": value.role, "content": value.content}


def _read_message(fields: Mapping[str, Json]) -> Message:
    role = _get(fields, "role", "user")
    if role not in _ROLES:
        raise newer("a message")
    return Message(cast(Literal["system", "user", "assistant"], role), _get(fields, "content", ""))


def _write_passage(value: Passage) -> dict[str, Json]:
    return {
        "id": value.id,
        "source": value.source,
        "title": value.title,
        "text": value.text,
        "score": value.score,
        "similarity": value.similarity,
        "audience": _write_audience(value.audience),
        "where": _write_where(value.where),
        "newer": _write_newer(value.newer),
    }


def _read_passage(fields: Mapping[str, Json]) -> Passage:
    return Passage(
        id=_get(fields, "id", ""),
        source=_get(fields, "source", ""),
        title=_get(fields, "title", ""),
        text=_get(fields, "text", ""),
        score=_number(fields, "score"),
        similarity=_number(fields, "similarity"),
        # If it does not say who may read it, nobody may.
        audience=_read_audience(_get(fields, "audience", dict[str, Any]())),
        where=_read_where(fields),
        newer=_read_newer(fields),
    )


def _write_where(value: Where) -> dict[str, Json]:
    return {
        "page": value.page,
        "slide": value.slide,
        "sheet": value.sheet,
        "anchor": value.anchor,
    }


_NOWHERE = _write_where(NOWHERE)


def _read_where(fields: Mapping[str, Json]) -> Where:
    """Earlier versions did not write it."""
    where = _get(fields, "where", dict[str, Any]())
    if where == _NOWHERE:
        return NOWHERE
    return Where(
        page=_get(where, "page", 0),
        slide=_get(where, "slide", 0),
        sheet=_get(where, "sheet", ""),
        anchor=_get(where, "anchor", ""),
    )


def _write_newer(value: Newer | None) -> dict[str, Json]:
    return {"source": value.source, "title": value.title} if value else {}


def _read_newer(fields: Mapping[str, Json]) -> Newer | None:
    """Earlier versions did not write it."""
    found = _get(fields, "newer", dict[str, Any]())
    if not found:
        return None
    source = _get(found, "source", "")
    return Newer(source, _get(found, "title", "")) if source else None


def _write_citation(value: Citation) -> dict[str, Json]:
    return {
        "n": value.n,
        "source": value.source,
        "title": value.title,
        "quote": value.quote,
        "passage_id": value.passage_id,
        "ends": list(value.ends),
        "where": _write_where(value.where),
        "newer": _write_newer(value.newer),
    }


def _read_citation(fields: Mapping[str, Json]) -> Citation:
    ends = _get(fields, "ends", list[Any]())
    if not all(type(end) is int for end in ends):
        raise _Unreadable("a position is no whole number")
    return Citation(
        n=_get(fields, "n", 0),
        source=_get(fields, "source", ""),
        title=_get(fields, "title", ""),
        quote=_get(fields, "quote", ""),
        passage_id=_get(fields, "passage_id", ""),
        ends=tuple(ends),
        where=_read_where(fields),
        newer=_read_newer(fields),
    )


def _write_sentence(value: Sentence) -> dict[str, Json]:
    return {
        "start": value.start,
        "end": value.end,
        "supported": value.supported,
        "differs": list(value.differs),
    }


def _read_sentence(fields: Mapping[str, Json]) -> Sentence:
    differs = _get(fields, "differs", list[Any]())
    if not all(isinstance(one, str) for one in differs):
        raise _Unreadable("a difference is no text")
    if not set(differs) <= set(Difference):
        raise newer("a sentence")
    return Sentence(
        start=_get(fields, "start", 0),
        end=_get(fields, "end", 0),
        supported=_get(fields, "supported", default=False),
        differs=tuple(map(Difference, differs)),
    )


def _write_timings(value: Timings) -> dict[str, Json]:
    return {
        "embed": value.embed,
        "search": value.search,
        "first_token": value.first_token,
        "generate": value.generate,
        "total": value.total,
    }


def _read_timings(fields: Mapping[str, Json]) -> Timings:
    return Timings(
        embed=_number(fields, "embed"),
        search=_number(fields, "search"),
        first_token=_number(fields, "first_token"),
        generate=_number(fields, "generate"),
        total=_number(fields, "total"),
    )


def _write_score(value: Score) -> dict[str, Json]:
    return {
        "agreement": value.agreement,
        "f1": value.f1,
        "contained": value.contained,
        "cited": value.cited,
        "refused": value.refused,
        "characters": value.characters,
    }


def _read_score(fields: Mapping[str, Json]) -> Score:
    f1 = _number(fields, "f1")
    return Score(
        agreement=_number(fields, "agreement", f1),  # the first version compared f1
        f1=f1,
        contained=_number(fields, "contained"),
        cited=_number(fields, "cited"),
        refused=_number(fields, "refused"),
        characters=_number(fields, "characters"),
    )


def _write_evaluation(value: Evaluation) -> dict[str, Json]:
    return {
        "questions": value.questions,
        "live": _write_score(value.live),
        "candidate": _write_score(value.candidate),
        "low": value.low,
        "high": value.high,
        "sure": value.sure,
        "passed": value.passed,
        "reason": value.reason,
        "gain": value.gain,
        "nights": value.nights,
        "checks": [_write_check(one) for one in value.checks],
        "safe": value.safe,
    }


def _read_evaluation(fields: Mapping[str, Json]) -> Evaluation:
    passed = _get(fields, "passed", default=False)
    live = _read_score(_get(fields, "live", dict[str, Any]()))
    candidate = _read_score(_get(fields, "candidate", dict[str, Any]()))
    return Evaluation(
        questions=_get(fields, "questions", 0),
        live=live,
        candidate=candidate,
        low=_number(fields, "low"),
        high=_number(fields, "high"),
        sure=_number(fields, "sure", float(passed)),  # the first version stored only the verdict
        passed=passed,
        reason=_get(fields, "reason", ""),
        # Before there was a best guess, the difference that was seen was reported.
        gain=_number(fields, "gain", candidate.agreement - live.agreement),
        nights=_get(fields, "nights", 0),
        checks=tuple(_read_check(_object(one)) for one in _get(fields, "checks", list[Any]())),
        safe=_number(fields, "safe"),
    )


def _write_counts(value: Mapping[str, int]) -> dict[str, Json]:
    return {"counts": dict(value)}


def _read_counts(fields: Mapping[str, Json]) -> Mapping[str, int]:
    counts = _get(fields, "counts", dict[str, Any]())
    return {name: _get(counts, name, 0) for name in counts}


def _write_differences(value: Mapping[str, float]) -> dict[str, Json]:
    return {"differences": dict(value)}


def _read_differences(fields: Mapping[str, Json]) -> Mapping[str, float]:
    differences = _get(fields, "differences", dict[str, Any]())
    return {name: _number(differences, name) for name in differences}


def _write_check(value: Check) -> dict[str, Json]:
    return {"name": value.name, "passed": value.passed, "says": value.says}


def _read_check(fields: Mapping[str, Json]) -> Check:
    return Check(
        _get(fields, "name", ""), _get(fields, "passed", default=False), _get(fields, "says", "")
    )


AUDIENCE = Codec("an audience", _write_audience, _read_audience)
RULES = Codec("a channel's rules", _write_rules, _read_rules)
TEXTS = Codec("texts", _write_texts, _texts)
MESSAGES = _many("a history", Codec("a message", _write_message, _read_message))
PASSAGES = _many("passages", Codec("a passage", _write_passage, _read_passage))
CITATIONS = _many("citations", Codec("a citation", _write_citation, _read_citation))
SENTENCES = _many("sentences", Codec("a sentence", _write_sentence, _read_sentence))
TIMINGS = Codec("timings", _write_timings, _read_timings)
EVALUATION = Codec("an evaluation", _write_evaluation, _read_evaluation)
COUNTS = Codec("counts", _write_counts, _read_counts)
DIFFERENCES = Codec("differences", _write_differences, _read_differences)
