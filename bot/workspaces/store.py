"""The SDK's stores of installations and states, over our records."""

import logging
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Installation as SdkInstallation
from slack_sdk.oauth.installation_store import InstallationStore
from slack_sdk.oauth.state_store import OAuthStateStore

from bot.slack.client import SlackClient
from domain.errors import MessengerError, RecordsError, public_text
from domain.installations import Installation
from records.install_states import InstallStates
from records.installations import Installations

log = logging.getLogger(__name__)


class NotInstalled(BoltError):
    """The message is for the person who wanted to install the app."""


class SqlInstallationStore(InstallationStore):
    """Saves what an installation gave. The program reads it itself, as ``Installations``.

    ``allowed`` are the ids of the workspaces that may install the app; empty: any may.
    """

    def __init__(self, installations: Installations, allowed: Collection[str], url: str) -> None:
        self._installations = installations
        self._allowed = allowed
        self._url = url

    @property
    def logger(self) -> logging.Logger:
        return log

    def save(self, installation: SdkInstallation) -> None:
        """Raises NotInstalled."""
        if installation.is_enterprise_install:
            raise NotInstalled(
                "This app cannot be installed for a whole organisation (Enterprise Grid): install "
                "it in each of its workspaces."
            )
        team, token = installation.team_id, installation.bot_token
        if not team or not token:
            raise NotInstalled("Slack gave no bot token: the app asks for no bot scopes.")
        if self._allowed and team not in self._allowed:
            log.warning("Workspace %s is not in PHI3_WORKSPACES_ALLOWED: not installed", team)
            raise NotInstalled("This workspace is not one of those that may install this app.")
        try:
            me = SlackClient(token, self._url).me()
            self._installations.save(
                Installation(
                    team,
                    installation.team_name or "",
                    me.user,
                    installation.bot_id or "",
                    installation.app_id or "",
                    me.url,
                    datetime.now(UTC),
                    token,
                    installation.bot_refresh_token or "",
                    _time(installation.bot_token_expires_at),
                )
            )
        except (MessengerError, RecordsError) as error:
            log.exception("The installation of %s was not kept", team)
            raise NotInstalled(f"{public_text(error)} Try again in a minute.") from error
        log.info("Workspace %s (%s) has installed the app", team, installation.team_name)


class SqlStateStore(OAuthStateStore):
    """Any process may get the answer to a state that another one gave."""

    def __init__(self, states: InstallStates) -> None:
        self._states = states

    @property
    def logger(self) -> logging.Logger:
        return log

    def issue(self, *_: Any, **__: Any) -> str:
        return self._states.issue(datetime.now(UTC))

    def consume(self, state: str) -> bool:
        return self._states.consume(state, datetime.now(UTC))


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
