"""Cuts a mailbox into mails, and puts the mails of a thread together."""

import re
from collections.abc import Iterable
from itertools import islice, pairwise

from knowledge.readers.letters import Letter

MAILS = 2_000
"""The most mails of a mailbox that are read."""

# A mail begins with a line of its own; in the text of mails such lines are quoted or indented.
_BEGINNING = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\n]{1,300}\n(?=[!-9;-~]{1,80}:)")
_QUOTED = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_ANSWER = re.compile(r"(?:(?:re|fwd?|aw|wg|sv|tr|rv|antw)(?:\[\d{1,3}\])?: ?)+", re.IGNORECASE)


def split(content: bytes) -> tuple[list[bytes], tuple[str, ...]]:
    """The mails of a mailbox, and a note where it holds too many."""
    starts = [each.span() for each in _BEGINNING.finditer(content)]
    notes: tuple[str, ...] = ()
    if len(starts) > MAILS:
        notes = (f"only the first {MAILS:,} of {len(starts):,} mails are read",)
    cut = pairwise([*starts, (len(content), len(content))])
    return [
        _QUOTED.sub(b"", content[begin:end]) for (_, begin), (end, _) in islice(cut, MAILS)
    ], notes


def threads(letters: Iterable[Letter]) -> list[list[Letter]]:
    """The mails that answer each other, by their dates; the threads by their first mail's."""
    found: list[list[Letter]] = []
    by_id: dict[str, list[Letter]] = {}
    by_subject: dict[str, list[Letter]] = {}
    for letter in sorted(letters, key=lambda each: each.sent):
        subject = _ANSWER.sub("", letter.subject, count=1).strip().lower()
        thread = next((by_id[each] for each in (letter.id, *letter.about) if each in by_id), None)
        if thread is None and letter.subject.strip().lower() != subject:
            thread = by_subject.get(subject)  # an answer by a program that names no mail
        if thread is None:
            thread = []
            found.append(thread)
        thread.append(letter)
        by_subject.setdefault(subject, thread)
        for each in filter(None, (letter.id, *letter.about)):
            by_id.setdefault(each, thread)
    return found
