"""Refuses where a model nearly did: where the probability of the refusal is above a limit.

The limit is an adapter's own, which a night finds (`training.refusals`); most adapters have none.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from logging import getLogger
from typing import Protocol

from domain.answering import is_refusal
from domain.errors import GenerationError
from domain.prompt import REFUSAL, asks_from_passages
from domain.protocols import Generator
from domain.questions import Message
from serving.likely_tokens import LikelyToken

_log = getLogger(__name__)

_OPENING = " ".join(REFUSAL.split()[:2])
"""Many answers begin with the refusal's first word, few with its first two; more words tell no more
(docs/training.md)."""

_LONGEST = 16
"""More tokens than the refusal has."""

LikelyPiece = tuple[str, Sequence[LikelyToken]]


class LikelyGenerator(Generator, Protocol):
    """A Generator that also says what was likely."""

    def stream_likely(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int, begun: str = ""
    ) -> Iterator[LikelyPiece]:
        """As ``stream``, and with each piece its tokens; none if that is not known.

        ``begun`` is how the answer begins; the pieces are what follows.
        """
        ...


class RefusalScore:
    """How probable it was that the answer begins with the refusal's first two words.

    This is the product of the probabilities of their tokens. The answer's own tokens tell that of
    the first one, and of the next ones as long as the answer begins like the refusal; for the rest,
    ``prefix`` must be continued. Tokens are compared as text, without spaces: a server tells no
    ids, and some leave out a token's space.
    """

    def __init__(self) -> None:
        self._rest = _plain(_OPENING)
        self.value = 1.0
        """From 0 to 1. It can only fall."""
        self.is_open = True
        """Whether the answer's next token counts too."""

    @property
    def is_begun(self) -> bool:
        return self.value < 1.0 or not self.is_open

    @property
    def is_exact(self) -> bool:
        """Whether no token is missing."""
        return not self._rest

    @property
    def prefix(self) -> str:
        """The part of the refusal whose probability is known."""
        return _OPENING[: _end(_OPENING, len(_plain(_OPENING)) - len(self._rest))]

    def add(self, token: LikelyToken) -> None:
        """Counts the token that follows what is known."""
        said = _plain(token.text)
        if not said or self.is_exact:
            return
        like = [(_plain(text), share) for text, share in token.likely if self._goes_on(text)]
        # The longest is how the refusal is written: a "T" is rather the first letter of a name. If
        # nothing likely goes on like the refusal, there is nothing more to know.
        longest = max((text for text, _ in like), key=len, default=self._rest)
        self.value *= min(1.0, sum(share for text, share in like if text == longest))
        self._rest = self._rest[len(longest) :]
        self.is_open = said == longest and bool(self._rest)

    def add_open(self, tokens: Sequence[LikelyToken]) -> None:
        """Counts the answer's own next tokens, as long as it is open."""
        for token in tokens:
            if self.is_open:
                self.add(token)

    def _goes_on(self, text: str) -> bool:
        plain = _plain(text)
        return bool(plain) and self._rest.startswith(plain)


class RefusingGenerator:
    """Implements Generator; several threads may use it at once.

    An answer of an adapter becomes the refusal if its score is above ``limit_of`` that adapter,
    which is None for most: then, and if the server gives no probabilities, answers stay as they
    are. A refusal never becomes an answer, however low its score: what the model then would have
    said is not known. Nothing of an answer is passed on before its score is known. Only what is
    asked from passages is refused, so no summary.
    """

    def __init__(self, generator: LikelyGenerator, limit_of: Callable[[str], float | None]) -> None:
        self._generator = generator
        self._limit_of = limit_of

    @property
    def model(self) -> str:
        return self._generator.model

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        limit = self._limit_of(adapter) if adapter and asks_from_passages(messages) else None
        if limit is None:
            yield from self._generator.stream(messages, adapter=adapter, max_tokens=max_tokens)
            return
        pieces = self._generator.stream_likely(messages, adapter=adapter, max_tokens=max_tokens)
        score, held = RefusalScore(), list[str]()
        with closing(pieces):  # type: ignore[type-var]
            for text, tokens in pieces:
                held.append(text)
                if score.is_open and tokens:
                    score.add_open(tokens)
                    if score.is_open:
                        continue
                    if self._is_above(limit, score, messages, adapter):
                        yield REFUSAL
                        return
                yield from filter(None, held)
                held.clear()
        yield from filter(None, held)

    def _is_above(
        self, limit: float, score: RefusalScore, messages: Sequence[Message], adapter: str | None
    ) -> bool:
        """Asks for what the score lacks, unless it is too low already."""
        try:
            return _complete(score, self._generator, messages, adapter, down_to=limit)
        except GenerationError as e:
            _log.warning("The answer stays, since its score is not known: %s", e)
            return False


def score_of(
    generator: LikelyGenerator, messages: Sequence[Message], adapter: str | None
) -> float | None:
    """The score of the refusal of a question; 1 if the model refuses it.

    None if the server gives no probabilities. Raises GenerationError.
    """
    score, said = RefusalScore(), ""
    pieces = generator.stream_likely(messages, adapter=adapter, max_tokens=_LONGEST)
    with closing(pieces):  # type: ignore[type-var]
        for text, tokens in pieces:
            said += text
            score.add_open(tokens)
            if not _plain(REFUSAL).startswith(_plain(said)):
                break
    if is_refusal(said):
        return 1.0
    known = score.is_begun and _complete(score, generator, messages, adapter, down_to=0.0)
    return score.value if known or score.is_exact else None


def _complete(
    score: RefusalScore,
    generator: LikelyGenerator,
    messages: Sequence[Message],
    adapter: str | None,
    *,
    down_to: float,
) -> bool:
    """Whether the score is above ``down_to``; until that is clear, asks what it lacks.

    Raises GenerationError.
    """
    while score.value > down_to and not score.is_exact:
        pieces = generator.stream_likely(
            messages, adapter=adapter, max_tokens=1, begun=score.prefix
        )
        tokens = [token for _, some in pieces for token in some]
        before = score.prefix
        for token in tokens:
            score.add(token)
        if score.prefix == before:
            return False
    return score.value > down_to


def _end(text: str, count: int) -> int:
    """Where the first ``count`` characters besides spaces end in ``text``."""
    ends = [0, *(at for at, letter in enumerate(text, 1) if not letter.isspace())]
    return ends[count]


def _plain(text: str) -> str:
    """What is compared. Whether a token contains its space differs between servers."""
    return "".join(text.split())
