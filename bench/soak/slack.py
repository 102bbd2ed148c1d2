"""The Slack of a run: the double, which keeps in a file what each message shows in the end."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench.soak.journal import whole_lines
from tests.slack_double import SlackDouble, SlackMessage

_WRITES = {"chat.postMessage", "chat.postEphemeral", "chat.startStream", "chat.stopStream"} | {
    "chat.update",
    "chat.delete",
}
_LATEST = 2_000


class _Latest(list[Any]):
    """Keeps only the latest: the double notes every call, and a run makes a hundred thousand."""

    def append(self, one: Any) -> None:
        super().append(one)
        if len(self) > 2 * _LATEST:
            del self[:_LATEST]


@dataclass
class RecordedSlack(SlackDouble):
    """With ``file``, a run that goes on has the messages of before."""

    file: Path = Path()
    shown: Callable[[SlackMessage], None] = lambda message: None
    """Called after each message that is posted whole, or becomes whole."""
    gone: list[SlackMessage] = field(default_factory=list)
    """Those that the bot deleted."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.calls, self.acknowledged, self.payloads = _Latest(), _Latest(), _Latest()
        self._read()
        self._out = self.file.open("a", encoding="utf-8", buffering=1)

    def answer(self, method: str, given: dict[str, Any], token: str) -> dict[str, Any]:
        if method not in _WRITES:
            return super().answer(method, given, token)
        known = self._message(given) if method == "chat.delete" else None
        answer = super().answer(method, given, token)
        message = known or self._message(given | answer)
        if known:
            self.gone.append(known)
        self._out.write(json.dumps(_line(message, is_gone=bool(known))) + "\n")
        if not known and not message.streaming:
            self.shown(message)
        return answer

    def close(self) -> None:
        self._out.close()

    def _read(self) -> None:
        found = {(one["channel"], one["ts"]): one for one in whole_lines(self.file)}
        for one in found.values():
            is_gone = one.pop("is_gone")
            (self.gone if is_gone else self.messages).append(SlackMessage(**one))
        latest = max((float(ts) for _, ts in found), default=0.0)
        self._ts = count(max(int(latest) + 1, next(self._ts)))


def _line(message: SlackMessage, *, is_gone: bool) -> dict[str, Any]:
    kept = ("channel", "ts", "text", "blocks", "thread", "only_for", "streaming", "stopped")
    line = {name: getattr(message, name) for name in kept}
    return line | {"metadata": message.metadata, "is_gone": is_gone}
