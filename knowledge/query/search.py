"""The retriever: finds the passages for a question and its history, step by step.

A follow-up is made standalone and misspelt words are corrected. The index is searched by meaning
and by words. Then the best candidates are looked at more closely, what holds a code of the question
comes first, a model that reads passages may put them in its order, the newest version of a text
comes first, what several documents share comes once, and the best are shown with their neighbours.
"""

from collections.abc import Collection, Sequence
from time import perf_counter

from domain.candidates import Ranked
from domain.embeddings import QuestionEmbedding
from domain.evidence import is_found_by_words, is_sufficient
from domain.protocols import Embedder, Ledger, PassageIndex
from domain.questions import Audience, Evidence, Passage, Question
from domain.spans import span
from domain.text import truncate, visible
from knowledge.chunk import PATH
from knowledge.embedders.languages import is_unread
from knowledge.query.closer import LOOKED_AT, Closer
from knowledge.query.codes import codes_first
from knowledge.query.explained import Explained
from knowledge.query.followups import standalone_question
from knowledge.query.fusion import fused
from knowledge.query.neighbours import with_neighbours
from knowledge.query.newest import newest_first
from knowledge.query.reranking import Reranking
from knowledge.query.spelling import Spelling, corrected
from knowledge.query.steps import Step, Steps
from knowledge.query.unknown_names import has_unknown_name

CANDIDATES = 50
"""The least number of chunks that are searched for by meaning, and by words."""

_DIGITS = 5
"""Scores that differ by less are equal: the vectors of one text differ by as much from one reading
to the next."""


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
        without: Collection[Step] = (),
    ) -> None:
        self._index, self._embedder, self._ledger = index, embedder, ledger
        self._shown, self._reranking, self._without = shown, reranking, frozenset(without)

    def search(self, question: Question, k: int | None = None) -> Evidence:
        return self.explain(question, k).evidence

    def explain(self, question: Question, k: int | None = None) -> Explained:
        """The same search, with what each step did. Raises RetrievalError."""
        steps = Steps(self._without)
        k = k or self._shown
        began = perf_counter()
        spelling = self._understood(question, steps)
        understood = perf_counter()
        with span("search.embed"):
            embedding = self._embedder.embed_question(spelling.text)
        embedded = perf_counter()
        chosen = question.rules.only
        only = None if chosen is None else self._ledger.documents_in(chosen)
        candidates = self._candidates(spelling.both, embedding, question.audience, only, k, steps)
        passages = self._readable(candidates, question.audience)
        passages = self._arranged(spelling.text, passages, question.audience, only, steps)
        unknown = has_unknown_name(spelling.text, self._ledger)
        sufficient = is_sufficient(spelling.text, passages[:k], unknown_name=unknown)
        shown = self._shown_with_neighbours(passages, candidates, question.audience, k, steps)
        ended = perf_counter()
        evidence = Evidence(
            tuple(shown),
            sufficient,
            embed_ms=(embedded - understood) * 1000,
            search_ms=(ended - embedded + understood - began) * 1000,
            foreign=is_unread(question.text, self._embedder.model)
            and not is_found_by_words(question.text, shown),
        )
        return Explained(evidence, tuple(steps.done))

    @span("search.understand")
    def _understood(self, question: Question, steps: Steps) -> Spelling:
        """What is searched for."""
        asked = question.text
        if steps.has(Step.FOLLOWUPS):
            asked = standalone_question(question)
            steps.say(Step.FOLLOWUPS, asked if asked != question.text else "")
        asked = visible(asked)  # no embedder reads lone surrogates
        if not steps.has(Step.SPELLING):
            return Spelling(asked)
        spelling = corrected(asked, self._ledger, self._embedder.reach)
        steps.say(Step.SPELLING, spelling.text if spelling.misspelt else "")
        return spelling

    @span("search.candidates")
    def _candidates(
        self,
        text: str,
        embedding: QuestionEmbedding,
        audience: Audience,
        only: frozenset[str] | None,
        k: int,
        steps: Steps,
    ) -> list[Ranked]:
        """Chunks of the index, best first; of the documents ``only``, if there are some.

        More than ``k`` are asked for, since some have no address, and others the same text.
        """
        many = max(2 * k, CANDIDATES)
        with span("search.index"):
            found = self._index.search(text, embedding.vector, audience, many, only)
        ordered = fused(text, found, words=steps.has(Step.WORDS))
        steps.show(Step.WORDS, ordered)
        closer = Closer(embedding, ordered, self._tokens(embedding, ordered, steps))
        if steps.has(Step.WINDOWS):
            ordered = closer.by_windows(ordered)
            steps.show(Step.WINDOWS, ordered)
        if steps.has(Step.TOKENS):
            ordered = closer.by_tokens(ordered)
            steps.show(Step.TOKENS, ordered)
        if steps.has(Step.CODES):
            ordered = codes_first(text, ordered)
            steps.show(Step.CODES, ordered)
        return ordered[:many]

    def _tokens(
        self, embedding: QuestionEmbedding, ordered: Sequence[Ranked], steps: Steps
    ) -> list[bytes]:
        """Those of the candidates that are looked at more closely, if any is."""
        if not embedding.words or not (steps.has(Step.WINDOWS) or steps.has(Step.TOKENS)):
            return []
        return self._index.tokens([one.candidate for one in ordered[:LOOKED_AT]])

    @span("search.readable")
    def _readable(self, candidates: Sequence[Ranked], audience: Audience) -> list[Passage]:
        """Those that have an address where ``audience`` may read them, best first.

        Equally good ones come in the order of their addresses, which stay when documents change.
        """
        addresses = self._ledger.addresses({one.candidate.document for one in candidates}, audience)
        passages = [
            _passage(one, at) for one in candidates if (at := addresses.get(one.candidate.document))
        ]
        return sorted(passages, key=lambda one: (-round(one.score, _DIGITS), one.source))

    @span("search.arrange")
    def _arranged(
        self,
        text: str,
        passages: list[Passage],
        audience: Audience,
        only: frozenset[str] | None,
        steps: Steps,
    ) -> list[Passage]:
        if self._reranking and steps.has(Step.RERANKING):
            # Before the newest versions come first, for the model cannot tell which they are.
            passages = self._reranking.reranked(text, passages)
            steps.show(Step.RERANKING, passages)
        if steps.has(Step.NEWEST):
            passages = newest_first(text, passages, self._ledger, audience, only)
            steps.show(Step.NEWEST, passages)
        if steps.has(Step.COPIES):
            once: dict[str, Passage] = {}
            for one in passages:
                once.setdefault(one.id, one)
            passages = list(once.values())
            steps.show(Step.COPIES, passages)
        return passages

    @span("search.neighbours")
    def _shown_with_neighbours(
        self,
        passages: Sequence[Passage],
        candidates: Sequence[Ranked],
        audience: Audience,
        k: int,
        steps: Steps,
    ) -> list[Passage]:
        """The best ``k``."""
        if not steps.has(Step.NEIGHBOURS):
            return list(passages[:k])
        found = {one.key: one.candidate for one in candidates}
        widened = with_neighbours(passages, found, self._index, audience, k)
        steps.show(Step.NEIGHBOURS, widened)
        return widened


def _passage(ranked: Ranked, addresses: Sequence[str]) -> Passage:
    candidate = ranked.candidate
    return Passage(
        id=candidate.id,
        source=addresses[0],
        title=truncate(candidate.title, PATH),  # earlier versions indexed titles of any length
        text=candidate.text,
        score=ranked.score,
        similarity=candidate.similarity,
        audience=candidate.audience,
        where=candidate.where,
        document=candidate.document,
        also=tuple(addresses[1:]),
    )
