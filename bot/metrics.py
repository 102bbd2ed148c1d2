"""The bot's figures for Prometheus. Labels are from short lists, and never name anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from slack_sdk.errors import SlackApiError

from domain.questions import AnswerKind

_BRIEF = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
"""Seconds: Slack waits three for an acknowledgement."""
_AWAITED = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 900)
_STEP = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

FAILED = "failed"
NOT_ADMITTED = "not_admitted"

_KINDS = frozenset(
    "agent_session_stopped app_home_opened app_mention app_uninstalled message reaction_added "
    "reaction_removed tokens_revoked block_actions block_suggestion message_action shortcut "
    "slash_command view_closed view_submission".split()
)
_OTHER = "other"

_EVENTS = Counter(
    "phi3_slack_events", "Events that Slack sent, by what became of them.", ("kind", "outcome")
)
_ACKNOWLEDGED = Histogram(
    "phi3_slack_acknowledgement_seconds",
    "From the arrival of an event to its acknowledgement.",
    buckets=_BRIEF,
)
_QUESTIONS = Counter("phi3_questions", "Questions that ended, by how.", ("outcome",))
_FIRST_SIGN = Histogram(
    "phi3_first_sign_seconds",
    "From the arrival of a question to the first sign of it in Slack.",
    buckets=_AWAITED,
)
_ANSWER = Histogram(
    "phi3_answer_seconds",
    "From the arrival of a question to its whole answer in Slack.",
    buckets=_AWAITED,
)
_STEPS = Histogram(
    "phi3_question_step_seconds",
    "The steps of a question's way; those with a dot are parts of another.",
    ("step",),
    buckets=_STEP,
)
_CALLS = Counter(
    "phi3_slack_calls", "Calls of Slack's API, by how they ended.", ("method", "outcome")
)
_RATE_WAIT_SECONDS = Counter(
    "phi3_slack_rate_wait_seconds",
    "Seconds that calls waited to keep to Slack's rates.",
    ("method",),
)
_RATE_LIMITED = Counter(
    "phi3_slack_rate_limited", "Times that Slack answered 429, by method.", ("method",)
)
_CONNECTIONS = Gauge(
    "phi3_slack_connections",
    "Connections on which Slack was heard lately; in HTTP mode there is none to tell of.",
    ("mode",),
)

for _outcome in (*AnswerKind, FAILED, NOT_ADMITTED):
    _QUESTIONS.labels(_outcome)


def connections_heard(count: int) -> None:
    """On how many connections of Socket Mode Slack was heard lately."""
    _CONNECTIONS.labels("socket").set(count)


def event_handled(body: dict[str, Any], status: int, seconds: float) -> None:
    """An event of Slack was answered with an HTTP status."""
    outcome = "taken" if status < 400 else "refused" if status < 500 else FAILED
    _EVENTS.labels(_kind(body), outcome).inc()
    _ACKNOWLEDGED.observe(seconds)


def sign_shown(since: datetime) -> None:
    """The first sign of a question that was taken at a time is shown."""
    _FIRST_SIGN.observe(_seconds(since))


def answer_shown(kind: AnswerKind, since: datetime) -> None:
    """The whole answer to a question that was taken at a time is shown."""
    _QUESTIONS.labels(kind).inc()
    _ANSWER.observe(_seconds(since))


def question_ended(outcome: str) -> None:
    """A question ended without an answer: FAILED or NOT_ADMITTED."""
    _QUESTIONS.labels(outcome).inc()


def step_done(name: str, seconds: float) -> None:
    """Is a ``domain.spans.Timer``."""
    _STEPS.labels(name).observe(seconds)


@contextmanager
def slack_call(method: str) -> Iterator[None]:
    """Counts a call of Slack's API that is made in the block."""
    outcome = "unreachable"
    try:
        yield
        outcome = "ok"
    except SlackApiError as error:
        status = getattr(error.response, "status_code", None)
        outcome = "rate_limited" if status == 429 else "refused"
        raise
    finally:
        _CALLS.labels(method, outcome).inc()


def rate_waited(method: str, seconds: float) -> None:
    """A call waited for its turn."""
    _RATE_WAIT_SECONDS.labels(method).inc(seconds)


def rate_limited(method: str) -> None:
    """Slack answered 429."""
    _RATE_LIMITED.labels(method).inc()


def _kind(body: dict[str, Any]) -> str:
    event = body.get("event")
    kind = event.get("type") if isinstance(event, dict) else body.get("type")
    if kind is None and "command" in body:
        kind = "slash_command"
    return kind if isinstance(kind, str) and kind in _KINDS else _OTHER


def _seconds(since: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - since).total_seconds())
