"""The page Nights: what each decided and why, what answers now, and what an admin does about it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, Response

from console.curve import HEIGHT, WIDTH, curve_of
from console.page import Page
from console.visit import Admin, Reader
from domain.adapters import AdapterState, Order, TrainingRun
from domain.errors import NotFound, Phi3Error
from domain.night_rows import Became
from records.adapters import Adapters
from records.database import Database
from records.night_rows import NightRows
from records.runs import Runs
from records.trials import Trials

router = APIRouter()
PAGE = Page("Nights", "/nights", router)

_SHOWN = 60
_CHOICES = 25
_CHANGES = 10

_DID = {
    "promote": "promoted",
    "approve": "approved",
    "rollback": "rolled back",
    "hold": "put nights on hold",
    "lift": "let nights promote again",
}
"""What the audit log says."""

NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups"
"""The policy for a night's own page, which has its styles and pictures inside."""


@router.get("/nights")
def nights(visit: Reader) -> Response:
    database, changes = visit.parts.database, visit.parts.nights.changes
    runs, adapters = Runs(database).latest(_SHOWN), Adapters(database)
    answering, trials = adapters.answering(), Trials(database)
    trial = trials.running()
    live = answering.live.name if answering.live else None
    seen = answering.on_trial.name if answering.on_trial else live
    promotable = [one for one in adapters.promotable(_CHOICES) if one.name != live]
    return visit.page(
        "pages/nights.html",
        runs=runs,
        curve=curve_of(runs),
        width=WIDTH,
        height=HEIGHT,
        answering=answering,
        held=[one for one in promotable if one.state is AdapterState.HELD],
        promotable=promotable,
        trial=trial,
        tally=trials.tally(trial) if trial else None,
        on_hold=changes.on_hold(),
        is_approved=bool(live) and changes.is_approved(live or ""),
        changes=changes.latest(_CHANGES),
        seen=seen or "",
        request=uuid4().hex,
    )


@router.post("/nights/adapters")
def decide(
    visit: Admin,
    do: Annotated[Literal["promote", "approve", "rollback", "hold", "lift"], Form()],
    request: Annotated[str, Form(min_length=8, max_length=64)],
    seen: Annotated[str, Form()] = "",
    adapter: Annotated[str, Form()] = "",
) -> Response:
    """Does one thing once, if what the page showed still answers."""
    changes, by = visit.parts.nights.changes, visit.visitor.by
    order = Order(by, datetime.now(UTC), f"console:{request}", seen or None)
    try:
        match do:
            case "promote":
                made = changes.promote(adapter, order)
            case "approve":
                made = changes.approve(adapter, order)
            case "rollback":
                made = changes.rollback(order)
            case "hold":
                made = changes.hold(order)
            case "lift":
                made = changes.lift(order)
    except Phi3Error as error:
        return visit.done("/nights", f"Nothing was changed: {error.public}")
    visit.noted(_DID[do], adapter or seen)
    if do in ("hold", "lift"):
        word = "wait for an approval" if do == "hold" else "promote by themselves again"
        return visit.done("/nights", f"Nights {word}.")
    now = made.adapter or "the model as it was installed"
    return visit.done("/nights", f"From the next question on, {now} answers.")


@router.get("/nights/{run_id}")
def night(visit: Reader, run_id: str) -> Response:
    run = _run(visit.parts.database, run_id)
    rows = NightRows(visit.parts.database).of_run(run_id)
    causes = Counter(str(row.cause) for row in rows if row.cause)
    return visit.page(
        "pages/night.html",
        run=run,
        used=sum(row.became is Became.TRAINED for row in rows),
        compared=sum(row.became is Became.HELD_BACK for row in rows),
        causes=sorted(causes.items()),
        has_page=visit.parts.nights.page_of(run) is not None,
    )


@router.get("/nights/{run_id}/report")
def report(visit: Admin, run_id: str) -> Response:
    """The night's own page; it holds answers that not every reader may see."""
    page = visit.parts.nights.page_of(_run(visit.parts.database, run_id))
    if page is None:
        raise NotFound("This night's page was not written, or is on another machine.")
    return HTMLResponse(page.read_bytes(), headers={"Content-Security-Policy": NOTHING_RUNS})


def _run(database: Database, run_id: str) -> TrainingRun:
    found = Runs(database).find(run_id)
    if found is None:
        raise NotFound("There is no such night.")
    return found
