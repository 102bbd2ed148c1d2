"""What the night makes: LoRA adapters, the runs that trained them, and what was measured."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.questions import Message, Passage


class AdapterState(StrEnum):
    """trained → rejected | canary → live → retired. At most one is live; none: the base answers."""

    TRAINED = "trained"
    REJECTED = "rejected"
    CANARY = "canary"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter on disk. Name and folder never change once written.

    ``path`` is the absolute folder; ``sha256`` is that of its weights, as in its manifest.
    """

    name: str
    base_model: str
    path: str
    sha256: str
    state: AdapterState
    run_id: str
    created_at: datetime


class Origin(StrEnum):
    """Why a training example is believed to be right."""

    THUMB_UP = "thumb_up"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Example:
    """One training row: the prompt exactly as it was served, and the answer to learn.

    ``group`` is shared by questions that mean the same, so that none of them is both trained and
    tested. ``passages`` are those in the prompt.
    """

    answer_id: str
    question: str
    prompt: tuple[Message, ...]
    completion: str
    origin: Origin
    group: str
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """One model's answers to the held-back questions, each figure a mean from 0 to 1.

    ``f1`` is the word overlap with the accepted answer (as SQuAD counts it; with one that was
    accepted by 👍, the shorter text's words alone count), ``contained`` the share of answers that
    hold it whole, ``agreement`` what the gate compares (``Reply`` says how), ``cited`` the share
    whose text a shown passage supports, ``refused`` the share of refusals. ``characters`` is the
    mean length.
    """

    agreement: float
    f1: float
    contained: float
    cited: float
    refused: float
    characters: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Candidate against live, question by question.

    ``low`` and ``high`` bound the mean difference of ``agreement`` (candidate minus live) by a
    paired bootstrap at 80%; ``sure`` is how likely, from 0 to 1, it makes any gain at all.
    """

    questions: int
    live: Score
    candidate: Score
    low: float
    high: float
    sure: float
    passed: bool
    reason: str


class Outcome(StrEnum):
    RUNNING = "running"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    PROMOTED = "promoted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One night. ``adapter`` is the candidate's name, or None; ``report`` a folder, or empty."""

    id: str
    outcome: Outcome
    started_at: datetime
    heartbeat_at: datetime
    finished_at: datetime | None = None
    reason: str = ""
    adapter: str | None = None
    examples: int = 0
    report: str = ""
    evaluation: Evaluation | None = None
