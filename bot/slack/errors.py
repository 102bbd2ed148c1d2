"""Slack's errors: here the SDK's exceptions become those of this program."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from domain.errors import MessengerError, MessengerRefused, MessengerUnavailable

_CODE = re.compile(r"[a-zA-Z0-9_:.-]{1,100}")
"""The form of Slack's error codes."""

_FAILED = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
"""Errors within Slack: the call may have worked, and may work later."""

_BUSY = {"ratelimited", "rate_limited"}

_NO_TOKEN = {
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "team_added_to_org",
    "token_expired",
    "token_revoked",
}
"""Slack does not accept the bot's token now, which says nothing about what was asked.

Once the operator has installed the app again, the same call works.
"""

_TOO_MUCH = {"msg_blocks_too_long", "msg_too_long", "invalid_blocks", "invalid_blocks_format"}

_CLOSED = {
    "cannot_reply_to_message",
    "channel_not_found",
    "ekm_access_denied",
    "is_archived",
    "messages_tab_disabled",
    "no_permission",
    "not_in_channel",
    "thread_not_found",
    "user_is_restricted",
}
"""Refusals that waiting does not change: the place is gone, or the bot's right to write there."""


def may_pass(error: MessengerError) -> bool:
    """Whether the same call may work later: Slack was busy, did not answer, or wants a token."""
    return not isinstance(error, MessengerRefused) or is_busy(error) or error.code in _NO_TOKEN


def is_busy(error: Exception) -> bool:
    """Whether Slack asks to wait."""
    return isinstance(error, MessengerRefused) and error.code in _BUSY


def is_closed(error: Exception) -> bool:
    """Whether Slack will never let the bot write there."""
    code = error.code if isinstance(error, MessengerRefused) else ""
    # There are several, such as restricted_action_thread_locked.
    return code in _CLOSED or code.startswith("restricted_action")


def is_too_much(error: Exception) -> bool:
    """Whether Slack refuses what a message has in it."""
    return isinstance(error, MessengerRefused) and error.code in _TOO_MUCH


def is_stopped(error: Exception) -> bool:
    """Whether a person has pressed Stop, after which nothing more may be written."""
    return isinstance(error, MessengerRefused) and error.code == "stopped_by_user"


@contextmanager
def waiting_for_slack() -> Iterator[None]:
    """Raises MessengerUnavailable where Slack is only busy, so that the job is put off."""
    try:
        yield
    except MessengerRefused as error:
        if not may_pass(error):
            raise
        raise MessengerUnavailable("Slack asks me to wait; I go on later.", str(error)) from error


def retry_after(headers: Mapping[str, Any]) -> float:
    """The seconds that Slack asks to wait; 0 if it does not say."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            # urllib gives lists of values, the SDK's responses sometimes one.
            said = str(value if isinstance(value, str) else next(iter(value), ""))
            return float(said[:6]) if said.isdecimal() else 0.0
    return 0.0


def _wait_of(error: SlackApiError) -> float:
    return retry_after(getattr(error.response, "headers", {}))


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raises MessengerRefused or MessengerUnavailable for every exception of the SDK."""
    try:
        yield
    except SlackApiError as error:
        status = getattr(error.response, "status_code", None) or error.response.get("status", 200)
        if int(status) >= 500:
            raise MessengerUnavailable(f"Slack failed at {doing} with HTTP {status}.") from error
        code = "ratelimited" if int(status) == 429 else error.response.get("error", "")
        if not (isinstance(code, str) and _CODE.fullmatch(code)):
            raise MessengerUnavailable(
                f"What answered instead of Slack is not Slack ({doing}, HTTP {status}).", str(code)
            ) from error
        if code in _FAILED:
            raise MessengerUnavailable(f"Slack failed at {doing}: {code}.") from error
        raise MessengerRefused(code, doing, _wait_of(error)) from error
    # Besides its own exceptions the SDK also raises those of urllib and http.client.
    except (SlackClientError, HTTPException, OSError, ValueError) as error:
        raise MessengerUnavailable(
            f"Slack does not answer ({doing}): try again, or look at the way to it.", str(error)
        ) from error
