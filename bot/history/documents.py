"""Makes documents of messages: a thread, or the short messages of a day.

Which messages become a document:

    a thread with replies              one document
    a message of 40 words or more      one document
    shorter messages without replies   one document for each day (UTC)

Left out are notices of Slack (who joined, what was pinned), what this bot wrote, questions to it
that no person answered, and what other programs wrote, except in threads in which people wrote too.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from hashlib import sha256

from bot.history.markup import plain
from bot.history.messages import HistoryMessage
from bot.history.names import Names
from bot.slack.client import Me
from domain.blocks import Block, Code, Content, Paragraph, Where
from domain.text import is_blank, truncate

ALONE = 40
"""From this many words on, a message without replies is a document of its own."""

MESSAGES = 2_000
"""The most messages of a document."""

READER = "1"
"""Part of each document's version: change it with what is read of a message, or how."""

_TITLE = 80
_LONGEST = 1_000_000
"""Characters of a document; the message with which it is longer is the last one."""
_FENCE = re.compile(r"```(.*?)```", re.DOTALL)


class Documents:
    """Makes the documents of one channel, whose name as people see it is ``channel``."""

    def __init__(self, me: Me, names: Names, channel: str) -> None:
        self._me = me
        self._names = names
        self._channel = channel

    def is_alone(self, message: HistoryMessage) -> bool:
        """Whether a message is a document of its own, and not one of a day."""
        return message.replies > 0 or len(message.text.split(maxsplit=ALONE)) >= ALONE

    def is_kept(self, message: HistoryMessage) -> bool:
        """Whether a message without replies, or the thread that it begins, may say anything."""
        if message.replies:
            others = set(message.repliers) - {self._me.user, message.person}
            return bool(others) or not message.repliers or not self._is_to_me(message)
        return self._is_of_person(message) and not self._is_to_me(message)

    def thread(self, messages: Sequence[HistoryMessage]) -> Content | None:
        """The document of a thread, in order; None if it says nothing to others.

        A question to this bot is kept if it begins the thread and somebody else replied to it.
        """
        root = messages[0] if messages else None
        kept = [
            one
            for one in messages
            if one.is_written
            and not self._is_mine(one)
            and (one is root or not self._is_to_me(one))
        ]
        people = {one.person for one in kept if self._is_of_person(one)}
        if root and self._is_to_me(root):
            people.discard(root.person)
        return self._content(kept, self._titled(kept)) if people else None

    def day(self, messages: Sequence[HistoryMessage]) -> Content | None:
        """The document of the short messages of a day, in order."""
        if not messages:
            return None
        return self._content(messages, f"{self._channel}, {date_in_words(messages[0].day)}")

    def _content(self, messages: Sequence[HistoryMessage], title: str) -> Content | None:
        blocks, left, notes = list[Block](), _LONGEST, tuple[str, ...]()
        for n, one in enumerate(messages):
            blocks += self._blocks(one)
            left -= len(one.text)
            if n + 1 == MESSAGES or left < 0:
                notes = (f"only the first {n + 1:,} messages are read",)
                break
        return Content(tuple(blocks), title, notes) if blocks else None

    def _titled(self, messages: Sequence[HistoryMessage]) -> str:
        texts = (" ".join(self._plain(one.text).split()) for one in messages)
        first = next((text for text in texts if not is_blank(text)), "")
        return f"{self._channel}: {truncate(first, _TITLE)}"

    def _blocks(self, message: HistoryMessage) -> Iterator[Block]:
        """Its paragraphs and its code; the first paragraph says who wrote it, and when."""
        where = Where(anchor=message.ts)
        who = f"{self._author(message)}, {date_in_words(message.day)}:"
        parts = list(_parts(message.text, self._plain))
        if message.files:
            named = ", ".join(file.file.name for file in message.files)
            parts.append((Paragraph, f"(attached: {named})"))
        if not parts:
            return
        for n, (kind, text) in enumerate(parts):
            if n == 0 and kind is Code:
                yield Paragraph(who, where)
            yield (
                Code(text, where)
                if kind is Code
                else Paragraph(f"{who} {text}" if n == 0 else text, where)
            )

    def _author(self, message: HistoryMessage) -> str:
        if message.is_of_bot:
            return " ".join(message.bot_name[:100].split()) or "a program"
        return self._names.of(message.person) or "somebody"

    def _plain(self, text: str) -> str:
        return plain(text, self._names.of)

    def _is_mine(self, message: HistoryMessage) -> bool:
        return message.person == self._me.user

    def _is_of_person(self, message: HistoryMessage) -> bool:
        is_written = message.is_written and not message.is_of_bot
        return is_written and bool(message.person) and not self._is_mine(message)

    def _is_to_me(self, message: HistoryMessage) -> bool:
        return f"<@{self._me.user}" in message.text


def version_of_thread(root: HistoryMessage) -> str:
    """It changes with each reply, a deleted one too, and with an edit of the first message."""
    return _version(root.edited, str(root.replies), root.latest_reply, *_files(root))


def version_of_day(messages: Sequence[HistoryMessage]) -> str:
    return _version(*(part for one in messages for part in (one.ts, one.edited, *_files(one))))


def _files(message: HistoryMessage) -> Iterator[str]:
    for file in message.files:
        yield file.file.id


def _version(*parts: str) -> str:
    return sha256("\0".join((READER, *parts)).encode()).hexdigest()[:32]


def _parts(
    text: str, plain: Callable[[str], str]
) -> Iterator[tuple[type[Paragraph] | type[Code], str]]:
    end = 0
    for fence in _FENCE.finditer(text):
        yield from _paragraphs(plain(text[end : fence.start()]))
        if not is_blank(code := _unescaped(fence.group(1)).strip("\n")):
            yield Code, code
        end = fence.end()
    yield from _paragraphs(plain(text[end:]))


def _paragraphs(text: str) -> Iterator[tuple[type[Paragraph], str]]:
    for part in text.split("\n\n"):
        if not is_blank(part):
            yield Paragraph, part.strip()


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def date_in_words(day: date) -> str:
    """``26 November 2026``"""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    "January February March April May June July August September October November December".split()
)
