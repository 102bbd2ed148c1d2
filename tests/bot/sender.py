"""Sends signed requests as Slack does, and measures how long each acknowledgement takes."""

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from time import perf_counter, time
from typing import Any
from urllib.parse import urlencode

from tests.slack_double import SlackDouble

EVENTS = "/slack/events"
JSON = "application/json"


@dataclass(frozen=True)
class Acknowledged:
    status: int
    body: str
    seconds: float

    @property
    def text_message(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class Sender:
    port: int
    secret: str
    slack: SlackDouble | None = None
    """Lists the messages of people, as Slack does before it sends their events."""

    def event(self, body: dict[str, Any], **headers: str) -> Acknowledged:
        if self.slack:
            self.slack.wrote(body)
        return self.raw(json.dumps(body), "application/json", **headers)

    def interaction(self, body: dict[str, Any]) -> Acknowledged:
        return self.form({"payload": json.dumps(body)})

    def form(self, fields: dict[str, Any]) -> Acknowledged:
        return self.raw(urlencode(fields), "application/x-www-form-urlencoded")

    def raw(self, text: str | bytes, kind: str, **headers: str) -> Acknowledged:
        """Posts ``text``, signed; ``headers`` replace those that Slack sends."""
        content = text.encode() if isinstance(text, str) else text
        sent = {"Content-Type": kind} | self._signed(content)
        for name, value in headers.items():
            sent[name.replace("_", "-").title()] = value
        return self.request("POST", EVENTS, content, sent)

    def chunked(self, parts: Sequence[bytes]) -> Acknowledged:
        """Posts ``parts`` of a JSON body as chunks, signed, without a Content-Length."""
        signed = self._signed(b"".join(parts))
        return self.request("POST", EVENTS, iter(parts), {"Content-Type": JSON} | signed)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Acknowledged:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        began = perf_counter()
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            text = response.read().decode()
            return Acknowledged(response.status, text, perf_counter() - began)
        finally:
            connection.close()

    def _signed(self, content: bytes) -> dict[str, str]:
        stamp = str(int(time()))
        signed = hmac.new(self.secret.encode(), f"v0:{stamp}:".encode() + content, sha256)
        return {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signed.hexdigest()}",
        }


def acknowledgements(sender: Sender, bodies: Sequence[dict[str, Any]]) -> list[Acknowledged]:
    """Sends all events at once, each from its own thread, and waits for all of them."""
    with ThreadPoolExecutor(max_workers=len(bodies)) as pool:
        return list(pool.map(sender.event, bodies))
