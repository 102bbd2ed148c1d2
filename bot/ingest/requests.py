"""Requests about documents: /phi3-ingest, its form, the shortcuts, and `ingest` in a mention."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, uuid4, uuid5

from bot.answers.blocks import SlackBlock
from bot.ingest.collecting import allow_again
from bot.ingest.collection_reports import collection_of_removal, removal_of
from bot.ingest.command import Command, Verb, parse
from bot.ingest.form import FilledForm, ingest_form
from bot.ingest.lists import IngestLists
from bot.ingest.outcomes import counted
from bot.ingest.preview import Previews
from bot.ingest.refreshing import collection_job
from bot.ingest.removing import Removing
from bot.ingest.wanted import Refused, Targets, Wanted
from bot.jobs.payloads import SourcePayload, read_source, write_source
from bot.jobs.runner import Runner
from bot.slack.client import Me
from bot.slack.conversations import ChannelKind, Conversation, Conversations
from bot.slack.events import LONGEST, ButtonPress, Request
from bot.slack.message_ref import MessageRef
from bot.slack.people import People
from domain.channels import ChannelSettings
from domain.collections import EVERY, Collection
from domain.documents import Source, SourceState
from domain.errors import MessengerError
from domain.jobs import JobKind, NewJob
from domain.questions import Audience
from records.collections import Collections
from records.jobs import Jobs
from records.sources import Sources

log = logging.getLogger(__name__)

_MANY = 20
_ASK = (
    "I know addresses and #channels, and the words site, git, refresh, remove, dry-run, list, "
    "status and settings: /phi3-ingest help says more."
)
HELP = (
    "/phi3-ingest https://… https://… reads pages at these addresses; everyone who can read this "
    "conversation can then ask about them.\n"
    "/phi3-ingest site https://… depth 2 reads the pages below an address that are up to 2 links "
    "away (10 at most).\n"
    "/phi3-ingest git https://… reads a repository; #branch behind the address names a branch.\n"
    "/phi3-ingest #channel reads a channel, for those who can read it.\n"
    "In a thread, mention me with “ingest this thread”.\n"
    "All these are read again by themselves, so that they stay fresh.\n"
    "/phi3-ingest dry-run … says what would be added, changed and removed, and who could read it.\n"
    "/phi3-ingest refresh https://… reads again now; without an address, all of this "
    "conversation.\n"
    "/phi3-ingest remove https://… removes it from this conversation; others to whom it was given "
    "keep it.\n"
    "/phi3-ingest list shows what can be read here, /phi3-ingest status what is being read and "
    "what failed.\n"
    "/phi3-ingest without any words opens a form.\n"
    "/phi3-ingest settings opens a form in which members choose when and how I answer in this "
    "channel.\n"
    "For files in Slack, open the menu (⋮) of their message and choose “Add to expert's docs”, or "
    "mention me with “ingest” and the files in one message."
)
_AWAY = (
    "Slack does not tell me right now who can read this conversation, so I did nothing. Try again "
    "in a minute."
)

_OUT_OF_DATE = (
    "Nothing was removed: that message is not about what is missing there now. Write "
    "/phi3-ingest refresh here; if anything is held back then, the report has a new button."
)
_NAMED_ONLY = (
    "In that channel only the people may add documents whom its settings name: "
    "/phi3-ingest settings shows them."
)


class Ingesting:
    """Stores each request as jobs before it is acknowledged; others do the jobs.

    ``allowed`` has the ids of the people who may add documents; ``*`` means all members, so a guest
    must be named. ``denial`` says why a person or a channel gets nothing at all, or nothing.
    ``settings`` are those of a channel, which may name fewer people.
    """

    def __init__(
        self,
        me: Me,
        conversations: Conversations,
        people: People,
        targets: Targets,
        lists: IngestLists,
        previews: Previews,
        removing: Removing,
        collections: Collections,
        sources: Sources,
        jobs: Jobs,
        runner: Runner,
        open_view: Callable[[str, SlackBlock], None],
        allowed: frozenset[str],
        denial: Callable[[str, str], str],
        settings: Callable[[str], ChannelSettings],
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._people = people
        self._targets = targets
        self._lists = lists
        self._previews = previews
        self._removing = removing
        self._collections = collections
        self._sources = sources
        self._jobs = jobs
        self._runner = runner
        self._open_view = open_view
        self._allowed = allowed
        self._denial = denial
        self._settings = settings

    def ask(self, request: Request) -> str:
        """Handles a request; returns the answer for the person who made it.

        It is empty if there is nothing to say: the request was handled before, or a form is open.
        Raises DatabaseUnavailable.
        """
        if why := self._denial(request.person, request.channel):
            return why
        if len(request.text) > LONGEST:
            return f"That is longer than {LONGEST:,} characters; give me fewer addresses at once."
        command = parse(request.text, has_files=bool(request.files))
        try:
            return self._done(command, request)
        except Refused as refused:
            return str(refused)
        except MessengerError as error:
            log.warning("A request about documents was not taken: %s", error)
            return _AWAY

    def may_ingest(self, person: str) -> bool:
        """Whether they may anywhere. Raises MessengerError if Slack does not say who is a guest."""
        return person in self._allowed or ("*" in self._allowed and self._people.is_member(person))

    def submitted(self, form: FilledForm) -> tuple[str, dict[str, str]]:
        """Adds what a form says; returns what to show, or the errors of its fields.

        Raises DatabaseUnavailable.
        """
        command = parse(form.words)
        if form.error:
            return "", dict(form.error)
        if command.verb is not Verb.ADD or len(command.targets) != 1:
            return "", form.wrong("That is no address, channel or link of a message.")
        try:
            self._check_person(form.request.person, form.request.channel)
            here = self._targets.here(form.request)
            wanted = [self._targets.wanted(command.targets[0], form.request, here)]
            self._check_places(form.request.person, wanted)
            return self._add(form.request, wanted, here, form.every), {}
        except Refused as refused:
            return "", form.wrong(str(refused))
        except MessengerError as error:
            log.warning("A form about documents was not taken: %s", error)
            return "", form.wrong(_AWAY)

    def pressed(self, press: ButtonPress, *, confirmed: bool) -> str:
        """A press on a button of a report: reads the collection again, and the failed documents.

        If ``confirmed``, what is held back is removed, if that is still what the report was about.
        Returns what to tell the person. Raises DatabaseUnavailable.
        """
        try:
            self._check_person(press.person, press.channel)
            here = self._conversations.as_it_is_now(press.channel)
        except Refused as refused:
            return str(refused)
        except MessengerError as error:
            log.warning("A press on a button was not taken: %s", error)
            return _AWAY
        uri = collection_of_removal(press.value) if confirmed else press.value
        known = self._collections.find(uri)
        # A report goes to the person alone if the bot is not in the channel of the request.
        is_of_here = here.kind is ChannelKind.DIRECT or (
            known is not None and here.own(press.person).may_read(known.audience)
        )
        if known is None or not is_of_here:
            return "That was removed meanwhile, or is not of this conversation."
        name = f"pressed:{press.channel}:{press.ts}:{press.action_ts}"
        if confirmed and not self._jobs.of_request(name) and removal_of(known) != press.value:
            return _OUT_OF_DATE
        allow_again(self._sources, self._sources.members(known.uri).values())
        report = MessageRef(self._me.team, press.channel, press.ts)
        self._jobs.add([self._job_of(known, name, press.person, str(report), confirmed=confirmed)])
        self._runner.resume()
        return ""

    def _done(self, command: Command, request: Request) -> str:
        match command.verb:
            case Verb.HELP:
                return HELP
            case Verb.UNKNOWN:
                meant = f" Did you mean “{command.nearest}”?" if command.nearest else ""
                return f"I do not understand “{command.word}”, so I did nothing.{meant} {_ASK}"
            case Verb.LIST:
                here = self._as_it_is_now(request)
                readable = self._readable(request, here)
                return self._lists.known(readable, here.own(request.person), command.page)
            case Verb.STATUS:
                here = self._as_it_is_now(request)
                return self._lists.status(self._readable(request, here), here.own(request.person))
        self._check_person(request.person, request.channel)
        here = self._targets.here(request)
        if command.verb is Verb.FORM:
            return self._form(request, here)
        if len(command.targets) + len(request.files) > _MANY:
            many = len(command.targets) + len(request.files)
            return f"That is {many} sources at once; give me {_MANY} at most."
        wanted = [self._targets.wanted(each, request, here) for each in command.targets]
        self._check_places(request.person, wanted)
        match command.verb:
            case Verb.REMOVE:
                return self._removing.remove(wanted, request, here)
            case Verb.REFRESH:
                return self._refresh(wanted, request, here)
            case Verb.DRY_RUN:
                return self._previews.start(wanted, request, self._readable(request, here))
        return self._add(request, wanted, here)

    def _check_person(self, person: str, channel: str) -> None:
        if not self.may_ingest(person):
            raise Refused(
                "You may not add documents. The person who runs me can allow it, and needs your "
                f"id for that: {person}."
            )
        if not self._settings(channel).lets_add(person):
            raise Refused(_NAMED_ONLY)

    def _check_places(self, person: str, wanted: Sequence[Wanted]) -> None:
        """The channel whose readers get a document may be another one than that of the request."""
        for channel in {one.conversation.channel for one in wanted}:
            if not self._settings(channel).lets_add(person):
                raise Refused(_NAMED_ONLY)

    def _as_it_is_now(self, request: Request) -> Conversation:
        return self._conversations.as_it_is_now(request.channel, shared=request.is_shared)

    def _readable(self, request: Request, here: Conversation) -> Audience:
        is_guest = not self._people.is_member(request.person)
        return here.audience(request.person, is_guest=is_guest)

    def _form(self, request: Request, here: Conversation) -> str:
        if not request.trigger:
            return HELP
        self._open_view(request.trigger, ingest_form(request, here))
        return ""

    def _add(
        self,
        request: Request,
        wanted: Sequence[Wanted],
        here: Conversation,
        every: timedelta | None = None,
    ) -> str:
        name = self._name_of(request)
        if self._jobs.of_request(name):
            return ""
        jobs = self._file_jobs(request, name, here.readers(request.person))
        for job in jobs:
            self._grant(job)
        for one in wanted:
            known = self._stored(one, request, every)
            jobs.append(self._job_of(known, name, request.person, self._report(request)))
        if not self._jobs.add(jobs):
            return ""
        self._runner.resume()
        readers = _in_words(wanted, here)
        return f"Reading {counted(jobs)}; I report here when it is done. Then {readers}."

    def _stored(self, wanted: Wanted, request: Request, every: timedelta | None) -> Collection:
        """Stores the collection with its readers before its job is added."""
        now, pause = datetime.now(UTC), every or EVERY[wanted.kind]
        known = self._collections.find(wanted.uri)
        if known and known.kind != wanted.kind:
            raise Refused(f"{wanted.name} is read in another way already: remove it first.")
        return self._collections.add(
            Collection(
                wanted.uri,
                wanted.kind,
                wanted.readers(request.person),
                request.person,
                now,
                every=pause,
                next_at=now + pause,
                title=wanted.title,
                options=wanted.options,
                report=self._report(request),
            ),
            change=bool(every or wanted.options),
        )

    def _refresh(self, wanted: Sequence[Wanted], request: Request, here: Conversation) -> str:
        """Reads again what this conversation was given; readers do not change."""
        found, alone = list[Collection](), list[Source]()
        for one in wanted:
            own = one.conversation.own(request.person)
            known = self._collections.find(one.uri)
            if known and own.may_read(known.audience):
                found.append(known)
            elif source := self._source_alone(one, own):
                alone.append(source)
            else:
                return f"I did nothing: {one.name} was not added in this conversation."
        own = here.own(request.person)
        if not wanted:
            found = self._lists.readable(own)
        if not found and not alone:
            return "Nothing was added in this conversation yet."
        name = self._name_of(request)
        for each in found:
            allow_again(self._sources, self._sources.members(each.uri).values())
        report = self._report(request)
        jobs = [self._job_of(each, name, request.person, report) for each in found[:_MANY]]
        jobs += [self._source_job(source.uri, source.title, request, name, own) for source in alone]
        if not self._jobs.add(jobs):
            return ""
        self._runner.resume()
        more = len(found) - _MANY
        left = f" {more:,} more are read when they are due." if more > 0 else ""
        return f"Reading {counted(jobs)} again; I report here when it is done.{left}"

    def _source_alone(self, wanted: Wanted, own: Audience) -> Source | None:
        """A page that was added without a collection, as earlier versions did."""
        for uri in filter(None, (wanted.uri, wanted.written)):
            row = self._sources.find(uri)
            if row and row.state is not SourceState.REMOVED and own.may_read(row.audience):
                return row
        return None

    def _grant(self, job: NewJob) -> None:
        """Stores the readers before the job is added, so that no job runs without them."""
        payload = read_source(job.payload)
        known = self._sources.find(job.key)
        if known is None or known.state is SourceState.REMOVED:
            state, now = SourceState.REQUESTED, job.created_at
            self._sources.save(
                Source(job.key, payload.readers, state, job.person, now, payload.title)
            )
        self._sources.grant(job.key, payload.readers, job.person, job.created_at)

    def _file_jobs(self, request: Request, name: str, readers: Audience) -> list[NewJob]:
        files = {file.uri: file.name for file in request.files}
        return [
            self._source_job(uri, title, request, name, readers) for uri, title in files.items()
        ]

    def _source_job(
        self, uri: str, title: str, request: Request, name: str, readers: Audience
    ) -> NewJob:
        return NewJob(
            kind=JobKind.SOURCE,
            key=uri,
            request=name,
            team=self._me.team,
            person=request.person,
            report=self._report(request),
            payload=write_source(SourcePayload(readers, title)),
            created_at=datetime.now(UTC),
        )

    def _job_of(
        self, known: Collection, name: str, person: str, report: str, *, confirmed: bool = False
    ) -> NewJob:
        return collection_job(
            known,
            request=name,
            team=self._me.team,
            person=person,
            report=report,
            confirmed=confirmed,
        )

    def _name_of(self, request: Request) -> str:
        """The same if Slack sends a request again, as over two connections."""
        wish = f"{request.trigger} {request.text}"
        own = request.id or (uuid5(NAMESPACE_OID, wish) if request.trigger else uuid4()).hex
        return f"ingest:{self._me.team}:{request.channel}:{own}"

    def _report(self, request: Request) -> str:
        return str(MessageRef(self._me.team, request.channel, thread=request.thread))


def _in_words(wanted: Sequence[Wanted], here: Conversation) -> str:
    """Who will be able to read what was added."""
    places = {one.conversation.kind: one.conversation for one in wanted} or {here.kind: here}
    shown = " or ".join(dict.fromkeys(place.readers_in_words for place in places.values()))
    return f"{shown} can ask about it"
