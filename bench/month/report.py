"""What the month has shown so far, as JSON, as a table in Markdown, and as a picture."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.month.journal import Step
from bench.month.picture import ARMS, draw

BELOW = 0.02
"""How far below its best the live adapter may be for one night."""

Curves = dict[str, list[float | None]]
"""The f1 of each arm after each night; None where it was not measured."""


def write(home: Path, steps: Sequence[Step], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Writes `month.json`, `month.md` and `month.svg`; returns what is in the first."""
    found = {
        **facts,
        "nights": _nights(steps),
        "people": _people(steps),
        "end": ended(curves(steps)),
        "falsehoods answered": {
            step["step"].split("/")[1]: step["answered"] for step in steps if "answered" in step
        },
        "seconds": _seconds(steps),
    }
    (home / "month.json").write_text(json.dumps(found, indent=2, ensure_ascii=False), "utf-8")
    (home / "month.md").write_text(markdown(found, curves(steps)), "utf-8")
    killed = next((step["day"] for step in steps if step["step"] == "killed"), None)
    draw(curves(steps), facts["change_day"], killed, home / "month.svg")
    return found


def curves(steps: Sequence[Step]) -> Curves:
    """Starter and base learn nothing, so their f1 is the same until the documents change."""
    measured = {step["step"]: step["f1"] for step in steps if "f1" in step}
    days = sum(name.startswith("day-") and name.endswith("/ours/quality") for name in measured)
    found: Curves = {arm: [] for arm in ARMS}
    still = {arm: measured.get(f"start/{arm}", 0.0) for arm in ("starter", "base")}
    for day in range(1, days + 1):
        still |= {arm: measured.get(f"day-{day:02}/{arm}/quality", still[arm]) for arm in still}
        for arm in ARMS:
            known = still.get(arm, measured.get(f"day-{day:02}/{arm}/quality"))
            found[arm].append(known)
    return found


def ended(found: Curves) -> dict[str, float]:
    """How the month ended, in f1; ``nights below`` is the longest stay below the best so far."""
    if not found["ours"]:
        return {}
    last = {arm: measured[-1] for arm in found if (measured := _measured(found[arm]))}
    others = {f"above {arm}": last["ours"] - last[arm] for arm in last if arm != "ours"}
    return {**last, **others, "nights below": nights_below(_measured(found["ours"]))}


def _measured(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def nights_below(values: Sequence[float]) -> int:
    """The most nights in a row with more than ``BELOW`` less than the best before."""
    best, stay, longest = 0.0, 0, 0
    for value in values:
        best = max(best, value)
        stay = stay + 1 if value < best - BELOW else 0
        longest = max(longest, stay)
    return longest


def markdown(found: Mapping[str, Any], drawn: Curves) -> str:
    """The table of the nights, and how it ended."""
    lines = [
        f"| night | {' | '.join(ARMS)} | our night | rows |",
        f"|---|{'---|' * len(ARMS)}---|---|",
    ]
    nights = {night["day"]: night for night in found["nights"]}
    for day in range(1, len(drawn["ours"]) + 1):
        values = (drawn[arm][day - 1] for arm in ARMS)
        cells = " | ".join("" if value is None else f"{value:.2f}" for value in values)
        night = nights.get(day, {})
        lines.append(f"| {day} | {cells} | {night.get('outcome', '')} | {night.get('rows', '')} |")
    lines += ["", *(f"- {what}: {value:+.3f}" for what, value in found["end"].items())]
    lines += [
        f"- falsehoods that {arm} answers: {len(ids)} of {len(found['lies'])}"
        for arm, ids in found["falsehoods answered"].items()
    ]
    said = found["people"]
    lines.append(
        f"- {said['thumbs']} ratings, {said['wrong']} of them wrong by mistake, {said['lies']} by "
        f"the saboteur, {said['corrections']} with a correction"
    )
    seconds = ", ".join(f"{what} {value / 60:.1f}" for what, value in found["seconds"].items())
    return "\n".join([*lines, f"- minutes: {seconds}", ""])


def _nights(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {"day": int(step["step"][4:6]), **{k: v for k, v in step.items() if k != "step"}}
        for step in steps
        if "outcome" in step
    ]


def _people(steps: Sequence[Step]) -> dict[str, int]:
    """What people said of ours, counted."""
    given = [
        one for step in steps if step["step"].endswith("/ours/answers") for one in step["ratings"]
    ]
    lied = [one for one in given if one["is_lie"]]
    return {
        "thumbs": len(given),
        "wrong": sum(one["is_wrong"] for one in given),
        "lies": len(lied),
        "corrections": sum(bool(one["correction"]) for one in given),
    }


def _seconds(steps: Sequence[Step]) -> dict[str, float]:
    """The time that each kind of step took, in seconds."""
    found: dict[str, float] = {}
    for step in steps:
        name = step["step"]
        if "seconds" not in step:
            continue
        kind = name.split("/")[-1] if name.startswith("day-") else name.split("/")[0]
        arm = f" of {name.split('/')[1]}" if kind in ("night", "quality") else ""
        found[kind + arm] = found.get(kind + arm, 0.0) + step["seconds"]
    return {what: round(value, 1) for what, value in found.items()}
