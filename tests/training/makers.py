"""Makes rated answers for tests of the training."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

from domain.adapters import Example, Origin
from domain.prompt import PROMPT_VERSION, render
from domain.questions import (
    Answer,
    AnswerKind,
    Audience,
    Message,
    Passage,
    Question,
    RatedAnswer,
    Rating,
    Timings,
    Verdict,
)

NOW = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
EVERYONE = Audience.everyone()
THINGS = "bell brake chain fork frame grip hub light lock pedal pump rack rim saddle spoke".split()
PLACES = "attic barn cellar depot field garage hall kiosk loft mill office porch shed".split()


def passage(text: str, audience: Audience = EVERYONE) -> Passage:
    return Passage(
        id=f"p{crc32(text.encode())}",
        source="/docs/stock.md",
        title="Stock",
        text=text,
        score=1.0,
        similarity=0.5,
        audience=audience,
    )


def up(by: str = "U1", correction: str = "", minutes: float = 0) -> Rating:
    return _rating(by, Verdict.UP, correction, minutes)


def down(by: str = "U1", correction: str = "", minutes: float = 0) -> Rating:
    return _rating(by, Verdict.DOWN, correction, minutes)


def rated(
    n: int,
    *ratings: Rating,
    question: str = "",
    text: str = "",
    fact: str = "",
    kind: AnswerKind = AnswerKind.ANSWERED,
    audience: Audience = EVERYONE,
    may_read: Audience = EVERYONE,
    history: tuple[Message, ...] = (),
) -> RatedAnswer:
    """The ``n``-th rated answer: it says where a thing is, as does its passage."""
    thing, place = thing_of(n), place_of(n)
    fact = fact or f"The {thing} lies in the {place}."
    asked = Question(
        id=f"slack:T1:C1:{n}.0",
        text=question or f"Where do I find the {thing}?",
        asked_by="U9",
        asked_at=NOW + timedelta(minutes=n),
        audience=audience,
        history=history,
    )
    answer = Answer(
        id=asked.answer_id,
        question_id=asked.id,
        kind=kind,
        text=text or fact,
        citations=(),
        passages=(passage(fact, may_read),),
        model="tiny",
        adapter=None,
        prompt_version=PROMPT_VERSION,
        timings=Timings(),
        created_at=NOW + timedelta(minutes=n),
    )
    return RatedAnswer(
        asked, answer, tuple(_about(answer.id, rating) for rating in ratings or (up(),))
    )


def thing_of(n: int) -> str:
    return f"{THINGS[n % len(THINGS)]} {_letters(n // len(THINGS))}".strip()


def place_of(n: int) -> str:
    return PLACES[n * 7 % len(PLACES)]


def example(n: int, origin: Origin = Origin.CORRECTION) -> Example:
    one = rated(n)
    return Example(
        answer_id=one.answer.id,
        question=one.question.text,
        prompt=render(one.question.text, one.answer.passages),
        completion=place_of(n),
        origin=origin,
        group=f"group{n}",
        passages=one.answer.passages,
    )


def _letters(n: int) -> str:
    return "".join("abcdefghij"[int(digit)] * 3 for digit in str(n)) if n else ""


def _rating(by: str, verdict: Verdict, correction: str, minutes: float) -> Rating:
    return Rating("", by, verdict, NOW + timedelta(minutes=minutes), correction=correction)


def _about(answer_id: str, one: Rating) -> Rating:
    return replace(one, answer_id=answer_id)
