"""The month from the first day to the last; it goes on after the last finished step."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from rich.console import Console

from bench.month import documents
from bench.month.arms import Arm, resumed_at
from bench.month.clock import Clock, Estimate
from bench.month.journal import Journal, Step
from bench.month.measures import Measures
from bench.month.people import People, lies_about
from bench.month.questions import Asked, fitting, read, schedule
from bench.month.report import write
from bench.month.size import Size
from bench.month.speed import measured_speed
from cli.home import open_home
from cli.local_server import free_port, with_model_server
from cli.server_key import own_key
from cli.settings import Settings

NAMES = ("ours", "naive")


class MonthSettings(Settings):
    """Settings that ignore `.env` and the environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class Month:
    """A month on the ``files`` and ``questions``, with everything that it keeps in ``home``.

    ``model`` is the base model as in PHI3_MODEL; empty for the default.
    """

    def __init__(
        self,
        files: Path,
        questions: Sequence[Path],
        home: Path,
        size: Size,
        model: str = "",
    ) -> None:
        self._home = open_home(home.absolute())
        self._journal = Journal(self._home / "month.jsonl")
        self._measures = Measures(self._home / "answers.jsonl")
        self._folder = documents.copied(files, self._home / "documents")
        self._texts = documents.texts_of(files)
        self._split, self.size = fitting(read(questions), size)
        self._changes = documents.changes(self._split, self._texts, size.changed)
        changed = {one.file for one in self._changes}
        same = [one for one in self._split.seen if one.file not in changed]
        self._lies = lies_about(same, size.lies, self._texts)  # what is false stays false
        self._model = model
        self._console = Console(stderr=True)
        self._clock: Clock
        self._arms: dict[str, Arm]
        self._estimate: Estimate

    def run(self, until: int | None = None) -> dict[str, Any]:
        """Runs the month, or its days to ``until``, and returns what is also written to files."""
        last = min(until or self.size.days, self.size.days)
        with self._started():
            self._estimate = self._estimated()
            self._console.print(self._estimate.sentence())
            expected = sum(self._estimate.parts().values()) * last / self.size.days
            done = sum(step.get("expected", 0.0) for step in self._journal.all())
            with Clock(max(1.0, expected - done), self._console) as self._clock:
                self._begin()
                for day in range(1, last + 1):
                    self._day(day)
                    write(self._home, self._journal.all(), self._facts())
                if last == self.size.days:
                    self._end()
        return write(self._home, self._journal.all(), self._facts())

    @contextmanager
    def _started(self) -> Iterator[None]:
        """Starts one model server, and opens both arms."""
        with ExitStack() as stack:
            served = stack.enter_context(with_model_server(self._settings("ours")))
            key = own_key(served)
            self._arms = {}
            for name in NAMES:
                chosen = self._settings(name, served.server_url, key)
                self._arms[name] = Arm(name, chosen, self._folder, self.size.checkpoint_seconds)
                stack.enter_context(self._arms[name].container)
            yield

    def _settings(self, name: str, server_url: str = "", server_key: str = "") -> Settings:
        home = open_home(self._home / name)
        models = home / "models"
        if name != "ours" and not models.exists():
            (self._home / "ours" / "models").mkdir(parents=True, exist_ok=True)
            models.symlink_to(self._home / "ours" / "models")
        return MonthSettings(
            home=home,
            model=self._model,
            server_url=server_url,
            server_key=SecretStr(server_key),
            server_port=free_port(),
            adapter_folders=tuple(self._home / each / "adapters" for each in NAMES),
            max_tokens=self.size.max_tokens,
            night_tokens=self.size.night_tokens,
            min_examples=self.size.min_examples,
        )

    def _estimated(self) -> Estimate:
        ours = self._arms["ours"].container
        if (step := self._journal.find("speed")) is None:
            self._console.print("Measuring how fast this machine trains and answers …")
            self._reading()
            first, *some = self._split.unseen[: max(2, self.size.unseen // 8)]
            self._measures.answers(ours, self._starter, [first])  # a server's first takes seconds
            began = time.monotonic()
            self._measures.answers(ours, self._starter, some)
            answer = (time.monotonic() - began) / len(some)
            step = self._journal.add("speed", answer=answer, tokens=measured_speed(ours.settings))
        return Estimate(self.size, step["answer"], step["tokens"])

    def _reading(self) -> None:
        for arm in self._arms.values():
            with self._step(f"read/{arm.name}", "") as kept:
                if kept is not None:
                    arm.read_documents()

    @property
    def _starter(self) -> str | None:
        starter = self._arms["ours"].container.starter
        return starter.name if starter else None

    def _begin(self) -> None:
        self._reading()
        self._measure("start/starter", self._starter, 0)
        self._measure("start/base", None, 0)

    def _day(self, day: int) -> None:
        if day == self.size.change_day:
            self._change(day)
        asked = self._asked(day)
        for arm in self._arms.values():
            self._ask(arm, day, asked)
            self._night(arm, day)
            if arm.name == "ours" or day % 4 == 0 or day == self.size.days:
                live = arm.container.live_adapter()
                self._measure(f"day-{day:02}/{arm.name}/quality", live, day)

    def _asked(self, day: int) -> list[Asked]:
        files = {one.file for one in self._changes}
        seen = self._split.seen
        planned = schedule(
            seen,
            self.size.days,
            self.size.a_day,
            [one for one in seen if one.id in self._lies],
            [one for one in seen if one.file in files],
            self.size.change_day,
        )
        return self._as_of(day, planned[day - 1])

    def _as_of(self, day: int, questions: Sequence[Asked]) -> list[Asked]:
        """The questions with the answers that are right on that day."""
        has_changed = day >= self.size.change_day
        return documents.after(questions, self._changes if has_changed else ())

    def _change(self, day: int) -> None:
        for arm in self._arms.values():
            with self._step(f"day-{day:02}/{arm.name}/changes", "") as kept:
                if kept is not None:
                    documents.make(self._changes, self._folder, self._texts)
                    arm.read_documents()
        self._measure(f"day-{day:02}/starter/quality", self._starter, day)
        self._measure(f"day-{day:02}/base/quality", None, day)

    def _ask(self, arm: Arm, day: int, asked: Sequence[Asked]) -> None:
        what = f"Day {day}, {arm.name}: people ask"
        expected = self._estimate.asking()
        with self._step(f"day-{day:02}/{arm.name}/answers", what, expected) as kept:
            if kept is not None:
                found = arm.day(day, asked, People(self._lies))
                kept |= {
                    "answers": found.answers,
                    "right": found.right,
                    "ratings": [asdict(one) for one in found.ratings],
                }

    def _night(self, arm: Arm, day: int) -> None:
        what = f"Night {day}, {arm.name}: training, comparing"
        expected = self._estimate.night(arm.name, day)
        with self._step(f"day-{day:02}/{arm.name}/night", what, expected) as kept:
            if kept is None:
                return
            if arm.night(day, kill=self._is_to_be_killed(arm, day)):
                self._journal.add("killed", day=day)
                arm.night(day)
            arm.unload_others()
            kept |= {"live": arm.container.live_adapter()}
            if arm.name == "ours":
                kept |= self._told(arm, day)

    def _is_to_be_killed(self, arm: Arm, day: int) -> bool:
        is_due = arm.name == "ours" and day >= self.size.kill_day
        return is_due and self._journal.find("killed") is None

    def _told(self, arm: Arm, day: int) -> dict[str, Any]:
        """What a night of ours did, as far as the report of the month says it."""
        run = arm.latest_run()
        changed = {one.file: one for one in self._changes} if day >= self.size.change_day else {}
        outdated = [
            rated.answer.id
            for rated in arm.trained_on(run)
            if any(documents.is_outdated(one, changed) for one in rated.answer.passages)
        ]
        return {
            "outcome": run.outcome,
            "reason": run.reason,
            "rows": run.examples,
            "left_out": dict(run.left_out),
            "gain": run.evaluation.gain if run.evaluation else None,
            "compared": run.evaluation.questions if run.evaluation else 0,
            "resumed_at": resumed_at(run),
            "outdated": outdated,
        }

    def _measure(self, name: str, adapter: str | None, day: int) -> None:
        arm = self._arms["naive" if "/naive/" in name else "ours"]
        unseen = self._as_of(day, self._split.unseen)
        expected = self._expected_of(name, adapter)
        with self._step(name, f"Measuring {adapter or 'the base'}", expected) as kept:
            if kept is not None:
                quality = self._measures.quality(arm.container, adapter, unseen)
                kept |= {"adapter": adapter, "day": day, **asdict(quality)}

    def _expected_of(self, name: str, adapter: str | None) -> float:
        if name == "start/base":
            return self._estimate.measuring(base=True)
        is_known = any(
            step.get("adapter") == adapter and "f1" in step for step in self._journal.all()
        )
        return 0.0 if is_known else self._estimate.measuring()

    def _end(self) -> None:
        """Asks the questions with planted falsehoods, as the month has left the arms."""
        last = self._as_of(self.size.days, self._split.seen)
        sides = {
            "ours": ("ours", self._arms["ours"].container.live_adapter()),
            "naive": ("naive", self._arms["naive"].container.live_adapter()),
            "starter": ("ours", self._starter),
            "base": ("ours", None),
        }
        for side, (name, adapter) in sides.items():
            with self._step(f"end/{side}/lies", f"Asking {side} about the falsehoods") as kept:
                if kept is not None:
                    container = self._arms[name].container
                    kept["answered"] = self._measures.answered_lies(
                        container, adapter, last, self._lies
                    )

    def _facts(self) -> dict[str, Any]:
        """What does not change while the month runs."""
        return {
            "size": asdict(self.size),
            "change_day": self.size.change_day,
            "unseen": len(self._split.unseen),
            "changes": [asdict(one) for one in self._changes],
            "lies": self._lies,
        }

    @contextmanager
    def _step(self, name: str, what: str, expected: float = 0.0) -> Iterator[Step | None]:
        """Gives a place for what a step finds, which is then kept; None if it is done already."""
        if self._journal.find(name):
            yield None
            return
        kept: Step = {}
        began = time.monotonic()
        if what and hasattr(self, "_clock"):
            with self._clock.step(what, expected):
                yield kept
        else:
            yield kept
        self._journal.add(
            name, **kept, expected=expected, seconds=round(time.monotonic() - began, 2)
        )
