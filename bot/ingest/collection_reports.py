"""What Slack is told of the readings of collections."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from bot.answers.blocks import SlackBlock, button
from bot.answers.render import name_of
from bot.ingest.outcomes import ENDED, Outcomes, name_of_collection, outcome
from bot.ingest.report_messages import ReportMessages
from bot.slack.message_ref import MessageRef, message_ref
from bot.times import ahead
from domain.collections import Collection, CollectionProgress, Trouble
from domain.documents import Failure, IngestReport, Skipped, Source
from domain.jobs import Job, JobKind
from domain.text import truncate
from records.collections import Collections
from records.jobs import Jobs
from records.sources import Sources

CONFIRM_REMOVAL = "confirm_removal"
"""The action_id of the button that lets many documents be removed; its value is `removal_of`."""

TRY_AGAIN = "try_again"
"""The action_id of the button that reads failed documents again; its value is the collection."""

_DIGITS = 16
_LONGEST_VALUE = 2_000
"""The most characters of a button's value."""
_NAMED = 3
_BUTTONS = 5
_KINDS = 5


def removal_of(collection: Collection) -> str:
    """Names what is held back of a collection now: a later removal has another name."""
    held_back = sha256(collection.reason.encode(errors="surrogatepass")).hexdigest()
    return f"{held_back[:_DIGITS]} {collection.uri}"


def collection_of_removal(name: str) -> str:
    """The collection; a button of an earlier version names nothing but that."""
    is_named = name[_DIGITS : _DIGITS + 1] == " "
    return name[_DIGITS + 1 :] if is_named else name


class CollectionReports:
    """One message for each request, updated while it is read; and one when trouble begins or ends.

    Who may read a message there may read what the collection holds: it was added there.
    """

    def __init__(
        self,
        messages: ReportMessages,
        outcomes: Outcomes,
        collections: Collections,
        sources: Sources,
        jobs: Jobs,
    ) -> None:
        self._messages = messages
        self._outcomes = outcomes
        self._collections = collections
        self._sources = sources
        self._jobs = jobs

    def began(self, job: Job, collection: Collection) -> None:
        self._messages.of(job, f"Reading {_name(job, collection)} …")

    def progress(self, job: Job, collection: Collection, now: CollectionProgress) -> None:
        at = self._messages.of(self._now(job), f"Reading {_name(job, collection)} …")
        self._messages.progress(at, _how_far(_name(job, collection), now))

    def ended(self, job: Job, collection: Collection | None, end: IngestReport | str) -> None:
        at = self._messages.of(self._now(job), f"Reading {_name(job, collection)} …")
        together = self._jobs.of_request(job.request)
        if all(each.state in ENDED for each in together if each.id != job.id):
            line = self._line(job, collection, end)
            text = self._outcomes.of(together, {job.id: line})
            self._messages.show(at, text, self._below(together, job, end))

    def _below(
        self, together: Sequence[Job], job: Job, end: IngestReport | str
    ) -> tuple[SlackBlock, ...]:
        """The buttons for the collections of a request of which something was not done."""
        has_failed = isinstance(end, str) or bool(end.failed)
        blocks: list[SlackBlock] = []
        for each in together:
            is_it = each.id == job.id
            known = self._collections.find(each.key) if each.kind is JobKind.COLLECTION else None
            if known and (known.trouble is not Trouble.NONE or (is_it and has_failed)):
                of_it = f": {name_of_collection(known.uri, known)}" if len(together) > 1 else ""
                blocks += _button(known, of_it)
        return tuple(blocks[:_BUTTONS])

    def trouble(self, job: Job, collection: Collection) -> None:
        if not collection.tells_readers:
            return
        place = message_ref(collection.report)
        thread = place.thread or place.ts
        told = str(MessageRef(place.team, place.channel, thread=thread))
        # Posted for this job, the message is found again after a crash.
        report = job.report if not job.person and job.report else told
        own = replace(job, report=report, person=collection.requested_by)
        text = _trouble(_name(job, collection), collection)
        below = () if collection.trouble is Trouble.NONE else tuple(_button(collection, ""))
        self._messages.show(self._messages.of(own, text), text, below)

    def _now(self, job: Job) -> Job:
        """The job with its message, which may have been posted since it was taken."""
        return next((each for each in self._jobs.of_request(job.request) if each.id == job.id), job)

    def _line(self, job: Job, collection: Collection | None, end: IngestReport | str) -> str:
        name = _name(job, collection)
        if collection is None:
            return f"– {name}: removed."
        if isinstance(end, str):
            return f"✗ {name}: {_and_again(truncate(end, 300), collection)}"
        if collection.trouble is Trouble.FAILING:
            return f"✗ {name}: {_and_again(truncate(collection.reason, 300), collection)}"
        if collection.trouble is Trouble.HELD_BACK:
            return _trouble(name, collection)
        document = self._outcomes.document(collection)
        if document and not end.failed:
            return outcome(document)
        is_read = end.added or end.updated or end.unchanged or end.removed or not end.failed
        said = " ".join(filter(None, (_counted(end), self._failed(end.failed))))
        return f"{'✓' if is_read else '✗'} {name}: {said}"

    def _failed(self, failed: tuple[Failure, ...]) -> str:
        """The reasons are those of the records: they name no place on the server."""
        if not failed:
            return ""
        named = []
        for failure in failed[:_NAMED]:
            source = self._sources.find(failure.source)
            why = f" ({truncate(source.reason, 150)})" if source and source.reason else ""
            named.append(f"{_short(failure.source, source)}{why}")
        more = f" and {len(failed) - _NAMED:,} more" if len(failed) > _NAMED else ""
        return f"{len(failed):,} could not be read: {', '.join(named)}{more}."


def _and_again(reason: str, collection: Collection) -> str:
    """The reason why a collection was not read, and when it is read again by itself."""
    if collection.trouble is not Trouble.FAILING or collection.next_at is None:
        return reason
    stop = "" if reason.endswith((".", "…")) else "."
    return f"{reason}{stop} I try again {ahead(collection.next_at)}."


def _counted(end: IngestReport) -> str:
    counts = [
        f"{count:,} {word}"
        for word, count in (
            ("added", end.added),
            ("updated", end.updated),
            ("unchanged", end.unchanged),
            ("removed", end.removed),
            ("read in part", len({note.source for note in end.notes})),
        )
        if count
    ]
    done = (
        f"{', '.join(counts)}."
        if counts
        else ""
        if end.skipped or end.failed
        else "there is nothing in it."
    )
    return " ".join(filter(None, (done, _left_out(end.skipped))))


def _left_out(skipped: Sequence[Skipped]) -> str:
    """What was left out, by kind: ``12 left out: 9 × pictures are not read; 3 × …``"""
    kinds = Counter(truncate(one.reason, 100) for one in skipped).most_common()
    shown = "; ".join(f"{count:,} × {reason}" for reason, count in kinds[:_KINDS])
    more = f"; and {len(kinds) - _KINDS:,} more kinds" if len(kinds) > _KINDS else ""
    return f"{len(skipped):,} left out: {shown}{more}." if skipped else ""


def _trouble(name: str, collection: Collection) -> str:
    match collection.trouble:
        case Trouble.FAILING:
            reason = truncate(collection.reason, 300).rstrip(".")
            return (
                f"✗ {name} cannot be read any more: {reason}. What was read before stays. I try "
                "again by myself, and tell you here when it works."
            )
        case Trouble.HELD_BACK:
            return (
                f"⚠ {name}: more than a third of its documents are not there any more. I kept what "
                "was read of them, since the place may only be out of reach. If they were deleted, "
                "press the button, and I remove them."
            )
    return f"✓ {name} is read again."


def _button(collection: Collection, of_it: str) -> Iterator[SlackBlock]:
    """What a person can do: remove what is gone, or else read what failed once more."""
    is_held_back = collection.trouble is Trouble.HELD_BACK
    value = removal_of(collection) if is_held_back else collection.uri
    if len(value) > _LONGEST_VALUE:
        return
    if is_held_back:
        yield button(f"Remove what is gone{of_it}", CONFIRM_REMOVAL, value)
    else:
        yield button(f"Try again{of_it}", TRY_AGAIN, value)


def _how_far(name: str, now: CollectionProgress) -> str:
    left = ""
    if now.ends_at:
        minutes = round((now.ends_at - now.at).total_seconds() / 60)
        left = f", about {minutes:,} min left" if minutes else ", less than a minute left"
    return f"Reading {name}: {now.done:,} of {now.total:,} documents{left} …"


def _name(job: Job, collection: Collection | None) -> str:
    return name_of_collection(job.key, collection)


def _short(uri: str, known: Source | None) -> str:
    return truncate((known.title if known else "") or name_of(uri) or "a message or file", 100)
