"""What signing in with Slack needs, where the settings allow it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.console import ConsoleRole


@dataclass(frozen=True, slots=True)
class SlackSignIn:
    """``admit`` gives the role of a person of a workspace; None for who may not sign in.

    ``can_read`` says whether a person can read a channel now, as for the bot's answers there. Both
    ask Slack, and raise MessengerError if Slack does not answer. ``api_url`` ends in a slash.
    """

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    authorize_url: str
    admit: Callable[[str, str], ConsoleRole | None]
    can_read: Callable[[str, str], bool]
