"""Draws a week in numbers, as text: that needs no scope, no upload, and no second to wait for."""

from collections.abc import Iterator
from datetime import timedelta

from bot.answers.blocks import Element, SlackBlock, rich_text, small, word
from domain.weeks import Day, Week

_WIDTH = 20
"""The most characters of a bar."""

_ANSWERED, _REFUSED, _OPEN = "█", "▒", "░"
_LEGEND = (
    f"{_ANSWERED} answered · {_REFUSED} refused · {_OPEN} without an answer. "
    "Each line is 24 hours, up to {time} UTC of that day."
)


def week_blocks(week: Week, before: Week) -> list[SlackBlock]:
    """The numbers, against those of the week before, and a bar for each day."""
    until = week.since + timedelta(days=len(week.days))
    return [
        rich_text(_preformatted("\n".join(_rows(week, before)))),
        rich_text(_preformatted("\n".join(_bars(week)))),
        small(_LEGEND.format(time=f"{until:%H:%M}")),
    ]


def _rows(week: Week, before: Week) -> Iterator[str]:
    # A telephone shows about 40 characters in a line.
    yield f"{'':<14}{'last 7 days':>12}{'before':>12}"
    for label, name in (
        ("questions", "questions"),
        ("answered", "answered"),
        ("refused", "refused"),
        ("rated good", "good"),
        ("rated bad", "bad"),
        ("corrections", "corrections"),
    ):
        yield f"{label:<14}{getattr(week, name):>12,}{getattr(before, name):>12,}"
    yield f"{'median time':<14}{_seconds(week.median):>12}{_seconds(before.median):>12}"


def _bars(week: Week) -> Iterator[str]:
    most = max(day.questions for day in week.days)
    for n, day in enumerate(week.days, start=1):
        at = week.since + timedelta(days=n)
        bar = _bar(day, most) if most else ""
        yield f"{at:%a %d %b}  {bar:<{_WIDTH}}  {day.questions:,}"


def _bar(day: Day, most: int) -> str:
    """A bar whose parts end where they would if they were drawn one over the other."""
    ends = [
        round(count * _WIDTH / most)
        for count in (day.answered, day.answered + day.refused, day.questions)
    ]
    return _ANSWERED * ends[0] + _REFUSED * (ends[1] - ends[0]) + _OPEN * (ends[2] - ends[1])


def _seconds(length: timedelta | None) -> str:
    return "–" if length is None else f"{length.total_seconds():,.1f} s"


def _preformatted(text: str) -> Element:
    return {"type": "rich_text_preformatted", "elements": list(word(text))}
