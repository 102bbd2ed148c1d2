"""Reads mails: one, one that Outlook saved, or a mailbox of them."""

from domain.blocks import Block, Content, Heading
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers import eml, kinds, ole, outlook
from knowledge.readers.base import File, ReadPart, parsing
from knowledge.readers.letters import Letter, LetterReader
from knowledge.readers.mailboxes import split, threads


def read(file: File, read_part: ReadPart) -> Content:
    """Who wrote to whom and when, the text, and what is attached under headings of its own."""
    if file.kind == kinds.MBOX:
        return _read_mailbox(file, read_part)
    is_outlook = file.kind == kinds.MSG or file.content.startswith(ole.SIGN)
    with parsing("mail"):
        letter = outlook.letter(file.content) if is_outlook else eml.letter(file.content)
    reader = LetterReader(read_part)
    blocks = reader.blocks(letter, 1)
    return _content(blocks, letter.subject, tuple(reader.notes), bool(blocks))


def _read_mailbox(file: File, read_part: ReadPart) -> Content:
    """Each thread under its subject, its mails in the order of their dates."""
    found, notes = split(file.content)
    letters: list[Letter] = []
    failed = 0
    for content in found:
        try:
            with parsing("mail"):
                letters.append(eml.letter(content))
        except UnreadableSource:
            failed += 1
    blocks: list[Block] = []
    titles = []
    for thread in threads(letters):
        reader = LetterReader(read_part)
        title = thread[0].subject or "Mail"
        titles.append(title)
        blocks.append(Heading(title, 1))
        for letter in thread:
            blocks += [Heading(_heading(letter), 2), *reader.blocks(letter, 3)]
        notes += tuple(reader.notes)
    if failed:
        notes += (f"{failed} of {len(found)} mails are damaged and not read",)
    title = titles[0] if len(titles) == 1 else ""
    return _content(tuple(blocks), title, notes, bool(letters))


def _heading(letter: Letter) -> str:
    """Who wrote a mail of a thread, and on which day."""
    who = ", ".join(person.name or person.address for person in letter.senders)
    return ", ".join(filter(None, (who, letter.shown_date[:10]))) or "Mail"


def _content(
    blocks: tuple[Block, ...], title: str, notes: tuple[str, ...], is_filled: bool
) -> Content:
    if not is_filled:
        raise EmptySource("; ".join(notes) or "it holds no mail")
    return Content(blocks, title, notes)
