"""The client of a workspace that installed the app: its token changes from time to time."""

from collections.abc import Callable

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.slack.client import Me, SlackClient
from domain.installations import Installation


class InstalledClient(SlackClient):
    """Knows who the bot is from the installation, so that Slack is not asked for it."""

    def __init__(self, made: Installation, url: str) -> None:
        super().__init__(made.token, url)
        self._me = Me(made.team, made.user, made.url)
        self._user, self._bot = made.user, made.bot

    def me(self) -> Me:
        return self._me

    def client(self) -> WebClient:
        """Bolt's own client has no token: ``authorize`` tells it the one of that moment."""
        return WebClient(base_url=self.url)

    @property
    def authorize(self) -> Callable[[], AuthorizeResult]:
        def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=self._me.team,
                bot_user_id=self._user,
                bot_id=self._bot,
                bot_token=self.token,
            )

        # Bolt fills in arguments by their names, and finds ``self`` among those of a method.
        return authorize
