"""Which adapter answers a question: the live one, the one on trial, or what is left of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from logging import getLogger
from typing import TYPE_CHECKING

from domain.adapters import Adapter
from domain.errors import AdapterNotLoaded, AdapterUnfit, RecordsError
from domain.questions import Question
from domain.trials import Chosen, TrialEnd, is_for_trial

if TYPE_CHECKING:
    from records.adapter_changes import AdapterChanges
    from records.adapters import Adapters

_log = getLogger(__name__)

UNFIT = "The model server refuses its files."
NOT_LOADED = "For an hour the model server could not load it, which says nothing about its answers."

PAUSE = timedelta(minutes=5)
"""For so long an adapter on trial is not asked for after the server could not load it: to find that
a network is lost takes up to two minutes, and people wait."""

PATIENCE = timedelta(hours=1)
"""A trial ends if the server could not load its adapter for so long."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """When the server could not load an adapter: for the first time, and for the last."""

    first: datetime
    last: datetime


class AdapterChoice:
    """Adapters of another base model than ``base`` are never chosen.

    If ``base`` is empty, the model server says whether it can load them.

    ``starter`` is what answers if no adapter is live, None for the base model. ``tell`` is called
    with the name of an adapter that could not be loaded; it tells the admins once. ``clock`` gives
    the time. Every method raises DatabaseUnavailable.

    Several threads may use it at once.
    """

    def __init__(
        self,
        adapters: "Adapters",
        changes: "AdapterChanges",
        base: str,
        starter: str | None,
        tell: Callable[[str], object],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._adapters = adapters
        self._changes = changes
        self._base = base
        self._starter = starter
        self._tell = tell
        self._clock = clock
        self._failed = dict[str, _Failed]()

    def of(self, question: Question) -> Chosen:
        """What answers a question, from one query of the database."""
        now = self._adapters.answering()
        tried = self._fitting(now.on_trial)
        if tried and is_for_trial(question, tried, now.share) and not self._waits(tried):
            return Chosen(tried, on_trial=True)
        return Chosen(self._fitting(now.live) or self._starter)

    def for_terminal(self) -> str | None:
        """What answers the terminal's questions: the adapter on trial, if there is one."""
        now = self._adapters.answering()
        return self._fitting(now.on_trial) or self._fitting(now.live) or self._starter

    def instead_of(self, broken: Chosen, error: AdapterNotLoaded) -> Iterator[Chosen]:
        """What answers, best first, since the server cannot load an adapter: the last resort.

        These are the live adapter, those that were live before it, the starter and the base model.
        A trial of ``broken`` ends if its files are unfit. If the server only cannot get them, the
        trial waits, and ends as one that could not be tried when that lasts.
        """
        name = broken.adapter
        if name is None:
            return
        _log.error("Instead of the adapter %s another one answers: %s", name, error)
        self._report(name, broken, error)
        now = self._adapters.answering()
        known = [now.live, *self._adapters.before(now.live.name)] if now.live else []
        names = [*map(self._fitting, known), self._starter]
        for other in dict.fromkeys(filter(None, names)):
            if other != name:
                yield Chosen(other)
        yield Chosen(None)

    def _report(self, name: str, broken: Chosen, error: AdapterNotLoaded) -> None:
        """People get an answer also while this cannot be stored."""
        try:
            if not broken.on_trial:
                self._tell(name)
            elif isinstance(error, AdapterUnfit):
                self._changes.end_trial(name, TrialEnd.WORSE, UNFIT, self._clock())
            elif self._lasts(name):
                self._changes.end_trial(name, TrialEnd.UNTRIED, NOT_LOADED, self._clock())
        except RecordsError as e:
            _log.warning("Nobody is told that %s is not loaded: %s", name, e)

    def _waits(self, name: str) -> bool:
        failed = self._failed.get(name)
        return failed is not None and self._clock() - failed.last < PAUSE

    def _lasts(self, name: str) -> bool:
        """Notes that the server could not load an adapter; whether that is so since ``PATIENCE``.

        What failed before a longer time without a failure does not count: it was loaded meanwhile,
        or nobody asked for it.
        """
        now = self._clock()
        known = self._failed.get(name)
        first = known.first if known and now - known.last < PATIENCE else now
        self._failed[name] = _Failed(first, now)
        return now - first >= PATIENCE

    def _fitting(self, adapter: Adapter | None) -> str | None:
        fits = adapter is not None and self._base in ("", adapter.base_model)
        return adapter.name if adapter and fits else None
