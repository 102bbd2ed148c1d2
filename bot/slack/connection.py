"""A connection to Slack's Web API: how patiently calls are made, and how often they may be."""

from collections.abc import Callable
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from bot.slack.errors import retry_after
from bot.slack.rates import Rates
from bot.slack.web_client import KeptWebClient
from domain.errors import MessengerRefused

_LONGEST_WAIT = 60
"""Seconds; of five waits in a row this makes five minutes, then other work is done first."""

_SHORT = 3
"""Seconds that a call may take for which a person waits, or the next piece of an answer."""


class _Patient(RateLimitErrorRetryHandler):
    """Waits as Slack asks, but not for longer than ``_LONGEST_WAIT`` at a time."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        is_short = response is not None and retry_after(response.headers) <= _LONGEST_WAIT
        return is_short and super()._can_retry(
            state=state, request=request, response=response, error=error
        )


class _Noting(RetryHandler):
    """Notes for how long Slack does not want a method to be called; it repeats no call."""

    def __init__(self, rates: Rates) -> None:
        super().__init__()
        self._rates = rates

    def can_retry(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the SDK passes it
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        if response is not None and response.status_code == 429:
            method = request.url.rpartition("/")[2]
            self._rates.refused(method, retry_after(response.headers))
        return False


class Connection:
    """Three clients of one token, whose calls keep to the rates that Slack allows.

    ``_posting`` tries again only if Slack said that it did nothing (429), ``_steady`` after any
    failure, and ``_brisk`` never, since a person waits.
    """

    def __init__(
        self, token: str, url: str = "https://slack.com/api/", *, timeout: int = 15
    ) -> None:
        def client(*handlers: Any, seconds: int = timeout) -> WebClient:
            noting = _Noting(self._rates)
            return KeptWebClient(
                token, base_url=url, timeout=seconds, retry_handlers=[noting, *handlers]
            )

        self._rates = Rates()
        self.url = url
        self.token = token
        self._posting = client(_Patient(max_retry_count=3))
        self._steady = client(
            _Patient(max_retry_count=5),
            ConnectionErrorRetryHandler(max_retry_count=3),
            ServerErrorRetryHandler(max_retry_count=3),
        )
        self._brisk = client(seconds=_SHORT)

    def client(self) -> WebClient:
        """The SDK's client, for Bolt and for Socket Mode."""
        return self._posting

    @property
    def authorize(self) -> Callable[[], AuthorizeResult] | None:
        """Tells Bolt whose bot it is, where its client has no token."""
        return None

    def use(self, token: str) -> None:
        """From now on every call is made with this token."""
        self.token = token
        for client in (self._posting, self._steady, self._brisk):
            client.token = token

    def has_room(self, method: str, channel: str) -> bool:
        """Whether progress may be shown by a call of a method now; that call is counted."""
        return self._rates.has_room(method, channel)

    def _take_turn(self, method: str, channel: str, doing: str, *, steady: bool) -> None:
        if steady:
            self._rates.wait(method, channel)
        elif not self._rates.has_room(method, channel):
            raise MessengerRefused("ratelimited", doing, self._rates.pause(method))

    def _check_pause(self, method: str, doing: str) -> None:
        if left := self._rates.pause(method):
            raise MessengerRefused("ratelimited", doing, left)
