"""Whether the bot can take questions now."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.metrics import connections_heard
from domain.errors import MessengerUnavailable


@dataclass(slots=True)
class Readiness:
    """``database`` raises Phi3Error while it does not answer. ``is_socket``: in Socket Mode."""

    database: Callable[[], None]
    is_socket: bool
    connections: int = 0

    def heard(self, connections: int) -> None:
        """On how many connections of Socket Mode Slack was heard lately."""
        self.connections = connections
        connections_heard(connections)

    def check(self) -> None:
        """Raises Phi3Error while questions cannot be taken."""
        self.database()
        if self.is_socket and not self.connections:
            raise MessengerUnavailable("Slack is not connected.")
