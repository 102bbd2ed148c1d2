"""What the nightly training makes: LoRA adapters, training runs, and their evaluations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.questions import Message, Passage


class AdapterState(StrEnum):
    """trained → rejected | canary → live → retired. At most one is live, else the base answers."""

    TRAINED = "trained"
    REJECTED = "rejected"
    CANARY = "canary"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter on disk. Its name and folder never change.

    ``path`` is its absolute folder; ``sha256`` is the hash of its weights, as in its manifest.
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

    Questions that mean the same have the same ``group``; they are all trained on, or all held back.
    ``passages`` are those in the prompt, ``by`` the people who rated the answer good or corrected
    it.
    """

    answer_id: str
    question: str
    prompt: tuple[Message, ...]
    completion: str
    origin: Origin
    group: str
    passages: tuple[Passage, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """Figures for one model's answers to the held-back questions: means and shares from 0 to 1.

    ``f1``: word overlap with the accepted answer, as SQuAD counts it; if that was accepted by 👍,
    only the shorter text's words count. ``contained``: the share of answers that contain the whole
    accepted answer. ``agreement``: what the gate compares (see `training.evaluation.ScoredAnswer`).
    ``cited``: the share of answers that a passage supports. ``refused``: the share of refusals.
    ``characters``: the mean length, in characters.
    """

    agreement: float
    f1: float
    contained: float
    cited: float
    refused: float
    characters: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The candidate compared with the live model on the same questions.

    ``low`` and ``high`` are the 80% bounds of the mean difference of ``agreement`` (candidate minus
    live) in a paired bootstrap; ``sure`` is the probability, from 0 to 1, that it is above 0.
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
    """One night. ``adapter`` is the candidate's name or None; ``report`` a folder, or empty."""

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
