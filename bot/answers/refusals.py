"""What a refusal, or an answer without a model, says in the language of its question.

Answers are recorded in English, also those that no model wrote. What they say is told from their
text, and said again in other words.
"""

from bot.words import Words
from domain.answering import ENGLISH_ONLY, NOT_ANSWERING, TOO_LONG, UNSUPPORTED, UNSURE, titles_of
from domain.prompt import REFUSAL
from domain.questions import Answer, AnswerKind


def in_words(answer: Answer, text: str, words: Words) -> str:
    """The text of an answer, with its numbers; what the bot says in it is in ``words``."""
    if answer.kind is AnswerKind.QUOTED and text.startswith(NOT_ANSWERING):
        return words.quoted + text.removeprefix(NOT_ANSWERING)
    if answer.kind is AnswerKind.UNSURE and text.startswith(UNSURE):
        return words.unsure + text.removeprefix(UNSURE)
    return _refusal(answer, text, words) if answer.refused else text


def _refusal(answer: Answer, text: str, words: Words) -> str:
    if text.startswith(TOO_LONG):
        return words.too_long
    if not text.startswith(REFUSAL):  # another version's
        return text
    said = [words.refused]
    if text.startswith(UNSUPPORTED):
        said.append(words.unsupported)
    elif titles := titles_of(answer.passages):
        said.append(words.nearest_documents.format(titles=", ".join(titles)))
    if text.endswith(ENGLISH_ONLY):
        said.append(words.english_only)
    return " ".join(said)
