"""A question that was edited gets a new answer; one that was deleted loses its answer.

A button under a refusal, a quotation or an error wants another answer too. Each of these is a job
of its own with the key of the question's first job, so that it is done after an attempt that runs,
and after a crash. The running attempt ends as soon as it learns of that.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from bot.answers.safe import plain_text
from bot.jobs.payloads import QuestionChange, QuestionPayload, read_question, write_question
from bot.jobs.runner import Interrupted
from bot.questions.said import said
from bot.slack.client import Me
from bot.slack.events import LONGEST, ButtonPress, mentions
from bot.slack.message_ref import MessageRef, message_ref
from bot.words import ENGLISH
from domain.jobs import Job, JobKind, JobState, NewJob
from domain.questions import AnswerKind, Question
from domain.text import is_blank
from records.jobs import STOPPED, Jobs
from records.questions import Questions

EDITABLE = timedelta(minutes=15)
"""How long after a question was asked its edits are answered, by Slack's clock."""

_LATE = timedelta(seconds=60)
"""How long after an answer Slack may still do what it was asked to do before."""

_ENDED = JobState.DONE, JobState.QUARANTINED
_MOST = 1_000
"""How many questions are remembered whose running attempts are to end."""


class Stopped(Interrupted):
    """A person pressed Stop, and perhaps another process was told."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The message ``ts`` is now ``text``, or was deleted. ``id`` tells this change from others.

    ``is_mention``: its new text mentions the bot.
    """

    channel: str
    ts: str
    id: str
    at: datetime
    person: str = ""
    text: str | None = None
    is_mention: bool = False

    @property
    def is_deleted(self) -> bool:
        return self.text is None


def changed(body: dict[str, Any], me: str) -> Changed | None:
    """The change of a person's message that an event tells of; None for any other event."""
    event = body["event"]
    before, after = event.get("previous_message") or {}, event.get("message") or {}
    at = str(event.get("event_ts") or event.get("ts") or "0")
    when = datetime.fromtimestamp(float(at), UTC)
    if event.get("subtype") == "message_changed" and not after.get("ts"):
        return None
    match event.get("subtype"):
        case "message_deleted":
            ts = str(event.get("deleted_ts") or before.get("ts") or "")
            is_own = before.get("user") == me
            return Changed(event["channel"], ts, at, when) if ts and not is_own else None
        case "message_changed" if after.get("subtype") == "tombstone":
            # So Slack deletes the first message of a thread with replies.
            return Changed(event["channel"], str(after["ts"]), at, when)
        case "message_changed":
            is_same = after.get("text") == before.get("text")
            if is_same or after.get("bot_id") or after.get("user") in (None, me):
                return None
            edited = str((after.get("edited") or {}).get("ts") or at)
            written = after.get("text") or ""
            return Changed(
                event["channel"],
                str(after["ts"]),
                edited,
                when,
                after["user"],
                plain_text(written, me)[:LONGEST],
                mentions(written, me),
            )
    return None


class Edits:
    """``soon`` does the due jobs, in a thread of its own."""

    def __init__(
        self, me: Me, questions: Questions, jobs: Jobs, soon: Callable[[], object]
    ) -> None:
        self._me = me
        self._questions = questions
        self._jobs = jobs
        self._soon = soon
        self._lock = Lock()
        self._latest: OrderedDict[str, int] = OrderedDict()

    def noticed(self, body: dict[str, Any]) -> None:
        """Stores what an event says of a question. Raises DatabaseUnavailable."""
        change = changed(body, self._me.user)
        if change is None:
            return
        question = self._questions.find(str(MessageRef(self._me.team, change.channel, change.ts)))
        if question is None:
            return
        jobs = self._jobs.of_key(JobKind.QUESTION, question.id)
        payload = self._payload(question, change, jobs)
        if not (change.is_deleted or _is_renewed(question, change, payload, jobs)):
            return
        # A message is deleted once, though Slack may tell of it in several ways.
        name = "" if change.is_deleted else f":{change.id}"
        new = self._jobs.add(
            [self._new(question, f"{payload.change}:{question.id}{name}", payload)]
        )
        if new:
            self._remember(question.id, new[0])
            self._soon()

    def again(self, press: ButtonPress) -> str:
        """Stores that a question is to be answered again; returns what to say instead.

        Nothing is stored while a job about it is open, and if a model answered it. Raises
        DatabaseUnavailable.
        """
        question = self._questions.find(press.value)
        if question is None:
            return ENGLISH.question_gone
        at = message_ref(question.thread)
        if (at.team, at.channel) != (self._me.team, press.channel):
            return ENGLISH.question_gone
        shown = self._questions.answer_at(self._questions.reply_of(question.id))
        if shown and shown.kind is AnswerKind.ANSWERED:
            return ""
        jobs = self._jobs.of_key(JobKind.QUESTION, question.id)
        if any(job.state not in _ENDED and not _is_beside(job) for job in jobs):
            return ""
        first = read_question(jobs[0].payload) if jobs else QuestionPayload()
        payload = replace(first, change=QuestionChange.AGAIN, is_unasked=False, is_quiet=False)
        name = f"{QuestionChange.AGAIN}:{question.id}:{press.action_ts}"
        if self._jobs.add([self._new(question, name, payload)]):
            self._soon()
        return ""

    def move(self, question: Question, change: QuestionChange, press: ButtonPress) -> None:
        """Stores that the answer is to be shown elsewhere, unless that is stored already.

        Raises DatabaseUnavailable.
        """
        jobs = self._jobs.of_key(JobKind.QUESTION, question.id)
        if any(job.state not in _ENDED and _change_of(job) is change for job in jobs):
            return
        first = read_question(jobs[0].payload) if jobs else QuestionPayload()
        shown_at = str(MessageRef(self._me.team, press.channel, press.ts))
        payload = replace(first, change=change, text=shown_at)
        if self._jobs.add(
            [self._new(question, f"{change}:{question.id}:{press.action_ts}", payload)]
        ):
            self._soon()

    def is_overtaken(self, job: Job) -> bool:
        """Whether the question was changed since the job was added. Raises DatabaseUnavailable."""
        return self.is_known_overtaken(job) or _is_followed(
            job, self._jobs.of_key(job.kind, job.key)
        )

    def check(self, job: Job) -> None:
        """Raises Interrupted if the attempt is to end, Stopped if since a person pressed Stop.

        Raises DatabaseUnavailable.
        """
        jobs = self._jobs.of_key(job.kind, job.key)
        if any(each.id == job.id and each.reason == STOPPED for each in jobs):
            raise Stopped(STOPPED)
        if self.is_known_overtaken(job) or _is_followed(job, jobs):
            raise Interrupted("The question was changed, and is answered anew.")

    def look_for_strays(self, question: Question, job: Job) -> None:
        """Lets what Slack may still post late be looked for. Raises DatabaseUnavailable."""
        payload = QuestionPayload(change=QuestionChange.STRAYS)
        name = f"{QuestionChange.STRAYS}:{job.id}"
        self._jobs.add([self._new(question, name, payload, _LATE)])

    def is_known_overtaken(self, job: Job) -> bool:
        """Whether this process has noticed that; it asks nobody."""
        with self._lock:
            return self._latest.get(job.key, 0) > job.id

    def apply(self, question: Question, payload: QuestionPayload) -> Question:
        """The question as it is now; an answer to another text is deleted.

        Raises DatabaseUnavailable.
        """
        if payload.change is not QuestionChange.EDITED or question.text == payload.text:
            return question
        self._questions.revise(question.id, payload.text)
        return replace(question, text=payload.text)

    def _payload(self, question: Question, change: Changed, jobs: Sequence[Job]) -> QuestionPayload:
        """What the question becomes by a change; ``jobs`` are those about it."""
        first = read_question(jobs[0].payload) if jobs else QuestionPayload()
        if change.is_deleted:
            return replace(first, change=QuestionChange.DELETED)
        is_to_bot = change.is_mention or question.is_private or not first.is_unasked
        new = said(
            change.text or "",
            has_files=bool(first.files),
            may_wish=is_to_bot and not change.channel.startswith("D"),
        )
        # What has a reply is renewed in it, also if nobody had to answer.
        is_awaited = change.is_mention or bool(self._questions.reply_of(question.id))
        return replace(
            first,
            change=QuestionChange.EDITED,
            text=new.text,
            is_private=new.is_private,
            is_unasked=first.is_unasked and not is_awaited,
            is_quiet=first.is_quiet and not is_awaited,
        )

    def _new(
        self,
        question: Question,
        request: str,
        payload: QuestionPayload,
        pause: timedelta = timedelta(),
    ) -> NewJob:
        return NewJob(
            kind=JobKind.QUESTION,
            key=question.id,
            request=request,
            team=self._me.team,
            person=question.asked_by,
            report=question.thread,
            payload=write_question(payload),
            created_at=datetime.now(UTC) + pause,
        )

    def _remember(self, question_id: str, job_id: int) -> None:
        with self._lock:
            self._latest[question_id] = job_id
            self._latest.move_to_end(question_id)
            if len(self._latest) > _MOST:
                self._latest.popitem(last=False)


def _is_renewed(
    question: Question, change: Changed, payload: QuestionPayload, jobs: Sequence[Job]
) -> bool:
    """Whether an edit is answered: by the person who asked, soon, and not after Stop.

    One that leaves nothing to be answered, such as thanks, changes nothing.
    """
    if is_blank(payload.text) or change.person != question.asked_by:
        return False
    if change.at - question.asked_at > EDITABLE:
        return False
    if not jobs or any(job.reason == STOPPED for job in jobs):
        return False
    before = read_question([job for job in jobs if not _is_beside(job)][-1].payload)
    edited = before.change is QuestionChange.EDITED
    is_other = payload.text != (before.text if edited else question.text)
    return is_other or (payload.is_private and not question.is_private)


def _change_of(job: Job) -> QuestionChange:
    return read_question(job.payload).change


def _is_followed(job: Job, jobs: Sequence[Job]) -> bool:
    """Whether one of these jobs is about what the question became after that."""
    return any(each.id > job.id and not _is_beside(each) for each in jobs)


def _is_beside(job: Job) -> bool:
    return _change_of(job).is_beside
