"""The nightly training: rated answers become an adapter, which goes live if it is better.

The process may be killed at any point. The live adapter changes in one transaction, the promotion.
The next night removes what a killed one left unfinished, and starts from the beginning; but if that
was less than a day ago and its rows are the same, the training goes on from the last checkpoint.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from logging import getLogger
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from domain.adapters import NIGHT, Adapter, AdapterState, Example, Order, Outcome, TrainingRun
from domain.errors import AdapterNotLoaded, Phi3Error, PublishFailed, ServerUnavailable
from domain.fitting import BUDGET, longest_row
from serving.adapter_places import AdapterPlaces
from serving.refusing import LikelyGenerator, RefusingGenerator
from serving.size import is_large
from serving.starter import starter_of
from training.canary import Canary
from training.evaluation import ScoredAnswer, ask, ask_all
from training.gate import FEWEST, compare
from training.golden import GoldenSet, checked
from training.heartbeat import Heartbeat, ended, only_night, start_heartbeat
from training.night_record import night_rows
from training.progress import ProgressListener, TrainingProgress, ignore
from training.publish import publish, remove_orphans, verify
from training.recipe import RATE_WITH_STARTER, Recipe
from training.refusal_limits import KnownLimits
from training.refusals import Limit, find_limit, with_golden
from training.report.data import Findings
from training.rows_of_night import rows_of_night
from training.seen import compared
from training.selection.plan import Plan

if TYPE_CHECKING:
    from records.adapters import Adapters
    from records.compared_nights import ComparedNights
    from records.night_rows import NightRows
    from records.runs import Runs
    from serving.models import ModelFiles
    from training.qlora import Trained
    from training.report.reports import Reports

_log = getLogger(__name__)

_RUNS = 100
"""So many of the latest nights' unfinished adapters are looked for."""


class Server(LikelyGenerator, Protocol):
    """What the night needs of the model server. Every method raises GenerationError."""

    def load_adapter(self, name: str, path: str) -> None: ...

    def unload_adapter(self, name: str) -> None: ...


class Train(Protocol):
    """``training.qlora.train``, here or elsewhere."""

    def __call__(
        self,
        examples: Sequence[Example],
        recipe: Recipe,
        base: "ModelFiles",
        folder: Path,
        progress: ProgressListener,
        starter: Path | None,
    ) -> "Trained": ...


class Nightly:
    """Runs nights, one with each call of ``run``.

    ``plan`` chooses a night's rows. ``base`` is the model that ``server`` serves; ``canary`` says
    what a candidate must beat, and what becomes of it. ``golden`` are the questions that no night
    may unlearn. Adapters are written to ``home/adapters``, and published by ``places``; ``reports``
    writes what people may want to know of each night. A night with fewer than ``minimum`` rows to
    train on is skipped, before ``start_server`` is called.
    ``budget`` and ``max_tokens`` (both in tokens) are those that questions are answered with; the
    longest row to train follows from them. ``tell`` is called with each ended run. A replaced
    adapter stays loaded for ``grace`` seconds, so that it can finish the answers that it has begun.
    While it trains, the night is within ``make_room``; ``memory`` says what it and the server need.
    ``train`` trains elsewhere than in this process.
    """

    def __init__(
        self,
        *,
        plan: Callable[[], Plan],
        adapters: "Adapters",
        runs: "Runs",
        night_rows: "NightRows",
        compared: "ComparedNights",
        server: Server,
        base: "ModelFiles",
        home: Path,
        reports: "Reports",
        canary: Canary,
        golden: GoldenSet | None = None,
        places: AdapterPlaces | None = None,
        recipe: Recipe | None = None,
        start_server: Callable[[], None] = lambda: None,
        make_room: Callable[[], AbstractContextManager[None]] = nullcontext,
        memory: str = "",
        minimum: int = 40,
        budget: int = BUDGET,
        max_tokens: int = 256,
        at_once: int = 4,
        grace: float = 5.0,
        tell: Callable[[TrainingRun], None] = lambda _: None,
        progress: ProgressListener = ignore,
        train: Train | None = None,
    ) -> None:
        self._plan = plan
        self._adapters = adapters
        self._runs = runs
        self._night_rows = night_rows
        self._compared = compared
        self._server = server
        self._base = base
        self._canary = canary
        self._golden = golden or GoldenSet()
        self._folder = home / "adapters"
        self._places = places or AdapterPlaces()
        self._reports = reports
        self._recipe = replace(recipe or Recipe(), max_length=longest_row(budget, max_tokens))
        self._start_server = start_server
        self._make_room = make_room
        self._memory = memory
        self._train_elsewhere = train
        self._minimum = minimum
        self._max_tokens = max_tokens
        self._at_once = at_once
        self._grace = grace
        self._tell = tell
        self._progress = progress

    def run(self, now: datetime) -> TrainingRun:
        """Runs one night and returns its run: skipped, rejected, held or promoted.

        Raises RunInProgress if another night is running. Any other error marks the run as failed,
        unless it had decided already, and is raised again.
        """
        with only_night(self._folder, self._runs, self._adapters, now) as began:
            run, found = self._begin(began, now), Findings()
            try:
                with start_heartbeat(self._runs, run) as heartbeat:
                    run = self._night(run, found, heartbeat)
            except (Exception, KeyboardInterrupt) as e:
                self._end(self._broken_off(run, e), found)
                raise
            return self._end(run, found)

    def _begin(self, began: Path, now: datetime) -> TrainingRun:
        run_id = f"night-{now:%Y%m%d-%H%M}-{uuid4().hex[:4]}"
        began.write_text(run_id, "utf-8")
        run = self._runs.begin(run_id, now)
        self._clean_up()
        self._canary.end_trial(now)
        return run

    def _night(self, run: TrainingRun, found: Findings, heartbeat: Heartbeat) -> TrainingRun:
        chosen = found.plan = self._plan()
        held_back = chosen.held_back
        left_out = {str(why): n for why, n in chosen.reasons.items()}
        run = replace(run, examples=len(chosen.train), left_out=left_out)
        self._night_rows.keep(run.id, night_rows(chosen))
        if reason := self._too_few(chosen):
            return replace(run, outcome=Outcome.SKIPPED, reason=reason)
        # In this order: a change between the two is noticed at the end.
        seen, live = self._canary.seen(), self._canary.to_beat()
        self._check_files(live)
        self._places.check()
        self._places.publish_older(
            one for one in self._adapters.all() if one.state is not AdapterState.REJECTED
        )
        self._start_server()
        self._check_loads(live)
        if self._memory:
            found.memory = self._memory
            _log.info("Memory: %s", self._memory)
        with self._make_room():
            candidate, found.trained = self._train(run, chosen.train, heartbeat)
        run, found.candidate = replace(run, adapter=candidate.name), candidate
        answering = RefusingGenerator(self._server, KnownLimits(self._adapters.find))
        with self._loaded(candidate):
            replies = [self._answers(held_back, name, heartbeat) for name in (live, candidate.name)]
            night = compared(run.id, live, candidate.name, held_back, replies)
            before = self._compared.of_base(self._base.name)
            found.limit, golden = with_golden(
                partial(self._adapters.set_refuse_above, candidate.name),
                self._limit(held_back, candidate),
                lambda: self._golden.ask(answering, live, candidate.name, self._beat(heartbeat)),
            )
            found.golden = golden
            taken_back = self._canary.taken_back()
            evaluation = compare(replies[0], replies[1], night, before, rolled_back=taken_back)
            evaluation = checked(evaluation, golden)
            self._compared.keep(night)  # before the promotion: a killed night has still seen it
            found.replies, found.before, found.compared = replies, before, night
            run = replace(run, evaluation=evaluation, reason=evaluation.reason)
            if evaluation.passed:
                self._check_answer(candidate, held_back[0])
                heartbeat.check()
                order = Order(NIGHT, datetime.now(UTC), run.id, seen)
                candidate = self._canary.promote(candidate, order)
            else:
                candidate = self._adapters.reject(candidate.name)
            found.candidate = candidate
        self._unload_unused(candidate, live)
        outcome = _outcome(candidate) if evaluation.passed else Outcome.REJECTED
        return replace(self._canary.told(run, candidate), outcome=outcome)

    def _broken_off(self, run: TrainingRun, error: BaseException) -> TrainingRun:
        """The run as it failed; what it had decided before stands."""
        so_far = ended(run, self._adapters)
        if so_far.outcome is Outcome.FAILED:
            return replace(so_far, reason=_reason(error))
        return replace(so_far, reason=f"What it decided stands, but then: {_reason(error)}")

    def _end(self, run: TrainingRun, found: Findings) -> TrainingRun:
        run = replace(run, finished_at=datetime.now(UTC), heartbeat_at=datetime.now(UTC))
        run = self._reports.write(run, found)
        self._runs.finish(run)
        try:
            self._tell(run)
        except Phi3Error as e:
            _log.warning("The night's report could not be delivered: %s", e)
        return run

    def _clean_up(self) -> None:
        """Removes what a killed night left, and the files of rejected adapters but the latest.

        The latest rejected one stays, so that its weights can be looked at.
        """
        for adapter in self._adapters.all():
            if adapter.state is AdapterState.TRAINED:
                self._adapters.reject(adapter.name)
        known = self._adapters.all()
        names = {one.name for one in known}
        rejected = [one.name for one in known if one.state is AdapterState.REJECTED]
        remove_orphans(self._folder, names - set(rejected[1:]))
        # At the address may be adapters of others, so only names of ours are removed there.
        killed = {run.id for run in self._runs.latest(_RUNS)} - names
        self._places.remove(killed | set(rejected[1:]))

    def _too_few(self, chosen: Plan) -> str:
        left_out = "; ".join(f"{n} {why}" for why, n in chosen.reasons.items())
        besides = f" (left out: {left_out})" if left_out else ""
        if len(chosen.train) < self._minimum:
            return f"{len(chosen.train)} to train on, {self._minimum} are needed{besides}."
        if len(chosen.held_back) < FEWEST:
            return (
                f"{len(chosen.held_back)} are held back to compare, {FEWEST} are needed{besides}."
            )
        return ""

    def _train(
        self, run: TrainingRun, train: Sequence[Example], heartbeat: Heartbeat
    ) -> tuple[Adapter, "Trained"]:
        from training import qlora

        listen = self._beat(heartbeat)
        rows = rows_of_night(train, is_large=is_large(self._base.path))
        recipe = qlora.suited(self._recipe, self._base)
        starter = starter_of(self._base.name)
        begins_with = starter.folder if starter else None
        if starter and recipe.learning_rate is None:
            recipe = replace(recipe, learning_rate=RATE_WITH_STARTER)
        train_rows = self._train_elsewhere or qlora.train
        done: list[Trained] = []
        manifest = publish(
            self._folder,
            run.id,
            self._base.name,
            recipe,
            list(dict.fromkeys(row.answer_id for row in rows)),
            lambda folder: done.append(
                train_rows(rows, recipe, self._base, folder, listen, begins_with)
            ),
        )
        adapter = Adapter(
            name=manifest.name,
            base_model=manifest.base_model,
            path=self._places.publish(self._folder / manifest.name),
            sha256=manifest.sha256,
            state=AdapterState.TRAINED,
            run_id=run.id,
            created_at=manifest.created_at,
        )
        self._adapters.add(adapter)
        return adapter, done[0]

    def _beat(self, heartbeat: Heartbeat) -> ProgressListener:
        """A listener that ends a run which was closed as dead."""

        def listen(step: TrainingProgress) -> None:
            heartbeat.check()
            self._progress(step)

        return listen

    @contextmanager
    def _loaded(self, candidate: Adapter) -> Iterator[None]:
        self._server.load_adapter(candidate.name, candidate.path)
        try:
            yield
        except BaseException:
            self._unload(candidate.name)
            raise

    def _answers(
        self, held_back: Sequence[Example], adapter: str | None, heartbeat: Heartbeat
    ) -> list[ScoredAnswer]:
        heartbeat.check()
        return ask_all(
            self._server,
            held_back,
            adapter,
            max_tokens=self._max_tokens,
            at_once=self._at_once,
            progress=self._progress,
        )

    def _limit(self, held_back: Sequence[Example], candidate: Adapter) -> Limit | None:
        """Where the candidate refuses; only a large model tells what its passages answer."""
        if not is_large(self._base.path):
            return None
        return find_limit(self._server, held_back, candidate.name, at_once=self._at_once)

    def _check_files(self, live: str | None) -> None:
        """Finds out before the training whether what a candidate must beat can be loaded.

        Files that are only on another machine are not looked at. Raises PublishFailed, and
        StoreFailed.
        """
        for one in self._adapters.all():
            if one.name == live and (folder := self._places.folder_of(one)).is_dir():
                verify(folder)

    def _check_loads(self, live: str | None) -> None:
        """Finds out before the training whether the server has what a candidate must beat.

        Raises PublishFailed, and GenerationError.
        """
        for one in self._adapters.all():
            if one.name == live:
                try:
                    self._server.load_adapter(one.name, one.path)
                except AdapterNotLoaded as e:
                    raise PublishFailed(
                        f"The model server cannot load {live}, which a night must beat: restore "
                        "its files from a backup, or roll back (`phi3 rollback`).",
                        str(e),
                    ) from e

    def _check_answer(self, candidate: Adapter, question: Example) -> None:
        if not ask(self._server, question, candidate.name, max_tokens=self._max_tokens).text:
            raise PublishFailed(f"The adapter {candidate.name} gave an empty answer once loaded.")

    def _unload_unused(self, candidate: Adapter, live: str | None) -> None:
        """Unloads that of the two which does not answer now."""
        if candidate.state not in (AdapterState.LIVE, AdapterState.CANARY):
            self._unload(candidate.name)
        elif live is not None and self._canary.answers_no_more(live):
            sleep(self._grace)
            self._unload(live)

    def _unload(self, name: str) -> None:
        try:
            self._server.unload_adapter(name)
        except (ServerUnavailable, AdapterNotLoaded):
            return  # a server that has ended has nothing loaded, and the night says so itself
        except Phi3Error as e:
            _log.warning("The adapter %s stays loaded: %s", name, e)


def _outcome(candidate: Adapter) -> Outcome:
    """What became of a candidate that passed."""
    others = {AdapterState.HELD: Outcome.HELD, AdapterState.REJECTED: Outcome.REJECTED}
    return others.get(candidate.state, Outcome.PROMOTED)


def _reason(error: BaseException) -> str:
    """Why a run failed, as everybody may read it; the log has the details."""
    if isinstance(error, Phi3Error):
        return error.public
    if isinstance(error, KeyboardInterrupt):
        return "It was interrupted."
    return f"It failed with an unexpected error ({type(error).__name__}); the log says more."
