"""What /phi3-ingest list and status show: only what may be read where they are asked."""

from collections.abc import Iterator

from bot.ingest.outcomes import name_of_collection, name_of_source, outcome
from bot.jobs.payloads import read_collection, read_source
from bot.slack.message_ref import is_message_ref
from bot.times import ago, ahead
from domain.cards import ELSEWHERE
from domain.collections import Collection, CollectionProgress, Trouble
from domain.documents import Source, SourceState
from domain.jobs import Job, JobKind, JobState
from domain.links import UPLOAD
from domain.questions import Audience
from domain.text import truncate
from records.collections import Collections
from records.jobs import Jobs
from records.readable import ReadableSources

PAGE = 20
"""How many collections and documents `list` shows at once."""

_SHOWN = 10
_AT_ONCE = 10_000
"""How many sources are named in a query."""
_NOT_DONE = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)
_KNOWN = tuple(state for state in SourceState if state is not SourceState.REMOVED)
_FAILED = (SourceState.FAILED, SourceState.QUARANTINED)
_KINDS = {
    "page": "a page",
    "site": "a site",
    "git": "a repository",
    "slack-channel": "a channel",
    "slack-thread": "a thread",
    "folder": "a folder",
    "file": "a file",
    UPLOAD: "a file from the console",
    ELSEWHERE: "a confirmed answer",
}


class IngestLists:
    """Every method raises DatabaseUnavailable."""

    def __init__(
        self, team: str, collections: Collections, sources: ReadableSources, jobs: Jobs
    ) -> None:
        self._team = team
        self._collections = collections
        self._sources = sources
        self._jobs = jobs

    def known(self, audience: Audience, own: Audience, page: int) -> str:
        """A page of all collections and then all documents that ``audience`` may read.

        ``own`` is the label of the conversation: what was given to it can be refreshed there.
        """
        collections = self.readable(audience)
        # A page is both a collection and a document.
        both = self._sources.among([each.uri for each in collections], audience)
        first = (page - 1) * PAGE
        shown = collections[first : first + PAGE]
        lines = [_known(each, own, both.get(each.uri)) for each in shown]
        left = PAGE - len(lines)
        found, total = self._sources.page(
            audience,
            _KNOWN,
            without=[*both][:_AT_ONCE],
            first=max(first - len(collections), 0),
            limit=max(left, 1),
        )
        lines += [outcome(source) for source in found[:left]]
        last = -(-(len(collections) + total) // PAGE)
        if not last:
            return "Nothing that may be read here was added yet."
        if not lines:
            return f"There are only {last:,} pages."
        more = f"\nPage {page:,} of {last:,}; /phi3-ingest list {page + 1} shows the next one."
        return "\n".join(lines) + (more if page < last else "")

    def status(self, audience: Audience, own: Audience) -> str:
        """What is read now, what waits, and what failed, with the reasons."""
        jobs = [job for job in self._jobs.in_states(_NOT_DONE) if job.team in (self._team, "")]
        known = {each.uri: each for each in self.readable(audience)}
        lines = [*self._running(jobs, known), *self._waiting(jobs, known, audience)]
        troubled = [each for each in known.values() if each.trouble is not Trouble.NONE]
        lines += [_trouble(each, own) for each in troubled]
        shown = lines[: 2 * _SHOWN]
        if len(lines) > len(shown):
            shown.append(f"… and {len(lines) - len(shown):,} more.")
        shown += self._failed(audience, known)
        shown.append(self._summary(audience, len(known)))
        return "\n".join(shown)

    def readable(self, audience: Audience) -> list[Collection]:
        return [each for each in self._collections.all() if audience.may_read(each.audience)]

    def _summary(self, audience: Audience, collections: int) -> str:
        _, documents = self._sources.page(audience, [SourceState.INDEXED], limit=1)
        if not documents and not collections:
            return "Nothing that may be read here was added yet."
        counted = "1 document" if documents == 1 else f"{documents:,} documents"
        return f"{counted} can be asked about here: /phi3-ingest list shows what was added."

    def _failed(self, audience: Audience, known: dict[str, Collection]) -> Iterator[str]:
        """The documents that failed, but those that are collections whose trouble is shown."""
        told = [each.uri for each in known.values() if each.trouble is not Trouble.NONE]
        failed, total = self._sources.page(audience, _FAILED, without=told, limit=_SHOWN)
        yield from map(outcome, failed)
        if total > len(failed):
            yield f"… and {total - len(failed):,} more could not be read."

    def _running(self, jobs: list[Job], known: dict[str, Collection]) -> Iterator[str]:
        reading = {each.collection: each for each in self._collections.progress()}
        for job in jobs:
            collection = known.get(job.key)
            if collection and job.kind is JobKind.COLLECTION and job.state is JobState.RUNNING:
                yield f"… {_name(collection)}: {_how_far(reading.get(job.key))}"

    def _waiting(
        self, jobs: list[Job], known: dict[str, Collection], audience: Audience
    ) -> Iterator[str]:
        for job in jobs:
            if job.kind is JobKind.SOURCE:
                if audience.may_read(read_source(job.payload).readers):
                    yield f"… {name_of_source(job)}: waiting."
                continue
            collection = known.get(job.key)
            is_asked_for = (
                job.kind is JobKind.COLLECTION and not read_collection(job.payload).changed
            )
            if collection and is_asked_for and job.state is not JobState.RUNNING:
                yield f"… {_name(collection)}: waiting."


def _known(collection: Collection, own: Audience, document: Source | None) -> str:
    """``document`` is what the collection consists of, if that is one."""
    kind = _KINDS.get(collection.kind, collection.kind)
    if collection.trouble is not Trouble.NONE:
        return _trouble(collection, own)
    read = f"read {ago(collection.read_at)}" if collection.read_at else "not read yet"
    again = f", next {ahead(collection.next_at)}" if collection.next_at else ", only when asked"
    if document and document.title:
        return f"{outcome(document)} {_name(collection)}: {read}{again}."
    return f"• {_name(collection)} ({kind}): {read}{again}."


def _trouble(collection: Collection, own: Audience) -> str:
    if collection.trouble is Trouble.HELD_BACK:
        return (
            f"⚠ {_name(collection)}: more than a third of its documents are not there any more. "
            f"What was read of them is kept. {_to_confirm(collection, own)}"
        )
    return f"✗ {_name(collection)}: {truncate(collection.reason, 300)}"


def _to_confirm(collection: Collection, own: Audience) -> str:
    """What removes what is held back. A path of the server is not named in Slack."""
    if own.may_read(collection.audience):
        return "To remove it, write /phi3-ingest refresh here and press the button of the report."
    if is_message_ref(collection.report):
        return "To remove it, write /phi3-ingest refresh where it was added, and press the button."
    return "It was added in the terminal: there the person who runs me can remove it."


def _how_far(now: CollectionProgress | None) -> str:
    if now is None or not now.done:
        return "being read."
    minutes = round((now.ends_at - now.at).total_seconds() / 60) if now.ends_at else 0
    left = f"about {minutes:,} min left" if minutes else "less than a minute left"
    return f"{now.done:,} of {now.total:,} documents, {left}."


def _name(collection: Collection) -> str:
    return name_of_collection(collection.uri, collection)
