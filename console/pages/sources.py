"""The page Sources: what is read, who may read it, and adding, reading again and removing."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, UploadFile
from starlette.responses import Response

from console.page import Page
from console.paging import rows_of
from console.visit import Editor, Reader, Visit
from domain.documents import Source, SourceState
from domain.errors import AlreadyChanged, IngestError, NotFound, RetrievalError
from domain.labels import EVERYONE, is_label
from domain.links import address_of, is_web, link_to
from domain.questions import Audience
from domain.text import visible
from records.collections import Collections
from records.grants import Grants
from records.source_pages import SourcePages
from records.sources import Sources

MOST_BYTES = 200 << 20
"""The largest request with a file; larger files are added in the terminal."""

router = APIRouter()
PAGE = Page("Sources", "/sources", router, most_bytes=MOST_BYTES)

_SHOWN = 50
_LOOKED_AT = 500
"""Of so many collections in trouble, those are shown that the visitor may read."""
_PASSAGES = 50
_LONGEST = 2_000
_NAME = 100
_UNSAFE = re.compile(r"[^\w.()+ -]")


@router.get("/sources")
def sources(
    visit: Reader,
    state: Annotated[SourceState | Literal[""], Query()] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=_LONGEST)] = "",
) -> Response:
    found = SourcePages(visit.parts.database).page(
        None if visit.visitor.reads_all else visit.visitor.audience,
        _SHOWN + 1,
        state=state or None,
        text=text.strip(),
        after=after,
    )
    collections = [
        one
        for one in Collections(visit.parts.database).troubled(_LOOKED_AT)
        if one.trouble and visit.visitor.may_read(one.readers)
    ]
    return visit.page(
        "pages/sources.html",
        sources=rows_of(found, _SHOWN, lambda one: one.uri),
        troubled=collections[:_SHOWN],
        state=state,
        text=text,
    )


@router.get("/sources/add")
def form(visit: Editor) -> Response:
    return _form(visit)


@router.post("/sources/add")
def add(
    visit: Editor,
    target: Annotated[str, Form(max_length=_LONGEST)] = "",
    readers: Annotated[str, Form(max_length=200)] = EVERYONE,
    site: Annotated[bool, Form()] = False,
    wider: Annotated[bool, Form()] = False,
    do: Annotated[Literal["add", "try"], Form()] = "add",
) -> Response:
    """Adds an address; ``try`` only says what would be read.

    ``wider`` opens to everyone also what was added for fewer people before.
    """
    target = target.strip()
    values: dict[str, Any] = {"target": target, "readers": readers, "site": site, "wider": wider}
    if not target:
        return _form(visit, 422, errors={"target": "Write an address."}, **values)
    if not (audience := _audience(readers)):
        return _form(visit, 422, errors={"readers": _NO_LABEL}, **values)
    try:
        if do == "try":
            return _form(visit, report=visit.parts.sources.would(target, site), **values)
        known = visit.parts.sources.readers_of(target, site)
        if known and wider and not visit.visitor.may_read(known):
            return _form(visit, 422, errors={"target": _NOT_YOURS}, **values)
        only_new = audience.is_everyone and not wider
        uri = visit.parts.sources.add(
            target, audience, visit.visitor.by, is_site=site, only_new=only_new
        )
    except IngestError as error:
        return _form(visit, 422, errors={"target": error.public}, **values)
    visit.noted("added", uri)
    who = f"Who may: {audience.in_words()}."
    if known and only_new and not known.is_everyone:
        who = "It was there already: who may read that stays as it is."
    return visit.done("/sources", f"{uri} is read within a minute. {who}")


@router.post("/sources/upload")
def upload(
    visit: Editor,
    file: Annotated[UploadFile | str, Form()] = "",
    upload_readers: Annotated[str, Form(max_length=200)] = EVERYONE,
) -> Response:
    """``file`` is text where the browser sends none."""
    values = {"upload_readers": upload_readers}
    if isinstance(file, str) or not file.filename:
        return _form(visit, 422, errors={"file": "Choose a file."}, **values)
    if not (audience := _audience(upload_readers)):
        return _form(visit, 422, errors={"upload_readers": _NO_LABEL}, **values)
    name, sender = _file_name(file.filename), visit.session.rater
    try:
        uri = visit.parts.sources.keep(file.file, name, audience, visit.visitor.by, sender)
    except OSError as error:
        why = error.strerror or "an error of the disk"
        return _form(visit, 507, errors={"file": f"The file could not be kept: {why}."}, **values)
    visit.noted("uploaded", uri)
    who = audience.in_words()
    return visit.done("/sources", f"{name} is read within a minute. Who may: {who}.")


@router.get("/sources/one")
def one(
    visit: Reader,
    uri: Annotated[str, Query(max_length=_LONGEST)],
    first: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    found = _readable(visit, uri)
    try:
        read = visit.parts.sources.passages
        passages = read(found.document, first, _PASSAGES + 1) if found.document else ()
        failed = ""
    except RetrievalError as error:
        passages, failed = (), error.public
    link = link_to(found.uri, passages[0].where) if passages else found.uri
    return visit.page(
        "pages/source.html",
        source=found,
        grants=Grants(visit.parts.database).of(uri),
        words_of=lambda label: Audience.of(label).in_words(),
        collections=Collections(visit.parts.database).of(uri),
        passages=passages[:_PASSAGES],
        first=first,
        next=first + _PASSAGES if len(passages) > _PASSAGES else 0,
        failed=failed,
        link=link if link and is_web(link) else "",
    )


@router.post("/sources/again")
def again(visit: Editor, uri: Annotated[str, Form(max_length=_LONGEST)]) -> Response:
    _there(visit, uri)
    visit.parts.sources.again(uri)
    visit.noted("read again", uri)
    what = "and its whole site are" if _documents_with(visit, uri) > 1 else "is"
    return visit.done("/sources", f"{address_of(uri)} {what} read again within a minute.")


@router.get("/sources/remove")
def confirm(visit: Editor, uri: Annotated[str, Query(max_length=_LONGEST)]) -> Response:
    found = _readable(visit, uri)
    return visit.page(
        "pages/source_remove.html", source=found, documents=_documents_with(visit, uri)
    )


@router.post("/sources/remove")
def remove(visit: Editor, uri: Annotated[str, Form(max_length=_LONGEST)]) -> Response:
    _there(visit, uri)
    said = visit.parts.sources.remove(uri)
    visit.noted("removed", uri)
    return visit.done("/sources", f"{said}.")


_NOT_YOURS = "It was added for others than you before: only one of them can open it to everyone."
_NO_LABEL = "Write everyone, team:T1, channel:T1:C1 or person:T1:U1, with the ids in capitals."


def _form(visit: Visit, status: int = 200, **values: Any) -> Response:
    blank = {"target": "", "readers": EVERYONE, "upload_readers": EVERYONE, "report": None}
    given = blank | {"site": False, "wider": False} | values
    return visit.page("pages/source_add.html", status, most=MOST_BYTES >> 20, **given)


def _documents_with(visit: Visit, uri: str) -> int:
    """How many documents go with this one: the first page of a site stands for all of it."""
    members = Sources(visit.parts.database).members(uri).values()
    return sum(each.state is not SourceState.REMOVED for each in members)


def _audience(label: str) -> Audience | None:
    return Audience.of(label.strip()) if is_label(label.strip()) else None


def _readable(visit: Visit, uri: str) -> Source:
    """Raises NotFound, also if the visitor may not read it."""
    found = Sources(visit.parts.database).find(uri)
    if found is None or not visit.visitor.may_read(found.audience):
        raise NotFound("There is no such source, or you may not read it.")
    return found


def _there(visit: Visit, uri: str) -> None:
    """Raises NotFound as ``_readable``, and AlreadyChanged if somebody removed the source."""
    if _readable(visit, uri).state is SourceState.REMOVED:
        raise AlreadyChanged(f"Somebody removed {address_of(uri)} meanwhile.")


def _file_name(sent: str) -> str:
    """A name for a file of this machine, without folders."""
    name = visible(Path(sent.replace("\\", "/")).name)
    name = _UNSAFE.sub("_", name).strip(". ") or "file"
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: _NAME - len(ending)]}{dot}{ending}" if len(ending) < 10 else name[:_NAME]
