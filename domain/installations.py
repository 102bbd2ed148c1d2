"""The installation of the app in a workspace, with the bot's tokens there."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Installation:
    """``user`` and ``bot`` are the bot's ids in the workspace ``team``, ``url`` is its address.

    A token that expires comes with another one that renews it.
    """

    team: str
    name: str
    user: str
    bot: str
    app: str
    url: str
    installed_at: datetime
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
