"""Whether the server is about to end, which its answers say."""

from dataclasses import dataclass

from domain.errors import ServerUnavailable


@dataclass(slots=True)
class Closing:
    """Once it has ``begun``, running answers go on and new requests are refused."""

    begun: bool = False

    def check(self) -> None:
        """Raises ServerUnavailable once the server is about to end."""
        if self.begun:
            raise ServerUnavailable("The model server is stopping.")
