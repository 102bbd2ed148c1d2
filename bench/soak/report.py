"""What a run has shown, as JSON, as a table in Markdown, and as a picture."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.soak.journal import Line
from bench.soak.memory import growth
from bench.soak.picture import draw


def write(home: Path, lines: Sequence[Line], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Writes `report.json`, `report.md` and `report.svg`; returns what is in the first."""
    samples = [line for line in lines if line["what"] == "sample"]
    found = {
        **facts,
        "memory": growth(samples),
        "waits": _waits(lines),
        "faults": _faults(lines, samples),
    }
    found["passed"] = passed(found)
    (home / "report.json").write_text(json.dumps(found, indent=2, ensure_ascii=False), "utf-8")
    (home / "report.md").write_text(markdown(found), "utf-8")
    draw(samples, found["faults"], home / "report.svg")
    return found


def passed(found: Mapping[str, Any]) -> dict[str, bool | None]:
    """What the run promises, and whether it was so; None if the run was too short to say."""
    flat = [one["is_flat"] for one in found["memory"].values()]
    return {
        "each question is answered or explained once": not (found["lost"] or found["doubled"]),
        "what is shown is in the database": not found["shown but not in SQL"],
        "each acknowledged thumb is kept or explained": not found["thumbs lost"],
        "no job waits": not _waiting(found["open jobs"]),
        "who asked was told of each question that was given up": (
            found["open jobs"].get("question quarantined", 0) <= found["explained"]
        ),
        "the index has what it had": found["index"][0] == found["index"][1],
        "phi3 doctor finds nothing": not found["doctor"],
        "the database is whole": not found["database"],
        "memory is flat": None if None in flat or not flat else all(flat),
    }


def _waiting(jobs: Mapping[str, int]) -> dict[str, int]:
    return {what: number for what, number in jobs.items() if not what.endswith(" quarantined")}


def markdown(found: Mapping[str, Any]) -> str:
    done = ", ".join(f"{found[name]:,} {name}" for name in ("answered", "explained"))
    lines = [
        f"{found['asked']:,} questions in {found['minutes']:g} minutes, "
        f"{found['rate']:g} a second: {done}, {found['lost']} lost, {found['doubled']} doubled. "
        f"{found['thumbs']:,} thumbs, {found['thumbs explained']} explained, "
        f"{found['thumbs lost']} lost.",
        "",
        "| promise | kept |",
        "|---|---|",
        *(f"| {what} | {_KEPT[so]} |" for what, so in found["passed"].items()),
        "",
        "| role | processes | longest life | MB at first | middle | end | most | MB an hour |",
        "|---|---|---|---|---|---|---|---|",
        *(_memory_row(role, one) for role, one in found["memory"].items()),
        "",
        "| fault | minute | seconds | questions meanwhile | of them answered within a minute |",
        "|---|---|---|---|---|",
        *(_fault_row(one) for one in found["faults"]),
        "",
        f"Until the whole answer: median {found['waits']['median']:.1f} s, "
        f"p99 {found['waits']['p99']:.0f} s, longest {found['waits']['longest']:.0f} s.",
    ]
    if found["not tried"]:
        lines.append(f"Not tried here: {', '.join(found['not tried'])}.")
    lines += [f"- doctor: {one}" for one in found["doctor"]]
    lines += [f"- open jobs: {what}: {number}" for what, number in found["open jobs"].items()]
    return "\n".join([*lines, ""])


def _memory_row(role: str, one: Mapping[str, Any]) -> str:
    cells = (one["processes"], f"{one['seconds']} s", *(f"{one[name]:.0f}" for name in _SIZES))
    return f"| {role} | {' | '.join(map(str, cells))} | {one['slope']:+.0f} |"


_KEPT = {True: "yes", False: "NO", None: "the run was too short"}
_SIZES = ("begins", "middle", "ends", "most")


def _fault_row(one: Mapping[str, Any]) -> str:
    return (
        f"| {one['fault']}{'' if one['made'] else ' (not made: it did not run)'} "
        f"| {one['at'] / 60:.1f} | {one['ends'] - one['at']:.0f} | {one['asked']} | {one['soon']} |"
    )


def _waits(lines: Sequence[Line]) -> dict[str, float]:
    """Seconds from a question to its whole answer."""
    waits = sorted(line["waited"] for line in lines if line["what"] == "answered")
    if not waits:
        return {"median": 0.0, "p99": 0.0, "longest": 0.0}
    return {
        "median": waits[len(waits) // 2],
        "p99": waits[int(len(waits) * 0.99)],
        "longest": waits[-1],
    }


def _faults(lines: Sequence[Line], samples: Sequence[Line]) -> list[dict[str, Any]]:
    answered = {line["answer"]: line["waited"] for line in lines if line["what"] == "answered"}
    asked = [line for line in lines if line["what"] == "asked"]
    ends = {(line["fault"], line["began"]): line["at"] for line in lines if line["what"] == "ended"}
    found = []
    for line in lines:
        if line["what"] != "fault":
            continue
        end = ends.get((line["fault"], line["at"]), line["at"])
        # What is asked a moment after a kill meets a role that is not there yet.
        meanwhile = [one for one in asked if line["at"] <= one["at"] <= max(end, line["at"] + 5)]
        soon = sum(answered.get(one["answer"], 1e9) <= 60 for one in meanwhile)
        found.append(
            {
                "fault": line["fault"],
                "made": line["made"],
                "at": line["at"],
                "ends": end,
                "asked": len(meanwhile),
                "soon": soon,
            }
        )
    return found
