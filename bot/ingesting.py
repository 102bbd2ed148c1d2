"""/phi3-ingest, the shortcut on messages with files, and `ingest` in a mention."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from bot.conversations import Conversation, Conversations, Kind
from bot.events import LONGEST, Request
from bot.message_ref import MessageRef
from bot.payloads import SourcePayload, read_source, write_source
from bot.reading import counted, name_of_source, outcome
from bot.runner import Runner
from bot.slack_client import Me
from bot.urls import LONGEST_URL, urls
from domain.errors import MessengerError
from domain.jobs import Job, JobKind, JobState, NewJob
from domain.questions import Audience
from records.jobs import Jobs
from records.sources import Sources

_MANY = 20
_SHOWN = 10
_HELP = (
    "/phi3-ingest https://… https://… reads pages and files at these addresses; whoever reads this "
    "conversation can then ask about them.\n"
    "/phi3-ingest status says what was read, and what not.\n"
    "For files in Slack, open the menu (⋮) of their message and choose “Add to the expert's "
    "documents”, or mention me with “ingest” and the files in one message."
)
_NOT_DONE = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)


class Ingesting:
    """Keeps each request as jobs in SQL before it is acknowledged; ``Reading`` does them.

    ``allowed`` holds the ids of those who may add documents; ``*`` stands for everyone.
    """

    def __init__(
        self,
        me: Me,
        conversations: Conversations,
        sources: Sources,
        jobs: Jobs,
        runner: Runner,
        allowed: frozenset[str],
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._sources = sources
        self._jobs = jobs
        self._runner = runner
        self._allowed = allowed

    def ask(self, request: Request) -> str:
        """Takes a request and says what comes of it, to the person alone.

        Empty for one that was taken before. Raises DatabaseUnavailable, and for ``status``
        MessengerError.
        """
        if len(request.text) > LONGEST:
            return f"That is longer than {LONGEST:,} characters; give me fewer addresses at once."
        word = request.text.strip().casefold()
        if word == "status":
            return self._status(request)
        uris = uris_of(request)
        if word in ("", "help") and not uris:
            return _HELP
        if not self.may_ingest(request.person):
            return (
                "You may not add documents. Whoever runs me can allow it: "
                f"PHI3_INGEST_ALLOWED with your id {request.person} in it, or * for everyone."
            )
        if not uris:
            return f"I see no address that starts with https:// and no file.\n{_HELP}"
        if len(uris) > _MANY:
            return f"That is {len(uris)} sources at once; give me {_MANY} at most."
        if any(len(uri) > LONGEST_URL for uri in uris):
            return f"An address may have {LONGEST_URL:,} characters at most."
        conversation = self._conversation(request)
        if conversation and conversation.kind is Kind.UNKNOWN:
            return (
                "Slack did not tell me who can read this conversation, so I cannot know who may "
                "read the documents. Invite me to it, and ask again."
            )
        readers = conversation.readers(request.person) if conversation else Audience.of()
        if not self._jobs.add(self._new_jobs(request, uris, readers)):
            return ""
        self._runner.resume()
        return f"Reading {counted(uris)}; I report here when it is done."

    def may_ingest(self, person: str) -> bool:
        return "*" in self._allowed or person in self._allowed

    def _conversation(self, request: Request) -> Conversation | None:
        """None where Slack is away: then it is asked again before anything is read."""
        try:
            return self._conversations.conversation(request.channel, shared=request.is_shared)
        except MessengerError:
            return None

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
                payload=write_source(SourcePayload(readers, names.get(uri, ""), request.is_shared)),
                created_at=datetime.now(UTC),
            )
            for uri in uris
        ]

    def _status(self, request: Request) -> str:
        here = self._conversations.conversation(request.channel, shared=request.is_shared)
        audience = here.audience(request.person)
        seen = [source for source in self._sources.all() if audience.may_read(source.audience)]
        seen.sort(key=lambda source: source.updated_at, reverse=True)
        lines = [*self._waiting(audience), *(outcome(source) for source in seen)]
        if not lines:
            return "Nothing that may be read here was added yet."
        more = f"\n… and {len(lines) - _SHOWN} more." if len(lines) > _SHOWN else ""
        return "\n".join(lines[:_SHOWN]) + more

    def _waiting(self, audience: Audience) -> list[str]:
        """What was asked for here, or where the same people read, and is not read yet."""

        def is_theirs(job: Job) -> bool:
            return job.team == self._me.team and audience.may_read(read_source(job.payload).readers)

        waiting = self._jobs.in_states(_NOT_DONE, JobKind.SOURCE)
        return [f"… {name_of_source(job)}: waiting." for job in waiting if is_theirs(job)]


def uris_of(request: Request) -> list[str]:
    """The addresses and files of a request, each once, in order."""
    return list(dict.fromkeys([*urls(request.text), *(file.uri for file in request.files)]))
