"""Asks the model server to count tokens, and estimates them while it does not answer."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from time import monotonic

from domain.errors import GenerationError
from domain.tokens import estimate
from serving.client import ServerClient

_KEPT = 2000  # the most texts whose counts are remembered, each a passage or a question
_PAUSE_SECONDS = 30
_FRESH_SECONDS = 600  # then it asks again, since another server may have the same address


class ServerTokenCounter:
    """A TokenCounter that asks the server for all texts in one request, and remembers the counts.

    A server that does not answer, or cannot count tokens, is not asked again for half a minute.
    Several threads may use it at once.
    """

    def __init__(self, client: ServerClient) -> None:
        self._client = client
        self._lock = Lock()
        self._known: OrderedDict[str, int] = OrderedDict()
        self._context: int | None = None
        self._context_until = 0.0
        self._paused_until = 0.0

    @property
    def context(self) -> int | None:
        if monotonic() >= max(self._context_until, self._paused_until):
            try:
                self._context = self._client.context()
                self._context_until = monotonic() + _FRESH_SECONDS
            except GenerationError:
                self._pause()
        return self._context

    def count(self, texts: Sequence[str]) -> list[int]:
        with self._lock:
            known = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing and monotonic() >= self._paused_until:
            try:
                known |= dict(zip(missing, self._client.count_tokens(missing), strict=True))
            except GenerationError:
                self._pause()
            else:
                self._keep(known)
        return [known[text] if text in known else estimate(text) for text in texts]

    def _keep(self, counts: dict[str, int]) -> None:
        with self._lock:
            for text, count in counts.items():
                self._known[text] = count
                self._known.move_to_end(text)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def _pause(self) -> None:
        self._paused_until = monotonic() + _PAUSE_SECONDS
