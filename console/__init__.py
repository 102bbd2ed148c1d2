"""The console: pages to look after the expert, and to try it without Slack.

FastAPI and Jinja, rendered on the server: a page is HTML that works without any script. `phi3
console` runs it (cli/commands/console.py).

How to add a page
-----------------

1.  ``console/pages/NAME.py``: one page, its routes and what they read.

        router = APIRouter()
        PAGE = Page("Gaps", "/gaps", router)  # role=ConsoleRole.ADMIN hides it from others

        @router.get("/gaps")
        def gaps(visit: Reader, after: str = "") -> Response:
            found = visit.parts.gaps.open(visit.visitor.audience, after, SHOWN + 1)
            return visit.page("pages/gaps.html", gaps=rows_of(found, SHOWN, lambda gap: gap.id))

        @router.post("/gaps/{gap}/close")
        def close(visit: Editor, gap: str, why: Annotated[str, Form()] = "") -> Response:
            if not why.strip():
                return visit.page("pages/gap.html", 422, errors={"why": "Say what closed it."}, …)
            with visit.change("closed gap", gap):
                visit.parts.gaps.close(gap, visit.visitor.by, why)
            return visit.done("/gaps", "The gap is closed.")

    ``Reader``, ``Editor`` and ``Admin`` (console/visit.py) are the role that a route demands. Every
    route has one of them; who is not signed in never reaches a route. Routes are plain ``def``, so
    that reading the database holds up nobody else.

2.  Name the module in ``console/pages/__init__.py``: the navigation and the routes come from
    there.

3.  ``console/templates/pages/NAME.html``: ``{% extends "page.html" %}`` with the blocks ``title``
    and ``content``, and ``{% import "ui.html" as ui with context %}`` for tables, forms, tags,
    empty states and paging. Everything is escaped: never use ``|safe``. No ``style`` attribute,
    no inline script: the browser would refuse them. Its looks are in ``static/console.css``.

4.  What it reads: a ``records`` class is made from ``visit.parts.database``. What is not in
    records, knowledge or serving (asking, reading documents, nights, doctor) is described by a
    small protocol or dataclass of functions in ``console/needs/NAME.py``, is a field of ``Parts``
    (console/parts.py), and is given in cli/console_parts.py.

Rules
-----

*   A change is a POST, and answers ``visit.done(path, note)``: POST → redirect → GET. The form
    has ``ui.form``, which brings the CSRF token; it is checked before the route is called. With
    htmx the header ``X-CSRF-Token`` serves, which page.html sets.
*   A change of the database is made inside ``with visit.change(did, to)``: it is one transaction
    with the row of the audit log. Keep it short. What takes longer (reading a document, a model)
    becomes a job, or is done after ``visit.noted(did, to)``.
*   If somebody else was faster, raise ``AlreadyChanged``: it becomes a page that says so (409).
    Other errors of domain/errors.py become pages by themselves; ``NotFound`` is 404.
*   Nobody sees what they may not read in Slack: documents with ``visitor.may_read(audience)`` or
    ``visitor.audience`` in the query, questions and answers with ``visitor.may_see(question)``.
    Both know about an admin who chose to read everything, where the settings allow that.
*   A page answers in under 100 ms with a million answers: by an index, a few rows at a time,
    paged by key (``rows_of``), never by OFFSET or COUNT over everything.
*   Tests: tests/console/conftest.py has a running console, browsers, and `check_axe`.
"""
