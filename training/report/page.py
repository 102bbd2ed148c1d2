"""The page of a night, made from the data of its report and nothing else.

It is one file that loads nothing, runs nothing and sends nothing: its policy forbids all three.
What people and models wrote is text in it, whatever it says: it is escaped, and what hides or
reorders characters is removed.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from domain.adapters import AdapterState, Outcome
from domain.causes import Cause
from domain.text import is_blank, truncate, visible
from training.report import golden, pictures
from training.report.data import Json, change

if TYPE_CHECKING:
    from jinja2 import Environment

_SHOWN = 10
"""How many held-back questions are shown, beginning with those that changed most."""

_LONGEST = 1_000
"""Characters of a text that is shown."""

_HEADINGS = {
    Outcome.SKIPPED: "No training this night",
    Outcome.REJECTED: "The night's adapter was not good enough",
    Outcome.HELD: "A better model waits for an admin",
    Outcome.PROMOTED: "A better model answers from now on",
    Outcome.FAILED: "The night failed",
}
_ON_TRIAL = "A better model is on trial"

_CAN_UNDO = (AdapterState.LIVE, AdapterState.CANARY, AdapterState.HELD)
_BECAME = {
    Outcome.PROMOTED: AdapterState.LIVE,
    Outcome.HELD: AdapterState.HELD,
    Outcome.REJECTED: AdapterState.REJECTED,
}

_FIGURES = (
    ("agreement", "agreement", "{:.3f}"),
    ("f1", "right words (F1)", "{:.3f}"),
    ("contained", "right answer within", "{:.1%}"),
    ("cited", "backed by a source", "{:.1%}"),
    ("refused", "refused", "{:.1%}"),
    ("characters", "characters", "{:.0f}"),
)

_HELPS = {
    Cause.RETRIEVAL: "No training helps: the search or the documents must.",
    Cause.DOCUMENT: "No training helps: whoever looks after the document can.",
    Cause.MODEL: "This is what nights train against.",
}


def page(read: Json) -> str:
    """The page as HTML. Raises KeyError, TypeError, ValueError if ``read`` is no night's data.

    Parts that earlier versions did not write are left out.
    """
    made = _environment()
    style = made.get_template("page.css").render()
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return made.get_template("page.html").render(style=style, digest=digest, **_shown(read))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("training.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    made.filters |= {"said": _said, "time": _time, "day": pictures.day}
    return made


def _shown(read: Json) -> Json:
    run: Json = read.get("run", {})
    evaluation = run.get("evaluation")
    nights: Sequence[Json] = read.get("nights", [])
    trained = read.get("trained")
    bounds = read.get("bounds")
    outcome, state = run.get("outcome"), read.get("state")
    questions = sorted(read["questions"], key=change, reverse=True)
    return {
        "run": run,
        "heading": _heading(outcome, state),
        "outcome": outcome or "",
        "adapter": run.get("adapter") or read.get("candidate"),
        "became": state if state in _CAN_UNDO else _BECAME.get(Outcome(outcome or "failed")),
        "seconds": _seconds(run),
        "evaluation": evaluation,
        "bounds": bounds,
        "figures": _figures(evaluation) if evaluation else [],
        "guesses": _guesses(evaluation, read, nights) if evaluation and bounds else None,
        "to_beat": read.get("to_beat"),
        "before": read.get("before", []),
        "questions": questions[:_SHOWN],
        "compared": len(questions),
        "golden": golden.in_order(read.get("golden", [])),
        "golden_summary": golden.summary(read.get("golden", [])),
        "came_in": read.get("came_in"),
        "train": read.get("train", run.get("examples", 0)),
        "held_back": read.get("held_back", 0),
        "people": read.get("people", 0),
        "largest_share": read.get("largest_share", 0.0),
        "left_out": _most_first(read.get("left_out", {})),
        "causes": _causes(read.get("causes", {})),
        "searched_again": read.get("searched_again", 0),
        "found_by_now": read.get("found_by_now", 0),
        "trained": trained,
        "memory": read.get("memory", ""),
        "refusals": (read.get("refusals") or {}).get("says", ""),
        "loss": pictures.loss(trained["losses"], trained.get("watched", [])) if trained else None,
        "nights": nights,
        "curve": pictures.curve(nights),
    }


def _heading(outcome: str | None, state: str | None) -> str:
    if outcome == Outcome.PROMOTED and state == AdapterState.CANARY:
        return _ON_TRIAL
    return _HEADINGS[Outcome(outcome)] if outcome in list(_HEADINGS) else "A night"


def _seconds(run: Json) -> float | None:
    if not run.get("finished_at"):
        return None
    began, ended = (datetime.fromisoformat(run[at]) for at in ("started_at", "finished_at"))
    return (ended - began).total_seconds()


def _figures(evaluation: Json) -> list[tuple[str, str, str]]:
    live, candidate = evaluation["live"], evaluation["candidate"]
    return [
        (label, form.format(live[name]), form.format(candidate[name]))
        for name, label, form in _FIGURES
    ]


def _guesses(evaluation: Json, read: Json, nights: Sequence[Json]) -> pictures.Guesses:
    dates = {one["run"]: pictures.day(one["at"]) for one in nights}
    tolerated = read["bounds"]["tolerated"]
    return pictures.guesses(evaluation, read.get("before", []), tolerated, dates)


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(((why, n) for why, n in counts.items() if n), key=lambda each: -each[1])


def _causes(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    named = [(cause, counts.get(cause.name.lower(), 0)) for cause in Cause]
    return [(cause.in_words, n, _HELPS[cause]) for cause, n in named if n]


def _said(text: Any, longest: int = _LONGEST) -> str:
    """What somebody wrote, as it may be shown: harmless, not endless and not empty."""
    shown = visible(str(text))
    return "(nothing)" if is_blank(shown) else truncate(shown.strip(), longest)


def _time(at: str) -> str:
    read = datetime.fromisoformat(at)
    return f"{read.day} {read:%B %Y, %H:%M} UTC"
