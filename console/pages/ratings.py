"""What people say of an answer on its page: thumbs, and what the right answer is."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.responses import Response

from console.errors import NotKept
from console.questions import answer_seen
from console.typed import Typed
from console.visit import Reader
from domain.questions import Fault, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from records.ratings import Ratings

router = APIRouter()

_WRITTEN_STANDS = (
    "Your thumb is taken back. What you wrote still says that the answer is bad; you can delete it."
)
LONGEST = 3_000
"""Characters of a text that people write; Slack's forms have as many."""


@router.post("/answers/{answer_id}/rate")
def rate(
    visit: Reader, answer_id: str, verdict: Annotated[Verdict | Literal["back"], Form()]
) -> Response:
    """``verdict`` is up, down, or back, which takes the thumb back."""
    answer_seen(visit, answer_id)
    by = visit.visitor.rater
    ratings, now = Ratings(visit.parts.database), datetime.now(UTC)
    if verdict == "back":
        with visit.change("took back the rating of answer", answer_id):
            left = ratings.take_back_thumbs(answer_id, by, now)
        note = _WRITTEN_STANDS if left else "Your thumb is taken back."
        return visit.done(f"/answers/{answer_id}#rate", note)
    with visit.change("rated answer", answer_id):
        ratings.give(RatingInput(answer_id, by, InputKind.BUTTON, verdict, now))
    return visit.done(f"/answers/{answer_id}#rate", "Thank you.")


@router.post("/answers/{answer_id}/correct")
def correct(
    visit: Reader,
    answer_id: str,
    fault: Annotated[Fault | None, Form()] = None,
    right: Annotated[Typed, Form()] = "",
    source: Annotated[Typed, Form()] = "",
    seen: Annotated[datetime | None, Form()] = None,
) -> Response:
    """Says that the answer is bad, what was wrong, and what is right, as the form in Slack does.

    ``seen`` is when the answer was made that the page showed. Raises AlreadyChanged if it was made
    anew since then.
    """
    answer_seen(visit, answer_id)
    by = visit.visitor.rater
    if max(len(right), len(source)) > LONGEST:
        raise NotKept(f"A text may have {LONGEST:,} characters at most.")
    wrote = Correction(
        answer_id,
        by,
        datetime.now(UTC),
        right.strip(),
        fault=fault,
        source=source.strip(),
    )
    if not wrote.says_something:
        if Ratings(visit.parts.database).correction(answer_id, by):
            return withdraw(visit, answer_id)
        note = "Nothing was kept: say what was wrong, what is right, or where it stands."
        return visit.done(f"/answers/{answer_id}#rate", note)
    with visit.change("corrected answer", answer_id):
        Ratings(visit.parts.database).correct(wrote, made_at=seen)
    return visit.done(f"/answers/{answer_id}#rate", "Thank you. What you wrote is kept.")


@router.post("/answers/{answer_id}/withdraw")
def withdraw(visit: Reader, answer_id: str) -> Response:
    """Deletes what the person wrote about the answer."""
    answer_seen(visit, answer_id)
    with visit.change("withdrew the correction of answer", answer_id):
        Ratings(visit.parts.database).take_back(answer_id, visit.visitor.rater, datetime.now(UTC))
    return visit.done(f"/answers/{answer_id}#rate", "What you wrote is deleted.")
