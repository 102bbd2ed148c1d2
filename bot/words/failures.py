"""What people are told of an error, in the words of a catalogue."""

from bot.words.catalogue import Words
from bot.words.english import ENGLISH
from domain.errors import (
    GenerationError,
    MessengerError,
    RecordsError,
    RetrievalError,
    public_text,
)


def what_failed(error: BaseException, words: Words) -> str:
    """What happened, in a sentence; only in English has an error more words of its own."""
    if words is ENGLISH:
        return public_text(error)
    kinds = {
        GenerationError: words.model_failed,
        RetrievalError: words.search_failed,
        RecordsError: words.records_failed,
        MessengerError: words.messenger_failed,
    }
    found = (text for kind, text in kinds.items() if isinstance(error, kind))
    return next(found, words.something_failed)
