"""Reads a mail that Outlook saved."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.parser import HeaderParser
from typing import cast

from oxmsg import Message
from oxmsg.attachment import Attachment
from oxmsg.domain import constants
from oxmsg.storage import Storage, Stream

from domain.errors import EmptySource, IngestError, UnsupportedSource
from knowledge.readers import eml, kinds, ole
from knowledge.readers.base import File, parsing
from knowledge.readers.clean import line
from knowledge.readers.letters import Letter, Person, Unread

_TO, _CC = 1, 2
_LINKS = (2, 3, 4, 7)  # of PidTagAttachMethod: what is attached is kept in another place
_WITHIN = "__substg1.0_3701000D"  # where an attached mail is kept, or an object of another program
_PROPERTIES = "__properties_version1.0"
_HEADER, _ROOT_HEADER = 24, 32  # bytes before the properties of an attached mail, and of a file's
_DEEPEST = 3  # mails in mails


def letter(content: bytes) -> Letter:
    """The mail in ``content``. Raises UnreadableSource, and what the library raises."""
    ole.refuse_damaged(content)
    return _letter(Message.load(content), 0)


def _letter(mail: Message, depth: int) -> Letter:
    kept = mail.properties
    sent = kept.str_prop_value(constants.PID_TRANSPORT_MESSAGE_HEADERS) or ""
    headers = HeaderParser().parsestr(sent)
    about = [
        kept.str_prop_value(each) or ""
        for each in (constants.PID_INTERNET_REFERENCES, constants.PID_IN_REPLY_TO_ID)
    ]
    attached, unread = _attachments(mail, depth)
    return Letter(
        line(mail.subject),
        eml.people(eml.in_plain_words(mail.sender or "")),
        _recipients(mail, _TO) or eml.people(eml.header(headers, "To")),
        _recipients(mail, _CC) or eml.people(eml.header(headers, "Cc")),
        eml.date(eml.header(headers, "Date")) or mail.sent_date,
        next(iter(eml.ids(kept.str_prop_value(constants.PID_INTERNET_MESSAGE_ID) or "")), ""),
        eml.ids(" ".join(about)),
        tuple(_body(mail)),
        attached,
        unread,
    )


def _body(mail: Message) -> Iterator[str | File]:
    """The plain text, or HTML; the text is empty where it is in another encoding than is said."""
    text = ""
    with suppress(UnicodeDecodeError, LookupError):
        text = (mail.body or "").replace("\r\n", "\n")
    html = mail.properties.binary_prop_value(constants.PID_HTML)
    if text.strip() or not html:
        yield text
    else:
        yield File(html, "", mail.properties.body_encoding, kinds.HTML)


def _recipients(mail: Message, kind: int) -> tuple[Person, ...]:
    listed = (
        Person(line(eml.in_plain_words(each.name)), line(each.email_address))
        for each in mail.recipients
        if each.properties.int_prop_value(constants.PID_RECIPIENT_TYPE) == kind
    )
    return tuple(each for each in listed if each.name or each.address)


def _attachments(mail: Message, depth: int) -> tuple[tuple[File | Letter, ...], tuple[Unread, ...]]:
    found: list[File | Letter] = []
    unread = []
    for each in mail.attachments:
        name = ""
        try:
            with parsing("attachment"):
                if _is_in_the_text(each):
                    continue
                name = _name(each)
                found.append(_attached(each, name, depth))
        except EmptySource:
            continue
        except IngestError as e:
            unread.append(Unread(name or "Attachment", e))
    return tuple(found), tuple(unread)


def _attached(attachment: Attachment, name: str, depth: int) -> File | Letter:
    """An attached file or mail. Raises IngestError for what is none."""
    within = next((each for each in _storage(attachment).storages if each.name == _WITHIN), None)
    if within is not None:
        return _letter(_mail_in(within, depth), depth + 1)
    content = attachment.file_bytes
    if content:
        return File(content, name, kind=attachment.mime_type or "")
    if attachment.properties.int_prop_value(constants.PID_ATTACH_METHOD) in _LINKS:
        raise UnsupportedSource("files that are only linked are not read")
    raise EmptySource("it is empty")


def _mail_in(within: Storage, depth: int) -> Message:
    """An attached mail, as the library takes one that is a file: with a longer header."""
    kept = next((each.bytes_ for each in within.streams if each.name == _PROPERTIES), None)
    if kept is None:
        raise UnsupportedSource("objects of other programs are not read")
    if depth >= _DEEPEST:
        raise UnsupportedSource("it lies in too many files within files")
    padded = kept[:_HEADER] + bytes(_ROOT_HEADER - _HEADER) + kept[_HEADER:]
    others = (each for each in within.streams if each.name != _PROPERTIES)
    return Message(replace(within, streams=(*others, Stream(_PROPERTIES, padded))))


def _storage(attachment: Attachment) -> Storage:
    """The library offers the bytes of an attached file, but not an attached mail."""
    return cast(Storage, attachment._storage)  # noqa: SLF001


def _name(attachment: Attachment) -> str:
    short = constants.PID_ATTACH_FILENAME
    return line(attachment.file_name or attachment.properties.str_prop_value(short) or "")


def _is_in_the_text(attachment: Attachment) -> bool:
    """Whether it is a picture that the text shows."""
    is_picture = (attachment.mime_type or "").startswith("image/")
    return is_picture and bool(
        attachment.properties.str_prop_value(constants.PID_ATTACH_CONTENT_ID)
    )
