"""Reads one mail as the internet sends it."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from domain.errors import IngestError
from knowledge.readers import kinds
from knowledge.readers.base import File
from knowledge.readers.clean import line
from knowledge.readers.decoding import decoded
from knowledge.readers.letters import Letter, Person
from knowledge.readers.quoting import unfolded

_LONGEST_HEADER = 10_000  # characters that are looked at
_LONGEST_DATE = 200  # characters
_PARTS = 500  # of one mail that are looked at
_ID = re.compile(r"<[^<>\s]{1,250}>")
_REFERENCES = 100
_IGNORED = (
    "text/calendar",
    "message/delivery-status",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "text/rfc822-headers",
)
_ENCRYPTED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
_LITTLE = 0.1  # of the HTML's length: a plain text that is shorter only says that there is HTML


def letter(content: bytes) -> Letter:
    """The mail in ``content``. Raises what the standard library raises on broken ones."""
    message = message_from_bytes(_in_single_bytes(content), policy=policy.compat32)
    plain: list[str] = []
    html: list[File] = []
    attachments: list[File] = []
    for part in _leaves(message):
        _sort(part, plain, html, attachments)
    text = "\n".join(plain)
    page = html[0] if html else None
    if page and len(text.strip()) < len(page.content) * _LITTLE and len(text.split()) < 20:
        text = ""
    return Letter(
        line(header(message, "Subject")),
        people(header(message, "From") or header(message, "Sender")),
        people(header(message, "To")),
        people(header(message, "Cc")),
        date(header(message, "Date")),
        next(iter(ids(header(message, "Message-ID"))), ""),
        ids(f"{header(message, 'References')} {header(message, 'In-Reply-To')}"),
        text,
        page,
        tuple(attachments),
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


def _leaves(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """The parts that hold something; a mail within the mail is one of them."""
    waiting = [message]
    for _ in range(_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload()
        if part.is_multipart() and isinstance(inner, list) and part.get_content_type() != kinds.EML:
            waiting += reversed([each for each in inner if isinstance(each, Message)])
        else:
            yield part


def _sort(
    part: "Message[str, str]", plain: list[str], html: list[File], attachments: list[File]
) -> None:
    """Puts a part where it belongs: the text, the HTML, what is attached, or nowhere."""
    kind = part.get_content_type()
    name = line(header_name(part))
    is_attached = part.get_content_disposition() == "attachment" or bool(name)
    if kind in _IGNORED or (kind.startswith("image/") and part.get("Content-ID")):
        return
    if kind == kinds.EML:
        attachments.append(_inner_mail(part))
        return
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return
    charset = str(part.get_content_charset("") or "")
    if kind in _ENCRYPTED:
        attachments.append(File(content, name or "an encrypted part", kind=kind))
    elif kind == kinds.HTML and not is_attached:
        html.append(File(content, "", charset, kinds.HTML))
    elif kind == kinds.TEXT and not is_attached:
        text = decoded(content, charset).replace("\r\n", "\n")
        is_flowed = str(part.get_param("format", "")).lower() == "flowed"
        plain.append(unfolded(text) if is_flowed else text)
    elif is_attached:
        attachments.append(File(content, name, charset, kind))


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
