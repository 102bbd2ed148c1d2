"""What admins see in their Home tab, below their own part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answers.blocks import SlackBlock, button, heading, rich_text, section, small, word
from bot.home.week import week_blocks
from bot.nights.presses import AdapterPress, buttons, choose_button
from bot.nights.report import AdaptersNow, Decided, Night, about, decisions, summary, title_of
from domain.adapters import ChangeKind, Evaluation, TrainingRun
from domain.text import truncate, visible
from domain.trials import NO_THUMBS, Tally, Trial
from domain.weeks import Week

RETRY = "retry_source"
"""The action_id of the button that lets a source be read again; its value is the uri."""

WHOLE_REPORT = "whole_report"
"""The action_id of the button that opens a night's report; its value is the run's id."""

SHOWN = 5
"""How many failed sources, corrections and questions to experts are shown."""

_LONGEST_VALUE = 2_000
_LINE = 200


@dataclass(frozen=True, slots=True)
class LiveAdapter:
    """What answers: an adapter or the base model. ``since`` and ``evaluation`` may be unknown."""

    now: AdaptersNow
    since: str = ""
    evaluation: Evaluation | None = None
    decided: Sequence[Decided] = ()
    may_decide: bool = True


@dataclass(frozen=True, slots=True)
class FailedSource:
    """``waits``: it is going to be read again by itself, so nobody needs to ask for that."""

    uri: str
    name: str
    reason: str
    waits: bool = False
    can_be_retried: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """Lines of what this person may read, and how many more there are that they may not."""

    lines: Sequence[str] = ()
    others: int = 0
    are_more: bool = False
    """Whether not all were looked at."""


@dataclass(frozen=True, slots=True)
class AdminView:
    week: Week
    before: Week
    live: LiveAdapter
    night: TrainingRun | None
    failed: Sequence[FailedSource]
    other_failed: int
    corrections: Listed
    cards: Listed


def admin_blocks(view: AdminView) -> list[SlackBlock]:
    return [
        {"type": "divider"},
        heading("The last seven days"),
        *week_blocks(view.week, view.before),
        heading("What answers"),
        *_live(view.live),
        heading("The last night"),
        *_night(view.night, view.live.now),
        heading("Sources that failed"),
        *_failed(view.failed, view.other_failed),
        heading("What waits"),
        *_listed("Corrections whose question has no better answer yet", view.corrections),
        *_listed("Questions that experts were asked", view.cards),
    ]


def whole_report(night: Night) -> SlackBlock:
    """The form with a night's report."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "The last night"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [
            heading(title_of(night.run, night.now)),
            *about(night),
            small(f"Run {night.run.id}"),
        ],
    }


def without_picture(report: SlackBlock) -> SlackBlock:
    return report | {"blocks": [one for one in report["blocks"] if one["type"] != "image"]}


def _live(live: LiveAdapter) -> Iterator[SlackBlock]:
    name, now = live.now.live, live.now
    lines = [
        f"{name} answers, since {live.since}." if name else "The model as it was installed answers."
    ]
    if now.trial:
        lines.append(_trial(now.trial, now.tally))
    if live.evaluation:
        figures = live.evaluation
        lines.append(
            f"On {figures.questions} held-back questions its agreement was "
            f"{figures.candidate.agreement:.3f}; that of what answered before, "
            f"{figures.live.agreement:.3f}."
        )
    if now.is_on_hold:
        lines.append("Nights are on hold: none promotes an adapter by itself.")
    yield rich_text(section(*word("\n".join(lines))))
    hold = ChangeKind.LIFT if now.is_on_hold else ChangeKind.HOLD
    kinds = [hold, ChangeKind.ROLLBACK] if now.newest else [hold]
    if live.may_decide:
        row = buttons(AdapterPress(kind, now.newest or "", now.newest) for kind in kinds)
        row["elements"].insert(0, choose_button(now.newest))
        yield row
    for line in decisions(live.decided):
        yield small(line)


def _trial(trial: Trial, tally: Tally) -> str:
    thumbs = "Nobody has rated an answer since" if tally == NO_THUMBS else str(tally)
    return (
        f"{trial.adapter} is on trial since {trial.began_at:%d %B %Y, %H:%M} UTC: it answers "
        f"{trial.share:.0%} of the threads. {thumbs}. Roll back ends the trial."
    )


def _night(run: TrainingRun | None, now: AdaptersNow) -> Iterator[SlackBlock]:
    if run is None:
        yield small("No night has ended yet.")
        return
    when = f" ({run.finished_at:%d %B, %H:%M} UTC)" if run.finished_at else ""
    lines = [f"{title_of(run, now)}{when}", *summary(run)][:3]
    yield rich_text(section(*word("\n".join(truncate(line, 500) for line in lines))))
    yield button("Show the report", WHOLE_REPORT, run.id)


def _failed(failed: Sequence[FailedSource], others: int) -> Iterator[SlackBlock]:
    for one in failed:
        reason = truncate(_line(one.reason), _LINE)
        state = "\nIt waits to be read again." if one.waits else ""
        yield rich_text(
            section(*word(_line(one.name) or "A source", bold=True), *word(f"\n{reason}{state}"))
        )
        if one.can_be_retried and not one.waits and len(one.uri) <= _LONGEST_VALUE:
            yield button("Try again", RETRY, one.uri)
    if others:
        more = "1 source" if others == 1 else f"{others:,} sources"
        yield small(f"And {more} besides: more than fit here, or of places that you cannot read.")
    elif not failed:
        yield small("None.")


def _listed(title: str, listed: Listed) -> Iterator[SlackBlock]:
    lines = [f"• {truncate(_line(line), 2 * _LINE)}" for line in listed.lines]
    if listed.others:
        at_least = "at least " if listed.are_more else ""
        lines.append(f"{at_least}{listed.others:,} in places that you cannot read.")
    elif listed.are_more:
        lines.append("There are more.")
    body = "\n".join(lines) or "None."
    yield rich_text(section(*word(title, bold=True), *word(f"\n{body}")))


def _line(text: str) -> str:
    return " ".join(visible(text).split())
