"""Tells documents that were deleted from documents that cannot be looked at just now.

A share that is not mounted looks like an empty folder. So what a folder that cannot be opened held
is kept, and where many documents would go at once, a person is asked first.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.documents import Failure

ONE_OF = 3
"""If more than one of so many documents of a folder are gone, a person is asked first."""

NO_FOLDER = (
    "its folder is empty or does not exist: is a share not mounted? Its passages are kept; "
    "`phi3 sources remove` removes them"
)

NO_SUCH_FOLDER = (
    "it does not exist: is a share not mounted? The passages of its documents are kept; "
    "`phi3 sources remove` removes them"
)


@dataclass(frozen=True, slots=True)
class Missing:
    """``gone`` is removed from the index; ``held_back`` says why the rest is not, if so."""

    gone: tuple[str, ...]
    held_back: tuple[Failure, ...] = ()


def missing(
    collection: str,
    known: Collection[str],
    found: Collection[str],
    *,
    left_out: Iterable[str],
    unreadable: Iterable[str],
    confirmed: bool,
) -> Missing:
    """What of ``known``, the documents of a folder or the like, is not among ``found`` any more.

    What is ``left_out`` is there, but must not be read any more. What lies below an address in
    ``unreadable`` could not be looked at. ``confirmed`` means that a person knows that many
    documents are removed.
    """
    closed, refusing = set(unreadable), set(left_out)
    absent = {uri for uri in set(known) - set(found) if not is_within(uri, closed)}
    refused = {uri for uri in absent if is_within(uri, refusing)}
    gone = absent - refused
    if len(gone) * ONE_OF > len(known) and not confirmed:
        reason = (
            f"{len(gone)} of its {len(known)} documents are not there any more. Their passages are "
            f"kept: {_advice(collection)}, or ingest it with --confirm to remove them"
        )
        return Missing(tuple(sorted(refused)), (Failure(collection, reason),))
    return Missing(tuple(sorted(absent)))


def _advice(collection: str) -> str:
    is_folder = collection.startswith(os.sep)
    return "mount the share if it is not" if is_folder else "look whether it is as it should be"


def is_within(uri: str, places: Collection[str]) -> bool:
    """Whether ``uri``, or an address that it lies below, is one of ``places``."""
    if not places:
        return False
    if uri in places:
        return True
    ends = [n for n, character in enumerate(uri) if character in "/#"]
    return any(uri[:end] in places or uri[: end + 1] in places for end in ends)


def inside(folder: str) -> str:
    """What the paths of all files below ``folder`` begin with."""
    return folder.rstrip(os.sep) + os.sep


def has_a_folder(path: Path) -> bool:
    """Whether the folder of a file that is missing can be looked into, and holds anything."""
    try:
        return any(path.parent.iterdir())
    except OSError:
        return False
