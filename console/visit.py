"""A request to a page: who asks, what they may, and how it is answered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.cookies import cookie_name
from console.csrf import csrf_token
from console.notes import leave_note, take_note
from console.parts import Parts
from console.rendering import html
from console.signed_in import COOKIE
from console.visitors import Visitor
from domain.console import ConsoleRole, ConsoleSession


@dataclass
class Visit:
    """Made by ``Reader``, ``Editor`` or ``Admin`` for a route that demands this role."""

    request: Request
    session: ConsoleSession

    @property
    def parts(self) -> Parts:
        parts: Parts = self.request.app.state.parts
        return parts

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return cookie_name(COOKIE, is_https=self.parts.address.is_https)

    @cached_property
    def visitor(self) -> Visitor:
        """Raises DatabaseUnavailable."""
        return self.parts.visitor_of(self.session)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """The page, with the navigation, and with the note that a change before left."""
        from console.pages import PAGES

        is_https = self.parts.address.is_https
        note = take_note(self.request, is_https=is_https)
        listed = [
            page for page in PAGES if page.is_listed and self.session.role.includes(page.role)
        ]
        response = html(
            template,
            status,
            session=self.session,
            pages=listed,
            path=self.request.url.path,
            csrf=csrf_token(self.request.state.secret),
            note=note,
            here=self.here,
            errors=values.pop("errors", {}),
            **values,
        )
        if note:
            leave_note(response, "", is_https=is_https)
        return response

    def here(self, **changed: object) -> str:
        """The path and query of this page, with some of the query changed or, if empty, removed."""
        query = dict(self.request.query_params) | {name: str(v) for name, v in changed.items()}
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"{self.request.url.path}?{kept}" if kept else self.request.url.path

    def done(self, path: str, note: str) -> Response:
        """What a change answers: the page at ``path``, which then shows the note once."""
        response = RedirectResponse(path, 303)
        leave_note(response, note, is_https=self.parts.address.is_https)
        return response

    @contextmanager
    def change(self, did: str, to: str) -> Iterator[None]:
        """One transaction for a change and its row in the audit log: ``did`` this, ``to`` that.

        Raises DatabaseUnavailable.
        """
        with self.parts.database.together():
            yield
            self.noted(did, to)

    def noted(self, did: str, to: str) -> None:
        """Only writes the row of the audit log, for what is no change of the database."""
        self.parts.audit.add(self.session.by, did, to)


def visit_as(role: ConsoleRole) -> Callable[[Request], Visit]:
    """A dependency: the visit of somebody who has this role. Others get 403."""

    def visit(request: Request) -> Visit:
        session: ConsoleSession = request.state.session
        if not session.role.includes(role):
            raise HTTPException(
                403, f"Only {role}s may do this; you are signed in as {session.role}."
            )
        return Visit(request, session)

    return visit


Reader = Annotated[Visit, Depends(visit_as(ConsoleRole.READER))]
Editor = Annotated[Visit, Depends(visit_as(ConsoleRole.EDITOR))]
Admin = Annotated[Visit, Depends(visit_as(ConsoleRole.ADMIN))]
