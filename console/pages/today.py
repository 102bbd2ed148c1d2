"""The page Today: what was asked, how that went, what runs and waits, and what to do next."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from console.next_step import steps
from console.page import Page
from console.visit import Reader
from domain.adapters import Outcome
from records.adapters import Adapters
from records.days import Days
from records.open_work import open_work
from records.runs import Runs

router = APIRouter()
PAGE = Page("Today", "/", router)

DAYS = 7


@router.get("/")
def today(visit: Reader) -> Response:
    database, needs, now = visit.parts.database, visit.parts.today, datetime.now(UTC)
    days = visit.parts.day_figures.last(DAYS, now)
    roles, work = needs.roles(), open_work(database)
    latest = Runs(database).latest(2)
    night = next((run for run in latest if run.outcome is not Outcome.RUNNING), None)
    return visit.page(
        "pages/today.html",
        days=days,
        zone=ZoneInfo(needs.zone),
        questions=sum(day.counts.questions for day in days),
        refused=sum(day.counts.refused for day in days),
        good=sum(day.good for day in days),
        rated=sum(day.good + day.bad for day in days),
        latency=Days(database).latency(now - timedelta(days=DAYS), now + timedelta(days=1)),
        roles=roles,
        work=work,
        night=night,
        is_training=any(run.outcome is Outcome.RUNNING for run in latest),
        answering=Adapters(database).answering(),
        steps=steps(roles, work, night),
    )
