"""Reads a mail that Outlook saved."""

from contextlib import suppress
from email.parser import HeaderParser

from oxmsg import Message
from oxmsg.attachment import Attachment
from oxmsg.domain import constants

from domain.errors import IngestError
from knowledge.readers import eml, kinds
from knowledge.readers.base import File, parsing
from knowledge.readers.clean import line
from knowledge.readers.letters import Letter, Person

_TO, _CC = 1, 2


def letter(content: bytes) -> Letter:
    """The mail in ``content``. Raises what the library raises on broken ones."""
    mail = Message.load(content)
    kept = mail.properties
    sent = kept.str_prop_value(constants.PID_TRANSPORT_MESSAGE_HEADERS) or ""
    headers = HeaderParser().parsestr(sent)
    html = kept.binary_prop_value(constants.PID_HTML)
    about = [
        kept.str_prop_value(each) or ""
        for each in (constants.PID_INTERNET_REFERENCES, constants.PID_IN_REPLY_TO_ID)
    ]
    return Letter(
        line(mail.subject),
        eml.people(mail.sender or ""),
        _recipients(mail, _TO) or eml.people(eml.header(headers, "To")),
        _recipients(mail, _CC) or eml.people(eml.header(headers, "Cc")),
        eml.date(eml.header(headers, "Date")) or mail.sent_date,
        next(iter(eml.ids(kept.str_prop_value(constants.PID_INTERNET_MESSAGE_ID) or "")), ""),
        eml.ids(" ".join(about)),
        _body(mail),
        File(html, "", kept.body_encoding, kinds.HTML) if html else None,
        tuple(_file(each) for each in mail.attachments if not _is_in_the_text(each)),
    )


def _body(mail: Message) -> str:
    """The plain text; empty where it is in another encoding than the mail says."""
    with suppress(UnicodeDecodeError, LookupError):
        return (mail.body or "").replace("\r\n", "\n")
    return ""


def _recipients(mail: Message, kind: int) -> tuple[Person, ...]:
    return tuple(
        Person(line(each.name), line(each.email_address))
        for each in mail.recipients
        if each.properties.int_prop_value(constants.PID_RECIPIENT_TYPE) == kind
    )


def _file(attachment: Attachment) -> File:
    """An attached file; without its bytes where it is a mail, or only a link to a file."""
    kept = attachment.properties
    name = attachment.file_name or kept.str_prop_value(constants.PID_ATTACH_FILENAME) or ""
    with suppress(IngestError), parsing("attachment"):
        return File(attachment.file_bytes or b"", line(name), kind=attachment.mime_type or "")
    return File(b"", line(name))


def _is_in_the_text(attachment: Attachment) -> bool:
    """Whether it is a picture that the text shows."""
    is_picture = (attachment.mime_type or "").startswith("image/")
    return is_picture and bool(
        attachment.properties.str_prop_value(constants.PID_ATTACH_CONTENT_ID)
    )
