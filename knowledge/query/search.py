"""The retriever: finds the passages for a question and its history.

A follow-up is made standalone, misspelt words are corrected, the index is searched by meaning and
by words, a model that reads passages puts them in its order if one is set, the newest version of a
text comes first, and what several documents share comes once.
"""

from dataclasses import replace
from time import perf_counter

from domain.evidence import is_sufficient
from domain.protocols import Embedder, Ledger, PassageIndex, Vector
from domain.questions import Audience, Evidence, Passage, Question
from knowledge.embedders.languages import is_unread
from knowledge.index.fusion import CANDIDATES
from knowledge.query.followups import standalone_question
from knowledge.query.newest import newest_first
from knowledge.query.reranking import Reranking
from knowledge.query.spelling import Spelling, corrected


class Searcher:
    """Implements Retriever. ``shown`` is the number of passages in a prompt.

    A document may have several addresses, of which a person may read some. The ledger says which;
    a passage without any is not shown, whatever the index says.
    """

    def __init__(
        self,
        index: PassageIndex,
        embedder: Embedder,
        ledger: Ledger,
        shown: int = 5,
        reranking: Reranking | None = None,
    ) -> None:
        self._index, self._embedder, self._ledger = index, embedder, ledger
        self._shown, self._reranking = shown, reranking

    def search(self, question: Question, k: int | None = None) -> Evidence:
        began = perf_counter()
        spelling = corrected(standalone_question(question), self._ledger, self._embedder.reach)
        spelled = perf_counter()
        vector = self._embedder.embed_question(spelling.both)
        embedded = perf_counter()
        passages = self._found(spelling, vector, question.audience, k or self._shown)
        searched = perf_counter()
        return Evidence(
            tuple(passages),
            is_sufficient(spelling.text, passages),
            embed_ms=(embedded - spelled) * 1000,
            search_ms=(searched - embedded + spelled - began) * 1000,
            foreign=is_unread(question.text, self._embedder.model),
        )

    def _found(
        self, spelling: Spelling, vector: Vector, audience: Audience, k: int
    ) -> list[Passage]:
        """The best ``k`` with their addresses, each text once: versions of a text share passages.

        More are asked for, since some have no address, and others the same text.
        """
        found = self._index.search(spelling.both, vector, audience, max(2 * k, CANDIDATES))
        addresses = self._ledger.addresses({one.document for one in found}, audience)
        readable = [
            replace(one, source=at[0], also=at[1:])
            for one in found
            if (at := addresses.get(one.document))
        ]
        if self._reranking:
            # Before the newest versions come first, for the model cannot tell which they are.
            readable = self._reranking.reranked(spelling.text, readable)
        named: dict[str, Passage] = {}
        for one in newest_first(readable, self._ledger, audience):
            named.setdefault(one.id, one)
        return list(named.values())[:k]
