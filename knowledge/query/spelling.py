"""Corrects words of a question that no passage has, by the words that the passages have."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from domain.languages import telling_words
from domain.protocols import Words
from domain.tokens import Reach
from knowledge.index.words import searchable
from knowledge.reach import tokenizer_of

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST, _LONGEST = 4, 30  # letters: a shorter word is near to too many others
_LONG = 8  # letters of a word in which two may be wrong
_MOST = 12  # doubtful words: a text with more is pasted, and stays as it is

# Damerau found in 1964 that four of five misspelt words have one wrong, missing or additional
# letter, or two that changed places; and the first letter is seldom wrong.


@dataclass(frozen=True, slots=True)
class Spelling:
    """A question as it was probably meant, and the words in it that were written otherwise."""

    text: str
    misspelt: tuple[str, ...] = ()

    @property
    def both(self) -> str:
        """The text to search for: a word taken for a misspelt one is still searched for."""
        return f"{self.text} ({' '.join(self.misspelt)})" if self.misspelt else self.text


def corrected(text: str, words: Words, reach: Reach) -> Spelling:
    """``text`` with the nearest word of the passages for each that looks misspelt.

    Words that a passage has, that the embedding model knows, or that are English stay as they are;
    so do numbers, codes, short words, scripts without capital letters, and a question in a language
    that no passage is in. Raises DatabaseUnavailable.
    """
    forms = {word: searchable(word) for word in _WORD.findall(text)}
    unknown = {
        word: form
        for word, form in forms.items()
        if _SHORTEST <= len(form) <= _LONGEST and form.isalpha() and form != form.upper()
    }
    if not unknown:
        return Spelling(text)
    telling = telling_words(text).intersection(forms.values())
    known = words.known_words(telling.union(unknown.values()))
    if telling and telling.isdisjoint(known):
        return Spelling(text)  # the documents are in other languages
    all_doubtful = (
        word
        for word, form in unknown.items()
        if form not in known
        and not _is_known_to_model(form, reach.tokenizer)
        and not _is_english(form)
    )
    doubtful = list(islice(all_doubtful, _MOST + 1))  # to look at each takes a millisecond
    if len(doubtful) > _MOST:
        return Spelling(text)
    changes = {
        word: better
        for word in doubtful
        if (better := _nearest(forms[word], words, is_name=word[0].isupper()))
    }

    def change(match: re.Match[str]) -> str:
        return changes.get(match[0], match[0])

    return Spelling(_WORD.sub(change, text), tuple(changes))


def _nearest(word: str, words: Words, *, is_name: bool) -> str | None:
    """The word of the passages that differs least; of several, the one that most of them have."""
    far = 2 if len(word) >= _LONG and not is_name else 1
    like = words.words_like(word[0], len(word) - far, len(word) + far)
    return _best(word, like, far)


def _best(word: str, like: Mapping[str, int], far: int) -> str | None:
    found = extract(word, list(like), scorer=OSA.distance, score_cutoff=far, limit=None)
    near = {other: distance for other, distance, _ in found}
    return min(near, key=lambda other: (near[other], -like[other], other), default=None)


def _is_known_to_model(word: str, tokenizer: str) -> bool:
    """Whether it is one token of the embedding model, which only common words are."""
    if not tokenizer:
        return False
    find = tokenizer_of(tokenizer).token_to_id
    return find(word) is not None or find(f"▁{word}") is not None


def _is_english(word: str) -> bool:
    return f'"{word}":'.encode() in _english()


@lru_cache(maxsize=1)
def _english() -> bytes:
    """Some 160,000 English words, with names, as JSON: how often each is used in films' subtitles.

    The text is searched as it is: a set of its words takes a quarter of a second, and 25 MB.
    """
    return gzip.decompress(files("spellchecker").joinpath("resources", "en.json.gz").read_bytes())
