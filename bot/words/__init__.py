"""What the bot says itself, in the languages of those who ask."""

from bot.words.catalogue import Words
from bot.words.english import ENGLISH
from bot.words.french import FRENCH
from bot.words.german import GERMAN
from bot.words.hindi import HINDI
from bot.words.japanese import JAPANESE
from bot.words.spanish import SPANISH
from domain.languages import function_words_of, language
from domain.words import words

CATALOGUES: dict[str, Words] = {
    "English": ENGLISH,
    "German": GERMAN,
    "French": FRENCH,
    "Spanish": SPANISH,
    "Japanese": JAPANESE,
    "Devanagari": HINDI,
}
"""By the names that `domain.languages.language` gives."""

__all__ = ["CATALOGUES", "ENGLISH", "Words", "words_for"]

_LATIN = ("German", "French", "Spanish")


def words_for(text: str) -> Words:
    """The words in the language of ``text``; English if it is unclear or there are none for it."""
    return CATALOGUES.get(language(text) or _likely(text), ENGLISH)


def _likely(text: str) -> str:
    """The one language of which ``text`` has the most function words that are not English."""
    said = {word.casefold() for word in words(text[:2_000])}
    counts = {each: len(said & function_words_of(each)) for each in _LATIN}
    best = max(counts.values())
    found = [each for each, count in counts.items() if count == best]
    return found[0] if best and len(found) == 1 else ""
