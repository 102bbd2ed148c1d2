"""The trials of adapters, as rows for people and as JSON."""

from typing import TYPE_CHECKING, Any

from domain.trials import Tally, Thumbs, Trial

if TYPE_CHECKING:
    from cli.wiring import Container


def trials_by_adapter(container: "Container") -> dict[str, tuple[str, dict[str, Any]]]:
    """The trial of each adapter that has or had one: in words, and as JSON."""
    found = {
        one.trial.adapter: (
            f"{one.ending}: {one.tally}",
            _json(one.trial, one.tally)
            | {
                "ended_at": one.ended_at.isoformat(),
                "ending": one.ending,
                "reason": one.reason,
            },
        )
        for one in container.trials.ended()
    }
    if trial := container.trials.running():
        now = container.trials.tally(trial)
        words = f"answers {trial.share:.0%} of the threads: {now}"
        found[trial.adapter] = words, _json(trial, now)
    return found


def _json(trial: Trial, tally: Tally) -> dict[str, Any]:
    return {
        "share": trial.share,
        "against": trial.against,
        "began_at": trial.began_at.isoformat(),
        "ended_at": None,
        "ending": None,
        "reason": "",
        "thumbs": {"trial": _counts(tally.on_trial), "others": _counts(tally.others)},
    }


def _counts(thumbs: Thumbs) -> dict[str, int]:
    return {"up": thumbs.up, "down": thumbs.down}
