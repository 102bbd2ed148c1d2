"""What every reader takes and gives, and how a broken file is told from a broken program."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

from domain.blocks import Content
from domain.errors import UnreadableSource


@dataclass(frozen=True, slots=True)
class File:
    """A file, and what is said of it: ``name`` without folders, ``charset`` by who sent it.

    ``kind`` is one of `kinds`: to a reader what the file was recognized as, before that what its
    sender says that it is, or empty. ``address`` is where a page was fetched from.
    """

    content: bytes
    name: str = ""
    charset: str = ""
    kind: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """``links`` are whole addresses, in the order of the page, each once.

    ``canonical`` is the address by which the page says that it is known, ``leads_to`` where it
    sends browsers by itself, ``problem`` why it is not the page that was asked for, and ``robots``
    what it asks of programs, such as ``noindex``. Each is empty if there is none.
    """

    links: tuple[str, ...] = ()
    canonical: str = ""
    leads_to: str = ""
    problem: str = ""
    robots: str = ""


Reader = Callable[[File], Content]

ReadPart = Callable[[File], Content]
"""Reads a file that is kept in another one. Raises IngestError; bounds how deep and how much."""

ContainerReader = Callable[[File, ReadPart], Content]


# On broken files the parsers raise many of Python's own exceptions.
PARSER_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ExpatError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextmanager
def parsing(what: str, *errors: type[Exception]) -> Iterator[None]:
    """Turns what a parser raises, ``errors`` of its own too, into UnreadableSource."""
    caught: tuple[type[Exception], ...] = (*PARSER_ERRORS, *errors)
    try:
        yield
    except caught as e:
        detail = f"{type(e).__name__}: {e}"
        raise UnreadableSource(f"it is no readable {what}, or a damaged one", detail) from e
