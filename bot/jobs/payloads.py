"""The data that the bot stores with a job, as JSON with a version."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.errors import RecordsError
from domain.questions import Audience

_VERSION = 1


class QuestionChange(StrEnum):
    """What became of a question after it was asked.

    AGAIN: a person wants another answer than a refusal, a quotation or an error. STRAYS: a call to
    Slack had no answer, so what it may have done late is looked for. HIDDEN: the person wants the
    answer for themselves. SHARED: they show it where they asked.
    """

    NONE = ""
    EDITED = "edited"
    DELETED = "deleted"
    AGAIN = "again"
    STRAYS = "strays"
    HIDDEN = "hidden"
    SHARED = "shared"

    @property
    def is_beside(self) -> bool:
        """Whether the question and its answer stay as they are, so that nothing overtakes it."""
        return self in (QuestionChange.STRAYS, QuestionChange.HIDDEN, QuestionChange.SHARED)

    @property
    def is_answered(self) -> bool:
        """Whether an answer is written for it, which a person may stop."""
        return not self.is_beside and self is not QuestionChange.DELETED


@dataclass(frozen=True, slots=True)
class QuestionPayload:
    """``hint`` is added to the answer; ``is_shared`` is what the event said of its channel.

    ``is_unasked``: nobody mentioned the bot, so whether it is meant must be found out first.
    ``is_quiet``: it is answered only if the documents support the whole answer. ``is_by_emoji``:
    somebody reacted to a message, whose text is not known yet. ``files`` are those that came with
    the question, as ``slack-file:ID``. ``text`` is what the question is after an edit, or
    the message that showed the answer before it moved. ``is_private``: after the edit its person
    wants the answer for themselves alone.
    """

    hint: str = ""
    is_shared: bool = False
    is_unasked: bool = False
    is_quiet: bool = False
    is_by_emoji: bool = False
    files: tuple[str, ...] = ()
    change: QuestionChange = QuestionChange.NONE
    text: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class SourcePayload:
    """To whom the request gave the source. ``title`` is a file's name."""

    readers: Audience
    title: str = ""


@dataclass(frozen=True, slots=True)
class CollectionPayload:
    """``confirmed`` means that many documents may be removed at once.

    ``changed`` names what changed, if only that is to be read: the ts of a thread.
    """

    confirmed: bool = False
    changed: str = ""


def write_question(payload: QuestionPayload) -> str:
    changed: dict[str, object] = {}
    if payload.change:
        changed = {
            "change": payload.change,
            "text": payload.text,
            "is_private": payload.is_private,
        }
    return _write(
        hint=payload.hint,
        is_shared=payload.is_shared,
        is_unasked=payload.is_unasked,
        is_quiet=payload.is_quiet,
        is_by_emoji=payload.is_by_emoji,
        files=payload.files,
        **changed,
    )


def read_question(text: str) -> QuestionPayload:
    """Raises RecordsError for what a newer version wrote."""
    fields = _read(text)
    return QuestionPayload(
        str(fields.get("hint", "")),
        bool(fields.get("is_shared")),
        bool(fields.get("is_unasked")),
        bool(fields.get("is_quiet")),
        bool(fields.get("is_by_emoji")),
        tuple(map(str, fields.get("files", ()))),
        QuestionChange(fields.get("change", "")),
        str(fields.get("text", "")),
        bool(fields.get("is_private")),
    )


def is_answered(payload: str) -> bool:
    """Whether an answer is written in the job of a question with this payload.

    Raises RecordsError for what a newer version wrote.
    """
    return read_question(payload).change.is_answered


def write_source(payload: SourcePayload) -> str:
    labels = sorted(payload.readers.labels)
    return _write(labels=labels, title=payload.title)


def read_source(text: str) -> SourcePayload:
    """Raises RecordsError for what a newer version wrote."""
    fields = _read(text)
    readers = Audience.of(*fields.get("labels", ()))
    return SourcePayload(readers, str(fields.get("title", "")))


def write_collection(payload: CollectionPayload) -> str:
    return _write(confirmed=payload.confirmed, changed=payload.changed)


def read_collection(text: str) -> CollectionPayload:
    """Raises RecordsError for what a newer version wrote."""
    fields = _read(text)
    return CollectionPayload(bool(fields.get("confirmed")), str(fields.get("changed", "")))


def _write(**fields: object) -> str:
    return json.dumps({"version": _VERSION, **fields})


def _read(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    if fields["version"] != _VERSION:
        raise RecordsError("A newer version of phi3 added this job: update phi3.")
    return fields
