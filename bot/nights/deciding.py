"""Does what admins decide about adapters, once for each press, and says what became of it."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.answers.blocks import text_message
from bot.jobs.runner import Runner
from bot.nights.presses import AdapterPress, adapter_press
from bot.nights.reporting import NightRecords
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from bot.slack.message_ref import MessageRef, message_ref
from bot.slack.people import People
from domain.adapters import AdapterChange, ChangeKind, Order
from domain.errors import (
    DatabaseUnavailable,
    MessengerError,
    MessengerRefused,
    Phi3Error,
    RecordsError,
    public_text,
)
from domain.jobs import Job, JobKind, NewJob
from records.jobs import Jobs

NOT_ADMIN = (
    "Nothing was changed: only admins decide about adapters. The person who runs me names them, or "
    "else they are the workspace's admins and owners."
)
NOT_NOW = (
    "Nothing was changed: Slack does not say now whether you are an admin. Press again in a minute."
)

NOT_NAMED = (
    "Nothing was changed: the adapters answer in several workspaces, so only those whom "
    "the person who runs me has named decide about them."
)

_KEY = "adapters"
"""The key of all jobs, so that one is done after the other."""


def refusal(people: People, nights: NightRecords, person: str) -> str:
    """Why a person may not decide about adapters; empty if they may."""
    try:
        is_admin = people.is_admin(person)
    except MessengerError:
        return NOT_NOW
    if not is_admin:
        return NOT_ADMIN
    return "" if may_decide(people, nights, person) else NOT_NAMED


def may_decide(people: People, nights: NightRecords, admin: str) -> bool:
    """Whether an admin may decide about the adapters too."""
    return people.is_named(admin) or not nights.are_shared


class Deciding:
    """The work for jobs of the kind ADAPTER.

    ``shown`` is called with the person when something may have changed, to show it again. It may be
    called twice.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        people: People,
        nights: NightRecords,
        jobs: Jobs,
        runner: Runner,
        shown: Callable[[str], None],
    ) -> None:
        self._slack = slack
        self._me = me
        self._people = people
        self._nights = nights
        self._jobs = jobs
        self._shown = shown
        runner.handles(JobKind.ADAPTER, self)

    def want(
        self, press: AdapterPress, person: str, id_: str, channel: str = "", thread: str = ""
    ) -> None:
        """Stores a press, whose ``id_`` is its own. Raises DatabaseUnavailable.

        The person is told in the channel, or in a direct message if there is none.
        """
        job = NewJob(
            kind=JobKind.ADAPTER,
            key=_KEY,
            request=f"{JobKind.ADAPTER}:{self._me.team}:{person}:{id_}:{press}",
            team=self._me.team,
            person=person,
            report=str(MessageRef(self._me.team, channel, thread=thread)),
            payload=str(press),
            created_at=datetime.now(UTC),
        )
        self._jobs.add([job])

    def do(self, job: Job) -> None:
        press = adapter_press(job.payload)
        if press is None:
            return
        if why_not := refusal(self._people, self._nights, job.person):
            self._tell(job, why_not)
            return
        try:
            self._change(press, Order(job.person, datetime.now(UTC), job.request, press.seen))
        except (DatabaseUnavailable, MessengerError):
            raise
        except Phi3Error as error:
            self._tell(job, f"Nothing was changed: {public_text(error)}")
        self._shown(job.person)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        self._tell(job, f"This could not be done: {public_text(error)} Look at what is live now.")

    def _change(self, press: AdapterPress, order: Order) -> AdapterChange:
        match press.kind:
            case ChangeKind.PROMOTE:
                return self._nights.changes.promote(press.adapter, order)
            case ChangeKind.APPROVE:
                return self._nights.changes.approve(press.adapter, order)
            case ChangeKind.ROLLBACK:
                return self._nights.changes.rollback(order)
            case ChangeKind.HOLD:
                return self._nights.changes.hold(order)
            case ChangeKind.LIFT:
                return self._nights.changes.lift(order)
            case ChangeKind.TRY:
                raise RecordsError("Only a night puts an adapter on trial.")

    def _tell(self, job: Job, text: str) -> None:
        at, message = message_ref(job.report), text_message(text)
        if at.channel:
            try:
                self._slack.post_ephemeral(
                    at.channel, job.person, message.text, message.blocks, at.thread
                )
            except MessengerRefused as error:
                if may_pass(error):
                    raise
            else:
                return
        self._slack.post(job.person, message.text, message.blocks)
