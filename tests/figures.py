"""What the process under test counts, as Prometheus would read it."""

from dataclasses import dataclass
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

import bot.metrics
import cli.status
import console.metrics
import records.metrics
import serving.watched
from records.database import Database
from records.figure_metrics import DatabaseFigures
from serving.metrics import Metrics

assert bot.metrics
assert cli.status
assert console.metrics
assert records.metrics
assert serving.watched


def figure(name: str, **labels: str) -> float:
    """The value of one series of this process; 0 if nothing was counted yet."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


class Counted:
    """How much series have grown since this was made."""

    def __init__(self) -> None:
        self._before = _series()

    def __call__(self, name: str, **labels: str) -> float:
        return figure(name, **labels) - self._before.get((name, frozenset(labels.items())), 0.0)


def exposition() -> str:
    return generate_latest(REGISTRY).decode()


def _series() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
    }


@dataclass(frozen=True)
class Metric:
    """A metric that the program offers: its kind for Prometheus, its labels, and its help."""

    kind: str
    labels: tuple[str, ...]
    says: str

    def series(self, name: str) -> set[str]:
        """The names of its series."""
        match self.kind:
            case "counter":
                return {f"{name}_total"}
            case "histogram":
                return {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
        return {name}


def offered() -> dict[str, Metric]:
    """All metrics of the program's own, by name, whatever process offers them."""
    server = Metrics("model", not_asked)
    own = {*_collectors(REGISTRY), *_collectors(server._registry)}
    families = DatabaseFigures(Database("sqlite:////nowhere.db")).describe()
    named = {one._name: one for one in own if hasattr(one, "_labelnames")}
    return {
        name: Metric(one._type, tuple(one._labelnames), one._documentation)
        for name, one in named.items()
    } | {
        family.name: Metric(family.type, tuple(family._labelnames), family.documentation)  # type: ignore[attr-defined]
        for family in families
    }


def not_asked() -> Any:
    raise AssertionError


def _collectors(registry: CollectorRegistry) -> set[Any]:
    return set(registry._collector_to_names)
