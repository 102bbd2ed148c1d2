"""Answers, refusals and errors as messages in Slack."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePath

from bot.answers.blocks import (
    SECTION,
    TEXT,
    TOTAL,
    Element,
    SlackBlock,
    SlackMessage,
    button,
    buttons,
    link,
    markdown,
    rich,
    rich_text,
    section,
    small,
    text_message,
    word,
)
from bot.answers.held import held_by
from bot.answers.markdown import Piece, fitting, grouped, in_simple_markup, joined, pieces
from bot.answers.pretence import without_pretence
from bot.answers.refusals import in_words, nearest_passages
from bot.answers.safe import escape_mrkdwn, unescaped
from bot.slack.manifest import ADD_FILES
from bot.words import ENGLISH, Words
from bot.words.failures import what_failed
from domain.blocks import NOWHERE, Where
from domain.cards import Card
from domain.links import LONGEST_LINK, is_web, link_to, name_in_git, titled
from domain.numbering import UNSUPPORTED, numbered
from domain.questions import Answer, AnswerKind, Citation, Newer, Verdict
from domain.text import is_blank, truncate, visible

ASK_EXPERT = "ask_expert"
"""The action_id of the button that asks a channel's expert; its value is the question's id."""

ANSWER_AGAIN = "answer_again"
"""The action_id of the button that answers a question again; its value is the question's id."""

ONLY_FOR_ME = "only_for_me"
"""The action_id of the button that takes an answer out of a channel; its value is the question's
id, as that of the next one."""

SHARE_HERE = "share_here"
"""The action_id of the button that shows a private answer where it was asked."""

RATE = "rate"
"""The action_id of the two rating buttons."""

_BLANK = re.compile(r"[\s\x00-\x1f\x7f<>]")
_SOURCES = 8
_QUOTE = 200
_TITLE = 150
_CONFIRMED = 2
"""The most people who are named as those who confirmed a source."""
_TEXT = TOTAL - _SOURCES * (_QUOTE + _TITLE + 130) - 1_000
"""The most characters of an answer's text, so that the rest of the message fits too."""


def answer(
    answer: Answer,
    hint: str = "",
    workspace: str = "",
    words: Words = ENGLISH,
    newest: date | None = None,
    expert: str = "",
    verified: Sequence[Card] = (),
    moving: str = "",
) -> SlackMessage:
    """The whole message: text with numbers, sources, what to do, provenance and buttons.

    ``workspace`` is the address of the workspace, for links to messages. ``words`` are those for
    the language of the question. ``newest`` is when the newest source was changed last. ``expert``
    is the name of whom a button under a refusal asks. ``verified`` are the cards among the sources
    that support the answer. ``moving`` is the action_id of the button that shows the answer
    elsewhere, or empty.
    """
    text = numbered(answer.text, answer.citations, answer.sentences)
    text = in_words(answer, text, words)
    own = without_pretence(pieces(text, held_by(answer, workspace)))
    shown, is_whole = fitting(own, _TEXT)
    if not is_whole:
        shown.append(Piece(words.cut))
    brief = joined(fitting(shown, TEXT)[0]) or "…"
    if near := "".join(part["text"] for part in _nearest(answer, workspace, words)):
        brief = f"{brief} {escape_mrkdwn(near)}"
    end = tail(answer, hint, workspace, words, newest, expert, verified, moving)
    plain = rich(unescaped(joined(in_simple_markup(shown)) or brief))
    return SlackMessage(
        brief,
        (*map(markdown, grouped(shown, SECTION)), *end),
        SlackMessage(brief, (*plain, *end)),
    )


def tail(
    answer: Answer,
    hint: str = "",
    workspace: str = "",
    words: Words = ENGLISH,
    newest: date | None = None,
    expert: str = "",
    verified: Sequence[Card] = (),
    moving: str = "",
) -> tuple[SlackBlock, ...]:
    """Everything except the text; a stream ends with it."""
    doubted = [sentence for sentence in answer.sentences if not sentence.supported]
    is_compared = all(sentence.compared for sentence in doubted)
    is_marked = UNSUPPORTED in numbered(answer.text, answer.citations, answer.sentences)
    heading = words.nearest if is_compared else words.nearest_not_compared
    heading = words.nearest_of_refusal if answer.refused else heading
    blocks = list(sources(answer.citations, workspace, heading, words))
    if near := _nearest(answer, workspace, words):
        blocks.append(rich_text(section(*near)))
    if not is_compared:
        blocks.insert(0, small(words.not_compared.format(mark=UNSUPPORTED)))
    if is_marked and any(sentence.compared for sentence in doubted):
        blocks.insert(0, small(words.doubted.format(mark=UNSUPPORTED)))
    what_to_do = {
        AnswerKind.REFUSED: words.after_refusal,
        AnswerKind.QUOTED: words.after_quotation,
        AnswerKind.UNSURE: words.after_refusal,
    }
    if todo := " ".join(filter(None, (what_to_do.get(answer.kind, ""), hint))):
        blocks.append(small(truncate(todo, 500)))
    labels = list[tuple[str, str]]()
    if answer.is_open and expert:
        labels.append((words.ask_expert.format(name=truncate(expert, 40)), ASK_EXPERT))
    if answer.kind is not AnswerKind.ANSWERED:
        labels.append((words.try_again, ANSWER_AGAIN))
    if moving:
        labels.append((words.only_for_me if moving == ONLY_FOR_ME else words.share_here, moving))
    if labels:
        blocks.append(buttons(labels, answer.question_id))
    line = truncate(provenance(answer, words, newest, verified), 400)
    return (*blocks, small(line), thumbs(answer.id, words))


def _nearest(answer: Answer, workspace: str, words: Words) -> list[Element]:
    """The documents that a refusal names: links, where a browser opens them."""
    named: list[Element] = []
    for passage in nearest_passages(answer):
        title = truncate(_shown(passage.title) or name_of(passage.source), _TITLE)
        address = _address(passage.source, passage.where, workspace)
        named += word(", " if named else "")
        named += [link(address, title)] if address and title else word(title or words.conversation)
    before, _, after = words.nearest_documents.partition("{titles}")
    return [*word(before), *named, *word(after)] if named else []


def provenance(
    answer: Answer,
    words: Words = ENGLISH,
    newest: date | None = None,
    verified: Sequence[Card] = (),
) -> str:
    """Who answered, how new the sources are, who confirmed them, and the reference to give."""
    who = " + ".join(map(_shown, filter(None, (answer.model, answer.adapter))))
    who += f" ({words.on_trial})" if answer.on_trial else ""
    age = words.newest.format(date=newest.isoformat()) if newest else ""
    confirmed = dict.fromkeys(filter(None, (_confirmed(card, words) for card in verified)))
    reference = words.reference.format(id=answer.id)
    line = " · ".join(filter(None, (who, age, *[*confirmed][:_CONFIRMED], reference)))
    return line if who else line[:1].upper() + line[1:]


def _confirmed(card: Card, words: Words) -> str:
    """Who confirmed a card, and when; empty while nobody's name is known."""
    if not card.name or card.confirmed_at is None:
        return ""
    on = card.confirmed_at.date().isoformat()
    return words.verified.format(name=_shown(card.name), date=on)


def sources(
    citations: Iterable[Citation],
    workspace: str = "",
    nearest: str = ENGLISH.nearest,
    words: Words = ENGLISH,
) -> Iterable[SlackBlock]:
    """The numbered sources, each with its title, its place in the document and a quote.

    Web pages and messages are links to that place. ``nearest`` is the heading of passages that
    support nothing.
    """
    cited = list(citations)
    supported = any(citation.supports for citation in cited)
    rows = [_source(citation, workspace, words) for citation in cited[:_SOURCES]]
    if more := len(cited) - len(rows):
        rows.append(section(*word(words.more.format(count=more))))
    if rows:
        yield rich_text(section(*word(words.sources if supported else nearest, bold=True)), *rows)


def _source(citation: Citation, workspace: str, words: Words) -> Element:
    name = name_of(citation.source)
    title = truncate(_shown(citation.title) or name or words.conversation, _TITLE)
    shown = titled(title, _shown(_place(citation.where, words)))
    address = _address(citation.source, citation.where, workspace)
    source = [link(address, shown)] if address else list(word(shown, bold=True))
    file = f" ({truncate(name, 60)})" if name and name != title and not address else ""
    quote = truncate(_shown(citation.quote), _QUOTE)
    quoted = f": “{quote}”" if quote else ""  # people's words in a thread are not stored
    newer = _newer(citation.newer, workspace, words) if citation.newer else []
    return section(*word(f"\n[{citation.n}] "), *source, *word(f"{file}{quoted}"), *newer)


def _newer(newer: Newer, workspace: str, words: Words) -> list[Element]:
    title = truncate(_shown(newer.title) or name_of(newer.source) or words.conversation, _TITLE)
    address = _address(newer.source, NOWHERE, workspace)
    named = [link(address, title)] if address else list(word(title, bold=True))
    return [*word(f" {words.newer} ", bold=True), *named]


def _place(where: Where, words: Words) -> str:
    """Where it stands in its document, for people; empty where there is nothing to look for."""
    if where.page:
        return words.page.format(number=where.page)
    if where.slide:
        return words.slide.format(number=where.slide)
    return words.sheet.format(name=where.sheet) if where.sheet else ""


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


def thumbs(answer_id: str, words: Words = ENGLISH) -> SlackBlock:
    """The rating buttons; the value of each has the answer's id and the verdict."""

    def thumb(text: str, label: str, verdict: Verdict) -> Element:
        return {
            "text": {"type": "plain_text", "text": text},
            "accessibility_label": label,
            "value": f"{answer_id}:{verdict}",
        }

    element = {
        "type": "feedback_buttons",
        "action_id": RATE,
        "positive_button": thumb(words.good, words.good_answer, Verdict.UP),
        "negative_button": thumb(words.bad, words.bad_answer, Verdict.DOWN),
    }
    return {"type": "context_actions", "elements": [element]}


def failure(
    error: Exception, reference: str, words: Words = ENGLISH, question_id: str = ""
) -> SlackMessage:
    """What happened, what to do, and the reference with which the log says more.

    A button answers the question again, if it is stored.
    """
    what = truncate(what_failed(error, words), 1_000)
    message = text_message(words.failure.format(what=what, reference=reference))
    if not question_id:
        return message
    again = button(words.try_again, ANSWER_AGAIN, question_id)
    return replace(message, blocks=(*message.blocks, again))


def help_line(
    hint: str = "", words: Words = ENGLISH, *, hears_follow_ups: bool = False
) -> SlackMessage:
    """The message for a mention without a question.

    ``hears_follow_ups``: lines in its thread are answered without a mention too.
    """
    said = (words.help, words.help_thread if hears_follow_ups else "", words.help_documents, hint)
    return text_message(" ".join(filter(None, said)))


def cut(longest: int, words: Words = ENGLISH) -> str:
    """The hint for a message that is too long to be read completely."""
    return words.message_cut.format(count=f"{longest:,}")


def not_read(names: Iterable[str], words: Words = ENGLISH) -> str:
    """The hint for files that came with a question."""
    return words.not_read.format(names=truncate(", ".join(names), 200), entry=ADD_FILES)
