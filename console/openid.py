"""Asks Slack by OpenID Connect who somebody is: the authorization code flow.

The id token comes from Slack itself over TLS, so that its signature needs no check (OpenID Connect
Core 3.1.3.7); what it claims is checked.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from hmac import compare_digest
from secrets import token_urlsafe
from time import time
from urllib.parse import urlencode

from console.needs.slack_sign_in import SlackSignIn
from domain.errors import MessengerRefused, MessengerUnavailable

ISSUER = "https://slack.com"
_SECONDS = 10.0
_NOT_NOW = "Slack does not answer now. Try again in a minute."
_REFUSED = "Slack did not say who you are. Begin again from the sign-in page."


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in: ``state`` comes back in the address, ``nonce`` in the id token."""

    state: str
    nonce: str

    @classmethod
    def new(cls) -> "Attempt":
        return cls(token_urlsafe(24), token_urlsafe(24))

    @classmethod
    def read(cls, text: str) -> "Attempt":
        """What ``text`` wrote; an attempt that fits nothing if it is damaged."""
        state, _, nonce = text.partition(".")
        return cls(state, nonce) if state and nonce else cls.new()

    @property
    def text(self) -> str:
        return f"{self.state}.{self.nonce}"

    def fits(self, state: str) -> bool:
        return compare_digest(state.encode(), self.state.encode())


@dataclass(frozen=True, slots=True)
class SlackPerson:
    team: str
    person: str


def where_to_ask(slack: SlackSignIn, attempt: Attempt, back: str) -> str:
    """Slack's page, which leads to ``back`` afterwards."""
    asked = {
        "response_type": "code",
        "scope": "openid",
        "client_id": slack.client_id,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "redirect_uri": back,
    }
    return f"{slack.authorize_url}?{urlencode(asked)}"


def who_is_it(slack: SlackSignIn, attempt: Attempt, code: str, back: str) -> SlackPerson:
    """Who signed in at Slack. Raises MessengerRefused and MessengerUnavailable."""
    import httpx  # it takes 4 MB, which consoles without Slack need not hold

    given = {
        "client_id": slack.client_id,
        "client_secret": slack.client_secret,
        "code": code,
        "redirect_uri": back,
    }
    try:
        answer = httpx.post(f"{slack.api_url}openid.connect.token", data=given, timeout=_SECONDS)
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise MessengerUnavailable(_NOT_NOW, str(error)) from error
    if not isinstance(told, dict) or told.get("ok") is not True:
        raise MessengerRefused(_REFUSED, str(told)[:200])
    return _checked(_claims(told.get("id_token")), slack, attempt)


def _claims(token: object) -> dict[str, object]:
    try:
        _, body, _ = str(token).split(".")
        found = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError as error:
        raise MessengerRefused(_REFUSED, "the id token cannot be read") from error
    return found if isinstance(found, dict) else {}


def _checked(claims: dict[str, object], slack: SlackSignIn, attempt: Attempt) -> SlackPerson:
    """Raises MessengerRefused unless the token is for this app and this attempt, and is fresh."""
    until = claims.get("exp")
    is_right = (
        claims.get("iss") == ISSUER
        and claims.get("aud") == slack.client_id
        and isinstance(until, int | float)
        and until > time()
        and compare_digest(str(claims.get("nonce")).encode(), attempt.nonce.encode())
    )
    team, person = claims.get(f"{ISSUER}/team_id"), claims.get(f"{ISSUER}/user_id")
    if not (is_right and isinstance(team, str) and isinstance(person, str) and team and person):
        raise MessengerRefused(_REFUSED, "the id token is for something else, or too old")
    return SlackPerson(team, person)
