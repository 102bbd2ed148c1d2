"""/phi3-ingest, the shortcut on messages with files, and `ingest` in a mention."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from bot.conversations import Conversation, Conversations, Kind
from bot.events import LONGEST, Request
from bot.ingest_command import Verb, verb_of
from bot.message_ref import MessageRef
from bot.outcomes import counted, name_of_source, outcome
from bot.payloads import SourcePayload, read_source, write_source
from bot.people import People
from bot.render import name_of
from bot.runner import Runner
from bot.slack_client import Me
from bot.urls import LONGEST_URL, urls
from domain.documents import Source, SourceState
from domain.errors import MessengerError, RetrievalError
from domain.jobs import Job, JobKind, JobState, NewJob
from domain.labels import channel_label
from domain.questions import Audience
from domain.text import truncate
from records.jobs import Jobs
from records.sources import Sources

log = logging.getLogger(__name__)

_MANY = 20
_SHOWN = 10
_LOOKED_AT = 5
"""How many other channels of a document Slack is asked about: the event waits only 3 s."""
_HELP = (
    "/phi3-ingest https://… https://… reads pages and files at these addresses; everyone who can "
    "read this conversation can then ask about them.\n"
    "/phi3-ingest remove https://… takes these documents from this conversation.\n"
    "/phi3-ingest status says what was read, and what was not.\n"
    "For files in Slack, open the menu (⋮) of their message and choose “Add to the expert's "
    "documents”, or mention me with “ingest” and the files in one message."
)
_AWAY = (
    "Slack does not tell me right now who can read this conversation, so I did nothing. Try again "
    "in a minute."
)
_NOT_DONE = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)


class Ingesting:
    """Stores each request as jobs before it is acknowledged; ``Reading`` does the jobs.

    ``allowed`` has the ids of the people who may add documents; ``*`` means all members, so a guest
    must be named. ``withdraw`` takes a source from some readers (``Ingestor.withdraw``).
    """

    def __init__(
        self,
        me: Me,
        conversations: Conversations,
        people: People,
        sources: Sources,
        jobs: Jobs,
        withdraw: Callable[[str, Audience], None],
        runner: Runner,
        allowed: frozenset[str],
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._people = people
        self._sources = sources
        self._jobs = jobs
        self._withdraw = withdraw
        self._runner = runner
        self._allowed = allowed

    def ask(self, request: Request) -> str:
        """Handles a request; returns the answer for the person who made it.

        It is empty if the request was handled before. Raises DatabaseUnavailable.
        """
        if len(request.text) > LONGEST:
            return f"That is longer than {LONGEST:,} characters; give me fewer addresses at once."
        verb = verb_of(request.text, has_files=bool(request.files))
        if verb is Verb.HELP:
            return _HELP
        try:
            return self._status(request) if verb is Verb.STATUS else self._change(request, verb)
        except MessengerError as error:
            log.warning("A request about documents was not taken: %s", error)
            return _AWAY

    def may_ingest(self, person: str) -> bool:
        """Raises MessengerError if Slack does not say whether somebody is a guest."""
        return person in self._allowed or ("*" in self._allowed and self._people.is_member(person))

    def _change(self, request: Request, verb: Verb) -> str:
        uris = uris_of(request)
        if not self.may_ingest(request.person):
            return (
                "You may not add documents. The person who runs me can allow it: "
                f"PHI3_INGEST_ALLOWED with your id {request.person} in it, or * for all members."
            )
        if not uris:
            return f"I see no address that starts with https:// and no file.\n{_HELP}"
        if verb is Verb.UNKNOWN:
            return f"I am not sure what you want me to do, so I did nothing.\n{_HELP}"
        if len(uris) > _MANY:
            return f"That is {len(uris)} sources at once; give me {_MANY} at most."
        if any(len(uri) > LONGEST_URL for uri in uris):
            return f"An address may have {LONGEST_URL:,} characters at most."
        # The documents are given to those who can read the conversation now, not a minute ago.
        here = self._conversations.as_it_is_now(request.channel, shared=request.is_shared)
        if here.kind is Kind.UNKNOWN:
            return (
                "Slack did not tell me who can read this conversation, so I cannot know who may "
                "read the documents. Invite me to it, and ask again."
            )
        if verb is Verb.REMOVE:
            return "\n".join(self._remove(uri, here, request.person) for uri in uris)
        return self._add(request, uris, here.readers(request.person))

    def _add(self, request: Request, uris: Sequence[str], readers: Audience) -> str:
        jobs = self._new_jobs(request, uris, readers)
        if self._jobs.of_request(jobs[0].request):
            return ""
        for job in jobs:
            self._grant(job, readers, read_source(job.payload).title)
        if not self._jobs.add(jobs):
            return ""
        self._runner.resume()
        return f"Reading {counted(uris)}; I report here when it is done."

    def _grant(self, job: NewJob, readers: Audience, title: str) -> None:
        """Stores the readers before the job is added, so that no job runs without them."""
        known = self._sources.find(job.key)
        if known is None or known.state is SourceState.REMOVED:
            state, now = SourceState.REQUESTED, job.created_at
            self._sources.save(Source(job.key, readers, state, job.person, now, title))
        self._sources.grant(job.key, readers, job.person, job.created_at)

    def _remove(self, uri: str, here: Conversation, person: str) -> str:
        """Takes a source from this conversation; other readers keep it."""
        name = truncate(name_of(uri) or uri, 200)
        known, own = self._sources.find(uri), here.own(person)
        if known is None or not own.may_read(known.audience):
            return f"{name} was not added in this conversation."
        taken = here.readers(person)
        if here.kind is Kind.PUBLIC and self._is_public_elsewhere(known, own):
            taken = own
        try:
            self._withdraw(uri, taken)
        except RetrievalError as error:
            log.warning("%s was not withdrawn: %s", uri, error)
            return f"{name} is not removed: {error.public} Try again in a minute."
        current = self._sources.find(uri)
        if current and here.audience(person).may_read(current.audience):
            return (
                f"{name} is no longer given to this conversation, but it was given to more people, "
                "and can still be read here."
            )
        return f"{name} is removed: nobody can ask about it here any more."

    def _is_public_elsewhere(self, source: Source, own: Audience) -> bool:
        """Whether another public channel of the workspace, so all members, may read it."""
        prefix = channel_label(self._me.team, "")
        others = [
            label for label in source.audience.labels - own.labels if label.startswith(prefix)
        ]
        return any(
            self._conversations.as_it_is_now(label.removeprefix(prefix)).kind is Kind.PUBLIC
            for label in sorted(others)[:_LOOKED_AT]
        )

    def _new_jobs(self, request: Request, uris: Sequence[str], readers: Audience) -> list[NewJob]:
        team, names = self._me.team, {file.uri: file.name for file in request.files}
        named = f"ingest:{team}:{request.channel}:{request.id or uuid4().hex}"
        return [
            NewJob(
                kind=JobKind.SOURCE,
                key=uri,
                request=named,
                team=team,
                person=request.person,
                report=str(MessageRef(team, request.channel, thread=request.thread)),
                payload=write_source(SourcePayload(readers, names.get(uri, ""))),
                created_at=datetime.now(UTC),
            )
            for uri in uris
        ]

    def _status(self, request: Request) -> str:
        here = self._conversations.as_it_is_now(request.channel, shared=request.is_shared)
        is_guest = not self._people.is_member(request.person)
        audience = here.audience(request.person, is_guest=is_guest)
        seen = [source for source in self._sources.all() if audience.may_read(source.audience)]
        seen.sort(key=lambda source: source.updated_at, reverse=True)
        waiting = self._waiting(audience)
        asked_for = {job.key for job in waiting}
        lines = [f"… {name_of_source(job)}: waiting." for job in waiting]
        lines += [
            outcome(source)
            for source in seen
            if source.state is not SourceState.REQUESTED or source.uri not in asked_for
        ]
        if not lines:
            return "Nothing that may be read here was added yet."
        more = f"\n… and {len(lines) - _SHOWN} more." if len(lines) > _SHOWN else ""
        return "\n".join(lines[:_SHOWN]) + more

    def _waiting(self, audience: Audience) -> list[Job]:
        """The sources that are not read yet, and that ``audience`` may read."""
        waiting = self._jobs.in_states(_NOT_DONE, JobKind.SOURCE)
        return [
            job
            for job in waiting
            if job.team == self._me.team and audience.may_read(read_source(job.payload).readers)
        ]


def uris_of(request: Request) -> list[str]:
    """The addresses and files of a request, each once, in order."""
    return list(dict.fromkeys([*urls(request.text), *(file.uri for file in request.files)]))
