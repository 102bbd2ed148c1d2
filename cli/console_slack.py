"""Who may sign in to the console with Slack."""

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from console.channels import EVERYBODY
from console.needs.slack_sign_in import SlackSignIn
from domain.console import ConsoleRole
from domain.errors import ConfigError

if TYPE_CHECKING:
    from bot.ratings.readers import Readers
    from bot.slack.conversations import Conversations
    from bot.slack.people import People
    from cli.wiring import Container


def slack_sign_in(container: "Container") -> SlackSignIn | None:
    """None without the settings for it. Raises ConfigError if some of them are missing."""
    chosen = container.settings
    secret = chosen.console_slack_client_secret.get_secret_value()
    if not chosen.console_slack_client_id and not secret:
        return None
    if not (chosen.console_slack_client_id and secret):
        raise ConfigError(
            "Set both PHI3_CONSOLE_SLACK_CLIENT_ID and PHI3_CONSOLE_SLACK_CLIENT_SECRET, or none."
        )
    if not chosen.slack_bot_token.get_secret_value():
        raise ConfigError(
            "Signing in with Slack needs SLACK_BOT_TOKEN, to know who is a guest there: set it, or "
            "unset PHI3_CONSOLE_SLACK_CLIENT_ID."
        )

    @cache
    def known() -> "tuple[str, People, Conversations, Readers]":
        from bot.ratings.readers import Readers
        from bot.slack.conversations import Conversations
        from bot.slack.people import People

        slack = container.slack
        me = slack.me()
        people = People(slack.person, me, chosen.admins)
        conversations = Conversations(slack.conversation, me.team)
        return me.team, people, conversations, Readers(people, conversations, slack.members)

    def admit(team: str, person: str) -> ConsoleRole | None:
        own, people, *_ = known()
        if team != own or not people.is_member(person):
            return None
        if people.is_admin(person):
            return ConsoleRole.ADMIN
        if person in chosen.console_editors:
            return ConsoleRole.EDITOR
        return ConsoleRole.READER if person in chosen.console_readers else None

    def can_read(person: str, channel: str) -> bool:
        from bot.slack.conversations import ChannelKind

        *_, conversations, readers = known()
        if person == EVERYBODY:
            return conversations.conversation(channel).kind is ChannelKind.PUBLIC
        # What was answered in a direct message is for its person, whose label says so.
        return readers.can_read(channel, person, "")

    return SlackSignIn(
        chosen.console_slack_client_id,
        secret,
        chosen.slack_api_url.rstrip("/") + "/",
        urljoin(chosen.slack_api_url, "/openid/connect/authorize"),
        admit,
        can_read,
    )
