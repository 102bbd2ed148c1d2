"""The page about one's own session: the role, what one may read, and signing out."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.page import Page
from console.visit import Admin, Reader

router = APIRouter()
PAGE = Page("You", "/you", router)


@router.get("/you")
def you(visit: Reader) -> Response:
    return visit.page(
        "pages/you.html",
        audience=visit.visitor.audience,
        may_read_all=visit.parts.admins_read_all and visit.session.role == "admin",
    )


@router.post("/you/reads-all")
def read_all(visit: Admin, wanted: Annotated[bool, Form()] = False) -> Response:
    """Lets an admin read what only others may, where the settings allow it."""
    if not visit.parts.admins_read_all:
        raise HTTPException(403, "PHI3_CONSOLE_ADMINS_READ_ALL is off, so nobody may.")
    did = "began to read everything" if wanted else "stopped reading everything"
    with visit.change(did, f"session {visit.session.id}"):
        visit.parts.sessions.read_all(visit.session.id, wanted=wanted)
    note = "You now see everything" if wanted else "You now see what all members may read"
    return visit.done("/you", f"{note}; the audit log says so.")
