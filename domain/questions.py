"""Questions, the passages found for them, the answers, and people's ratings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal, Self

from domain.blocks import NOWHERE, Where
from domain.labels import EVERYONE, describe, is_channel, is_team
from domain.rules import NO_RULES, Rules


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read something, as a set of labels; `domain.labels` lists them.

    A source's or passage's audience is everyone who was given it. A question's audience is everyone
    whose documents may be used, since they can read the place of the answer; ``public`` means that
    this is a public channel, which all members of the workspace can open. No label means nobody.
    """

    labels: frozenset[str]
    public: bool = False

    @classmethod
    def of(cls, *labels: str, public: bool = False) -> Self:
        return cls(frozenset(labels), public)

    @classmethod
    def everyone(cls) -> Self:
        return cls.of(EVERYONE)

    @property
    def is_everyone(self) -> bool:
        """Whether every label is at least a whole workspace: only such questions are trained on.

        The public channel in which a question was asked counts as the whole workspace.
        """
        narrower = [label for label in self.labels if label != EVERYONE and not is_team(label)]
        is_open = not narrower or (self.public and len(narrower) == 1 and is_channel(narrower[0]))
        return bool(self.labels) and is_open

    @property
    def reaches_everyone(self) -> bool:
        """Whether all members of at least one workspace are among these readers."""
        return any(label == EVERYONE or is_team(label) for label in self.labels)

    def may_read(self, other: "Audience") -> bool:
        return not self.labels.isdisjoint(other.labels)

    def together_with(self, other: "Audience") -> "Audience":
        """The audience of something that was given to both."""
        return Audience(self.labels | other.labels)

    def in_words(self) -> str:
        """The audience for people: ``everyone``, or ``channel C1 of workspace T1, …``."""
        if EVERYONE in self.labels:
            return describe(EVERYONE)
        return ", ".join(map(describe, sorted(self.labels))) or "nobody"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, in the form that chat models expect."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, with all that is needed to answer it again after a crash.

    ``id`` names the message that asked (``slack:TEAM:CHANNEL:TS``), so a retried event is the same
    question. ``thread`` names the conversation (``slack:TEAM:CHANNEL:THREAD_TS``), or is empty.
    ``history`` holds the earlier turns of the conversation, oldest first, without system turns.
    ``rules`` are those of the channel when it was answered. ``asked_in`` is the conversation where
    it was asked, if its answer is for the person alone; then ``thread`` is one with that person, as
    soon as there is one.
    """

    id: str
    text: str
    asked_by: str
    asked_at: datetime
    audience: Audience
    history: tuple[Message, ...] = ()
    thread: str = ""
    rules: Rules = NO_RULES
    asked_in: str = ""

    @property
    def is_private(self) -> bool:
        """Whether the answer is for the person alone, though the question was not asked so."""
        return bool(self.asked_in)

    @property
    def place(self) -> str:
        """The conversation where it was asked."""
        return self.asked_in or self.thread

    @property
    def answer_id(self) -> str:
        """The id of the one answer that this question can have: ``a`` and 16 hexadecimal digits."""
        return answer_id_of(self.id)


def answer_id_of(question_id: str) -> str:
    return "a" + sha256(question_id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Newer:
    """The newest version of a text, where an older one was found: its address and title."""

    source: str
    title: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that was found for a question.

    ``score`` orders the passages of one search, higher is better; it has no meaning beyond that.
    ``similarity`` is the cosine of the question's and the passage's embeddings, from -1 to 1.
    ``source`` is the address of its document that the person who asks may read best, ``also`` are
    others. ``document`` is that document's key in the index.
    """

    id: str
    source: str
    title: str
    text: str
    score: float
    similarity: float
    audience: Audience
    where: Where = NOWHERE
    document: str = ""
    also: tuple[str, ...] = ()
    newer: Newer | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Passages of several documents may have the same id."""
        return self.document, self.id


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a search found, best first, and whether it is enough to answer from.

    ``embed_ms`` and ``search_ms`` are the milliseconds for embedding the question and searching.
    ``foreign`` means that the question is clearly in a language that the embedding model does not
    read, and that no passage in that language was found by its words.
    """

    passages: tuple[Passage, ...]
    sufficient: bool
    embed_ms: float = 0.0
    search_ms: float = 0.0
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered source of an answer; ``quote`` is copied exactly from the passage.

    ``ends`` are the positions in the answer's text after which the number is shown. If there are
    none, nothing supports the answer, and this is only the nearest passage.
    """

    n: int
    source: str
    title: str
    quote: str
    passage_id: str
    ends: tuple[int, ...]
    where: Where = NOWHERE
    newer: Newer | None = None

    @property
    def supports(self) -> bool:
        """Whether the passage says what the answer says."""
        return bool(self.ends)


class Difference(StrEnum):
    """What about a sentence no passage supports.

    LANGUAGE means that it could not be compared, as its language is not that of the passages.
    """

    WORDS = "words"
    NUMBER = "number"
    NAME = "name"
    NEGATION = "negation"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, from ``start`` up to ``end`` of its text.

    ``supported`` says whether a passage that the model was shown says the same; what claims
    nothing, such as ``Yes.``, counts as supported. ``differs`` is what the nearest passage says
    otherwise.
    """

    start: int
    end: int
    supported: bool
    differs: tuple[Difference, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether it could be compared with the passages, which needs a language of theirs."""
        return Difference.LANGUAGE not in self.differs


class AnswerKind(StrEnum):
    """ANSWERED by the model · REFUSED for lack of evidence · QUOTED while no model answers.

    UNSURE quotes the best passage, where the model is too small to tell whether it answers.
    """

    ANSWERED = "answered"
    REFUSED = "refused"
    QUOTED = "quoted"
    UNSURE = "unsure"


OPEN = frozenset((AnswerKind.REFUSED, AnswerKind.UNSURE))
"""After these a question may still be without an answer."""


@dataclass(frozen=True, slots=True)
class Timings:
    """How long each part of answering took, in milliseconds; ``total`` is all but recording."""

    embed: float = 0.0
    search: float = 0.0
    first_token: float = 0.0
    generate: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and what it was made from: the exact passages, prompt version, model and adapter.

    ``text`` is plain text without citation numbers; those are in ``citations``. ``passages`` are
    those that the model was shown. ``adapter`` is None if the base model answered; ``on_trial``
    means that it answered only a share of the threads then. ``sentences`` are those of a model's
    answer; answers of earlier versions have none.
    """

    id: str
    question_id: str
    kind: AnswerKind
    text: str
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    model: str
    adapter: str | None
    prompt_version: str
    timings: Timings
    created_at: datetime
    sentences: tuple[Sentence, ...] = ()
    on_trial: bool = False

    @classmethod
    def of(
        cls,
        question: Question,
        kind: AnswerKind,
        text: str,
        passages: Sequence[Passage],
        prompt_version: str,
    ) -> Self:
        """An answer that no model wrote yet, and without citations."""
        return cls(
            id=question.answer_id,
            question_id=question.id,
            kind=kind,
            text=text,
            citations=(),
            passages=tuple(passages),
            model="",
            adapter=None,
            prompt_version=prompt_version,
            timings=Timings(),
            created_at=datetime.now(UTC),
        )

    @property
    def refused(self) -> bool:
        return self.kind is AnswerKind.REFUSED

    @property
    def is_open(self) -> bool:
        """Whether the question may still be without an answer, also if a passage was quoted."""
        return self.kind in OPEN

    @property
    def supporting(self) -> frozenset[str]:
        """The sources that say what the answer says."""
        return frozenset(citation.source for citation in self.citations if citation.supports)


class Verdict(StrEnum):
    UP = "up"
    DOWN = "down"


class Fault(StrEnum):
    """What was wrong with an answer. UNWANTED: the documents do not answer the question."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    INCOMPLETE = "incomplete"
    WRONG_SOURCE = "wrong_source"
    UNWANTED = "unwanted"


@dataclass(frozen=True, slots=True)
class Rating:
    """What one person says of one answer, as `domain.ratings.rating_of` makes it of their inputs.

    ``reason`` says what was wrong, ``correction`` is the right answer, ``source`` is where that
    stands; all may be empty. ``undecided``: the person wrote them, and said later that the answer
    is good.
    """

    answer_id: str
    by: str
    verdict: Verdict
    rated_at: datetime
    reason: str = ""
    correction: str = ""
    fault: Fault | None = None
    source: str = ""
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer with its question and all of its ratings, as the nightly training reads it."""

    question: Question
    answer: Answer
    ratings: tuple[Rating, ...] = ()

    @property
    def was_open(self) -> bool:
        """Whether everyone could read the question and its passages when it was answered."""
        return self.question.audience.is_everyone and all(
            passage.audience.reaches_everyone for passage in self.answer.passages
        )
