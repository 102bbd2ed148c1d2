"""Renews tokens that expire, long before they do."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot as SdkBot
from slack_sdk.oauth.token_rotation import TokenRotator

from bot.slack.errors import translated
from domain.errors import MessengerError, MessengerRefused
from domain.installations import Installation
from records.installations import Installations

log = logging.getLogger(__name__)

_EARLY = timedelta(hours=2)
"""A token lives for twelve hours."""


class Tokens:
    """``url`` is the address of Slack's API. One process of several renews each token."""

    def __init__(
        self, client_id: str, client_secret: str, installations: Installations, url: str
    ) -> None:
        self._rotator = TokenRotator(
            client_id=client_id, client_secret=client_secret, client=WebClient(base_url=url)
        )
        self._installations = installations

    def fresh(self, known: Installation) -> Installation:
        """The installation with a token that does not expire soon, if Slack gives one.

        Raises DatabaseUnavailable.
        """
        now = datetime.now(UTC)
        if known.expires_at is None or known.expires_at > now + _EARLY:
            return known
        if not self._installations.begin_renewal(known, now):
            return known
        try:
            new = self._renewed(known)
        except MessengerError as error:
            log.warning("The token of %s is not renewed yet: %s", known.team, error)
            return known
        # The old token that renews is used up, so this must be kept before anything else.
        self._installations.renewed(known, new)
        log.info("The token of %s is renewed", known.team)
        return new

    def _renewed(self, known: Installation) -> Installation:
        assert known.expires_at is not None
        held = SdkBot(
            team_id=known.team,
            bot_token=known.token,
            bot_id=known.bot,
            bot_user_id=known.user,
            bot_refresh_token=known.refresh_token,
            bot_token_expires_at=int(known.expires_at.timestamp()),
            installed_at=known.installed_at.timestamp(),
        )
        minutes = int(_EARLY / timedelta(minutes=1))
        with translated("to renew a token"):
            try:
                new = self._rotator.perform_bot_token_rotation(
                    bot=held, minutes_before_expiration=minutes
                )
            except SlackTokenRotationError as error:
                raise error.api_error from error
        if new is None or not new.bot_token:
            raise MessengerRefused("no_token", "to renew a token")
        expires = new.bot_token_expires_at
        return replace(
            known,
            token=new.bot_token,
            refresh_token=new.bot_refresh_token or "",
            expires_at=None if expires is None else datetime.fromtimestamp(expires, UTC),
        )
