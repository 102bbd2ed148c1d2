"""What the weekly digest shows: the largest gaps, each with a button that opens it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.answers.blocks import SlackBlock, SlackMessage, button, heading, rich_text, section, word
from bot.answers.safe import escape_mrkdwn
from bot.gaps.overview import GapView
from domain.text import truncate, visible

OPEN_GAP = "open_gap"
"""The action_id of the buttons; their value is the gap's id."""

GAPS = 10
"""The most gaps in a digest."""

_QUESTION, _TITLE = 300, 120
_TITLE_TEXT = "What the documents do not answer"
_INTRO = (
    "In the last weeks people asked this, and had no answer, or rated it bad. Open a gap to write "
    "the answer, or to say that it is answered by now: then I ask again, and tell whoever asked."
)
_PRIVATE = "Asked in private"


def digest(views: Sequence[GapView], name_of: Callable[[str], str]) -> SlackMessage:
    """``views`` are the largest gaps, at least one; ``name_of`` gives a person's name by the id."""
    blocks: list[SlackBlock] = [heading(_TITLE_TEXT), rich_text(section(*word(_INTRO)))]
    for view in views[:GAPS]:
        blocks += [_row(view, name_of), button("Open", OPEN_GAP, view.gap.id)]
    first = name(views[0])
    text = f"{_TITLE_TEXT}: {first}" + (f", and {len(views) - 1} more" if views[1:] else "")
    return SlackMessage(escape_mrkdwn(text), tuple(blocks))


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
    return f"{said}: {', '.join(parts)}; from {day(view.first_at)} to {day(view.last_at)}"


def owner_of(view: GapView, name_of: Callable[[str], str]) -> str:
    """The name of who may know the answer; of the terminal's people, that of their account."""
    owner = view.owner.removeprefix("cli:")
    return visible(name_of(owner) if owner == view.owner else owner)


def number(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def day(at: datetime) -> str:
    return f"{at.day} {at:%B}"
