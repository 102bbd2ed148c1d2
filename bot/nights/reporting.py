"""Posts each night's report once, and shows in it what admins decided since."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event

from bot.history.names import Names
from bot.jobs.leases import Leases
from bot.jobs.runner import Runner
from bot.nights.report import AdaptersNow, Decided, Night, report
from bot.nights.showing import ShownAnswers
from bot.posting import PostedOnce
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from bot.slack.message_ref import MessageRef, message_ref
from domain.adapters import NIGHT, AdapterChange, NightFiles, Outcome, TrainingRun
from domain.errors import MessengerError, MessengerRefused, Phi3Error
from domain.jobs import Job, JobKind, NewJob
from domain.trials import NO_THUMBS
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.jobs import Jobs
from records.night_reports import IN_THREAD, NightReport, NightReports
from records.runs import Runs
from records.trials import Trials

log = logging.getLogger(__name__)

_RECENT = timedelta(days=1)
"""A night that ended longer ago is not reported any more."""

_LOOKED_AT = 5
"""How many of the latest nights are looked at."""

_CHANGES = 20
"""How many of the latest changes are looked at, and how many of them a report shows."""
_SHOWN_CHANGES = 5

_PAUSES = (1.0, 2.0, 4.0)
"""Seconds: Slack needs a moment until a picture can be shown."""


@dataclass(frozen=True, slots=True)
class NightRecords:
    """What is known of the nights. ``files`` reads what one wrote; ``channel`` is where nights are
    reported: the id of a channel or person, the name of a channel, or empty for nowhere.

    ``are_shared``: the adapters answer in several workspaces, so the admins of one of them do not
    decide about them, but only those whom the settings name.
    """

    runs: Runs
    adapters: Adapters
    changes: AdapterChanges
    trials: Trials
    reports: NightReports
    files: Callable[[TrainingRun], NightFiles]
    channel: str = ""
    are_shared: bool = False

    def now(self) -> AdaptersNow:
        """Raises DatabaseUnavailable."""
        live, trial = self.adapters.live_name(), self.trials.running()
        approved = live is not None and self.changes.is_approved(live)
        counted = self.trials.tally(trial) if trial else NO_THUMBS
        return AdaptersNow(live, approved, self.changes.on_hold() is not None, trial, counted)


class Reporting:
    """The work for jobs of the kind REPORT, whose key is a run's id."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        nights: NightRecords,
        showing: ShownAnswers,
        names: Names,
        jobs: Jobs,
        leases: Leases,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._me = me
        self._nights = nights
        self._showing = showing
        self._names = names
        self._jobs = jobs
        self._leases = leases
        self._once = PostedOnce(slack, me)
        self._added: set[str] = set()
        self._shown = ""
        """The request of the latest change that the reports show."""
        runner.handles(JobKind.REPORT, self)

    def look(self) -> None:
        """Adds a job for each night that ended lately, and shows what was decided elsewhere.

        Raises DatabaseUnavailable.
        """
        if not self._nights.channel:
            return
        try:
            self._show_decisions()
        except MessengerError as error:
            log.warning("What was decided about adapters is shown later: %s", error)
        for run in self._nights.runs.latest(_LOOKED_AT):
            if run.id not in self._added and _ended_lately(run):
                self._jobs.add([self._job(run)])
                self._added.add(run.id)

    def _show_decisions(self) -> None:
        """After a restart, only if the latest decision is not old: every report has it long since.

        A night's own promotion counts too: what was live before can then not be rolled back.
        """
        latest = self._latest_change()
        is_new = latest is not None and latest.request != self._shown
        if latest and is_new and (self._shown or datetime.now(UTC) - latest.at < _RECENT):
            self.refresh()
        self._shown = latest.request if latest else self._shown

    def _latest_change(self) -> AdapterChange | None:
        return next(iter(self._nights.changes.latest(1)), None)

    def report_now(self, run: TrainingRun) -> None:
        """Reports a night from its own process, in which no jobs are done.

        If Slack does not answer, a bot does it later. Raises DatabaseUnavailable.
        """
        if not self._nights.channel:
            return
        for job_id in self._jobs.add([self._job(run)]):
            if job := self._jobs.take(job_id, self._leases.hold()):
                try:
                    self.do(job)
                except MessengerError as error:
                    log.warning("The night is reported later: %s", error)
                    self._jobs.put_off(job, datetime.now(UTC), error.public, timedelta())
                else:
                    self._jobs.finish(job, datetime.now(UTC))

    def do(self, job: Job) -> None:
        run = self._nights.runs.find(job.key)
        if run is None or not self._nights.channel:
            return
        known = self._nights.reports.find(run.id)
        if known is None:
            channel = self._once.channel(self._nights.channel)
            since = run.finished_at or run.started_at
            at = self._once.found(job, channel, since) or self._posted(job, run, channel)
            self._nights.reports.keep(run.id, str(at))
            known = NightReport(run.id, str(at))
        if not known.picture and self._is_own(known):
            self._add_picture(run, known)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        log.warning("The night %s is not reported: %s", job.key, error)

    def refresh(self) -> None:
        """Shows again what can be done under the reports of the latest nights.

        Raises DatabaseUnavailable, and MessengerError while Slack does not answer.
        """
        latest = self._latest_change()
        for run in self._nights.runs.latest(_LOOKED_AT):
            known = self._nights.reports.find(run.id)
            if known and self._is_own(known):
                self._show_again(run, known)
        self._shown = latest.request if latest else ""

    def _is_own(self, known: NightReport) -> bool:
        """Whether a report was posted in this workspace, and not by another one's bot."""
        return message_ref(known.message).team == self._me.team

    def _show_again(self, run: TrainingRun, known: NightReport) -> None:
        try:
            self._show(run, known, known.shown_picture)
        except MessengerRefused as error:
            if may_pass(error) or not known.shown_picture:
                raise
            # Somebody deleted the picture.
            self._show(run, known, "")

    def night(self, run: TrainingRun, channel: str, picture: str = "") -> Night:
        """What a channel may see of a night."""
        files = self._nights.files(run)
        return Night(
            run,
            self._nights.now(),
            self._showing.in_channel(channel, files.changed) if files.changed else (),
            bool(files.changed),
            picture,
            self._decided(run),
            files.golden,
        )

    def _job(self, run: TrainingRun) -> NewJob:
        return NewJob(
            kind=JobKind.REPORT,
            key=run.id,
            request=f"{JobKind.REPORT}:{self._me.team}:{run.id}",
            team=self._me.team,
            person="",
            report="",
            payload='{"version": 1}',
            created_at=datetime.now(UTC),
        )

    def _posted(self, job: Job, run: TrainingRun, channel: str) -> MessageRef:
        message = report(self.night(run, channel) if channel else self._bare(run))
        wanted = channel or self._nights.channel
        channel, ts = self._slack.posted(wanted, message.text, message.blocks, mark=job.request)
        return MessageRef(self._me.team, channel, ts)

    def _bare(self, run: TrainingRun) -> Night:
        """For a channel of which only the name is known: nobody knows who reads it."""
        return Night(run, self._nights.now(), decided=self._decided(run))

    def _show(self, run: TrainingRun, known: NightReport, picture: str) -> None:
        at = message_ref(known.message)
        message = report(self.night(run, at.channel, picture))
        try:
            self._slack.update(at.channel, at.ts, message.text, message.blocks)
        except MessengerRefused as error:
            if may_pass(error) or error.code == "invalid_blocks":
                raise
            log.warning("A night's report is not shown anew: %s", error)

    def _add_picture(self, run: TrainingRun, known: NightReport) -> None:
        """The report is complete without the picture, for an app without the scope, say."""
        picture = self._nights.files(run).picture
        if not picture:
            return
        try:
            name, title = f"{run.id}.png", "The night's figures"
            file = self._slack.upload(name, picture, title)
            if not self._is_shown(run, known, file):
                at, file = message_ref(known.message), IN_THREAD
                self._slack.upload(name, picture, title, at.channel, at.ts)
            self._nights.reports.keep_picture(run.id, file)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("A night's report has no picture: %s", error)

    def _is_shown(self, run: TrainingRun, known: NightReport, file: str) -> bool:
        """Whether Slack takes the picture into the message."""
        for pause in _PAUSES:
            try:
                self._show(run, known, file)
            except MessengerRefused as error:
                if error.code != "invalid_blocks":
                    raise
                Event().wait(pause)
            else:
                return True
        return False

    def _decided(self, run: TrainingRun) -> list[Decided]:
        """What people changed since the night, until the next one began; the latest last."""
        ended = run.finished_at or datetime.now(UTC)
        later = [one.started_at for one in self._nights.runs.latest(_LOOKED_AT)]
        until = min((at for at in later if at > ended), default=None)
        found = [
            one
            for one in self._nights.changes.latest(_CHANGES)
            if one.by != NIGHT and one.at >= ended and (until is None or one.at < until)
        ]
        return [Decided(one, self._by(one.by)) for one in found[:_SHOWN_CHANGES][::-1]]

    def _by(self, by: str) -> str:
        try:
            return self._names.of(by) if by[:1] in ("U", "W") else f"The {by}" if by else ""
        except Phi3Error:
            return by


def _ended_lately(run: TrainingRun) -> bool:
    ended = run.finished_at
    return (
        run.outcome is not Outcome.RUNNING
        and ended is not None
        and datetime.now(UTC) - ended < _RECENT
    )
