"""The retriever: finds the passages for a question and its history."""

import re
from dataclasses import replace
from time import perf_counter

from domain.evidence import is_sufficient
from domain.protocols import Addresses, Embedder, PassageIndex, Vector
from domain.questions import Audience, Evidence, Passage, Question
from knowledge.index.fusion import CANDIDATES
from knowledge.query.newest import newest_first

_SHORT = 8
_REFERRING = 14
_TURN = 300
_WORD = re.compile(r"\w+")
_REFERS = frozenset(
    "it its that those these this they them their he she him her one ones same instead else "
    "there then such both either neither".split()
)


class Searcher:
    """Implements Retriever. ``shown`` is the number of passages in a prompt.

    A document may have several addresses, of which a person may read some. The ledger says which;
    a passage without any is not shown, whatever the index says.
    """

    def __init__(
        self, index: PassageIndex, embedder: Embedder, ledger: Addresses, shown: int = 5
    ) -> None:
        self._index, self._embedder, self._ledger = index, embedder, ledger
        self._shown = shown

    def search(self, question: Question, k: int | None = None) -> Evidence:
        text = standalone_question(question)
        began = perf_counter()
        vector = self._embedder.embed_question(text)
        embedded = perf_counter()
        passages = self._found(text, vector, question.audience, k or self._shown)
        searched = perf_counter()
        return Evidence(
            tuple(passages),
            is_sufficient(text, passages),
            embed_ms=(embedded - began) * 1000,
            search_ms=(searched - embedded) * 1000,
        )

    def _found(self, text: str, vector: Vector, audience: Audience, k: int) -> list[Passage]:
        """The best ``k`` with their addresses, each text once: versions of a text share passages.

        More are asked for, since some have no address, and others the same text.
        """
        found = self._index.search(text, vector, audience, max(2 * k, CANDIDATES))
        addresses = self._ledger.addresses({one.document for one in found}, audience)
        readable = [
            replace(one, source=at[0], also=at[1:])
            for one in found
            if (at := addresses.get(one.document))
        ]
        named: dict[str, Passage] = {}
        for one in newest_first(readable, self._ledger, audience):
            named.setdefault(one.id, one)
        return list(named.values())[:k]


def standalone_question(question: Question) -> str:
    """What to search for: the question, with the earlier turns before it if it refers to them.

    A short question, or one with a word like "that", refers to them. A long one says what it is
    about; then the earlier turns would only lead the search to an earlier topic.
    """
    if not (question.history and _refers_back(question.text)):
        return question.text
    turns = question.history[-2:]
    return "\n".join([*(turn.content[:_TURN] for turn in turns), question.text])


def _refers_back(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    return len(words) <= _SHORT or (len(words) <= _REFERRING and not _REFERS.isdisjoint(words))
