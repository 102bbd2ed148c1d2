"""Cards: a question that the documents did not answer, and what a person who knows wrote about it.

asked → draft → verified → withdrawn, and from there to verified again. An expert was asked; the
expert wrote in the thread, and was offered to keep that; somebody confirmed it, in a form; it is
taken back. A draft of which nothing is left in the thread is asked again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import uuid4

from domain.blocks import Content, Heading, Paragraph, Where
from domain.jobs import JobKind, NewJob
from domain.links import CARD
from domain.questions import Audience, Question

_NOBODY = Audience.of()
_SLACK = "slack:"

ELSEWHERE = "card"
"""What the names of cards begin with whose questions were not asked in Slack, as sources."""


class CardState(StrEnum):
    ASKED = "asked"
    DRAFT = "draft"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Card:
    """``source`` names it among the sources: ``slack-card:TEAM:CHANNEL:THREAD:TS`` of the question.

    That of a question from the console or the terminal is ``card:ID``.

    ``thread`` names the conversation (``slack:TEAM:CHANNEL:THREAD_TS``), ``expert`` who was asked
    in it, or wrote it, ``asked_by`` whose question it is. ``asking`` and ``offer`` are the ts of
    the bot's messages that ask the expert, and offer to keep what the expert wrote; empty before.

    ``question`` to ``lines`` are only known of a verified card. ``link`` says where it stands, and
    may be empty. ``lines`` are the ts of the messages that it came from, with blanks between them.
    ``name`` is the name of whoever confirmed it. ``told_at`` is when the asker was told.
    """

    id: str
    source: str
    question_id: str
    thread: str
    expert: str
    asked_by: str
    asked_at: datetime
    state: CardState = CardState.ASKED
    asking: str = ""
    offer: str = ""
    question: str = ""
    answer: str = ""
    link: str = ""
    audience: Audience = _NOBODY
    lines: str = ""
    confirmed_by: str = ""
    name: str = ""
    confirmed_at: datetime | None = None
    told_at: datetime | None = None

    @property
    def is_in_slack(self) -> bool:
        """Whether its question was asked in Slack, where people see what becomes of it."""
        return self.source.startswith(f"{CARD}:")

    @property
    def is_open(self) -> bool:
        """Whether nobody has confirmed or withdrawn it yet."""
        return self.state in (CardState.ASKED, CardState.DRAFT)

    @property
    def version(self) -> str:
        """Names what was confirmed or withdrawn last; empty if nothing was."""
        return "" if self.is_open else f"{self.state} {self.confirmed_at}"

    def content(self) -> Content:
        """The card as a document: the question as its heading, above the answer."""
        where = Where(anchor=self.lines.partition(" ")[0])
        parts = [part.strip() for part in self.answer.split("\n\n")]
        if self.link:
            parts.append(self.link)
        blocks = (Paragraph(part, where) for part in parts if part)
        return Content((Heading(self.question, 1, where), *blocks), self.question)


def card_id_of(question_id: str) -> str:
    """The id of the one card that a question can have: ``c`` and 16 hexadecimal digits."""
    return "c" + sha256(question_id.encode()).hexdigest()[:16]


def cards_of(team: str, channel: str) -> str:
    """What the names of a channel's cards begin with; as a source it names them all."""
    return f"{CARD}:{team}:{channel}:"


def is_card(source: str) -> bool:
    """Whether ``source`` is the name of a card."""
    return source.startswith((f"{CARD}:", f"{ELSEWHERE}:"))


def source_of(question: Question) -> str:
    """What names the card of a question among the sources."""
    if not question.id.startswith(_SLACK):
        return f"{ELSEWHERE}:{card_id_of(question.id)}"
    (_, team, channel, ts), thread = question.id.split(":")[:4], question.thread.split(":")[3]
    return f"{CARD}:{team}:{channel}:{thread}:{ts}"


def card_job(card: Card, now: datetime) -> NewJob:
    """The job that does what the state of a card needs, in Slack and in the index."""
    return NewJob(
        kind=JobKind.CARD,
        key=card.id,
        request=f"card:{uuid4().hex}",
        team=card.thread.split(":")[1],
        person=card.confirmed_by or card.expert,
        report=card.thread,
        payload='{"version": 1}',
        created_at=now,
    )
