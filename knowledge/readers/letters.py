"""A mail, whatever format it comes in, and how it is written as blocks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.blocks import Block, Content, Heading, Paragraph
from domain.errors import EmptySource, IngestError, UnsupportedSource
from knowledge.readers.base import File, ReadPart
from knowledge.readers.clean import line
from knowledge.readers.parts import Parts, deeper
from knowledge.readers.quoting import Written, written

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_REPEATED = 40  # characters from which on a paragraph that stood in an earlier mail is a quotation
_LONGEST_NAME = 100  # characters of a subject
_NOT_READ = "the text of a mail could not be read: {why}"
_LONGEST_PEOPLE = 1_000  # characters of the people that a mail went to


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str = ""

    @property
    def shown(self) -> str:
        """As in ``Petra Lang (petra@example.org)``."""
        if not self.name or self.name == self.address:
            return self.address
        return f"{self.name} ({self.address})" if self.address else self.name


@dataclass(frozen=True, slots=True)
class Unread:
    """What is attached and cannot be read, and why."""

    name: str
    error: IngestError


@dataclass(frozen=True, slots=True)
class Letter:
    """``about`` holds the ids of the mails that it answers, the first of the thread before others.

    ``body`` is what it says, as text, and as files in HTML. An attached mail is a file, or a letter
    where its program kept it in parts.
    """

    subject: str = ""
    senders: tuple[Person, ...] = ()
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    date: datetime | None = None
    id: str = ""
    about: tuple[str, ...] = ()
    body: tuple[str | File, ...] = ()
    attachments: "tuple[File | Letter, ...]" = ()
    unread: tuple[Unread, ...] = ()

    @property
    def sent(self) -> datetime:
        """For the order of a thread; those without a date come first."""
        if self.date is None:
            return EARLIEST
        return self.date if self.date.tzinfo else self.date.replace(tzinfo=UTC)

    @property
    def shown_date(self) -> str:
        """As in ``2026-03-01 14:30 +01:00``, where it was written; empty without a date."""
        if self.date is None:
            return ""
        zone = self.date.strftime("%z")
        day = self.date.isoformat(" ", "minutes")
        return f"{day[:16]} {zone[:3]}:{zone[3:5]}" if zone else day[:16]

    @property
    def people(self) -> str:
        """Who wrote it to whom and when, in one line."""
        lists = (("From", self.senders), ("To", self.to), ("Cc", self.cc))
        said = [
            f"{what}: {_shortened(', '.join(person.shown for person in people))}"
            for what, people in lists
            if people
        ]
        if self.shown_date:
            said.append(f"Date: {self.shown_date}")
        return "; ".join(said)


@dataclass(slots=True)
class LetterReader:
    """Writes mails as blocks. What an earlier one of them says is not said again by a later one."""

    read_part: ReadPart
    notes: list[str] = field(default_factory=list)
    _said: set[str] = field(default_factory=set)

    def blocks(self, letter: Letter, level: int) -> tuple[Block, ...]:
        """``letter``, whose own headings are of ``level`` or lower."""
        people = [Paragraph(letter.people)] if letter.people else []
        body = self._body(letter, level - 1)
        parts = Parts(self.read_part)
        found: list[Block] = [*people, *body]
        for attachment in letter.attachments:
            if isinstance(attachment, Letter):
                found += self._attached(attachment, level)
            else:
                found += parts.read(attachment, line(attachment.name) or "Attachment", level)
        for unread in letter.unread:
            if isinstance(unread.error, UnsupportedSource):
                parts.leave_out(unread.error.public)
            else:
                parts.fail(unread.name, unread.error)
        self.notes += parts.all_notes("attachments")
        return tuple(found)

    def _attached(self, letter: Letter, level: int) -> tuple[Block, ...]:
        """A mail that is attached to another one, under its subject."""
        name = letter.subject[:_LONGEST_NAME] or "Mail"
        inner = LetterReader(self.read_part)
        blocks = inner.blocks(letter, 1)
        self.notes += [f"{name}: {note}" for note in inner.notes]
        return (Heading(name, level), *deeper(blocks, level))

    def _body(self, letter: Letter, by: int) -> list[Block]:
        found: list[Block] = []
        why_empty = ""
        for piece in letter.body:
            try:
                found += self._page(piece, by) if isinstance(piece, File) else self._text(piece)
            except EmptySource as e:
                why_empty = e.public
            except IngestError as e:
                self.notes.append(_NOT_READ.format(why=e.public))
        if why_empty and not found:
            self.notes.append(_NOT_READ.format(why=why_empty))
        return found

    def _text(self, text: str) -> Iterator[Block]:
        found: tuple[Written, ...] = written(text)
        last = max((n for n, each in enumerate(found) if not each.is_quoted), default=-1)
        for number, each in enumerate(found):
            # A quotation before an answer is what the answer is about.
            if number > last and each.text in self._said:
                continue
            yield each.block
        self._said.update(each.text for each in found)

    def _page(self, file: File, by: int) -> Iterator[Block]:
        content: Content = self.read_part(file)
        for block in deeper(content.blocks, by):
            text = getattr(block, "text", "")
            if len(text) < _REPEATED or text not in self._said:
                yield block
            self._said.add(text)


def _shortened(people: str) -> str:
    if len(people) <= _LONGEST_PEOPLE:
        return people
    return f"{people[:_LONGEST_PEOPLE].rpartition(', ')[0]} and others"
