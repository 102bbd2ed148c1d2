"""Answers, refusals and errors as messages in Slack."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from bot.blocks import (
    SECTION,
    TOTAL,
    Element,
    SlackBlock,
    SlackMessage,
    link,
    markdown,
    rich,
    rich_text,
    section,
    small,
    text_message,
    word,
)
from bot.held import held_by
from bot.markdown import Piece, fitting, grouped, joined, pieces
from bot.safe import visible
from domain.blocks import NOWHERE, Where
from domain.citations import UNSUPPORTED, numbered
from domain.errors import public_text
from domain.links import LONGEST_LINK, is_web, link_to, name_in_git, titled
from domain.questions import Answer, AnswerKind, Citation, Newer, Verdict
from domain.text import is_blank, truncate

_CONVERSATION = "a conversation in Slack"

RATE = "rate"
"""The action_id of the two rating buttons."""

PLACEHOLDER = SlackMessage("Reading the documents …")
STATUS = "is reading the documents …"

_BLANK = re.compile(r"[\s\x00-\x1f\x7f<>]")
_SOURCES = 8
_QUOTE = 200
_TITLE = 150
_TEXT = TOTAL - _SOURCES * (_QUOTE + _TITLE + 130) - 1_000
"""The most characters of an answer's text, so that the rest of the message fits too."""
_CUT = "… (cut here: the answer is too long for a message in Slack; the sources have it all)"

_NEAREST = "The nearest passage (it does not say this, so check before you rely on the answer)"

_NEAREST_OF_REFUSAL = "The nearest passages"

_NEAREST_OF_NOT_COMPARED = "The nearest passage"

_NOT_COMPARED = (
    f"I could not compare all of this with the documents, because of its language: check what is "
    f"marked {UNSUPPORTED} before you rely on it."
)
_DOUBTED = f"{UNSUPPORTED} means that no passage says this; check it before you rely on it."

_WHAT_TO_DO = {
    AnswerKind.REFUSED: (
        "Ask in other words, or add the document that holds the answer with /phi3-ingest."
    ),
    AnswerKind.QUOTED: "Ask again in a few minutes for an answer in a sentence.",
}


def answer(answer: Answer, hint: str = "", workspace: str = "") -> SlackMessage:
    """The whole message: text with numbers, sources, what to do, provenance and buttons.

    ``workspace`` is the address of the workspace, for links to messages.
    """
    text = numbered(answer.text, answer.citations, answer.sentences)
    shown, is_whole = fitting(pieces(text, held_by(answer, workspace)), _TEXT)
    if not is_whole:
        shown.append(Piece(_CUT))
    whole = joined(shown) or "…"
    end = tail(answer, hint, workspace)
    plain = rich(truncate(text, _TEXT, f" {_CUT}"))
    return SlackMessage(
        whole,
        (*map(markdown, grouped(shown, SECTION)), *end),
        SlackMessage(whole, (*plain, *end)),
    )


def tail(answer: Answer, hint: str = "", workspace: str = "") -> tuple[SlackBlock, ...]:
    """Everything except the text; a stream ends with it."""
    doubted = [sentence for sentence in answer.sentences if not sentence.supported]
    is_compared = all(sentence.compared for sentence in doubted)
    heading = _NEAREST if is_compared else _NEAREST_OF_NOT_COMPARED
    heading = _NEAREST_OF_REFUSAL if answer.refused else heading
    blocks = list(sources(answer.citations, workspace, heading))
    if not is_compared:
        blocks.insert(0, small(_NOT_COMPARED))
    if any(sentence.compared for sentence in doubted):
        blocks.insert(0, small(_DOUBTED))
    if todo := " ".join(filter(None, (_WHAT_TO_DO.get(answer.kind, ""), hint))):
        blocks.append(small(truncate(todo, 500)))
    return (*blocks, small(truncate(provenance(answer), 300)), thumbs(answer.id))


def provenance(answer: Answer) -> str:
    """Who answered, and the reference to give when something is wrong."""
    who = " + ".join(filter(None, (answer.model, answer.adapter)))
    return f"{who} · reference {answer.id}" if who else f"Reference {answer.id}"


def sources(
    citations: Iterable[Citation], workspace: str = "", nearest: str = _NEAREST
) -> Iterable[SlackBlock]:
    """The numbered sources, each with its title, its place in the document and a quote.

    Web pages and messages are links to that place. ``nearest`` is the heading of passages that
    support nothing.
    """
    cited = list(citations)
    supported = any(citation.supports for citation in cited)
    rows = [_source(citation, workspace) for citation in cited[:_SOURCES]]
    if more := len(cited) - len(rows):
        rows.append(section(*word(f"… and {more} more.")))
    if rows:
        yield rich_text(section(*word("Sources" if supported else nearest, bold=True)), *rows)


def _source(citation: Citation, workspace: str) -> Element:
    name = name_of(citation.source)
    title = truncate(_shown(citation.title) or name or _CONVERSATION, _TITLE)
    shown = titled(title, _shown(citation.where.label))
    address = _address(citation.source, citation.where, workspace)
    source = [link(address, shown)] if address else list(word(shown, bold=True))
    file = f" ({truncate(name, 60)})" if name and name != title and not address else ""
    quote = truncate(_shown(citation.quote), _QUOTE)
    newer = _newer(citation.newer, workspace) if citation.newer else []
    return section(*word(f"\n[{citation.n}] "), *source, *word(f"{file}: “{quote}”"), *newer)


def _newer(newer: Newer, workspace: str) -> list[Element]:
    title = truncate(_shown(newer.title) or name_of(newer.source) or _CONVERSATION, _TITLE)
    address = _address(newer.source, NOWHERE, workspace)
    named = [link(address, title)] if address else list(word(title, bold=True))
    return [*word(" There is a newer version: ", bold=True), *named]


def _shown(text: str) -> str:
    """Text of a document in one line, without what hides or reorders characters."""
    return "" if is_blank(text) else " ".join(visible(text).split())


def _address(source: str, where: Where, workspace: str) -> str | None:
    """The address of a source, if it can be a link in Slack."""
    address = link_to(source, where, workspace)
    if not address or len(address) > LONGEST_LINK or _BLANK.search(address):
        return None
    return address


def name_of(source: str) -> str:
    """The name by which people know a source: a page's address or a file's name, without path."""
    if is_web(source):
        return source
    if name := name_in_git(source):
        return name
    return "" if source.startswith("slack-") else PurePath(source).name


def thumbs(answer_id: str) -> SlackBlock:
    """The rating buttons; the value of each has the answer's id and the verdict."""

    def button(text: str, verdict: Verdict) -> Element:
        return {
            "text": {"type": "plain_text", "text": text},
            "accessibility_label": f"{text} answer",
            "value": f"{answer_id}:{verdict}",
        }

    element = {
        "type": "feedback_buttons",
        "action_id": RATE,
        "positive_button": button("Good", Verdict.UP),
        "negative_button": button("Bad", Verdict.DOWN),
    }
    return {"type": "context_actions", "elements": [element]}


def failure(error: Exception, reference: str) -> SlackMessage:
    """What happened, what to do, and the reference with which the log says more."""
    what = truncate(public_text(error), 1_000)
    return text_message(
        f"I could not answer. {what}\n"
        "Ask again in a minute; if the error stays, give the person who runs me "
        f"the reference {reference}."
    )


def help_line(hint: str = "") -> SlackMessage:
    """The message for a mention without a question."""
    return text_message(
        "Ask me a question in a sentence, such as: How do I get a new laptop? I answer from the "
        "team's documents; in this thread you need not mention me again. "
        f"/phi3-ingest help says how documents are added. {hint}".strip()
    )


def readers_unknown() -> str:
    return (
        "Slack did not tell me who can read this conversation, and without that I show no "
        "document. Invite me to it, and ask again."
    )


def cut(longest: int) -> str:
    """The hint for a message that is too long to be read completely."""
    return f"I read only the first {longest:,} characters of your message."


def not_read(names: Iterable[str]) -> str:
    """The hint for files that came with a question."""
    return (
        f"I did not read what you attached ({truncate(', '.join(names), 200)}). "
        "To ask about it, add it: in the menu (⋮) of your message choose “Add to expert's docs”."
    )
