"""Answers a question: search, check the evidence, render the prompt, generate, compare, record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from time import perf_counter

from domain.citations import cite, cited, judged, nearest
from domain.errors import AdapterNotLoaded, EmptyAnswer, ServerBusy, ServerUnavailable, Stopped
from domain.excerpts import excerpt
from domain.fitting import FittedPrompt, fit, fitting_rules
from domain.given import NOTHING, Given
from domain.markers import without_markers
from domain.prompt import REFUSAL, render, version_of
from domain.protocols import STOPPED, AnswerLog, Generator, Retriever, TokenCounter
from domain.questions import Answer, AnswerKind, Evidence, Message, Passage, Question, Timings
from domain.spans import span
from domain.summary import Summariser
from domain.support.check import Checker
from domain.text import is_blank
from domain.tokens import Estimates
from domain.trials import Chosen

Listener = Callable[[str], None]
"""Called with each piece of an answer as it is generated. It raises Stopped to end the answer with
the piece before."""

TOO_LONG = (
    "Your question is too long to be read together with the documents. Please ask again, in fewer "
    "words."
)

UNSUPPORTED = (
    f"{REFUSAL} The model wrote something that no passage supports, so it is not shown. These "
    "passages are the nearest."
)

UNSURE = "I am not sure that the documents answer this. The passage that fits best says:"

NOT_ANSWERING = "The model is not answering just now. The nearest passages:"

ENGLISH_ONLY = (
    "The model that searches the documents reads English only; in another language it finds only "
    "what has the words of the question. Please ask in English, or in the words of the documents; "
    "the person who runs me can choose a model that reads many languages."
)

_QUOTES = 3
_QUOTE_CHARACTERS = 400


ESTIMATES = Estimates()


def _ignore(_: str) -> None: ...


class Answerer:
    """Answers questions; several threads may use it at once.

    ``adapter_of`` is called for each question, so that a promoted adapter answers the next one;
    ``instead_of`` says, best first, what answers if the model server cannot load that adapter.
    ``budget`` limits the passages and the history in a prompt, ``max_tokens`` the answer; both are
    in tokens, as ``counter`` counts them. An answer without any sentence that a passage supports is
    a refusal, unless ``show_unsupported``, or unless a sentence could not be compared or is all in
    one passage. With ``doubts_refusals`` the model is too small to tell whether the passages answer
    a question: where it refuses, or would be refused, the best passage is quoted instead.
    """

    def __init__(
        self,
        retriever: Retriever,
        generator: Generator,
        log: AnswerLog,
        adapter_of: Callable[[Question], Chosen],
        *,
        budget: int,
        max_tokens: int,
        instead_of: Callable[[Chosen, AdapterNotLoaded], Iterable[Chosen]] = lambda *_: (),
        counter: TokenCounter = ESTIMATES,
        show_unsupported: bool = False,
        doubts_refusals: bool = False,
    ) -> None:
        self._retriever = retriever
        self._generator = generator
        self._log = log
        self._adapter_of = adapter_of
        self._instead_of = instead_of
        self._budget = budget
        self._max_tokens = max_tokens
        self._counter = counter
        self._show_unsupported = show_unsupported
        self._doubts_refusals = doubts_refusals
        self._summariser = Summariser(generator, counter, budget=budget, max_tokens=max_tokens)

    def answer(self, question: Question, listener: Listener = _ignore) -> Answer:
        """Answers ``question`` and records the answer; returns the old one if there is one already.

        Raises RecordsError, and what ``make`` raises.
        """
        if known := self._log.answer_to(question.id):
            return known
        self._log.ask(question)
        return self._log.record(self.make(question, listener))

    def make(
        self, question: Question, listener: Listener = _ignore, given: Given = NOTHING
    ) -> Answer:
        """Answers ``question`` without recording the answer; ``given`` is what came with it.

        If no model server answers, the best passages are quoted instead. An error of ``listener``
        ends the answer; after Stopped what was written before is the answer. Raises RetrievalError,
        RecordsError, and GenerationError if the server accepted the question and then failed, or if
        the answer was stopped before anything was written.
        """
        began = perf_counter()
        if given.to_summarise:
            return self._summarised(question, given.passages, listener)
        evidence = self._evidence(question, given)
        answer = self._answer_from(evidence, question, listener)
        if evidence.foreign and answer.refused and answer.passages:
            answer = replace(answer, text=f"{answer.text} {ENGLISH_ONLY}")
        timings = replace(
            answer.timings,
            embed=evidence.embed_ms,
            search=evidence.search_ms,
            total=_ms_since(began),
        )
        return replace(answer, timings=timings)

    def _evidence(self, question: Question, given: Given) -> Evidence:
        """What is given, and then what is found in the documents."""
        with span("search") as search:
            found = self._retriever.search(question)
            search.note("passages", len(found.passages))
            search.note("sufficient", found.sufficient)
        if not given.passages:
            return found
        return replace(found, passages=(*given.passages, *found.passages), sufficient=True)

    def _summarised(
        self, question: Question, lines: Sequence[Passage], listener: Listener
    ) -> Answer:
        answer = self._summariser.make(question, lines, listener)
        if answer is None:
            latest = list(lines)[-_QUOTES:]
            return self._without_model(question, latest, AnswerKind.QUOTED, quotation(latest))
        return answer

    def _answer_from(self, evidence: Evidence, question: Question, listener: Listener) -> Answer:
        with span("prompt"):
            shown = fit(
                question,
                evidence.passages,
                self._counter,
                budget=self._budget,
                max_tokens=self._max_tokens,
            )
        if shown is None:
            return self._without_model(question, (), AnswerKind.REFUSED, TOO_LONG)
        if not evidence.sufficient:
            text = refusal(evidence.passages)
            return self._without_model(question, shown.passages, AnswerKind.REFUSED, text)
        return self._generate(question, shown, listener)

    def _generate(self, question: Question, fitted: FittedPrompt, listener: Listener) -> Answer:
        shown = fitted.passages
        rules = fitting_rules(question.rules, self._budget)
        prompt = render(question.text, shown, fitted.history, rules)
        chosen = self._adapter_of(question)
        began, first, pieces, is_stopped = perf_counter(), 0.0, list[str](), False
        try:
            with span("model") as model:
                for answering, piece in self._streamed(prompt, chosen):
                    if not pieces:
                        first = _ms_since(began)
                        model.mark("first token")
                    chosen = answering
                    try:
                        listener(piece)
                    except Stopped:
                        is_stopped = True
                        break  # which closes the stream: the server computes nothing more
                    pieces.append(piece)
                model.mark("last token")
                model.note("adapter", chosen.adapter or "")
        except (ServerUnavailable, ServerBusy):
            if pieces:
                raise
            return self._without_model(question, shown, AnswerKind.QUOTED, quotation(shown))
        text = without_markers("".join(pieces), shown)
        if is_blank(text):
            raise Stopped() if is_stopped else EmptyAnswer()
        timings = Timings(first_token=first, generate=_ms_since(began))
        if is_stopped:
            answer = self._stopped(question, shown, text.rstrip())
        elif is_refusal(text):
            answer = self._refused(question, shown)
        else:
            answer = self._compared(question, shown, text)
        return replace(
            answer,
            model=self._generator.model,
            adapter=chosen.adapter,
            on_trial=chosen.on_trial,
            timings=timings,
        )

    def _streamed(self, prompt: Sequence[Message], chosen: Chosen) -> Iterator[tuple[Chosen, str]]:
        """Pieces of one answer, each with what answers: the chosen adapter, or one instead."""
        try:
            yield from self._pieces_of(prompt, chosen)
        except AdapterNotLoaded as error:
            for other in self._instead_of(chosen, error):
                with suppress(AdapterNotLoaded):
                    yield from self._pieces_of(prompt, other)
                    return
            raise

    def _pieces_of(self, prompt: Sequence[Message], chosen: Chosen) -> Iterator[tuple[Chosen, str]]:
        adapter, longest = chosen.adapter, self._max_tokens
        for piece in self._generator.stream(prompt, adapter=adapter, max_tokens=longest):
            yield chosen, piece

    @span("check")
    def _compared(self, question: Question, shown: Sequence[Passage], text: str) -> Answer:
        """What the model wrote, as an answer, or as a refusal if no passage supports any of it."""
        checker = Checker(shown, question.text)
        checked = checker.check(text)
        claims = [one for one in checked if one.is_claim]
        is_shown = any(one.supported or not one.compared or checker.is_near(one) for one in claims)
        if claims and not is_shown and not self._show_unsupported:
            if self._doubts_refusals:
                return self._unsure(question, shown)
            refused = self._without_model(question, shown, AnswerKind.REFUSED, UNSUPPORTED)
            return replace(refused, citations=nearest(checker, shown[:_QUOTES]))
        answer = self._without_model(question, shown, AnswerKind.ANSWERED, text)
        return replace(answer, citations=cited(text, checked), sentences=judged(checked))

    @span("check")
    def _stopped(self, question: Question, shown: Sequence[Passage], text: str) -> Answer:
        """What the model wrote until a person stopped it, which they have read."""
        checked = Checker(shown, question.text).check(text)
        if checked and not checked[-1].supported:
            checked.pop()  # half a sentence is not judged
        answer = self._without_model(question, shown, AnswerKind.ANSWERED, text + STOPPED)
        return replace(answer, citations=cited(text, checked), sentences=judged(checked))

    def _refused(self, question: Question, shown: Sequence[Passage]) -> Answer:
        """What the model refused, as a refusal, or as a quotation if its refusals are doubted."""
        if self._doubts_refusals and shown:
            return self._unsure(question, shown)
        return self._without_model(question, shown, AnswerKind.REFUSED, refusal(shown))

    def _unsure(self, question: Question, shown: Sequence[Passage]) -> Answer:
        text = f"{UNSURE}\n“{excerpt(question.text, shown[0])}”"
        return self._without_model(question, shown, AnswerKind.UNSURE, text)

    def _without_model(
        self, question: Question, passages: Sequence[Passage], kind: AnswerKind, text: str
    ) -> Answer:
        answer = Answer.of(question, kind, text, passages, version_of(question.rules))
        is_quoted = kind in (AnswerKind.QUOTED, AnswerKind.UNSURE)
        return replace(answer, citations=cite(text, passages) if is_quoted else ())


def refusal(passages: Sequence[Passage]) -> str:
    """Says that the documents hold no answer, and names up to three of the nearest ones."""
    titles = titles_of(passages)
    nearest = f" The nearest documents that I found: {', '.join(titles)}." if titles else ""
    return REFUSAL + nearest


def titles_of(passages: Sequence[Passage]) -> list[str]:
    """The titles that a refusal names."""
    return list(dict.fromkeys(passage.title for passage in passages))[:3]


def quotation(passages: Sequence[Passage]) -> str:
    """The best passages, quoted as the answer while no model server answers."""
    quotes = (" ".join(passage.text.split()) for passage in passages[:_QUOTES])
    return f"{NOT_ANSWERING}\n" + "\n".join(
        quote
        if len(quote) <= _QUOTE_CHARACTERS
        else quote[:_QUOTE_CHARACTERS].rsplit(" ", 1)[0] + " …"
        for quote in quotes
    )


def is_refusal(text: str) -> bool:
    """Whether the whole answer is the refusal that the prompt asks for."""
    return text.strip(" .!\"'").casefold() == REFUSAL.strip(".").casefold()


def _ms_since(began: float) -> float:
    return (perf_counter() - began) * 1000
