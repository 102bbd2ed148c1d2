"""All errors that this program raises on purpose.

    Phi3Error
    ├── ConfigError
    ├── IngestError
    │   ├── UnsupportedSource
    │   ├── UnreadableSource
    │   │   └── GoneSource
    │   ├── EmptySource
    │   └── ForbiddenSource
    ├── RetrievalError
    │   ├── IndexUnavailable
    │   └── IndexMismatch
    ├── GenerationError
    │   ├── ServerUnavailable
    │   ├── ServerBusy
    │   ├── GenerationTimedOut
    │   ├── EmptyAnswer
    │   ├── Stopped
    │   └── AdapterNotLoaded
    │       ├── AdapterUnfit
    │       └── NoAdapters
    ├── TrainingError
    │   ├── DatasetInvalid
    │   ├── RunInProgress
    │   ├── TrainingFailed
    │   └── PublishFailed
    ├── StoreFailed
    │   └── NotPublished
    ├── BackupFailed
    │   └── BackupInvalid
    ├── RecordsError
    │   ├── DatabaseUnavailable
    │   │   └── DatabaseDamaged
    │   ├── NotFound
    │   ├── NotEmpty
    │   ├── AlreadyAsked
    │   ├── AlreadyChanged
    │   └── LinkEnded
    └── MessengerError
        ├── MessengerRefused
        └── MessengerUnavailable

A vendor's exception is translated once, at that vendor's boundary, with ``raise … from``. Each
error has two texts. The message says what happened and what to do; it names no host, user, path or
address. The detail says where and why, for the terminal and the log. Where the message advises
whoever runs the program, such as which setting to correct, the error's class has a third text,
``told``: what everybody else is told instead (`public_text`).
"""

from copyreg import __newobj__  # type: ignore[attr-defined]
from errno import EDQUOT, ENOSPC
from typing import Any, ClassVar

from domain.redaction import without_credentials


class Phi3Error(Exception):
    """An error with a message for people.

    ``str`` gives the message and the detail in one line. Passwords in addresses are removed from
    both.
    """

    told: ClassVar[str] = ""
    """What people are told who do not run the program; empty if that is the message."""

    def __init__(self, message: str = "", detail: str = "") -> None:
        super().__init__(message, detail)
        self.public = _line(message)
        self.detail = _line(detail)

    def __reduce__(self) -> tuple[Any, ...]:
        """Lets it reach another process, whatever its ``__init__`` takes."""
        return __newobj__, (type(self), *self.args), self.__dict__

    def __str__(self) -> str:
        return f"{self.public} ({self.detail})" if self.detail else self.public


class ConfigError(Phi3Error):
    """A setting is missing or wrong."""

    told = "I am not set up for this."


class IngestError(Phi3Error):
    """A source could not be read and indexed."""


class UnsupportedSource(IngestError):
    """No parser reads this kind of file."""


class UnreadableSource(IngestError):
    """The source is missing, broken, too large, or its server did not answer."""


class GoneSource(UnreadableSource):
    """The source does not exist, or not any more: a page, a file, or messages in Slack."""


class EmptySource(IngestError):
    """The source holds no text."""


class ForbiddenSource(IngestError):
    """The source must not be read: a private address, or a folder that is not allowed."""


class RetrievalError(Phi3Error):
    """Passages could not be searched or written."""

    told = "The documents cannot be searched at the moment."


class IndexUnavailable(RetrievalError):
    """The index does not answer, or is not ready yet."""


class IndexMismatch(RetrievalError):
    """The index was built with another embedding model."""


class GenerationError(Phi3Error):
    """The model server gave no answer."""

    told = "The model does not answer at the moment."


class ServerUnavailable(GenerationError):
    """Nothing answers at the model server's address."""


class ServerBusy(GenerationError):
    """The model server's queue is full."""


class GenerationTimedOut(GenerationError):
    """The model server took too long."""


class EmptyAnswer(GenerationError):
    """The model wrote nothing."""

    told = ""

    def __init__(self) -> None:
        super().__init__("The model gave an empty answer; ask again or in other words.")


class Stopped(GenerationError):
    """Raised by who listens to an answer, to end it there."""

    told = ""

    def __init__(self) -> None:
        super().__init__("The answer was stopped before anything of it was written.")


class AdapterNotLoaded(GenerationError):
    """The model server does not know the adapter, or cannot load it: perhaps only now."""


class AdapterUnfit(AdapterNotLoaded):
    """The adapter's own files are damaged, or do not fit the model: it will never be loaded."""


class NoAdapters(AdapterNotLoaded):
    """The model server loads no adapter at all while it runs."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "The model server loads no adapters while it runs: start vLLM with --enable-lora and "
            "VLLM_ALLOW_RUNTIME_LORA_UPDATING=True (docs/vllm.md).",
            detail,
        )


class TrainingError(Phi3Error):
    """A night could not train an adapter."""


class DatasetInvalid(TrainingError):
    """The training rows are unusable."""


class RunInProgress(TrainingError):
    """Another night is running."""


class TrainingFailed(TrainingError):
    """The trainer stopped."""


class PublishFailed(TrainingError):
    """The adapter could not be written, verified or loaded."""


class StoreFailed(Phi3Error):
    """The address of the adapters could not be read or written."""


class NotPublished(StoreFailed):
    """The address has no such adapter, or none that is complete and unchanged."""


class BackupFailed(Phi3Error):
    """A backup could not be made or restored."""


class BackupInvalid(BackupFailed):
    """The file is no backup, or not what was written."""


class RecordsError(Phi3Error):
    """The database could not be read or written."""


class DatabaseUnavailable(RecordsError):
    """The database does not answer, is locked, or lacks a migration."""

    told = "My database does not answer at the moment."


class DatabaseDamaged(DatabaseUnavailable):
    """SQLite cannot read the file."""


class NotFound(RecordsError):
    """No row has that id."""


class NotEmpty(RecordsError):
    """The database has rows already."""


class AlreadyAsked(RecordsError):
    """The question from this message is already known."""


class AlreadyChanged(RecordsError):
    """Somebody else changed it meanwhile, so that this change was not made."""


class LinkEnded(RecordsError):
    """A sign-in link that is unknown, was used, or has expired."""


class MessengerError(Phi3Error):
    """The team's messenger did not answer, or refused a request."""


REFUSED = "The messenger refused"
"""What the sentence of a `MessengerRefused` begins with, also where only that was stored."""


class MessengerRefused(MessengerError):
    """The messenger refused a request; ``code`` is its error code, such as ``ratelimited``.

    ``wait`` are the seconds after which it may be asked again, or 0 if it did not say.
    """

    def __init__(self, code: str, doing: str, wait: float = 0.0) -> None:
        super().__init__(f"{REFUSED} {doing}: {code}.")
        self.code = code
        self.wait = wait


class MessengerUnavailable(MessengerError):
    """The messenger does not answer."""

    told = "Slack does not answer at the moment."


def public_text(error: BaseException) -> str:
    """What people are told of an error who do not run the program."""
    if isinstance(error, Phi3Error):
        return error.told or error.public
    return "Something went wrong on my side."


def is_full_disk(error: BaseException | None) -> bool:
    """Whether there is no room left on a disk, or of what this user may use of it."""
    return isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT)


def _line(text: str) -> str:
    return without_credentials(" ".join(text.split()))
