"""Gathers what an admin sees in the Home tab, and lets failed sources be read again.

An admin looks after the bot, but reads no more documents and questions than before: of sources,
corrections and questions in places that this person cannot read there is only the number.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.answers.blocks import SlackBlock
from bot.core import Core
from bot.home.admin_view import (
    SHOWN,
    AdminView,
    FailedSource,
    Listed,
    LiveAdapter,
    admin_blocks,
    whole_report,
)
from bot.ingest.outcomes import name_of_collection, name_of_document
from bot.nights.deciding import may_decide
from bot.nights.report import Decided, Night
from bot.nights.reporting import NightRecords
from bot.nights.showing import ShownAnswers
from bot.ratings.readers import Readers
from bot.slack.message_ref import is_message_ref, message_ref
from bot.slack.people import People
from bot.times import ago
from domain.adapters import NIGHT, Outcome, TrainingRun
from domain.collections import Collection, Trouble
from domain.errors import MessengerError
from domain.jobs import Job, JobKind, JobState
from domain.labels import EVERYONE, is_channel, of_team, person_label, team_label
from domain.questions import Audience, Question
from domain.weeks import WEEK
from records.collections import Collections

_LOOKED_AT = 50
"""How many failed sources, corrections and questions to experts are looked at."""

_LATELY = timedelta(days=28)
"""Corrections that are older wait for nothing any more."""

_CHANGES = 3
_AT_ONCE = 500
"""How many collections are named in a query."""
_OPEN = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)

NOT_THERE = "Nothing was done: that source is not among those that failed and that you can read."
NOT_KNOWN = (
    "Nothing was done: how to read that source is not stored any more. Add it again with "
    "/phi3-ingest."
)


class AdminPart:
    """Every method raises DatabaseUnavailable."""

    def __init__(
        self,
        core: Core,
        showing: ShownAnswers,
        nights: NightRecords,
        collections: Collections,
    ) -> None:
        self._me = core.me
        self._people = core.people
        self._readers = core.readers
        self._names = core.brisk_names
        self._records = core.records
        self._showing = showing
        self._nights = nights
        self._collections = collections

    def is_admin(self, person: str) -> bool:
        """Raises MessengerError while Slack does not say so."""
        return self._people.is_admin(person)

    def blocks(self, person: str) -> list[SlackBlock]:
        """What the tab shows to an admin."""
        now, weeks, place = datetime.now(UTC), self._records.weeks, f"slack:{self._me.team}:"
        sight = _Sight(self._me.team, person, self._people, self._readers)
        failed, others = self._failed(sight)
        return admin_blocks(
            AdminView(
                weeks.of(place, now - WEEK),
                weeks.of(place, now - 2 * WEEK),
                self._live(person),
                self._last_night(),
                failed,
                others,
                self._corrections(place, now - _LATELY, sight),
                self._cards(place, sight),
            )
        )

    def report(self, person: str, run_id: str) -> SlackBlock | None:
        """The form with a night's report; None if there is no such night.

        Raises MessengerError.
        """
        nights = self._nights
        run = nights.runs.find(run_id)
        if run is None:
            return None
        files, known = nights.files(run), nights.reports.find(run.id)
        shown = self._showing.for_person(person, files.changed) if files.changed else ()
        picture = known.shown_picture if known else ""
        has_changed = bool(files.changed)
        night = Night(run, nights.now(), shown, has_changed, picture, golden=files.golden)
        return whole_report(night)

    def retry(self, person: str, uri: str) -> str:
        """Lets a source be read again soon; returns why not."""
        sight = _Sight(self._me.team, person, self._people, self._readers)
        if all(one.uri != uri for one in self._readable_failed(sight)):
            return NOT_THERE
        jobs, collections, now = self._records.jobs, self._collections, datetime.now(UTC)
        if self._waits(uri, now):
            return ""
        found = False
        for collection in self._collections_of(uri):
            collections.make_due(collection, now)
            found = True
        ended = [job for job in self._jobs_of(uri) if job.state is JobState.QUARANTINED]
        if ended and not found:
            jobs.revive(ended[-1].id, now)
            found = True
        return "" if found else NOT_KNOWN

    def _live(self, person: str) -> LiveAdapter:
        nights = self._nights
        adapter, since = nights.adapters.live(), nights.adapters.live_since()
        run = nights.runs.find(adapter.run_id) if adapter else None
        decided = [one for one in nights.changes.latest(4 * _CHANGES) if one.by != NIGHT]
        return LiveAdapter(
            nights.now(),
            f"{since:%d %B %Y, %H:%M} UTC" if since else "",
            run.evaluation if run else None,
            [Decided(one, self._name(one.by)) for one in decided[:_CHANGES]],
            may_decide(self._people, nights, person),
        )

    def _last_night(self) -> TrainingRun | None:
        latest = self._nights.runs.latest(2)
        return next((run for run in latest if run.outcome is not Outcome.RUNNING), None)

    def _failed(self, sight: "_Sight") -> tuple[list[FailedSource], int]:
        readable, now = self._readable_failed(sight), datetime.now(UTC)
        shown = [replace(one, waits=self._waits(one.uri, now)) for one in readable[:SHOWN]]
        troubled = self._troubled()
        _, total = self._records.waiting.failed_sources(self._me.team, 0, _uris(troubled))
        total += len(troubled)
        return shown, total - len(shown)

    def _readable_failed(self, sight: "_Sight") -> list[FailedSource]:
        """Collections first, since one that fails keeps all of its documents from being read."""
        troubled = self._troubled()
        collections = [
            FailedSource(
                one.uri,
                name_of_collection(one.uri, one),
                one.reason,
                can_be_retried=one.trouble is Trouble.FAILING,
            )
            for one in troubled
            if sight.may_read(one.audience)
        ]
        waiting = self._records.waiting
        rows, _ = waiting.failed_sources(self._me.team, _LOOKED_AT, _uris(troubled))
        return collections + [
            FailedSource(one.uri, name_of_document(one), one.reason)
            for one in rows
            if sight.may_read(one.audience)
        ]

    def _troubled(self) -> list[Collection]:
        """The collections of this workspace that could not be read, or only in part."""
        return [
            one
            for one in self._collections.all()
            if one.trouble is not Trouble.NONE
            if any(of_team(label, self._me.team) for label in one.audience.labels)
        ]

    def _waits(self, uri: str, now: datetime) -> bool:
        """Whether a source is going to be read by itself within the next moments."""
        names = self._collections_of(uri)
        if any(job.state in _OPEN for name in (uri, *names) for job in self._jobs_of(name)):
            return True
        known = (self._collections.find(name) for name in names)
        return any(one and one.next_at and one.next_at <= now for one in known)

    def _collections_of(self, uri: str) -> list[str]:
        own = [uri] if self._collections.find(uri) else []
        return [*own, *(one for one in self._collections.of(uri) if one != uri)]

    def _jobs_of(self, uri: str) -> list[Job]:
        jobs = self._records.jobs
        return [*jobs.of_key(JobKind.SOURCE, uri), *jobs.of_key(JobKind.COLLECTION, uri)]

    def _corrections(self, place: str, since: datetime, sight: "_Sight") -> Listed:
        rows = self._records.waiting.corrections(place, since, _LOOKED_AT)
        return _listed(
            rows,
            lambda one: sight.may_read_question(one.question),
            lambda one: (
                f"{one.question.text} → {one.correction.text or one.correction.reason or '👎'} "
                f"({self._name(one.correction.by)}, {ago(one.correction.at)})"
            ),
        )

    def _cards(self, place: str, sight: "_Sight") -> Listed:
        rows = self._records.waiting.cards(place, _LOOKED_AT)
        return _listed(
            rows,
            lambda row: sight.may_read_question(row[1]),
            lambda row: f"{row[1].text} ({self._name(row[0].expert)}, {ago(row[0].asked_at)})",
        )

    def _name(self, by: str) -> str:
        if by[:1] not in ("U", "W"):
            return f"The {by}" if by else ""
        try:
            return self._names.of(by)
        except MessengerError:
            return by


def _uris(collections: Sequence[Collection]) -> list[str]:
    """The names of collections; a page is both a collection and a document."""
    return [one.uri for one in collections[:_AT_ONCE]]


T = TypeVar("T")


class _Sight:
    """What a person can read; nothing of a place while Slack does not say who reads it."""

    def __init__(self, team: str, person: str, people: People, readers: Readers) -> None:
        self._team = team
        self._person = person
        self._readers = readers
        self._own = {person_label(team, person)}
        try:
            if people.is_member(person):
                self._own |= {EVERYONE, team_label(team)}
        except MessengerError:
            pass
        self._known: dict[tuple[str, str], bool] = {}

    def may_read(self, audience: Audience) -> bool:
        if audience.labels & self._own:
            return True
        of_team = [
            parts[2]
            for label in sorted(audience.labels)
            if is_channel(label) and len(parts := label.split(":")) == 3 and parts[1] == self._team
        ]
        return any(self._can_read(channel, "") for channel in of_team)

    def may_read_question(self, question: Question) -> bool:
        """Whether the person can read the answer, and so what was written about it."""
        if not is_message_ref(question.id):
            return False
        at = message_ref(question.id)
        if at.team != self._team:
            return False
        # The id names the channel where it was asked also if the answer is for one person alone.
        if question.is_private:
            return question.asked_by == self._person
        return self._can_read(at.channel, question.asked_by)

    def _can_read(self, channel: str, asked_by: str) -> bool:
        key = channel, asked_by
        if key not in self._known:
            try:
                self._known[key] = self._readers.can_read(channel, self._person, asked_by)
            except MessengerError:
                self._known[key] = False
        return self._known[key]


def _listed(rows: Sequence[T], may_read: Callable[[T], bool], line: Callable[[T], str]) -> Listed:
    readable = [row for row in rows if may_read(row)]
    return Listed(
        [line(row) for row in readable[:SHOWN]],
        len(rows) - len(readable),
        len(rows) == _LOOKED_AT or len(readable) > SHOWN,
    )
