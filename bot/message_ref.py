"""Where something stands in Slack, and how the records name it."""

from dataclasses import dataclass, replace

from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message in Slack: ``slack:TEAM:CHANNEL:TS``.

    ``thread`` is the ts of the message that its thread hangs on, or empty. It is written only
    where ``ts`` is empty, ``slack:TEAM:CHANNEL::THREAD``: a message that is still to be posted.
    """

    team: str
    channel: str
    ts: str = ""
    thread: str = ""

    def __str__(self) -> str:
        end = f":{self.thread}" if not self.ts and self.thread else ""
        return f"slack:{self.team}:{self.channel}:{self.ts}{end}"

    def at(self, ts: str) -> "MessageRef":
        return replace(self, ts=ts)


def is_message_ref(name: str) -> bool:
    return name.startswith("slack:")


def message_ref(name: str) -> MessageRef:
    """The spot that ``name`` names. Raises NotFound for a name that is not of Slack."""
    parts = name.split(":")
    if parts[0] != "slack" or len(parts) not in (4, 5):
        raise NotFound(f"{name!r} is no message in Slack.")
    return MessageRef(*parts[1:])
