"""Posts a night's report in a channel."""

from bot.answers.blocks import (
    Element,
    SlackBlock,
    SlackMessage,
    heading,
    rich_text,
    section,
    small,
    word,
)
from bot.answers.safe import escape_mrkdwn
from bot.slack.client import SlackClient
from domain.adapters import Evaluation, Outcome, Score, TrainingRun
from domain.text import truncate

_HEADINGS = {
    Outcome.RUNNING: "The night is still running",
    Outcome.SKIPPED: "No training this night",
    Outcome.REJECTED: "The night's adapter was not good enough",
    Outcome.PROMOTED: "A better model answers from now on",
    Outcome.FAILED: "The night failed",
}
_FIGURES = (
    ("agreement", "agreement", "{:.3f}"),
    ("right words (F1)", "f1", "{:.3f}"),
    ("right answer within", "contained", "{:.1%}"),
    ("backed by a source", "cited", "{:.1%}"),
    ("refused", "refused", "{:.1%}"),
    ("characters", "characters", "{:.0f}"),
)


def post_run(slack: SlackClient, channel: str, run: TrainingRun) -> str:
    """Posts the report and returns its ts. Raises MessengerError."""
    message = report(run)
    return slack.post(channel, message.text, message.blocks)


def report(run: TrainingRun) -> SlackMessage:
    """The outcome and reason, the figures of both models, and how to go back."""
    title = _HEADINGS[run.outcome]
    blocks: list[SlackBlock] = [heading(title)]
    reason = truncate(" ".join(run.reason.split()), 1_000)
    if about := _about(run, reason):
        blocks.append(rich_text(section(*word(about))))
    if run.evaluation:
        blocks.append(rich_text(_table(run.evaluation), section(*word(_margin(run.evaluation)))))
    if run.outcome is Outcome.PROMOTED:
        blocks.append(
            rich_text(section(*word("To go back: "), *word("phi3 adapters rollback", code=True)))
        )
    blocks.append(small(f"Run {run.id}"))
    return SlackMessage(escape_mrkdwn(f"{title}. {reason}".strip()), tuple(blocks))


def _about(run: TrainingRun, reason: str) -> str:
    learned = f"{run.adapter} learned from {run.examples} examples." if run.adapter else ""
    return " ".join(filter(None, (learned, reason)))


def _table(evaluation: Evaluation) -> Element:
    rows = [f"{'':<22}{'before':>10}{'after':>10}"]
    for label, field, form in _FIGURES:
        before, after = (_figure(score, field, form) for score in _scores(evaluation))
        rows.append(f"{label:<22}{before:>10}{after:>10}")
    return {"type": "rich_text_preformatted", "elements": list(word("\n".join(rows)))}


def _scores(evaluation: Evaluation) -> tuple[Score, Score]:
    return evaluation.live, evaluation.candidate


def _figure(score: Score, field: str, form: str) -> str:
    return form.format(getattr(score, field))


def _margin(evaluation: Evaluation) -> str:
    return (
        f"On {evaluation.questions} held-back questions; agreement changes by between "
        f"{evaluation.low:+.3f} and {evaluation.high:+.3f} (80%)."
    )
