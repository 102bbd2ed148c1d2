"""What the bot says itself, in the languages of those who ask."""

from bot.words.catalogue import Words
from bot.words.english import ENGLISH
from bot.words.french import FRENCH
from bot.words.german import GERMAN
from bot.words.hindi import HINDI
from bot.words.japanese import JAPANESE
from bot.words.spanish import SPANISH
from domain.languages import function_words_of, language
from domain.questions import Question
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

LANGUAGES: dict[str, Words] = {
    "English": ENGLISH,
    "German": GERMAN,
    "French": FRENCH,
    "Spanish": SPANISH,
    "Japanese": JAPANESE,
    "Hindi": HINDI,
}
"""By the English names of the languages, which a channel may choose."""

__all__ = ["CATALOGUES", "ENGLISH", "LANGUAGES", "Words", "words_for", "words_in", "words_of"]

_LATIN = ("German", "French", "Spanish")


def words_for(text: str) -> Words:
    """The words in the language of ``text``; English if it is unclear or there are none for it."""
    return CATALOGUES.get(language(text) or _likely(text), ENGLISH)


def words_of(question: Question) -> Words:
    """The words for a question: in its channel's language, or else in its own."""
    return words_in(question.rules.language, question.text)


def words_in(language: str, text: str) -> Words:
    """The words in ``language``, by its English name; if it is empty, in that of ``text``."""
    return LANGUAGES.get(language) or words_for(text)


def _likely(text: str) -> str:
    """The one language of which ``text`` has the most function words that are not English."""
    said = {word.casefold() for word in words(text[:2_000])}
    counts = {each: len(said & function_words_of(each)) for each in _LATIN}
    best = max(counts.values())
    found = [each for each, count in counts.items() if count == best]
    return found[0] if best and len(found) == 1 else ""
