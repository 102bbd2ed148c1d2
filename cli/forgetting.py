"""Forgets a person, a source or an answer: in the home's files, in the index and in the database.

The database comes last, since it says where else to look. So if a call is killed, another call
completes it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from logging import getLogger
from typing import TYPE_CHECKING

from cli import forgotten, log_files
from cli.forgotten import Subject, add_forgotten
from domain.adapters import AdapterState
from domain.errors import DatabaseUnavailable, NotFound, RunInProgress
from records.forgetting import Deleted, Forgetting, Stored
from records.given_to_person import given_to_person

if TYPE_CHECKING:
    from cli.wiring import Container

_log = getLogger(__name__)

_NOTHING = Stored(frozenset(), frozenset(), frozenset())


_ANSWERS = {AdapterState.CANARY: "on trial", AdapterState.LIVE: "live"}


@dataclass(frozen=True, slots=True)
class LearnedAdapter:
    """An adapter that was trained on something that is now forgotten."""

    name: str
    state: AdapterState


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of each kind was deleted, and which adapters were trained on it.

    ``collections`` are those that a source was found in, and that will read it again. ``left`` says
    where deleted text may still be, since other programs held it.
    """

    subject: Subject
    id: str
    deleted: dict[str, int]
    adapters: tuple[LearnedAdapter, ...]
    collections: tuple[str, ...] = ()
    left: str = ""

    @property
    def advice(self) -> str:
        """What to do if it would be read again, is not gone, or such an adapter answers."""
        return " ".join(filter(None, (self._where_it_is, self.left, self._live)))

    @property
    def _where_it_is(self) -> str:
        if not self.collections:
            return ""
        first = self.collections[0]
        return (
            f"It was found in {first}, which is read again by itself: if it is still there, delete "
            f"it there, or remove the collection (`phi3 sources remove {first}`)."
        )

    @property
    def _live(self) -> str:
        return " ".join(
            f"{one.name} is {_ANSWERS[one.state]} and was trained on it. The next night trains "
            "without it: run that now (`phi3 train`), or go back (`phi3 adapters rollback`)."
            for one in self.adapters
            if one.state in _ANSWERS
        )


def forget_person(container: "Container", person: str) -> Forgotten:
    """Raises NotFound, RunInProgress, RetrievalError."""
    _refuse_blank(Subject.PERSON, person)
    _refuse_during_a_night(container)
    cards = container.cards.answered_by(person)
    theirs = [forget_source(container, card.source) for card in cards]
    theirs += _forget_what_only_they_read(container, person)
    forgetting = Forgetting(container.database)
    stored = forgetting.find_person(person) or (_NOTHING if theirs else None)
    done = _forget(
        container, Subject.PERSON, person, stored, lambda: forgetting.delete_person(person)
    )
    return reduce(_together, theirs, done)


def _forget_what_only_they_read(container: "Container", person: str) -> list[Forgotten]:
    """Documents that they added for themselves; others only lose them as a reader.

    The collections go first, so that none of it is read again meanwhile.
    """
    given = given_to_person(container.database, person)
    for uri in given.collections:
        collection = container.collections.find(uri)
        if collection is None:
            continue
        if collection.readers.labels <= given.labels.labels:
            # First, since nobody would find its files any more after a crash.
            container.connectors.forget(collection)
        if container.collections.withdraw(uri, given.labels):
            # A reading that ran at the same time may have kept more.
            container.connectors.forget(collection)
    for uri in given.shared:
        container.ingestor.withdraw(uri, given.labels)
    return [forget_source(container, uri) for uri in given.alone]


def _together(one: Forgotten, other: Forgotten) -> Forgotten:
    """``one`` with what was deleted in ``other``."""
    kinds = one.deleted | other.deleted
    deleted = {kind: one.deleted.get(kind, 0) + other.deleted.get(kind, 0) for kind in kinds}
    adapters = tuple(dict.fromkeys((*one.adapters, *other.adapters)))
    return replace(one, deleted=deleted, adapters=adapters, left=one.left or other.left)


def forget_source(container: "Container", uri: str) -> Forgotten:
    """Raises NotFound, RunInProgress, RetrievalError."""
    _refuse_blank(Subject.SOURCE, uri)
    _refuse_during_a_night(container)
    forgetting = Forgetting(container.database)
    stored = forgetting.find_source(uri)
    if stored is None and uri not in container.index.documents():
        raise _unknown(Subject.SOURCE, uri)
    _list(container, Subject.SOURCE, uri)
    found = stored or _NOTHING
    collections = tuple(each for each in container.collections.of(uri) if each != uri)
    # An index that is being built beside the one that answers has the text too.
    container.indexes.drop_others()
    passages = container.ingestor.forget(uri)
    _forget_copies(container, uri)
    done = _forget(
        container,
        Subject.SOURCE,
        uri,
        found,
        lambda: forgetting.delete_source(uri, found),
        {"passages": passages},
    )
    return replace(done, collections=collections)


def _forget_copies(container: "Container", uri: str) -> None:
    """Deletes what connectors keep where ``uri`` was found.

    A copy of a repository may hold a file that its branch lost long ago, so all are deleted. The
    next readings load them without the files that did not change.
    """
    found = set(container.collections.of(uri))
    for each in container.collections.all():
        if each.uri in found or (each.kind == "git" and uri.startswith("git+")):
            container.connectors.forget(each)


def forget_answer(container: "Container", answer_id: str) -> Forgotten:
    """Raises NotFound, RunInProgress."""
    _refuse_blank(Subject.ANSWER, answer_id)
    _refuse_during_a_night(container)
    forgetting = Forgetting(container.database)
    stored = forgetting.find_answer(answer_id)
    return _forget(
        container, Subject.ANSWER, answer_id, stored, lambda: forgetting.delete_answer(answer_id)
    )


def forget_correction(container: "Container", answer_id: str, person: str) -> Forgotten:
    """Deletes what ``person`` wrote about an answer; their thumbs stay.

    Raises NotFound, RunInProgress.
    """
    _refuse_blank(Subject.CORRECTION, answer_id)
    _refuse_blank(Subject.PERSON, person)
    _refuse_during_a_night(container)
    stored = Forgetting(container.database).find_correction(answer_id, person)

    def delete() -> Deleted:
        container.ratings.take_back(answer_id, person, datetime.now(UTC))
        return Deleted(corrections=1)

    return _forget(container, Subject.CORRECTION, answer_id, stored, delete, by=person)


def forget_again(container: "Container", one: forgotten.Forgetting) -> None:
    """Forgets what was forgotten before, if it is stored again.

    An empty id, which an earlier version could list, forgets nothing. Raises RunInProgress and
    RetrievalError.
    """
    with suppress(NotFound):
        match one.subject:
            case Subject.PERSON:
                forget_person(container, one.id)
            case Subject.SOURCE:
                forget_source(container, one.id)
            case Subject.ANSWER:
                forget_answer(container, one.id)
            case Subject.CORRECTION:
                forget_correction(container, one.id, one.by)


def _list(container: "Container", subject: Subject, name: str, by: str = "") -> None:
    """Before anything is deleted, so that no kill can lose it. Raises BackupFailed."""
    made = forgotten.Forgetting(subject, name, datetime.now(UTC), by)
    add_forgotten(container.settings.forgotten_list, made)


def _forget(
    container: "Container",
    subject: Subject,
    name: str,
    stored: Stored | None,
    delete: Callable[[], Deleted],
    before: dict[str, int] | None = None,
    by: str = "",
) -> Forgotten:
    from training.report import files as reports

    if stored is None:
        raise _unknown(subject, name)
    if subject is not Subject.SOURCE:
        _list(container, subject, name, by)
    home = container.settings.home
    learned = _learned(container, stored)
    ids = stored.questions | stored.answers | {name}
    files = {
        "reports": reports.forget(
            home / "nights", stored.answers, name if subject is Subject.SOURCE else ""
        ),
        "log_lines": log_files.forget(home / "logs", ids, stored.texts),
    }
    deleted = asdict(delete())
    counts = {**deleted, **(before or {}), **files}
    return Forgotten(subject, name, counts, learned, left=_left_in(container))


def _left_in(container: "Container") -> str:
    """Empties the database's log; says what to do if that cannot be done now.

    It is no error: all is deleted, and another call would find nothing to do.
    """
    try:
        container.database.empty_log()
    except DatabaseUnavailable as error:
        _log.warning("%s", error)
        return error.public
    return ""


def _learned(container: "Container", stored: Stored) -> tuple[LearnedAdapter, ...]:
    from training.publish import learned_from, parse_manifest

    adapters = container.adapters.all()
    found = [(one.name, container.adapter_places.manifest_of(one)) for one in adapters]
    manifests = (parse_manifest(text, name) for name, text in found if text is not None)
    names = learned_from(manifests, stored.answers)
    return tuple(LearnedAdapter(one.name, one.state) for one in adapters if one.name in names)


def _refuse_blank(subject: Subject, name: str) -> None:
    """Raises NotFound: rows about nobody have an empty id, and each line of a log contains it."""
    if not name.strip():
        raise NotFound(f"The id of the {subject} is empty, so nothing is forgotten.")


def _refuse_during_a_night(container: "Container") -> None:
    """Raises RunInProgress if a night runs: it has read the answers, and will write a report."""
    running = container.runs.running()
    if running is not None:
        raise RunInProgress(
            f"The night {running.id} is in progress and has read what it trains on: forget again "
            "once it has ended."
        )


def _unknown(subject: Subject, name: str) -> NotFound:
    return NotFound(f"Nothing is stored about {subject} {name}.")
