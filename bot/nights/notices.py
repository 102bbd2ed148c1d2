"""Tells admins once what changed by itself about the adapters: how a trial ended, and which adapter
the model server cannot load.

It is told in the channel of the nights' reports, or else to each of the admins that are named in
the settings.
"""

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.answers.blocks import text_message
from bot.jobs.runner import Runner
from bot.nights.posting import PostedOnce
from bot.nights.reporting import NightRecords
from bot.slack.client import Me, SlackClient
from domain.jobs import Job, JobKind, NewJob
from domain.trials import EndedTrial, TrialEnd
from records.jobs import Jobs

log = logging.getLogger(__name__)

_RECENT = timedelta(days=1)
"""What changed longer ago is not told any more."""


_BY_ITSELF = (TrialEnd.LIVE, TrialEnd.WORSE, TrialEnd.UNTRIED)


class _About(StrEnum):
    TRIAL = "trial"
    NOT_LOADED = "not_loaded"


class Notices:
    """The work for jobs of the kind NOTICE, whose key is an adapter's name."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        nights: NightRecords,
        admins: Iterable[str],
        jobs: Jobs,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._me = me
        self._nights = nights
        self._admins = sorted(admins)
        self._jobs = jobs
        self._once = PostedOnce(slack, me)
        self._added: set[str] = set()
        runner.handles(JobKind.NOTICE, self)

    def look(self) -> None:
        """Adds a job for each trial that ended lately by itself. Raises DatabaseUnavailable."""
        if self._nights.are_shared:  # their admins see it in the Home tab
            return
        for ended in self._nights.trials.ended(datetime.now(UTC) - _RECENT):
            name = ended.trial.adapter
            if ended.ending in _BY_ITSELF and name not in self._added:
                if not self._was_decided_by_person(name):
                    self._jobs.add([_notice(_About.TRIAL, name, self._me.team)])
                self._added.add(name)

    def do(self, job: Job) -> None:
        """Raises MessengerError and RecordsError."""
        text = self._text(job)
        if not text or self._nights.are_shared:
            return
        wanted = job.person or self._nights.channel
        if not wanted:
            about = _About(json.loads(job.payload)["about"])
            self._jobs.add(_notice(about, job.key, self._me.team, one) for one in self._admins)
            return
        channel = self._once.channel(wanted)
        if self._once.found(job, channel, job.created_at) is None:
            message = text_message(text)
            self._slack.post(channel or wanted, message.text, message.blocks, mark=job.request)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        log.warning("Nobody was told about the adapter %s: %s", job.key, error)

    def _was_decided_by_person(self, name: str) -> bool:
        return self._nights.changes.find(f"trial:{name}") is None

    def _text(self, job: Job) -> str:
        if json.loads(job.payload)["about"] == _About.NOT_LOADED:
            return not_loaded_text(job.key)
        ended = self._nights.trials.ended_of(job.key)
        return ended_text(ended) if ended else ""


def not_loaded(adapter: str) -> NewJob:
    """The job that tells, once, that the model server cannot load an adapter."""
    return _notice(_About.NOT_LOADED, adapter, "")


def ended_text(ended: EndedTrial) -> str:
    """How a trial ended, and who may undo that."""
    name, others = ended.trial.adapter, _shown(ended.trial.against)
    if ended.ending is TrialEnd.WORSE:
        return (
            f"The trial of {name} has ended: it was rolled back. {ended.reason} {others} answers "
            "every question again. An admin may undo that with *Promote…* in the Home tab, or with "
            f"`phi3 promote {name}`."
        )
    if ended.ending is TrialEnd.UNTRIED:
        return (
            f"The trial of {name} has ended: it could not be tried. {ended.reason} {others} "
            "answers every question. An admin may let it answer with *Promote…* in the Home tab, "
            f"or with `phi3 promote {name}`, once `phi3 doctor` finds the server well."
        )
    return (
        f"The trial of {name} has ended: it answers every question from now on. {ended.reason} An "
        "admin may undo that with *Roll back* in the Home tab, or with `phi3 rollback`."
    )


def not_loaded_text(adapter: str) -> str:
    return (
        f"The model server cannot load the adapter {adapter}, so what was live before it answers, "
        "or else the model as it was installed. Its files may be damaged: restore them from a "
        "backup, or press *Roll back* in the Home tab (`phi3 rollback`). `phi3 doctor` says more."
    )


def _shown(adapter: str | None) -> str:
    return adapter or "The model as it was installed"


def _notice(about: _About, adapter: str, team: str, person: str = "") -> NewJob:
    to = f":{person}" if person else ""
    return NewJob(
        kind=JobKind.NOTICE,
        key=adapter,
        request=f"notice:{about}:{team}:{adapter}{to}",
        team=team,
        person=person,
        report="",
        payload=json.dumps({"version": 1, "about": about}),
        created_at=datetime.now(UTC),
    )
