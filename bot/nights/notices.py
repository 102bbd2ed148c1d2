"""What admins are told of adapters that changed by themselves: how a trial ended, and which one the
model server cannot load.
"""

from datetime import UTC, datetime, timedelta

from bot.nights.reporting import NightRecords
from bot.notices import notice
from bot.slack.client import Me
from domain.jobs import NewJob
from domain.trials import EndedTrial, TrialEnd
from records.jobs import Jobs

_RECENT = timedelta(days=1)
"""What changed longer ago is not told any more."""


_BY_ITSELF = (TrialEnd.LIVE, TrialEnd.WORSE, TrialEnd.UNTRIED)


class TrialNotices:
    """Lets admins be told how trials ended by themselves."""

    def __init__(self, me: Me, nights: NightRecords, jobs: Jobs) -> None:
        self._me = me
        self._nights = nights
        self._jobs = jobs
        self._added: set[str] = set()

    def look(self) -> None:
        """Adds a job for each trial that ended lately by itself. Raises DatabaseUnavailable."""
        for ended in self._nights.trials.ended(datetime.now(UTC) - _RECENT):
            name, team = ended.trial.adapter, self._me.team
            if ended.ending in _BY_ITSELF and name not in self._added:
                if not self._was_decided_by_person(name):
                    request = f"notice:trial:{team}:{name}"
                    self._jobs.add([notice(request, name, ended_text(ended), team)])
                self._added.add(name)

    def _was_decided_by_person(self, name: str) -> bool:
        return self._nights.changes.find(f"trial:{name}") is None


def not_loaded(adapter: str) -> NewJob:
    """The job that tells, once, that the model server cannot load an adapter."""
    return notice(f"notice:not_loaded:{adapter}", adapter, not_loaded_text(adapter), "")


def ended_text(ended: EndedTrial) -> str:
    """How a trial ended, and who may undo that."""
    name, others = ended.trial.adapter, _shown(ended.trial.against)
    if ended.ending is TrialEnd.WORSE:
        return (
            f"The trial of {name} has ended: it was rolled back. {ended.reason} {others} answers "
            "every question again. An admin may undo that with **Promote…** in the Home tab, or "
            f"with `phi3 promote {name}`."
        )
    if ended.ending is TrialEnd.UNTRIED:
        return (
            f"The trial of {name} has ended: it could not be tried. {ended.reason} {others} "
            "answers every question. An admin may let it answer with **Promote…** in the Home tab, "
            f"or with `phi3 promote {name}`, once `phi3 doctor` finds the server well."
        )
    return (
        f"The trial of {name} has ended: it answers every question from now on. {ended.reason} An "
        "admin may undo that with **Roll back** in the Home tab, or with `phi3 rollback`."
    )


def not_loaded_text(adapter: str) -> str:
    return (
        f"The model server cannot load the adapter {adapter}, so what was live before it answers, "
        "or else the model as it was installed. Its files may be damaged: restore them from a "
        "backup, or press **Roll back** in the Home tab (`phi3 rollback`). `phi3 doctor` says more."
    )


def _shown(adapter: str | None) -> str:
    return adapter or "The model as it was installed"
