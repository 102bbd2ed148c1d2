"""Calls of Slack share connections, and fail as those of the SDK's own client do."""

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.error import URLError

import pytest

from bot.slack.client import SlackClient
from bot.slack.web_client import KeptWebClient
from domain.errors import MessengerUnavailable
from tests.slack_double import BOT_TOKEN, SlackDouble


class Middleman(ThreadingHTTPServer):
    """Answers all requests, keeps what it was asked, and hangs up after each without a word."""

    def __init__(self) -> None:
        self.asked = list[tuple[str, str]]()
        self.connections = 0
        self.elsewhere = ""
        super().__init__(("127.0.0.1", 0), _Answering)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Middleman
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def log_message(self, *_: object) -> None: ...

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.asked.append((self.path, self.headers["Proxy-Authorization"] or ""))
        self.send_response(302 if self.server.elsewhere else 200)
        if self.server.elsewhere:
            self.send_header("Location", self.server.elsewhere)
        self.send_header("Content-Length", "11")
        self.end_headers()
        self.wfile.write(b'{"ok":true}')
        self.close_connection = True


@pytest.fixture
def middleman() -> Iterator[Middleman]:
    with Middleman() as server:
        serving = Thread(target=server.serve_forever, args=(0.005,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def test_calls_one_after_the_other_share_a_connection(slack: SlackDouble) -> None:
    client = SlackClient(BOT_TOKEN, slack.url)
    client.me()
    for n in range(5):
        client.status("C1", f"{n}.0", "I am looking.")
        client.post("C1", "Here it is.")
    assert slack.count("assistant.threads.setStatus") == slack.count("chat.postMessage") == 5
    assert slack.connections == 1


def test_calls_at_the_same_time_have_connections_of_their_own(slack: SlackDouble) -> None:
    slack.delay = 0.05
    client = SlackClient(BOT_TOKEN, slack.url)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: client.status("C1", f"{n}.0", "I look."), range(12)))
    assert done == [True] * 12
    assert 1 < slack.connections <= 4


def test_connection_that_was_idle_for_long_is_not_used_again(
    slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.web_client._IDLE", 0.0)
    client = SlackClient(BOT_TOKEN, slack.url)
    client.me()
    client.me()
    assert slack.connections == 2


@pytest.mark.slow
def test_connection_that_the_other_side_closed_is_replaced(middleman: Middleman) -> None:
    client = KeptWebClient(BOT_TOKEN, base_url=f"http://{middleman.address}/api/")
    for _ in range(3):
        assert client.api_test()["ok"]
    assert middleman.connections == len(middleman.asked) == 3


def test_calls_go_through_the_proxy_with_its_password(middleman: Middleman) -> None:
    client = KeptWebClient(
        BOT_TOKEN, base_url="http://slack.test/api/", proxy=f"http://me:secret@{middleman.address}"
    )
    assert client.api_test()["ok"]
    password = "Basic " + b64encode(b"me:secret").decode()
    assert middleman.asked == [("http://slack.test/api/api.test", password)]


@pytest.mark.slow
def test_call_without_an_answer_is_repeated_only_if_that_does_no_harm(slack: SlackDouble) -> None:
    client = SlackClient(BOT_TOKEN, slack.url)
    fates = ["gone"]
    slack.fate = lambda _, __: fates.pop() if fates else ""
    assert client.messages("C1", "", "0") == []
    assert slack.count("conversations.history") == 2

    fates.append("gone")
    with pytest.raises(MessengerUnavailable):
        client.post("C1", "Here it is.")
    assert slack.count("chat.postMessage") == 1
    assert slack.messages == []


@pytest.mark.slow
def test_answer_that_comes_too_late_is_an_outage(slack: SlackDouble) -> None:
    slack.late["chat.postMessage"] = 4.0
    with pytest.raises(MessengerUnavailable):
        SlackClient(BOT_TOKEN, slack.url, timeout=1).post("C1", "Here it is.")


def test_refused_connection_is_the_exception_of_urllib() -> None:
    client = KeptWebClient(BOT_TOKEN, base_url="http://127.0.0.1:9/api/", retry_handlers=[])
    with pytest.raises(URLError, match="refused"):
        client.api_test()


def test_token_does_not_follow_to_another_address(slack: SlackDouble, middleman: Middleman) -> None:
    middleman.elsewhere = slack.url + "api.test"
    client = SlackClient(BOT_TOKEN, f"http://{middleman.address}/api/")
    with pytest.raises(MessengerUnavailable):
        client.post("C1", "Here it is.")
    assert len(middleman.asked) == 1
    assert slack.calls == []
