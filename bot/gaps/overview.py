"""What somebody may see of gaps: counts of everything, words only of what they may read.

Questions from direct messages and private channels count for everybody. Their words, who asked
them, and the documents that were nearest to them are only for those who can read that place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.slack.message_ref import is_message_ref, message_ref
from domain.embeddings import from_centre
from domain.gaps import RECENT, BadAnswer, Gap, GapQuestion
from domain.labels import EVERYONE, team_label
from domain.questions import Audience, Question
from records.channels import Channels
from records.gaps import Gaps
from records.sources import Sources

_A_WEEK = timedelta(weeks=1)
_LOOKED_AT = 20
"""Of how many questions of a gap the nearest documents are looked at."""
_DOCUMENTS = 3
_DIGITS = 4
"""Nearness that differs by less is equal."""


class Viewer(Protocol):
    def may_read(self, question: Question) -> bool:
        """Whether they can read the place where it was asked. Raises MessengerError."""
        ...

    def audience(self, channels: Iterable[str]) -> Audience:
        """Which documents they may read, who can read these channels. Raises MessengerError."""
        ...


@dataclass(frozen=True, slots=True)
class NearDocument:
    address: str
    title: str
    added_by: str


@dataclass(frozen=True, slots=True)
class GapView:
    """A gap for one viewer. ``name`` is its most typical question, empty if none is readable.

    Counts are of all questions that are not answered yet; ``new`` are those of the last seven days.
    ``owner`` is the id of the person who may know the answer, or empty.
    """

    gap: Gap
    questions: int
    people: int
    new: int
    refused: int
    rated_bad: int
    first_at: datetime
    last_at: datetime
    name: str = ""
    readable: tuple[GapQuestion, ...] = ()
    documents: tuple[NearDocument, ...] = ()
    owner: str = ""
    bad: Mapping[str, BadAnswer] = field(default_factory=dict)
    """What was said of bad answers, by question; only in a gap that is opened."""

    @property
    def hidden(self) -> int:
        return self.questions - len(self.readable)

    @property
    def channels(self) -> tuple[str, ...]:
        """The readable places, where most was asked first."""
        return channels_of(self.readable)


class Overview:
    """Every method raises DatabaseUnavailable, and what the viewer raises."""

    def __init__(self, gaps: Gaps, sources: Sources, channels: Channels) -> None:
        self._gaps = gaps
        self._sources = sources
        self._channels = channels

    def largest(
        self, team: str, viewer: Viewer, limit: int, now: datetime | None = None
    ) -> list[GapView]:
        """A team's open gaps with questions that failed lately, the largest first."""
        gaps = self._gaps.largest(team, _recent(now), limit)
        left = self._gaps.unanswered([gap.id for gap in gaps])
        # A gap may have lost its questions since it was chosen.
        return [self._view(gap, left[gap.id], viewer, now) for gap in gaps if gap.id in left]

    def has_gaps(self, team: str, now: datetime | None = None) -> bool:
        """Whether ``largest`` has any for anybody."""
        return bool(self._gaps.largest(team, _recent(now), 1))

    def one(self, gap_id: str, viewer: Viewer, now: datetime | None = None) -> GapView | None:
        """A gap with its questions that are unanswered; None if there are none."""
        gap = self._gaps.find(gap_id)
        left = self._gaps.unanswered([gap_id]).get(gap_id)
        if not gap or not left:
            return None
        view = self._view(gap, left, viewer, now)
        return replace(view, bad=self._gaps.bad_answers([one.question.id for one in view.readable]))

    def _view(
        self, gap: Gap, questions: Sequence[GapQuestion], viewer: Viewer, now: datetime | None
    ) -> GapView:
        now = now or datetime.now(UTC)
        readable = tuple(one for one in questions if viewer.may_read(one.question))
        documents = self._nearest(readable, viewer)
        times = [one.question.asked_at for one in questions]
        refused = sum(one.failed.is_refused for one in questions)
        return GapView(
            gap,
            questions=len(questions),
            people=len({one.question.asked_by for one in questions}),
            new=sum(one.failed.failed_at >= now - _A_WEEK for one in questions),
            refused=refused,
            rated_bad=len(questions) - refused,
            first_at=min(times),
            last_at=max(times),
            name=" ".join(most.question.text.split()) if (most := typical(readable)) else "",
            readable=readable,
            documents=documents,
            owner=self._owner(gap.team, channels_of(readable), documents),
        )

    def _nearest(self, readable: Sequence[GapQuestion], viewer: Viewer) -> tuple[NearDocument, ...]:
        """The documents that were nearest to most of the questions, as far as they are readable."""
        if not readable:
            return ()
        votes = Counter[str]()
        for passages in self._gaps.passages([one.question.id for one in readable[-_LOOKED_AT:]]):
            best: dict[str, float] = {}
            for one in passages:
                best[one.source] = max(one.similarity, best.get(one.source, 0.0))
            votes.update(best)
        nearest = Counter[str]()
        first: dict[str, str] = {}
        for uri, found in sorted(self._sources.find_all(votes).items()):
            nearest[found.document] += votes[uri]
            first.setdefault(found.document, uri)
        audience = viewer.audience(channels_of(readable))
        # Equally near ones come in the order of their addresses, which stay when documents change.
        ordered = sorted(nearest, key=lambda one: (-round(nearest[one], _DIGITS), first[one]))
        addresses = self._sources.addresses([one for one in ordered if one], audience)
        best_first = [addresses[one][0] for one in ordered if addresses.get(one)][:_DOCUMENTS]
        known = self._sources.find_all(best_first)
        return tuple(
            NearDocument(address, source.title or address, source.requested_by)
            for address in best_first
            if (source := known.get(address))
        )

    def _owner(self, team: str, channels: Iterable[str], documents: Iterable[NearDocument]) -> str:
        """The expert of a channel where it was asked, or who added the nearest document."""
        experts = (self._channels.settings(team, channel).expert for channel in channels)
        added = (one.added_by for one in documents)
        return next(filter(None, (*experts, *added)), "")


class TerminalViewer:
    """Whoever runs the bot: reads what was asked in the terminal or in public channels."""

    def __init__(self, teams: Iterable[str]) -> None:
        self._teams = [team_label(team) for team in teams if team]

    def may_read(self, question: Question) -> bool:
        return question.audience.public or not is_message_ref(question.id)

    def audience(self, channels: Iterable[str]) -> Audience:  # noqa: ARG002 - whole teams only
        return Audience.of(EVERYONE, *self._teams)


def typical(questions: Sequence[GapQuestion]) -> GapQuestion | None:
    """The one that is most in the middle; the most frequent of equal ones. None of none."""
    if not questions:
        return None
    asked = Counter(one.key for one in questions)
    model = Counter(one.model for one in questions).most_common(1)[0][0]
    distinct = list({one.key: one for one in reversed(questions) if one.model == model}.values())
    cosines = from_centre([one.vector for one in distinct])
    ranked = zip(cosines, distinct, strict=True)
    return max(ranked, key=lambda pair: (round(pair[0], 3), asked[pair[1].key], pair[1].key))[1]


def channels_of(questions: Iterable[GapQuestion]) -> tuple[str, ...]:
    """The ids of the channels of some questions, where most was asked first."""
    found = Counter(filter(None, (channel_of(one.question) for one in questions)))
    return tuple(sorted(found, key=lambda channel: (-found[channel], channel)))


def channel_of(question: Question) -> str:
    """Where a question was asked; empty for the terminal, and if the answer was for one person."""
    if question.is_private or not is_message_ref(question.id):
        return ""
    return message_ref(question.thread or question.id).channel


def _recent(now: datetime | None) -> datetime:
    """Since when a question must have failed for its gap to be shown."""
    return (now or datetime.now(UTC)) - RECENT
