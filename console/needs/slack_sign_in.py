"""What signing in with Slack needs, where the settings allow it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.console import ConsoleRole


@dataclass(frozen=True, slots=True)
class SlackSignIn:
    """``admit`` gives the role of a person of a workspace; None for who may not sign in.

    It asks Slack, and raises MessengerError if Slack does not answer. ``api_url`` ends in a slash.
    """

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    authorize_url: str
    admit: Callable[[str, str], ConsoleRole | None]
