"""The page Ask: asks the expert, and shows an answer with its sources while it is written."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from console.page import Page
from console.questions import KIND, question_named
from console.typed import Typed
from console.visit import Reader, Visit
from domain.questions import Audience, Message, Question
from domain.text import is_blank
from records.answers import Answers
from records.questions import Questions

router = APIRouter()
PAGE = Page("Ask", "/ask", router)

_SHOWN = 10
_NAME = re.compile(r"[0-9a-f]{32}")
_WATCHING = CapacityLimiter(100)
_STOP_SECONDS = 1.0
_STOPPED = "The answer is stopped."
_BUSY = "Many questions are being answered just now. Please ask again in a minute."


@router.get("/ask")
def ask(visit: Reader) -> Response:
    visit.parts.asking.prepare()
    asked = Answers(visit.parts.database).asked_by(visit.visitor.by, KIND, _SHOWN)
    return _form(visit, asked=asked)


@router.post("/ask")
def begin(
    visit: Reader,
    text: Annotated[Typed, Form()] = "",
    name: Annotated[str, Form()] = "",
    after: Annotated[str, Form()] = "",
) -> Response:
    """Begins to answer. A form that is sent twice has the same ``name``, and asks once.

    ``after`` names the question that this one follows.
    """
    if is_blank(text):
        return _form(visit, 422, errors={"text": "Write a question."})
    name = name if _NAME.fullmatch(name) else uuid4().hex
    known = Questions(visit.parts.database).find(KIND + name)
    if known and (known.text != text or known.asked_by != visit.visitor.by):
        name, known = uuid4().hex, None  # somebody went back in the browser, and asks another one
    asked = known or _asked(visit, name, text, after)
    if not _is_begun(visit, asked):
        return _form(visit, 503, name=name, text=text, errors={"text": _BUSY})
    return visit.done(f"/ask/{name}", "")


@router.get("/ask/{name}")
def answered(visit: Reader, name: str) -> Response:
    question = question_named(visit, name)
    answer = Answers(visit.parts.database).answer_to(question.id)
    if answer is None:
        running = visit.parts.answering.find(question.id)
        return visit.page(
            "pages/asked.html",
            question=question,
            name=name,
            is_running=running is not None,
            is_stopping=running is not None and running.is_stopping,
            is_own=question.asked_by == visit.visitor.by,
            failed=visit.parts.answering.why_failed(question.id),
        )
    return RedirectResponse(f"/answers/{answer.id}", 303)


@router.get("/ask/{name}/words")
def words(visit: Reader, name: str) -> Response:
    """The words of an answer as server-sent events, while they come."""
    running = visit.parts.answering.find(question_named(visit, name).id)
    events = running.events() if running else iter(("event: done\ndata: \n\n",))
    return StreamingResponse(_beside(events), media_type="text/event-stream")


@router.post("/ask/{name}/stop")
def stop(visit: Reader, name: str) -> Response:
    """Ends an answer with what was written of it. Only who asked may."""
    question = question_named(visit, name)
    if question.asked_by != visit.visitor.by:
        raise HTTPException(403, "Only who asked a question can stop its answer.")
    running = visit.parts.answering.find(question.id)
    is_stopped = running is not None and running.stop(_STOP_SECONDS)
    return visit.done(f"/ask/{name}", _STOPPED if is_stopped else "")


@router.post("/ask/{name}/again")
def again(visit: Reader, name: str) -> Response:
    """Answers a question whose last attempt failed, or that ended with the program.

    Only who asked may: the answer is made from what they may read, for who may read the question.
    """
    question = question_named(visit, name)
    if question.asked_by != visit.visitor.by:
        raise HTTPException(403, "Only who asked a question can try again.")
    if _is_begun(visit, question):
        return visit.done(f"/ask/{name}", "")
    return visit.done(f"/ask/{name}", _BUSY)


async def _beside(events: Iterator[str]) -> AsyncIterator[str]:
    """The events, waited for in threads that no page needs.

    Where a connection is lost, its thread waits on alone until the next event, or some seconds.
    """
    while True:
        event = await to_thread.run_sync(
            next, events, None, abandon_on_cancel=True, limiter=_WATCHING
        )
        if event is None:
            return
        yield event


def _form(visit: Visit, status: int = 200, **values: Any) -> Response:
    """The page with the form; each has a name of its own, so that it asks once."""
    values = {"asked": (), "name": uuid4().hex, "text": "", **values}
    return visit.page("pages/ask.html", status, **values)


def _asked(visit: Visit, name: str, text: str, after: str) -> Question:
    """Stores the question, so that it is known whatever happens to this program."""
    answers, by = Answers(visit.parts.database), visit.visitor.by
    now, before = datetime.now(UTC), None
    if _NAME.fullmatch(after):
        before = Questions(visit.parts.database).find(KIND + after)
    thread = f"{KIND}{name}"
    history: tuple[Message, ...] = ()
    if before and before.asked_by == by:
        thread = before.thread
        history = answers.history(thread, now)
    asked = Question(KIND + name, text, by, now, visit.visitor.audience, history, thread)
    answers.ask(asked)
    return asked


def _is_begun(visit: Visit, question: Question) -> bool:
    """False if too many questions are being answered."""
    if Answers(visit.parts.database).answer_to(question.id):
        return True
    # What may be read can be less since it was asked. More is not used: who may see the question,
    # whose audience is stored, sees the answer.
    both = question.audience.labels & visit.visitor.audience.labels
    return visit.parts.answering.begin(replace(question, audience=Audience(both)))
