"""The page Audit log: who changed what in the console."""

from fastapi import APIRouter
from starlette.responses import Response

from console.page import Page
from console.paging import rows_of
from console.visit import Admin
from domain.console import ConsoleRole

router = APIRouter()
PAGE = Page("Audit log", "/audit", router, ConsoleRole.ADMIN)

SHOWN = 100


@router.get("/audit")
def audit(visit: Admin, after: int | None = None) -> Response:
    found = visit.parts.audit.latest(SHOWN + 1, after)
    return visit.page("pages/audit.html", entries=rows_of(found, SHOWN, lambda entry: entry.id))
