"""What the weekly digest shows: the largest gaps, each with a button that opens it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.answers.blocks import (
    SlackBlock,
    SlackMessage,
    button,
    heading,
    rich_text,
    section,
    small,
    word,
)
from bot.answers.safe import escape_mrkdwn
from bot.gaps.overview import GapView
from domain.text import truncate, visible

OPEN_GAP = "open_gap"
"""The action_id of the buttons; their value is the gap's id."""

GAPS = 10
"""The most gaps that a digest names."""

_QUESTION, _TITLE = 300, 120
_TITLE_TEXT = "What the documents do not answer"
_INTRO = (
    "In the last weeks people asked this, and had no answer, or rated it bad. Open a gap to write "
    "the answer, or to say that it is answered by now: then I ask again, and tell whoever asked."
)
_PRIVATE = "Asked in private"
_HIDDEN = "asked in direct messages, or in channels that you cannot read"


def digest(views: Sequence[GapView], name_of: Callable[[str], str]) -> SlackMessage:
    """``views`` are gaps, the largest first; ``name_of`` gives a person's name by the id.

    Those of which the reader can read nothing are only counted: nothing can be done about them.
    """
    readable = [view for view in views if view.readable]
    hidden = sum(view.questions for view in views if not view.readable)
    blocks: list[SlackBlock] = [heading(_TITLE_TEXT)]
    if readable:
        blocks.append(rich_text(section(*word(_INTRO))))
    for view in readable[:GAPS]:
        blocks += [_row(view, name_of), button("Open", OPEN_GAP, view.gap.id)]
    if hidden:
        besides = "Besides, " if readable else ""
        blocks.append(small(f"{besides}{number(hidden, 'question')} {_HIDDEN}."))
    first = name(readable[0]) if readable else number(hidden, "question")
    more = f", and {len(readable) - 1} more" if readable[1:] else ""
    return SlackMessage(escape_mrkdwn(f"{_TITLE_TEXT}: {first}{more}"), tuple(blocks))


def name(view: GapView) -> str:
    """What a gap is called: its most typical question that is readable."""
    return truncate(visible(view.name), _QUESTION) or _PRIVATE


def _row(view: GapView, name_of: Callable[[str], str]) -> SlackBlock:
    lines = [counts(view)]
    if owner := owner_of(view, name_of):
        lines.append(f"Who may know: {owner}")
    if view.documents:
        title = truncate(visible(view.documents[0].title), _TITLE)
        lines.append(f"Nearest document: {title}")
    if view.gap.reopened_at and view.gap.closed_at:
        lines.append(f"Open again: it was closed on {day(view.gap.closed_at)}")
    return rich_text(
        section(
            *word(name(view), bold=True), *(part for line in lines for part in word(f"\n{line}"))
        )
    )


def counts(view: GapView) -> str:
    """``8 questions of 5 people, 3 new this week: 6 not answered, 2 rated bad``."""
    said = f"{number(view.questions, 'question')} of {number(view.people, 'person', 'people')}"
    if 0 < view.new < view.questions:
        said += f", {view.new} new this week"
    parts = []
    if view.refused:
        parts.append(f"{view.refused} not answered")
    if view.rated_bad:
        parts.append(f"{view.rated_bad} rated bad")
    first, last = day(view.first_at), day(view.last_at)
    when = f"on {first}" if first == last else f"from {first} to {last}"
    return f"{said}: {', '.join(parts)}; {when}"


def owner_of(view: GapView, name_of: Callable[[str], str]) -> str:
    """The name of who may know the answer; of the terminal's people, that of their account."""
    owner = view.owner.removeprefix("cli:")
    return visible(name_of(owner) if owner == view.owner else owner)


def number(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def day(at: datetime) -> str:
    return f"{at.day} {at:%B}"
