"""The page People: who is kept out of training, what is stored about somebody, and forgetting."""

import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import RedirectResponse, Response, StreamingResponse

from console.page import Page
from console.paging import rows_of
from console.person_export import export
from console.visit import Admin, Visit
from domain.console import ConsoleRole
from records.consent import Consent
from records.person_data import PersonData

router = APIRouter()
PAGE = Page("People", "/people", router, ConsoleRole.ADMIN)

SHOWN = 50
_ID = r"[UW][A-Z0-9]{1,30}|terminal"
PersonId = Annotated[str, Path(pattern=f"^({_ID})$")]
_FORM_OF_IDS = "Write the person's id in Slack, as in U012ABC."


@router.get("/people")
def people(visit: Admin, after: str = "", person: str | None = None) -> Response:
    if person is None:
        return _list(visit, after)
    if not re.fullmatch(_ID, person.strip()):
        return _list(visit, after, {"person": _FORM_OF_IDS}, 422, person)
    return RedirectResponse(f"/people/{person.strip()}", 303)


@router.get("/people/{person}")
def one_person(visit: Admin, person: str) -> Response:
    if not re.fullmatch(_ID, person):
        return _list(visit, "", {"person": _FORM_OF_IDS}, 422, person)
    database = visit.parts.database
    return visit.page(
        "pages/person.html",
        person=person,
        found=PersonData(database).in_numbers(person),
        may_train=Consent(database).may_train(person),
    )


@router.post("/people/{person}/training")
def choose_training(
    visit: Admin, person: PersonId, may_train: Annotated[bool, Form()] = False
) -> Response:
    """Keeps a person out of training, as they asked, or not any more."""
    did = "let into training" if may_train else "kept out of training"
    with visit.change(did, person):
        Consent(visit.parts.database).choose(person, may_train=may_train)
    return visit.done(f"/people/{person}", f"From the next night on, {person} is {did}.")


@router.post("/people/{person}/export")
def export_person(visit: Admin, person: PersonId) -> Response:
    """A POST, since the audit log keeps who took a person's data."""
    visit.noted("exported the data of", person)
    parts = export(visit.parts.database, person, visit.visitor)
    return StreamingResponse(
        parts,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{person}.json"'},
    )


@router.get("/people/{person}/forget")
def ask_to_forget(visit: Admin, person: PersonId) -> Response:
    found = PersonData(visit.parts.database).in_numbers(person)
    return visit.page("pages/forget_person.html", person=person, found=found)


@router.post("/people/{person}/forget")
def forget(visit: Admin, person: PersonId, again: Annotated[str, Form()] = "") -> Response:
    """Raises NotFound, RunInProgress, RetrievalError."""
    if again.strip() != person:
        found = PersonData(visit.parts.database).in_numbers(person)
        errors = {"again": "Write the same id, so that nobody else is forgotten."}
        values = {"person": person, "found": found}
        return visit.page("pages/forget_person.html", 422, errors=errors, **values)
    deleted = visit.parts.people.forget(person)
    # The log must not keep who was forgotten, also if admins forget themselves.
    is_own = person == visit.session.person
    by = replace(visit.session, person="").by if is_own else visit.session.by
    visit.parts.audit.add(by, "forgot a person", "who is not named any more")
    return visit.done("/people", deleted)


def _list(
    visit: Visit,
    after: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
    person: str = "",
) -> Response:
    kept_out = Consent(visit.parts.database).kept_out_after(after, SHOWN + 1)
    return visit.page(
        "pages/people.html",
        status,
        errors=errors or {},
        person=person,
        kept_out=rows_of(kept_out, SHOWN, str),
        kept=visit.parts.people.kept,
    )
