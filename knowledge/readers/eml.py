"""Reads one mail as the internet sends it."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import groupby

from domain.errors import IngestError
from knowledge.readers import kinds
from knowledge.readers.base import File
from knowledge.readers.clean import line
from knowledge.readers.decoding import decoded
from knowledge.readers.html_tree import parsed
from knowledge.readers.letters import Letter, Person
from knowledge.readers.quoting import unfolded

_LONGEST_HEADER = 10_000  # characters that are looked at
_LONGEST_DATE = 200  # characters
_PARTS = 500  # of one mail that are looked at
_ID = re.compile(r"<[^<>\s]{1,250}>")
_REFERENCES = 100
_IGNORED = (
    "message/delivery-status",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "text/rfc822-headers",
)
_ENCRYPTED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
_DEEPEST = 50  # parts within each other
_INVITATION = "Invitation"
_LITTLE = 0.5  # of what the HTML shows: a plain text that is shorter only says that there is HTML
_NOT_SHOWN = "head, script, style"


def letter(content: bytes) -> Letter:
    """The mail in ``content``. Raises what the standard library raises on broken ones."""
    message = message_from_bytes(_in_single_bytes(content), policy=policy.compat32)
    parts = _Parts()
    body = parts.body(message, 0)
    return Letter(
        line(header(message, "Subject")),
        people(header(message, "From") or header(message, "Sender")),
        people(header(message, "To")),
        people(header(message, "Cc")),
        date(header(message, "Date")),
        next(iter(ids(header(message, "Message-ID"))), ""),
        ids(f"{header(message, 'References')} {header(message, 'In-Reply-To')}"),
        tuple(_joined(body)),
        tuple(parts.attachments),
    )


def _in_single_bytes(content: bytes) -> bytes:
    """A mail as it was sent, where a program saved it in UTF-16, or with a mark in front."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in content[:2]:
        return decoded(content).encode()
    return content.removeprefix(BOM_UTF8)


def header(message: "Message[str, str]", name: str) -> str:
    """A header in plain words, however it is encoded; empty where there is none."""
    raw = next((v for key, v in message.raw_items() if key.lower() == name.lower()), "")
    return in_plain_words(str(raw))


def in_plain_words(raw: str) -> str:
    """What a header such as ``=?UTF-8?B?S3LDpG5l?=`` says."""
    raw = raw[:_LONGEST_HEADER]
    try:
        if not raw.isascii():
            return decoded(raw.encode("utf-8", "surrogateescape"))
        return str(make_header(decode_header(raw)))
    except (MessageError, IngestError, LookupError, ValueError):
        return raw.encode("utf-8", "replace").decode()


def people(listed: str) -> tuple[Person, ...]:
    """The people of a list of addresses."""
    try:
        found = getaddresses([listed])
    except (RecursionError, IndexError, ValueError):
        return ()
    return tuple(Person(line(name), line(address)) for name, address in found if name or address)


def date(text: str) -> datetime | None:
    """The time that a header names; None where it names none."""
    try:
        return parsedate_to_datetime(text[:_LONGEST_DATE])
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def ids(text: str) -> tuple[str, ...]:
    """The ids of mails in a header, each once, in its order."""
    return tuple(dict.fromkeys(_ID.findall(text)))[:_REFERENCES]


@dataclass(slots=True)
class _Parts:
    """Sorts the parts of a mail: what it says, what is attached, and what is left out."""

    attachments: list[File] = field(default_factory=list)
    _looked_at: int = 0

    def body(self, part: "Message[str, str]", depth: int) -> list[str | File]:
        """What ``part`` says, its HTML as files; of several versions of the same the fullest."""
        self._looked_at += 1
        kind = part.get_content_type()
        if self._looked_at > _PARTS or depth > _DEEPEST or kind in _IGNORED:
            return []
        within = part.get_payload()
        if kind == kinds.EML or not isinstance(within, list):
            return self._leaf(part, kind)
        versions = [self.body(each, depth + 1) for each in within if isinstance(each, Message)]
        if kind == "multipart/alternative":
            return _fullest(versions)
        return [piece for version in versions for piece in version]

    def _leaf(self, part: "Message[str, str]", kind: str) -> list[str | File]:
        name = line(header_name(part))
        is_attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind.startswith("image/") and part.get("Content-ID"):
            return []
        if kind == kinds.EML:
            self.attachments.append(_inner_mail(part))
            return []
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not content.strip():
            return []
        charset = str(part.get_content_charset("") or "")
        if kind == kinds.HTML and not is_attached:
            return [File(content, "", charset, kinds.HTML)]
        if kind == kinds.TEXT and not is_attached:
            text = decoded(content, charset).replace("\r\n", "\n")
            is_flowed = str(part.get_param("format", "")).lower() == "flowed"
            return [unfolded(text) if is_flowed else text]
        if kind in _ENCRYPTED:
            self.attachments.append(File(content, name or "an encrypted part", kind=kind))
        elif kind == kinds.CALENDAR or name.lower().endswith(".ics"):
            self._invite(File(content, name or _INVITATION, charset, kinds.CALENDAR))
        elif is_attached:
            self.attachments.append(File(content, name, charset, kind))
        return []

    def _invite(self, file: File) -> None:
        """Keeps an invitation; most programs send it twice, for those who show no calendars."""
        if all(each.content.split() != file.content.split() for each in self.attachments):
            self.attachments.append(file)


def _fullest(versions: "list[list[str | File]]") -> "list[str | File]":
    """The plain version, unless it says much less than the one in HTML."""
    plain = [each for each in versions if each and all(isinstance(piece, str) for piece in each)]
    pages = [each for each in versions if any(isinstance(piece, File) for piece in each)]
    text = max(plain, key=_length, default=[])
    page = max(pages, key=_length, default=[])
    return page if _length(text) < _LITTLE * _length(page) or not text else text


def _length(pieces: "list[str | File]") -> int:
    """How many letters ``pieces`` show."""
    return sum(
        len("".join((piece if isinstance(piece, str) else _shown(piece)).split()))
        for piece in pieces
    )


def _shown(page: File) -> str:
    """About what a page shows; nothing of one that cannot be read."""
    try:
        root = parsed(decoded(page.content, page.charset))
    except (IngestError, ValueError):
        return ""
    for each in root.css(_NOT_SHOWN):
        each.decompose()
    return root.text()


def _joined(pieces: "list[str | File]") -> "Iterator[str | File]":
    """``pieces`` with the texts that follow each other in one."""
    for is_text, found in groupby(pieces, key=lambda piece: isinstance(piece, str)):
        if is_text:
            yield "\n".join(piece for piece in found if isinstance(piece, str))
        else:
            yield from found


def header_name(part: "Message[str, str]") -> str:
    """The name of an attached file; many programs encode it against the rules."""
    try:
        name = part.get_filename("") or ""
        return str(make_header(decode_header(name[:_LONGEST_HEADER])))
    except (MessageError, LookupError, ValueError, TypeError):
        return ""


def _inner_mail(part: "Message[str, str]") -> File:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else part
    if not isinstance(inner, Message):
        return File(b"", "mail.eml", kind=kinds.EML)
    subject = line(header(inner, "Subject"))[:100] or "mail"
    return File(inner.as_bytes(policy=policy.compat32), f"{subject}.eml", kind=kinds.EML)
