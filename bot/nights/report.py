"""What a night's report shows: its outcome, its figures, some answers, and what admins may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from bot.nights.presses import AdapterPress, buttons
from domain.adapters import (
    AdapterChange,
    ChangedAnswer,
    ChangeKind,
    Evaluation,
    Outcome,
    Score,
    TrainingRun,
)
from domain.text import truncate, visible
from domain.trials import NO_THUMBS, Tally, Trial

_HEADINGS = {
    Outcome.RUNNING: "The night is still running",
    Outcome.SKIPPED: "No training this night",
    Outcome.REJECTED: "The night's adapter was not good enough",
    Outcome.HELD: "A better model waits for an admin",
    Outcome.PROMOTED: "A better model answers from now on",
    Outcome.FAILED: "The night failed",
}
_TRIAL = "A better model is on trial"
_NO_MORE = "The night's adapter answers no more"

_FIGURES = (
    ("agreement", "agreement", "{:.3f}"),
    ("right words (F1)", "f1", "{:.3f}"),
    ("right answer within", "contained", "{:.1%}"),
    ("backed by a source", "cited", "{:.1%}"),
    ("refused", "refused", "{:.1%}"),
    ("characters", "characters", "{:.0f}"),
)
_MEANINGS = {
    ChangeKind.APPROVE: "Approve: {adapter} answers, and this says who checked that.",
    ChangeKind.HOLD: "Hold: no later night promotes an adapter by itself, until that is lifted.",
    ChangeKind.LIFT: "Lift the hold: later nights promote better adapters by themselves again.",
    ChangeKind.ROLLBACK: "Roll back: what was live before {adapter} answers again.",
}
_ON_TRIAL = {
    ChangeKind.APPROVE: "Approve: {adapter} answers every question, and the trial is over.",
    ChangeKind.HOLD: (
        "Hold: no adapter goes live by itself, until that is lifted; the trial goes on, and may "
        "end with a rollback."
    ),
    ChangeKind.ROLLBACK: "Roll back: the trial is over, and what is live answers every question.",
}
_DONE = {
    ChangeKind.PROMOTE: "promoted {adapter}",
    ChangeKind.ROLLBACK: "rolled back: {adapter} answers",
    ChangeKind.APPROVE: "approved {adapter}",
    ChangeKind.HOLD: "put the nights on hold",
    ChangeKind.LIFT: "lifted the hold",
    ChangeKind.TRY: "put {adapter} on trial",
}
_QUESTION, _ANSWER = 150, 300
_NONE_SHOWN = "None of the answers that changed may be shown here."


@dataclass(frozen=True, slots=True)
class AdaptersNow:
    """Which adapter is live, whether somebody approved it, and whether nights are on hold.

    ``trial`` is the one that runs, ``tally`` its thumbs up to now.
    """

    live: str | None
    is_approved: bool = False
    is_on_hold: bool = False
    trial: Trial | None = None
    tally: Tally = NO_THUMBS

    @property
    def on_trial(self) -> str | None:
        return self.trial.adapter if self.trial else None

    @property
    def newest(self) -> str | None:
        """The adapter on trial, or else the live one: what the next order is about."""
        return self.on_trial or self.live


@dataclass(frozen=True, slots=True)
class Decided:
    """A change, and the name of who made it."""

    change: AdapterChange
    by: str


@dataclass(frozen=True, slots=True)
class Night:
    """What there is to show of a run. ``picture`` is the id of a file in Slack, or empty."""

    run: TrainingRun
    now: AdaptersNow
    changed: Sequence[ChangedAnswer] = ()
    have_changed: bool = False
    """Whether any answer changed, also if it may not be shown."""
    picture: str = ""
    decided: Sequence[Decided] = ()
    golden: str = ""


def report(night: Night) -> SlackMessage:
    title, reason = title_of(night.run, night.now), _reason(night.run)
    blocks = [heading(title), *about(night), *_actions(night)]
    blocks += [small(line) for line in decisions(night.decided)]
    blocks.append(small(f"Run {night.run.id}"))
    return SlackMessage(escape_mrkdwn(f"{title}. {reason}".strip()), tuple(blocks))


def title_of(run: TrainingRun, now: AdaptersNow) -> str:
    """What became of the night, as it is now: later an admin may have let its adapter answer."""
    if run.adapter and run.adapter == now.live:
        return _HEADINGS[Outcome.PROMOTED]
    if run.outcome is not Outcome.PROMOTED:
        return _HEADINGS[run.outcome]
    return _TRIAL if run.adapter == now.on_trial else _NO_MORE


def about(night: Night) -> Iterator[SlackBlock]:
    """The report without its buttons."""
    run = night.run
    if lines := summary(run):
        yield rich_text(section(*word("\n".join(lines))))
    if run.evaluation:
        yield rich_text(_table(run.evaluation), section(*word(_margin(run.evaluation))))
    if night.golden:
        yield small(visible(night.golden))
    if night.picture:
        yield {
            "type": "image",
            "slack_file": {"id": night.picture},
            "alt_text": "Bars compare the figures before and after; a line shows the loss.",
        }
    if night.changed:
        yield heading("What answers became")
        yield from map(_answer, night.changed)
    elif night.have_changed:
        yield small(_NONE_SHOWN)


def summary(run: TrainingRun) -> list[str]:
    """What was learned from, what was left out and why, and the reason of the outcome."""
    used = f"{run.adapter} learned from {run.examples} examples." if run.adapter else ""
    # The reason of a skipped night says what was left out.
    said = run.outcome is Outcome.SKIPPED
    counts = () if said else [f"{n} {why}" for why, n in run.left_out.items() if n]
    left_out = f"Left out: {truncate('; '.join(counts), 1_000)}." if counts else ""
    return [line for line in (used, left_out, _reason(run)) if line]


def decisions(decided: Sequence[Decided]) -> list[str]:
    return [
        f"{one.by or 'Somebody'} {_DONE[one.change.kind].format(adapter=_name(one.change.adapter))}"
        f" · {one.change.at:%d %B %Y, %H:%M} UTC"
        for one in decided
    ]


def _actions(night: Night) -> Iterator[SlackBlock]:
    run, now = night.run, night.now
    kinds, means = [], _MEANINGS
    if run.adapter and run.adapter == now.on_trial:
        kinds = [ChangeKind.APPROVE, ChangeKind.LIFT if now.is_on_hold else ChangeKind.HOLD]
        kinds.append(ChangeKind.ROLLBACK)
        means = _MEANINGS | _ON_TRIAL
    elif run.adapter and run.adapter == now.live and not now.on_trial:
        kinds = [] if now.is_approved else [ChangeKind.APPROVE]
        kinds += [ChangeKind.LIFT if now.is_on_hold else ChangeKind.HOLD, ChangeKind.ROLLBACK]
    elif run.outcome is Outcome.HELD and run.adapter != now.live:
        kinds = [ChangeKind.APPROVE]
        kinds += [ChangeKind.LIFT if now.is_on_hold else ChangeKind.HOLD]
    if not kinds:
        return
    meanings = (means[kind].format(adapter=run.adapter) for kind in kinds)
    lines = [*meanings, "Only admins may press these."]
    yield {"type": "divider"}
    yield rich_text(section(*word("\n".join(lines))))
    yield buttons(AdapterPress(kind, run.adapter or "", now.newest) for kind in kinds)


def _answer(one: ChangedAnswer) -> SlackBlock:
    return rich_text(
        section(
            *word(_line(one.question, _QUESTION), bold=True),
            *word(f"\nbefore: {_line(one.before, _ANSWER)}"),
            *word(f"\nafter: {_line(one.after, _ANSWER)}"),
        )
    )


def _line(text: str, longest: int) -> str:
    return truncate(" ".join(visible(text).split()), longest) or "(nothing)"


def _reason(run: TrainingRun) -> str:
    reason = truncate(" ".join(visible(run.reason).split()), 1_000)
    return reason[:1].upper() + reason[1:]


def _name(adapter: str | None) -> str:
    return adapter or "the model as it was installed"


def _table(evaluation: Evaluation) -> Element:
    rows = [f"{'':<20}{'before':>8}{'after':>8}"]
    for label, field, form in _FIGURES:
        before, after = (_figure(score, field, form) for score in _scores(evaluation))
        rows.append(f"{label:<20}{before:>8}{after:>8}")
    return {"type": "rich_text_preformatted", "elements": list(word("\n".join(rows)))}


def _scores(evaluation: Evaluation) -> tuple[Score, Score]:
    return evaluation.live, evaluation.candidate


def _figure(score: Score, field: str, form: str) -> str:
    return form.format(getattr(score, field))


def _margin(evaluation: Evaluation) -> str:
    nights = "one night" if evaluation.nights == 1 else f"{evaluation.nights} nights"
    before = f" and {nights} before" if evaluation.nights else ""
    return (
        f"On {evaluation.questions} held-back questions tonight{before}: agreement changes by "
        f"{evaluation.gain:+.3f}, with 80% between {evaluation.low:+.3f} and "
        f"{evaluation.high:+.3f}."
    )
