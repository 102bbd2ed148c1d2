"""The page Today: what was asked, how that went, what waits, and what is broken."""

from fastapi import APIRouter
from starlette.responses import Response

from console.page import Page
from console.visit import Reader

router = APIRouter()
PAGE = Page("Today", "/", router)


@router.get("/")
def today(visit: Reader) -> Response:
    return visit.page("pages/today.html", roles=visit.parts.today.roles())
