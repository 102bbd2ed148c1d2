"""Slack's OpenID Connect, as far as signing in to the console needs it."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = "11.22"
SECRET = "s3cret"


@dataclass
class SlackOpenId:
    """Signs in whoever comes as ``person`` of ``team``. ``changed`` are claims to lie about."""

    url: str
    team: str = "T1"
    person: str = "U1"
    changed: dict[str, Any] = field(default_factory=dict)
    answers: bool = True
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, asked: dict[str, str]) -> str:
        """Where Slack leads to after the person agreed; each code is good once."""
        assert asked["response_type"] == "code"
        assert asked["scope"] == "openid"
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, given: dict[str, str]) -> dict[str, Any]:
        asked = self.codes.pop(given.get("code", ""), None)
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET):
            return {"ok": False, "error": "invalid_client_id"}
        if asked is None or asked["redirect_uri"] != given.get("redirect_uri"):
            return {"ok": False, "error": "invalid_code"}
        claims = {
            "iss": "https://slack.com",
            "aud": asked["client_id"],
            "exp": time.time() + 300,
            "nonce": asked["nonce"],
            "https://slack.com/team_id": self.team,
            "https://slack.com/user_id": self.person,
        } | self.changed
        body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return {"ok": True, "id_token": f"e30.{body}.c2ln"}


@contextmanager
def slack_openid() -> Iterator[SlackOpenId]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: v[0] for name, v in parse_qs(urlsplit(self.path).query).items()}
            self.send_response(302)
            self.send_header("Location", slack.authorize(query))
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {name: v[0] for name, v in parse_qs(body).items()}
            self.send_response(200 if slack.answers else 503)
            self.end_headers()
            if slack.answers:
                self.wfile.write(json.dumps(slack.token(given)).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        slack = SlackOpenId(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield slack
        finally:
            server.shutdown()
            thread.join()
