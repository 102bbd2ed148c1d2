"""The page Answers: finds answers by what became of them, and shows all that is said of one."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from console.errors import NotKept
from console.page import Page
from console.pages import confirming, ratings, why
from console.paging import Rows
from console.questions import answer_seen, name_of
from console.typed import Typed
from console.visit import Editor, Reader
from domain.confirmed import LONGEST as LONGEST_CONFIRMED
from domain.confirmed import those_for
from domain.console import ConsoleRole
from domain.golden import LONGEST, Golden, id_of, objection_to
from domain.labels import is_channel
from domain.markers import without_markers
from domain.questions import Answer, AnswerKind, RatedAnswer, Verdict
from domain.ratings import Correction
from domain.text import truncate
from records.answer_pages import AnswerFilter, AnswerPages, Place
from records.answers import Answers
from records.cards import Cards
from records.golden import GoldenQuestions
from records.grants import Grants
from records.ratings import Ratings

router = APIRouter()
router.include_router(ratings.router)
router.include_router(why.router)
router.include_router(confirming.router)
PAGE = Page("Answers", "/answers", router)

_SHOWN = 50
_EARLIER = 3
_NOT_FOR_EVERYONE = (
    "each night's report says it to everyone, and not everyone may read this question and its "
    "documents. Write one of your own in the terminal: phi3 golden add."
)


@router.get("/answers")
def answers(
    visit: Reader,
    kind: Annotated[AnswerKind | Literal[""], Query()] = "",
    rated: Annotated[Verdict | Literal[""], Query()] = "",
    unsupported: Annotated[bool, Query()] = False,
    adapter: Annotated[str, Query(max_length=200)] = "",
    channel: Annotated[str, Query(max_length=200)] = "",
    source: Annotated[str, Query(max_length=2_000)] = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    wanted = AnswerFilter(
        kind or None, rated or None, unsupported, adapter.strip(), channel.strip(), source.strip()
    )
    found = AnswerPages(visit.parts.database).page(wanted, Place.read(after), _SHOWN)
    return visit.page(
        "pages/answers.html",
        answers=Rows(
            [one for one in found.rows if visit.visitor.may_see(one.question)],
            str(found.next or ""),
        ),
        kind=kind,
        rated=rated,
        unsupported=unsupported,
        adapter=adapter,
        channel=channel,
        source=source,
    )


@router.get("/answers/{answer_id}")
def answer(visit: Reader, answer_id: str) -> Response:
    question, found = answer_seen(visit, answer_id)
    database, by, rater = visit.parts.database, visit.visitor.by, visit.visitor.rater
    given = Ratings(database).of(answer_id)
    from console.markdown import html_of  # it loads a parser that no other page needs

    wrote = Ratings(database).correction(answer_id, rater)
    is_editor = visit.session.role.includes(ConsoleRole.EDITOR)
    earlier = Answers(database).earlier(question.thread, question.asked_at, _EARLIER)
    return visit.page(
        "pages/answer.html",
        question=question,
        name=name_of(question) if question.asked_by == by else "",
        next_name=uuid4().hex,
        answer=found,
        text=html_of(found, lambda n: f"/answers/{answer_id}/source/{n}"),
        unsupported=_unsupported(found),
        earlier=[one for one in earlier if visit.visitor.may_see(one.question)],
        verified={one.source: one for one in Cards(database).verified_of(found.supporting)},
        said=next((one for one in given if one.by == rater), None),
        wrote=wrote or Correction(answer_id, rater, found.created_at),
        given=given if is_editor else (),
        card=confirming.card_of(visit, question),
        may_confirm=is_editor and bool(those_for(question, by).labels),
        proposed=_proposed(found),
        longest=LONGEST,
    )


@router.post("/answers/{answer_id}/golden")
def make_golden(visit: Editor, answer_id: str, golden: Annotated[Typed, Form()] = "") -> Response:
    """Makes the question golden: no night's adapter may answer it worse.

    Each night's report may say it to everyone, so everyone must be able to read it.
    """
    question, found = answer_seen(visit, answer_id)
    if len(golden) > LONGEST:
        raise NotKept(f"It is not golden: write an answer of at most {LONGEST:,} characters.")
    turns = question.history
    if not _is_for_everyone(visit, RatedAnswer(question, found)):
        raise NotKept(f"It is not golden: {_NOT_FOR_EVERYONE}")
    made = Golden(
        id_of(question.text, turns),
        *(question.text, golden.strip(), (), turns, visit.visitor.by, datetime.now(UTC)),
    )
    if objection := objection_to(made):
        raise NotKept(f"It is not golden: {objection}")
    with visit.change("made golden", made.id):
        added = GoldenQuestions(visit.parts.database).add([made])
    note = "No night may unlearn this answer now." if added else "It was golden already."
    return visit.done(f"/answers/{answer_id}", note)


def _is_for_everyone(visit: Editor, asked: RatedAnswer) -> bool:
    """Whether everyone may read a question, what it follows, and what was shown for them, now.

    The channel in which it was asked must be public still, as far as somebody knows.
    """
    question, database = asked.question, visit.parts.database
    turns = len(question.history)
    before = Answers(database).earlier(question.thread, question.asked_at, turns) if turns else ()
    every = [asked, *before]
    sources = {passage.source for one in every for passage in one.answer.passages}
    is_public = visit.parts.are_public()
    labels = {label for one in every for label in one.question.audience.labels}
    return (
        all(one.was_open for one in every)
        and all(map(is_public, filter(is_channel, labels)))
        and Grants(database).readable_by_all(sources) >= sources
    )


def _proposed(found: Answer) -> str:
    """What may be confirmed as it is: what a model is sure of, without source numbers."""
    if found.kind is not AnswerKind.ANSWERED:
        return ""
    return truncate(without_markers(found.text, found.passages), LONGEST_CONFIRMED)


def _unsupported(found: Answer) -> list[tuple[str, bool]]:
    """The sentences that no passage supports, each with whether it could be compared."""
    return [
        (found.text[one.start : one.end], one.compared)
        for one in found.sentences
        if not one.supported
    ]
