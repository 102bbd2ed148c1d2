"""The page Gaps: what people asked and the documents did not answer, and who sees to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.responses import Response

from console.errors import NotKept
from console.page import Page
from console.visit import Editor, Reader, Visit
from domain.documents import LONGEST_ADDRESS
from domain.errors import AlreadyChanged, NotFound
from domain.gaps import Gap
from domain.questions import Audience, Question
from knowledge.sources.addresses import known_address
from records.gaps import Gaps

router = APIRouter()
PAGE = Page("Gaps", "/gaps", router)

_SHOWN = 50
_ASKED = 50


@dataclass(frozen=True, slots=True)
class _Viewer:
    """A visitor as somebody who looks at gaps."""

    visit: Visit

    def may_read(self, question: Question) -> bool:
        return self.visit.visitor.may_see(question)

    def audience(self, channels: Iterable[str]) -> Audience:  # noqa: ARG002 - it is the visitor's
        return self.visit.visitor.audience


@router.get("/gaps")
def gaps(visit: Reader) -> Response:
    return visit.page("pages/gaps.html", gaps=visit.parts.gaps.largest(_Viewer(visit), _SHOWN))


@router.post("/gaps/refresh")
def refresh(visit: Editor) -> Response:
    visit.parts.gaps.refresh()
    return visit.done("/gaps", "What failed lately is in gaps now.")


@router.get("/gaps/{gap_id}")
def gap(visit: Reader, gap_id: str) -> Response:
    known = Gaps(visit.parts.database).find(gap_id)
    if known is None:
        raise NotFound("There is no such gap.")
    view = visit.parts.gaps.one(gap_id, _Viewer(visit))
    return visit.page(
        "pages/gap.html",
        gap=known,
        seen=_version(known),
        view=view,
        asked=view.readable[:_ASKED] if view else (),
    )


@router.post("/gaps/{gap_id}")
def end(
    visit: Editor,
    gap_id: str,
    do: Annotated[Literal["answered", "dismiss", "wait"], Form()],
    seen: Annotated[str, Form(max_length=200)],
    address: Annotated[str, Form(max_length=LONGEST_ADDRESS)] = "",
) -> Response:
    """Ends an open gap, or says which document will: it is closed once that is read.

    ``seen`` is how the gap was when the page was shown.
    """
    records, by, now = Gaps(visit.parts.database), visit.visitor.by, datetime.now(UTC)
    awaited = _known(address.strip())
    if do == "wait" and not awaited:
        raise NotKept(_NO_ADDRESS)
    with visit.change(_DID[do], gap_id):
        known = records.held(gap_id)
        if known is None or _version(known) != seen:
            raise AlreadyChanged(_CHANGED)
        match do:
            case "answered":
                is_done = visit.parts.gaps.close(gap_id, by)
            case "dismiss":
                is_done = records.dismiss(gap_id, by, now)
            case "wait":
                is_done = records.wait_for(gap_id, awaited, by, now)
        if not is_done:
            raise AlreadyChanged(_CHANGED)
    return visit.done(f"/gaps/{gap_id}", _SAID[do])


def _known(written: str) -> str:
    """The address as its source would be known, so that it is found once it is read."""
    is_path = written.startswith("/") and written.isprintable()
    return written if is_path else known_address(written)


def _version(gap: Gap) -> str:
    """Another one after each change that somebody makes."""
    times = (gap.reopened_at, gap.awaited_at, gap.closed_at)
    return " ".join([gap.state, *(at.isoformat() if at else "-" for at in times)])


_CHANGED = (
    "Somebody changed this gap since your page was shown. Look at it again: nothing was changed."
)

_NO_ADDRESS = (
    "Write the address of the document as the page Sources shows it: a page that begins with "
    "https://, a repository that begins with git+https://, or a whole path on the server."
)

_DID = {"answered": "closed gap", "dismiss": "dismissed gap", "wait": "named a document for gap"}
_SAID = {
    "answered": "The gap is closed. Its questions are asked again, and who asked in Slack is told.",
    "dismiss": "The gap is dismissed. It opens again if it is asked much more often.",
    "wait": "The gap is closed once this document is added, or has changed, and is read.",
}
