"""What the nightly training makes: LoRA adapters, training runs, and their evaluations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.questions import Message, Passage


class AdapterState(StrEnum):
    """trained → rejected | canary → live → retired. At most one is live, else the base answers.

    A held one was good enough in a night that promotes nothing by itself: an admin promotes it. At
    most one is a canary, which is on trial: it answers a share of the threads (`domain.trials`).
    """

    TRAINED = "trained"
    REJECTED = "rejected"
    HELD = "held"
    CANARY = "canary"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter. Its name and files never change.

    ``path`` is its absolute folder, or where it was published (`s3://…`); ``sha256`` is the hash of
    its weights, as in its manifest. ``refuse_above``: it refuses where the probability of a refusal
    is above this (see `training.refusals`); None if its answers stay as they are.
    """

    name: str
    base_model: str
    path: str
    sha256: str
    state: AdapterState
    run_id: str
    created_at: datetime
    refuse_above: float | None = None


class Origin(StrEnum):
    """Why a training example is believed to be right.

    QUOTE: somebody wrote or confirmed it, and it stands word for word in a passage that was shown.
    STARTER: it came with the program. LEFT_OUT: the passages that answer the question are not in
    its prompt, so the refusal is right.
    """

    THUMB_UP = "thumb_up"
    CORRECTION = "correction"
    QUOTE = "quote"
    STARTER = "starter"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Example:
    """One training row: the prompt exactly as it was served, and the answer to learn.

    Questions that mean the same have the same ``group``; they are all trained on, or all held back.
    ``passages`` are those in the prompt, ``by`` the people who rated the answer good or corrected
    it. ``weight`` says how much the row counts in the loss; over a night's rows its mean is 1.
    ``rejected`` is what a model answered and people corrected; empty if none did.
    """

    answer_id: str
    question: str
    prompt: tuple[Message, ...]
    completion: str
    origin: Origin
    group: str
    passages: tuple[Passage, ...] = ()
    by: tuple[str, ...] = ()
    weight: float = 1.0
    rejected: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Figures for one model's answers to the held-back questions: means and shares from 0 to 1.

    ``f1``: word overlap with the accepted answer, as SQuAD counts it. ``contained``: the share of
    answers that contain the whole accepted answer, or, if that was accepted by 👍, say what it
    says. ``agreement``: what the gate compares (see `training.evaluation.ScoredAnswer`).
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
class Gain:
    """By how much one model agrees better than another with the accepted answers, after all nights.

    It is true with 80% between ``low`` and ``high``; ``mean`` is the best guess, which expects that
    a part of what was seen is luck. ``sure`` is the probability, from 0 to 1, that it is above 0,
    ``safe`` that it is above -0.02.
    """

    mean: float
    low: float
    high: float
    sure: float
    safe: float


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a promotion. ``says`` is why it does not hold, if it does not."""

    name: str
    passed: bool
    says: str


@dataclass(frozen=True, slots=True)
class ComparedNight:
    """What a night saw of its candidate and of the adapter that was live, or None for the base.

    ``differences`` are those of agreement, candidate minus live, by the hash of the answer's id.
    """

    run: str
    live: str | None
    candidate: str
    differences: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The candidate compared with the live model on the same questions.

    ``gain``, ``low``, ``high``, ``sure`` and ``safe`` are those of a `Gain` of ``agreement`` over
    the live model, from this night and the ``nights`` before it. ``checks`` are the conditions; it
    passed if all did.
    """

    questions: int
    live: Score
    candidate: Score
    low: float
    high: float
    sure: float
    passed: bool
    reason: str
    gain: float = 0.0
    nights: int = 0
    checks: tuple[Check, ...] = ()
    safe: float = 0.0


class Outcome(StrEnum):
    RUNNING = "running"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    HELD = "held"
    PROMOTED = "promoted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One night. ``adapter`` is the candidate's name or None; ``report`` a folder, or empty.

    ``left_out`` says how many rated answers were not used, for each reason.
    """

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
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """What the live model and a night's adapter answered to a question that was held back.

    ``answer_id`` is the answer that people rated. Not everybody may read it.
    """

    answer_id: str
    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NightFiles:
    """What a night wrote for people: a PNG, or nothing, and the answers that changed most first.

    ``golden`` says how many golden questions were answered right, which everybody may read.
    """

    picture: bytes = b""
    changed: tuple[ChangedAnswer, ...] = ()
    golden: str = ""


class ChangeKind(StrEnum):
    """What somebody did.

    HOLD: no night promotes by itself until LIFT. APPROVE: confirms what a night made. TRY: an
    adapter is on trial from then on.
    """

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    APPROVE = "approve"
    HOLD = "hold"
    LIFT = "lift"
    TRY = "try"


ANY_ADAPTER = "*"
"""As ``Order.seen``: whichever adapter is live."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants a change, and when.

    ``by`` is a person's id, or ``TERMINAL``, ``NIGHT`` or ``TRIAL``. A ``request`` is done once,
    however often it is repeated. ``seen`` is the adapter on which the order was given: the one on
    trial, or else the live one, or None for the base model. If that is another by now, nothing is
    changed.
    """

    by: str
    at: datetime
    request: str
    seen: str | None = ANY_ADAPTER


TERMINAL, NIGHT, TRIAL = "terminal", "night", "trial"


@dataclass(frozen=True, slots=True)
class AdapterChange:
    """One line of the record of who did what with the adapters, and when.

    ``adapter`` is the one that answers from then on, None for the base model; of TRY, the one on
    trial.
    """

    kind: ChangeKind
    adapter: str | None
    by: str
    at: datetime
    request: str
