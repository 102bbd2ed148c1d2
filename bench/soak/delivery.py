"""Sends events as Slack does: what is not acknowledged is sent again, three times at most."""

import heapq
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.slack_double import SlackDouble

_PATIENCE = 3.0
_PAUSES = (0.0, 60.0, 300.0)
"""Slack waits three seconds for each acknowledgement; these are its pauses before it tries again
(https://docs.slack.dev/apis/events-api, retries)."""

LONGEST = sum(_PAUSES) + _PATIENCE * (len(_PAUSES) + 1)
"""Seconds after which an event is acknowledged or lost."""


@dataclass(slots=True)
class Event:
    """``envelopes`` are the ids under which it was sent so far."""

    payload: dict[str, Any]
    kind: str
    key: str
    tries: int = 0
    envelopes: list[str] = field(default_factory=list)


class Deliveries:
    """``acknowledged`` and ``lost`` have the keys of the events for which that is so."""

    def __init__(self, slack: SlackDouble) -> None:
        self._slack = slack
        self._due: list[tuple[float, int, Event]] = []
        self._numbers = count()
        self.acknowledged: set[str] = set()
        self.lost: set[str] = set()

    @property
    def open(self) -> int:
        return len(self._due)

    def event(self, key: str, payload: dict[str, Any], now: float) -> None:
        self._send(Event(payload, "events_api", key), now)

    def press(self, key: str, payload: dict[str, Any], now: float) -> None:
        """A press of a button is sent once; who sees that nothing happens presses again."""
        event = Event(payload, "interactive", key, tries=len(_PAUSES))
        self._send(event, now)

    def go_on(self, now: float) -> None:
        """Looks for acknowledgements, and sends again what is due."""
        known = set(self._slack.acknowledged)
        waiting = []
        while self._due:
            due, number, event = heapq.heappop(self._due)
            if known.intersection(event.envelopes):
                self.acknowledged.add(event.key)
            elif due > now:
                waiting.append((due, number, event))
            elif event.tries > len(_PAUSES):
                self.lost.add(event.key)
            else:
                self._send(event, now)
        for one in waiting:
            heapq.heappush(self._due, one)

    def _send(self, event: Event, now: float) -> None:
        is_again = event.kind == "events_api" and event.tries > 0
        retry: dict[str, Any] = {"retry_attempt": event.tries} if is_again else {}
        # Without a connection Slack cannot send it, and counts that as a try.
        with suppress(OSError, IndexError):
            event.envelopes.append(self._slack.send(event.payload, event.kind, **retry))
        pause = _PAUSES[event.tries] if event.tries < len(_PAUSES) else 0.0
        event.tries += 1
        heapq.heappush(self._due, (now + _PATIENCE + pause, next(self._numbers), event))
