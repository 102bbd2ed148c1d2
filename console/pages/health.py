"""The page Health: what doctor finds, the versions, and how the memory is planned."""

from fastapi import APIRouter
from starlette.responses import Response

from console.page import Page
from console.visit import Admin
from domain.console import ConsoleRole
from domain.errors import ConfigError

router = APIRouter()
PAGE = Page("Health", "/doctor", router, ConsoleRole.ADMIN)


@router.get("/doctor")
def health(visit: Admin) -> Response:
    needs = visit.parts.health
    try:
        memory, not_planned = needs.memory(), ""
    except ConfigError as error:
        memory, not_planned = [], error.public
    return visit.page(
        "pages/health.html",
        checked=visit.parts.last_check.found,
        versions=needs.versions(),
        memory=memory,
        not_planned=not_planned,
    )


@router.post("/doctor/check")
def check(visit: Admin) -> Response:
    """Checks every part, which takes some seconds. It changes nothing, so no log keeps it."""
    done = visit.parts.last_check.again()
    return visit.done("/doctor", "Everything was checked." if done else "A check runs already.")
