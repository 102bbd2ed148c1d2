"""The memory plan of this machine's settings, and how it is told."""

from typing import Any

from cli.settings import Settings
from domain.errors import ConfigError
from domain.fitting import longest_row
from serving.default_model import PHI3, default_model, name_of
from serving.memory.card import Card, this_card
from serving.memory.plan import MemoryPlan, Wishes, plan_memory
from serving.memory.sizes import GB, sizes_of

_GIVES = {
    "nothing": "keeps all",
    "cache": "gives back its cache but for one answer at a time",
    "model": "gives back its model, and passages are quoted",
}


def memory_plan(settings: Settings, card: Card | None = None) -> MemoryPlan:
    """The plan for a card, by default what this machine has.

    For a card that is named, the default model is that of machines with a GPU. Raises ConfigError
    if the model's sizes are not known.
    """
    model = settings.model or (PHI3 if card and card.is_gpu else default_model())
    sizes = sizes_of(model)
    if sizes is None:
        raise ConfigError(
            "The sizes of the model are not known, so its memory is not planned: it is not on this "
            "machine yet, or its config.json has another form.",
            name_of(model),
        )
    wishes = Wishes(
        longest=longest_row(settings.prompt_budget, settings.max_tokens),
        share=settings.memory_share,
        gives=settings.night_takes or None,
        quantised=settings.is_quantised,
    )
    return plan_memory(sizes, card or this_card(), wishes)


def plan_if_known(settings: Settings) -> MemoryPlan | None:
    """The plan for this machine; None if the model's sizes are not known."""
    try:
        return memory_plan(settings)
    except ConfigError:
        return None


def told(plan: MemoryPlan) -> str:
    """The plan in one line."""
    server = plan.server
    line = (
        f"{plan.card.in_words}: server {_gb(server.total)} (weights {_gb(server.weights)}, keys "
        f"and values of {server.cache_tokens:,} tokens {_gb(server.cache)}); while a night trains "
        f"it {_GIVES[plan.gives]}; "
    )
    if plan.night is None:
        return f"{line}a night needs {_gb(plan.least.total)} and finds {_gb(plan.left)}"
    return f"{line}the night {_gb(plan.night.total)} of {_gb(plan.left)} ({how(plan)})"


def how(plan: MemoryPlan) -> str:
    """How the night trains."""
    night = plan.night or plan.least
    method = "QLoRA" if plan.training.weights is None else "LoRA"
    twice = ", values computed twice" if night.recomputes else ""
    return f"{method}, {night.tokens:,} tokens at once{twice}"


def check_fits(plan: MemoryPlan) -> None:
    """Raises ConfigError, which names settings that help, if the server or a night does not fit."""
    if not plan.fits:
        raise ConfigError(
            "The model server does not fit: set PHI3_MODEL to a smaller model, PHI3_MEMORY_SHARE "
            "to more, or take a larger card",
            told(plan),
        )
    if plan.night is None:
        raise ConfigError(
            "No night can train beside the model server: set PHI3_NIGHT_TAKES=model, lower "
            "PHI3_MEMORY_SHARE or PHI3_PROMPT_BUDGET, or set PHI3_TRAINING=qlora",
            told(plan),
        )


def as_json(plan: MemoryPlan) -> dict[str, Any]:
    """All parts, in bytes."""
    server, night = plan.server, plan.night or plan.least
    return {
        "card": plan.card.bytes,
        "is_gpu": plan.card.is_gpu,
        "fits": plan.fits and plan.night is not None,
        "share": round(plan.share, 3),
        "gives": plan.gives,
        "server": {
            "weights": server.weights,
            "adapters": server.adapters,
            "cache": server.cache,
            "cache_tokens": server.cache_tokens,
            "graphs": server.graphs,
            "working": server.working,
            "process": server.process,
            "total": server.total,
        },
        "left": plan.left,
        "night": {
            "method": "qlora" if plan.training.weights is None else "lora",
            "weights": night.weights,
            "adapter": night.adapter,
            "activations": night.activations,
            "logits": night.logits,
            "working": night.working,
            "process": night.process,
            "total": night.total,
            "tokens_per_step": night.tokens,
            "recomputes": night.recomputes,
        },
    }


def rows(plans: list[MemoryPlan]) -> list[tuple[str, ...]]:
    """A row of a table for each plan."""
    return [
        (
            f"{plan.card.bytes / GB:.0f} GB",
            f"{_gb(plan.server.total)} ({plan.share:.2f})" if plan.fits else "does not fit",
            f"{plan.server.cache_tokens:,}",
            plan.gives,
            _gb(plan.left),
            _gb((plan.night or plan.least).total),
            how(plan) if plan.night else "does not fit",
        )
        for plan in plans
    ]


HEADINGS = (
    "card",
    "server (share)",
    "tokens of keys and values",
    "a night takes",
    "left for it",
    "it needs",
    "how it trains",
)


def _gb(size: int) -> str:
    return f"{size / GB:.1f} GB"
