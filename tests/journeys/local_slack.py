"""The local-slack binary, started for a test and driven over its control API.

It supports neither streams nor a status, so the bot posts and updates messages.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.ports import free_port
from tests.slack_double import APP_TOKEN, BOT_TOKEN, ME, SECRET, texts


@dataclass(frozen=True)
class LocalSlack:
    """``bot_port`` is where it sends events in HTTP mode."""

    address: str
    bot_port: int

    @property
    def api(self) -> str:
        return f"{self.address}/api/"

    def do(self, what: str, **fields: Any) -> dict[str, Any]:
        """Does something as a person: message, command, interact, reaction."""
        request = Request(
            f"{self.address}/_control/{what}",
            json.dumps(fields).encode(),
            {"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=10) as response:
            done: dict[str, Any] = json.load(response)
        assert done["ok"], done
        return done

    def read(self, what: str) -> dict[str, Any]:
        with urlopen(f"{self.address}/_control/{what}", timeout=10) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def of_the_bot(self, channel: str = "C1") -> list[dict[str, Any]]:
        """The bot's messages in a channel, oldest first."""
        messages = self.read(f"messages/{channel}")["messages"]
        return [message for message in messages if message["user"] == ME]

    def logged(self, what: str) -> int:
        """How many lines of its log begin with ``start``."""
        return sum(line["summary"].startswith(what) for line in self.read("log")["log"])

    def wait_for(self, is_so: Callable[[], object], seconds: float = 60) -> None:
        ends = monotonic() + seconds
        while not is_so():
            assert monotonic() < ends, self.read("log")["log"][-8:]
            sleep(0.05)


def words(message: dict[str, Any]) -> str:
    return "".join(texts(message.get("blocks") or [])) or str(message["text"])


@contextmanager
def local_slack(binary: Path, folder: Path, mode: str) -> Iterator[LocalSlack]:
    """Runs it in ``mode``, socket or events, with one person in one channel."""
    there = LocalSlack(f"http://127.0.0.1:{(port := free_port())}", free_port())
    config = {
        "app": {
            "appId": "A1",
            "botUserId": ME,
            "botToken": BOT_TOKEN,
            "appToken": APP_TOKEN,
            "signingSecret": SECRET,
            "mode": mode,
            "requestUrl": f"http://127.0.0.1:{there.bot_port}/slack/events",
        },
        "users": [{"id": "U1", "name": "ann"}],
        "channels": [{"id": "C1", "name": "general", "members": ["U1", ME]}],
    }
    file = folder / "local-slack.json"
    file.write_text(json.dumps(config))
    command = [str(binary), "--config", str(file), "--port", str(port), "--base-host", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_up(there, process)
            yield there
        finally:
            process.kill()


def _wait_until_up(there: LocalSlack, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None, "local-slack ended at once"
        try:
            there.read("state")
        except (URLError, ConnectionError):
            sleep(0.1)
        else:
            return
    raise AssertionError("local-slack does not answer")
