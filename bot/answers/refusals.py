"""What a refusal, or an answer without a model, says in the language of its question.

Answers are recorded in English, also those that no model wrote. What they say is told from their
text, and said again in other words.
"""

from bot.words import Words
from domain.answering import ENGLISH_ONLY, NOT_ANSWERING, TOO_LONG, UNSUPPORTED, UNSURE, titles_of
from domain.prompt import REFUSAL
from domain.questions import Answer, AnswerKind, Passage


def in_words(answer: Answer, text: str, words: Words) -> str:
    """The text of an answer, with its numbers; what the bot says in it is in ``words``."""
    if answer.kind is AnswerKind.QUOTED and text.startswith(NOT_ANSWERING):
        return words.quoted + text.removeprefix(NOT_ANSWERING)
    if answer.kind is AnswerKind.UNSURE and text.startswith(UNSURE):
        return words.unsure + text.removeprefix(UNSURE)
    return _refusal(text, words) if answer.refused else text


def nearest_passages(answer: Answer) -> list[Passage]:
    """Those whose documents a refusal names, one of each title; none if it cites passages."""
    if not answer.refused or answer.citations or not answer.text.startswith(REFUSAL):
        return []
    found = {passage.title: passage for passage in reversed(answer.passages)}
    return [found[title] for title in titles_of(answer.passages)]


def _refusal(text: str, words: Words) -> str:
    if text.startswith(TOO_LONG):
        return words.too_long
    if not text.startswith(REFUSAL):  # another version's
        return text
    said = [words.refused]
    if text.startswith(UNSUPPORTED):
        said.append(words.unsupported)
    if text.endswith(ENGLISH_ONLY):
        said.append(words.english_only)
    return " ".join(said)
