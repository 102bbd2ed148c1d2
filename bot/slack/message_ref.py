"""A message's place in Slack, and the name that the records use for it."""

from dataclasses import dataclass, replace

from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message in Slack: ``slack:TEAM:CHANNEL:TS``.

    ``thread`` is the ts of the first message of its thread, or empty. The name contains it only if
    ``ts`` is empty, as ``slack:TEAM:CHANNEL::THREAD``: a message that is not posted yet.
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
    """The message that ``name`` names. Raises NotFound if it is not a name of this form."""
    parts = name.split(":")
    if parts[0] != "slack" or len(parts) not in (4, 5):
        raise NotFound(f"{name!r} is not a message in Slack.")
    return MessageRef(*parts[1:])
