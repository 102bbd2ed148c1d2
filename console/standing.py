"""Whether who signed in with Slack still may use the console: it is asked again while they do."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from domain.console import ConsoleRole, ConsoleSession
from domain.errors import MessengerError

_FRESH_SECONDS = 300.0
_SILENT_SECONDS = 60.0
"""So long Slack is not asked again about somebody after it did not answer."""

Admit = Callable[[str, str], ConsoleRole | None]
"""The role of a person of a workspace, None for who may not. Raises MessengerError."""


class Standing:
    """Asks about each person at most once in five minutes."""

    def __init__(self, admit: Admit, clock: Callable[[], float] = monotonic) -> None:
        self._admit, self._clock = admit, clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, ConsoleRole | None]] = {}

    def role(self, session: ConsoleSession) -> ConsoleRole | None:
        """The session's role, or a lower one that its person has by now; None if they have none.

        While Slack does not answer, it is the session's, or the lower one that was stored for it:
        those who look after the bot need the console then, and it ends after some hours anyway.
        """
        until, known = self._known.get(session.id, (0.0, None))
        now = self._clock()
        if now >= until:
            try:
                known = self._admit(session.team, session.person)
                until = now + _FRESH_SECONDS
            except MessengerError:
                known, until = session.role, now + _SILENT_SECONDS
            with self._lock:
                ended = [each for each, (at, _) in self._known.items() if at < now]
                for each in ended:
                    del self._known[each]
                self._known[session.id] = until, known
        # What is known here can be older than the session's role, which another process may store.
        return known if known is None or session.role.includes(known) else session.role
