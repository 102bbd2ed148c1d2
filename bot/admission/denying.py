"""Why the lists of channels and people let somebody have nothing."""

from bot.words import ENGLISH, Words
from domain.admission import Access


def denial(access: Access, person: str, channel: str, words: Words = ENGLISH) -> str:
    """The reason, in ``words``; empty if the lists deny nothing."""
    if access.denies_person(person):
        return words.denied_person
    return words.denied_channel if access.denies_channel(channel) else ""
