"""Which adapter answers a question: the live one, the one on trial, or what is left of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from logging import getLogger
from typing import TYPE_CHECKING

from domain.adapters import Adapter
from domain.errors import RecordsError
from domain.questions import Question
from domain.trials import Chosen, TrialEnd, is_for_trial

if TYPE_CHECKING:
    from records.adapter_changes import AdapterChanges
    from records.adapters import Adapters

_log = getLogger(__name__)

NOT_LOADED = "The model server cannot load it."


class AdapterChoice:
    """Adapters of another base model than ``base`` are never chosen.

    If ``base`` is empty, the model server says whether it can load them.

    ``starter`` is what answers if no adapter is live, None for the base model. ``tell`` is called
    with the name of an adapter that could not be loaded; it tells the admins once. Every method
    raises DatabaseUnavailable.
    """

    def __init__(
        self,
        adapters: "Adapters",
        changes: "AdapterChanges",
        base: str,
        starter: str | None,
        tell: Callable[[str], object],
    ) -> None:
        self._adapters = adapters
        self._changes = changes
        self._base = base
        self._starter = starter
        self._tell = tell

    def of(self, question: Question) -> Chosen:
        """What answers a question, from one query of the database."""
        now = self._adapters.answering()
        tried = self._fitting(now.on_trial)
        if tried and is_for_trial(question, tried, now.share):
            return Chosen(tried, on_trial=True)
        return Chosen(self._fitting(now.live) or self._starter)

    def for_terminal(self) -> str | None:
        """What answers the terminal's questions: the adapter on trial, if there is one."""
        now = self._adapters.answering()
        return self._fitting(now.on_trial) or self._fitting(now.live) or self._starter

    def instead_of(self, broken: Chosen) -> Iterator[Chosen]:
        """What answers, best first, since the server cannot load an adapter: the last resort.

        These are the live adapter, those that were live before it, the starter and the base model.
        A trial of ``broken`` ends with that.
        """
        name = broken.adapter
        if name is None:
            return
        _log.error("The model server cannot load the adapter %s; another one answers", name)
        self._report(name, broken)
        now = self._adapters.answering()
        known = [now.live, *self._adapters.before(now.live.name)] if now.live else []
        names = [*map(self._fitting, known), self._starter]
        for other in dict.fromkeys(filter(None, names)):
            if other != name:
                yield Chosen(other)
        yield Chosen(None)

    def _report(self, name: str, broken: Chosen) -> None:
        """People get an answer also while this cannot be stored."""
        try:
            if broken.on_trial:
                now = datetime.now(UTC)
                self._changes.end_trial(name, TrialEnd.WORSE, NOT_LOADED, now)
            else:
                self._tell(name)
        except RecordsError as error:
            _log.warning("Nobody is told that %s is not loaded: %s", name, error)

    def _fitting(self, adapter: Adapter | None) -> str | None:
        fits = adapter is not None and self._base in ("", adapter.base_model)
        return adapter.name if adapter and fits else None
