"""The form that opens a gap: what was asked, by whom, and what can be done about it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.answers.blocks import (
    Element,
    SlackBlock,
    heading,
    link,
    rich_text,
    section,
    small,
    word,
)
from bot.gaps.bad_answers import one_line, what_was_wrong
from bot.gaps.card_plans import CardPlan
from bot.gaps.digest_message import counts, day, name, number
from bot.gaps.overview import GapView, NearDocument
from bot.slack.conversations import ChannelKind
from bot.slack.events import Payload
from domain.documents import LONGEST_ADDRESS
from domain.gaps import Closing, Gap, GapState
from domain.questions import Audience
from domain.text import is_blank, truncate, visible
from knowledge.sources.addresses import is_page, known_address

GAP_FORM = "gap_form"
"""The form's callback_id."""

_HOW, _ANSWER, _DOCUMENT = "how", "answer", "document"
_SHOWN = 15
"""The most questions that are shown."""
_EXPLAINED, _SAID = 5, 3
"""Of how many of these it is shown what was wrong with the answer, and by how many people."""
_QUESTION, _TITLE = 300, 150
_LONGEST_ANSWER = 3_000


class GapChoice(StrEnum):
    """What an admin does with a gap."""

    ANSWER = "answer"
    DOCUMENT = "document"
    ANSWERED = "answered"
    DISMISS = "dismiss"


_CHOICES = {
    GapChoice.ANSWER: "I write the answer below",
    GapChoice.DOCUMENT: "A document will say it: I name it below",
    GapChoice.ANSWERED: "It is answered by now: ask again",
    GapChoice.DISMISS: "It is not our topic: put it away",
}
_NO_ANSWER = "Write the answer that people are to get."
_NO_DOCUMENT = "Write the document's address, such as https://example.com/handbook.html"
_HOW_TO_ADD = (
    "Then write /phi3-ingest and this address in a place that those who asked can read. When it is "
    "read, I ask the questions again, and tell whoever asked."
)
_IN_PRIVATE = "All of these questions were asked in places that you cannot read."
_DONE = {
    Closing.ANSWER: "Somebody wrote the answer.",
    Closing.DOCUMENT: "A document was added.",
    Closing.ANSWERED: "Somebody said that it is answered.",
}


@dataclass(frozen=True, slots=True)
class FilledGap:
    """``document`` is an address as it is known; ``errors`` has a message for each wrong field."""

    gap_id: str
    person: str
    choice: GapChoice
    answer: str
    document: str
    places: tuple[CardPlan, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    def wrong(self, why: str) -> dict[str, str]:
        """An error that belongs to no field."""
        return {_HOW: why[:2_000]}


def gap_form(view: GapView, places: Sequence[CardPlan], readers: str) -> SlackBlock:
    """``places`` are where a written answer is kept, and ``readers`` says who will read it."""
    blocks = [
        rich_text(section(*word(name(view), bold=True), *word(f"\n{counts(view)}"))),
        *_about(view),
    ]
    form = _modal([*blocks, *(_questions(view) if view.readable else [small(_IN_PRIVATE)])])
    if not view.readable:
        return form
    form["blocks"] += _fields(view, readers)
    return form | {
        "callback_id": GAP_FORM,
        "private_metadata": _metadata(view.gap.id, places),
        "submit": _plain("Do it"),
    }


def closed_view(gap: Gap, told: int) -> SlackBlock:
    """What is shown of a gap that is not open."""
    when = f" on {day(gap.closed_at)}" if gap.closed_at else ""
    if gap.state is GapState.DISMISSED:
        said = f"This was put away{when}. It is back when it is asked much more."
    else:
        how = _DONE[gap.closing] if gap.closing else ""
        people = number(told, "person", "people")
        was = "was" if told == 1 else "were"
        said = f"This gap was closed{when}. {how} {people} {was} told an answer since."
    return _modal([rich_text(section(*word(said)))])


def done_view(text: str) -> SlackBlock:
    return _modal([rich_text(section(*word(text)))])


def filled_gap(body: Payload) -> FilledGap:
    view = body["view"]
    values = view["state"]["values"]
    gap_id, places = _read_metadata(view["private_metadata"])
    choice = GapChoice(values[_HOW][_HOW]["selected_option"]["value"])
    answer, document = (_text(values, each) for each in (_ANSWER, _DOCUMENT))
    errors = {}
    if choice is GapChoice.ANSWER and not answer:
        errors[_ANSWER] = _NO_ANSWER
    address = known_address(document)
    if choice is GapChoice.DOCUMENT and not address:
        errors[_DOCUMENT] = _NO_DOCUMENT
    person = body["user"]["id"]
    return FilledGap(gap_id, person, choice, answer, address, tuple(places), errors)


def _metadata(gap_id: str, places: Sequence[CardPlan]) -> str:
    """What the form carries; the few places that there are at most are short enough for Slack."""
    rows = [[one.question_id, sorted(one.readers.labels), one.kind.name] for one in places]
    return json.dumps([gap_id, rows])


def _read_metadata(text: str) -> tuple[str, list[CardPlan]]:
    gap_id, rows = json.loads(text)
    return str(gap_id), [
        CardPlan(str(question), Audience.of(*labels), ChannelKind[kind])
        for question, labels, kind in rows
    ]


def _about(view: GapView) -> list[SlackBlock]:
    lines: list[Element] = []
    if view.owner.startswith(("U", "W")):
        lines += [*word("Who may know: "), {"type": "user", "user_id": view.owner}, *word("\n")]
    if view.gap.reopened_at and view.gap.closed_at:
        lines += word(f"Open again: it was closed on {day(view.gap.closed_at)}.\n")
    if view.gap.awaited:
        lines += word(f"Waits for {visible(truncate(view.gap.awaited, _TITLE))} to be read.\n")
    if view.documents:
        lines += word("Nearest documents: ")
        for n, document in enumerate(view.documents):
            lines += [*word(", " if n else ""), _title(document)]
    return [rich_text(section(*lines))] if lines else []


def _title(document: NearDocument) -> Element:
    title = truncate(visible(document.title), _TITLE) or "…"
    if known_address(document.address) and document.address.isascii() and is_page(document.address):
        return link(document.address, title)
    (element,) = word(title)
    return element


def _questions(view: GapView) -> list[SlackBlock]:
    """Who asked what how often, the most frequent first."""
    asked = Counter((one.question.asked_by, one.key) for one in view.readable)
    latest = {(one.question.asked_by, one.key): one.question for one in view.readable}
    rows: list[Element] = []
    for key in sorted(asked, key=lambda key: (-asked[key], key))[:_SHOWN]:
        question, times = latest[key], asked[key]
        text = truncate(visible(" ".join(question.text.split())), _QUESTION) or "…"
        often = f", {times} times, last on" if times > 1 else " on"
        who = _person(question.asked_by)
        line = word(f"{often} {day(question.asked_at)}: {text}")
        wrong = _said(view, key) if len(rows) < _EXPLAINED else ()
        rows.append(section(*who, *line, *wrong))
    left = len(asked) - len(rows)
    below = [f"{number(left, 'more question')} that you can read" if left > 0 else ""]
    if view.hidden:
        below.append(f"{number(view.hidden, 'question')} from places that you cannot read")
    said = "; ".join(filter(None, below))
    bullets: Element = {"type": "rich_text_list", "style": "bullet", "elements": rows}
    shown = [heading("Who asked what"), rich_text(bullets)]
    return [*shown, small(f"And {said}.")] if said else shown


def _said(view: GapView, key: tuple[str, str]) -> Iterator[Element]:
    """What was answered to a person's question, and what people said was wrong with it."""
    same = (one.question.id for one in view.readable if key == (one.question.asked_by, one.key))
    bad = next((found for each in same if (found := view.bad.get(each))), None)
    if bad is None:
        return
    yield from word(f"\nI answered: “{one_line(bad.text)}”")
    for rating in bad.said[:_SAID]:
        yield from (*word("\n"), *_person(rating.by), *word(f": {what_was_wrong(rating)}"))


def _person(person: str) -> list[Element]:
    if person.startswith(("U", "W")):
        return [{"type": "user", "user_id": person}]
    return list(word(visible(person.removeprefix("cli:")) or "Somebody"))


def _fields(view: GapView, readers: str) -> list[SlackBlock]:
    options = [{"text": _plain(text), "value": each} for each, text in _CHOICES.items()]
    how = {"type": "radio_buttons", "options": options, "initial_option": options[0]}
    answer = {"type": "plain_text_input", "multiline": True, "max_length": _LONGEST_ANSWER}
    document: SlackBlock = {"type": "plain_text_input", "max_length": LONGEST_ADDRESS}
    if view.gap.awaited:
        document["initial_value"] = view.gap.awaited
    said = f"I give it as your verified answer to {readers}."
    return [
        {"type": "divider"},
        _input(_HOW, "What is to be done?", how),
        _input(_ANSWER, "The answer", answer, said),
        _input(_DOCUMENT, "The document's address", document, _HOW_TO_ADD),
    ]


def _input(block: str, label: str, element: SlackBlock, hint: str = "") -> SlackBlock:
    return {
        "type": "input",
        "block_id": block,
        "optional": block != _HOW,
        "label": _plain(label),
        "element": element | {"action_id": block},
    } | ({"hint": _plain(hint)} if hint else {})


def _text(values: Mapping[str, Mapping[str, Payload]], block: str) -> str:
    text = str(((values.get(block) or {}).get(block) or {}).get("value") or "").strip()
    return "" if is_blank(text) else text


def _modal(blocks: list[SlackBlock]) -> SlackBlock:
    return {
        "type": "modal",
        "title": _plain("A gap"),
        "close": _plain("Close"),
        "blocks": blocks,
    }


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
