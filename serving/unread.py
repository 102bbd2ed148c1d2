"""A client that reads nothing counts as one that has left."""

from asyncio import TimerHandle

from serving.malformed import HttpProtocol

SECONDS = 60.0
"""How long a client may read nothing of what waits to be sent to it."""


class ReadInTime(HttpProtocol):
    """Ends such a connection, since its request would keep its place for as long as it stays."""

    _end: TimerHandle | None = None

    def pause_writing(self) -> None:
        """The client reads more slowly than it is sent to."""
        super().pause_writing()
        self._end = self.loop.call_later(SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        self._go_on()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, by whomever."""
        self._go_on()
        super().connection_lost(exc)

    def _go_on(self) -> None:
        if self._end:
            self._end.cancel()
            self._end = None
