"""Reads collections and sources that are named in the terminal, with a progress bar."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.asking import person
from cli.printing import progress, say
from cli.targets import SLACK, Wanted, check_kind, collection_of, is_missing, uri_of
from domain.collections import Collection
from domain.documents import Failure, IngestReport
from domain.errors import IngestError

if TYPE_CHECKING:
    from cli.wiring import Container
    from knowledge.ingest_run import IngestProgress

    Show = Callable[[IngestProgress], None]


def read_targets(
    container: "Container",
    targets: Sequence[str],
    wanted: Wanted,
    *,
    confirmed: bool = False,
    dry_run: bool = False,
) -> tuple[IngestReport, list[Collection]]:
    """Adds each target as a collection, and reads it. Known ones are read again.

    Returns the collections too, with their readers. What is not there, and was never read, is
    reported and not added. With ``dry_run`` nothing is added or indexed, and the report says what
    would be.
    """
    found, reports = [], []
    for target in dict.fromkeys(targets):
        try:
            named = collection_of(target, wanted, person())
            found.append(_stored(container, named, wanted, dry_run))
        except IngestError as error:
            reports.append(IngestReport(failed=(Failure(target, str(error)),)))
    with _shown() as show:
        reports += [_read(container, each, wanted, show, confirmed, dry_run) for each in found]
    return merged(reports), found


def read_again(
    container: "Container",
    targets: Sequence[str],
    *,
    confirmed: bool = False,
    dry_run: bool = False,
) -> IngestReport:
    """Reads collections again, and sources that are in none; by default all of both.

    Collections of Slack are left to the bot, which reads them soon.
    """
    from bot.ingest.collecting import allow_again

    known = {each.uri: each for each in container.collections.all()}
    wanted = {_known(target, known) for target in targets}
    collections = [each for each in known.values() if each.uri in wanted or not targets]
    alone = sorted(wanted - set(known) if targets else container.collections.alone())
    of_slack = [each for each in collections if each.uri.startswith(SLACK)]
    for each in () if dry_run else of_slack:
        container.collections.make_due(each.uri, datetime.now(UTC))
    if of_slack and not dry_run:
        say("Collections of Slack are read by the bot, soon.")
    here = [each for each in collections if each not in of_slack]
    with _shown() as show:
        reports = [_read_one(container, each, show, confirmed, dry_run) for each in here]
        if alone and not dry_run:
            allow_again(container.sources, container.sources.find_all(alone).values())
            reports.append(container.ingestor.refresh(alone, progress=show))
    return merged(reports)


def merged(reports: Iterable[IngestReport]) -> IngestReport:
    """One report of several readings; a failure of the same source is told once."""
    every = list(reports)

    def joined(name: str) -> tuple[object, ...]:
        return tuple(dict.fromkeys(one for report in every for one in getattr(report, name)))

    counts = ("added", "updated", "unchanged", "removed", "chunks", "seconds")
    lists = ("failed", "skipped", "notes", "kept_narrow", "would", "held_back")
    fields = {name: sum(getattr(report, name) for report in every) for name in counts}
    return IngestReport(**fields, **{name: joined(name) for name in lists})  # type: ignore[arg-type]


def _stored(container: "Container", new: Collection, wanted: Wanted, dry_run: bool) -> Collection:
    """The collection as it is stored, or would be; one that is missing and unknown is not.

    Raises UnreadableSource if it is known as something else.

    The readers of a known one change only if somebody was named.
    """
    known = container.collections.find(new.uri)
    check_kind(new, known)
    if known and not wanted.audience:
        new = replace(new, for_new=known.for_new)
    if known is None and (dry_run or is_missing(new)):
        return new
    if known and dry_run:
        options = new.options or known.options
        return replace(known, audience=known.audience.together_with(new.audience), options=options)
    return container.collections.add(new, change=wanted.changes)


def _read(
    container: "Container",
    collection: Collection,
    wanted: Wanted,
    show: "Show",
    confirmed: bool,
    dry_run: bool,
) -> IngestReport:
    if is_missing(collection) and container.collections.find(collection.uri) is None:
        if dry_run or container.sources.find(collection.uri) is None:
            return IngestReport(failed=(Failure(collection.uri, "there is no such file"),))
        # What was read there before it was a collection is kept.
        by = collection.requested_by
        return container.ingestor.ingest([collection.uri], wanted.audience, by, progress=show)
    return _read_one(container, collection, show, confirmed, dry_run)


def _read_one(
    container: "Container",
    collection: Collection,
    show: "Show",
    confirmed: bool,
    dry_run: bool,
) -> IngestReport:
    from bot.ingest.collecting import allow_again

    reader = container.collection_reader
    try:
        if dry_run:
            return reader.dry_run(collection, show)
        allow_again(container.sources, container.sources.members(collection.uri).values())
        return reader.read(collection, confirmed=confirmed, progress=show)
    except IngestError as error:
        return IngestReport(failed=(Failure(collection.uri, str(error)),))


def _known(target: str, known: "dict[str, Collection]") -> str:
    """The uri of a collection or source as it is stored."""
    if target in known:
        return target
    try:
        return uri_of(target)
    except ValueError:
        return target


@contextmanager
def _shown() -> "Iterator[Show]":
    counts: dict[str, int] = {}
    with progress() as bars:
        task = bars.add_task("Reading", total=None)

        def show(step: "IngestProgress") -> None:
            if step.done == 1:
                bars.reset(task)
            counts[step.outcome] = counts.get(step.outcome, 0) + 1
            said = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
            bars.update(task, completed=step.done, total=step.total, description=f"Reading: {said}")

        yield show
