"""HTTP mode: which requests are accepted, what is answered at once, and which always work."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfile
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack.http import run_http
from domain.errors import ConfigError, DatabaseUnavailable
from records.database import Database
from tests.bot.running_bot import RunningBot, Script, build, http_bot, locked
from tests.bot.sender import Acknowledged, Sender
from tests.payloads import mention, payload
from tests.slack_double import SECRET, SlackDouble, slack_double

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
DEEP = "[" * 100_000
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
# Payloads with the keys of Slack's, but with values that Slack never sends.
odd_payloads = st.dictionaries(
    st.sampled_from(
        "type event team team_id user channel authorizations enterprise message item view "
        "actions container is_ext_shared_channel response_urls command event_id".split()
    ),
    values
    | st.sampled_from(["event_callback", "block_actions", "view_submission", "message_action"])
    | st.dictionaries(st.sampled_from("type channel user ts text files id".split()), values),
)


def get(port: int, path: str, method: str = "GET") -> Acknowledged:
    return Sender(port, SECRET).request(method, path)


@pytest.fixture(scope="module")
def shared(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBot]:
    """One bot for all requests that change nothing."""
    file = Path(copyfile(template, tmp_path_factory.mktemp("shared") / "phi3.db"))
    with slack_double() as slack, http_bot(slack, file) as running:
        yield running


# Which requests are accepted


def test_request_that_is_signed_by_somebody_else_is_rejected(shared: RunningBot) -> None:
    assert Sender(shared.send.port, "wrong").event(mention()).status == 401
    assert shared.questions.unfinished() == []


@pytest.mark.parametrize(
    "body",
    ["", "{", DEEP, "[1]", "7", "null", '{"a": ' * 5000, "payload={", "\0", "9" * 5000],
    ids=lambda body: body[:9] or "nothing",
)
@pytest.mark.parametrize("kind", [JSON, FORM, "text/html", ""])
def test_unsigned_body_gets_401_and_a_signed_bad_one_400(
    shared: RunningBot, body: str, kind: str
) -> None:
    assert Sender(shared.send.port, "wrong").raw(body, kind).status == 401
    if kind != FORM:
        assert shared.send.raw(body, kind).status in (400, 415)


@pytest.mark.parametrize("body", ["payload={", "payload=[1]", f"payload={DEEP}", "payload="])
def test_signed_form_with_a_bad_payload_is_refused(shared: RunningBot, body: str) -> None:
    assert shared.send.raw(body, FORM).status in (200, 400)


@pytest.mark.parametrize(
    "stamp", ["", "now", "1e9", "-1", "１７", "nan", "1" * 400, "1" * 5000, "1, 2", " "]
)
def test_time_that_is_not_a_number_is_rejected(shared: RunningBot, stamp: str) -> None:
    headers = {"X_Slack_Request_Timestamp": stamp.encode().decode("latin-1")}
    assert shared.send.event(mention(), **headers).status == 401


@pytest.mark.parametrize("signature", ["", "v0=", "v0=é", "ÿ" * 67, "v0=" + "0" * 64, "x" * 9000])
def test_malformed_signature_is_rejected(shared: RunningBot, signature: str) -> None:
    assert shared.send.event(mention(), X_Slack_Signature=signature).status == 401


def test_request_without_slacks_headers_is_rejected(shared: RunningBot) -> None:
    assert shared.send.request("POST", "/slack/events", b"{}").status == 401
    assert shared.send.request("POST", "/slack/events").status == 401


@pytest.mark.slow
@MANY
@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(
        st.sampled_from(["X-Slack-Request-Timestamp", "X-Slack-Signature", "Content-Type"]),
        st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=80),
    ),
)
def test_any_unsigned_request_is_rejected(
    shared: RunningBot, body: bytes, headers: dict[str, str]
) -> None:
    assert shared.send.request("POST", "/slack/events", body, headers).status == 401


@pytest.mark.slow
@MANY
@given(odd_payloads)
def test_signed_payload_of_another_form_never_causes_a_server_error(
    running: RunningBot, body: dict[str, object]
) -> None:
    assert running.send.event(body).status in (200, 400, 404)
    assert running.send.interaction(body).status in (200, 400, 404)


def test_old_request_is_rejected(shared: RunningBot) -> None:
    assert shared.send.event(mention(), X_Slack_Request_Timestamp="1700000000").status == 401


def test_slack_may_check_the_address(shared: RunningBot) -> None:
    body = payload("url_verification")
    assert shared.send.event(body).text_message == {"challenge": body["challenge"]}


def test_body_that_is_not_text_is_rejected(shared: RunningBot) -> None:
    assert shared.send.raw(b"\xff", JSON).status == 401


def test_body_in_chunks_is_read_like_any_other(shared: RunningBot) -> None:
    body = json.dumps(payload("url_verification")).encode()
    assert shared.send.chunked([body[:10], body[10:]]).status == 200


def test_body_that_is_too_large_is_refused_before_it_is_read(shared: RunningBot) -> None:
    head = "POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n"
    assert b" 413 " in talk(shared.send.port, head.encode())


def test_chunks_that_never_end_are_refused(running: RunningBot) -> None:
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", running.send.port), timeout=60) as client:
        client.sendall(head)
        sent = 0
        try:
            while sent < 100 * 1024 * 1024:
                client.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
    assert sent < 50 * 1024 * 1024


def test_headers_that_are_too_large_are_refused(shared: RunningBot) -> None:
    head = b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000
    assert b" 431 " in talk(shared.send.port, head)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/slack/event", 404),
        ("POST", "/slack", 404),
        ("GET", "/slack/events", 405),
        ("PUT", "/slack/events", 405),
        ("POST", "/health", 405),
        ("HEAD", "/health", 200),
        ("GET", "//health", 200),
    ],
)
def test_other_paths_and_methods_get_their_status(
    shared: RunningBot, method: str, path: str, status: int
) -> None:
    assert get(shared.send.port, path, method).status == status


# The responses to failures


def test_event_that_could_not_be_handled_is_sent_again_by_slack(running: RunningBot) -> None:
    def find(_: str) -> None:
        raise DatabaseUnavailable("locked")

    running.questions.is_thread = find  # type: ignore[method-assign, assignment]
    assert running.send.event(payload("message_in_thread")).status == 503


def test_http_mode_without_a_secret_does_not_start(slack: SlackDouble, database: Database) -> None:
    bot = build(slack, Script(), database).bot
    with pytest.raises(ConfigError, match="SLACK_SIGNING_SECRET"):
        run_http(bot, " ", Event())


def test_port_that_is_taken_is_one_clear_line(running: RunningBot, database: Database) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        run_http(running.bot, "s3cret", Event(), port=running.send.port)


def test_host_that_is_unknown_is_one_clear_line(slack: SlackDouble, database: Database) -> None:
    bot = build(slack, Script(), database).bot
    with pytest.raises(ConfigError, match="cannot be used"):
        run_http(bot, "s3cret", Event(), host="no such host")


def test_secrets_of_oauth_in_the_environment_are_an_error(
    slack: SlackDouble, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "x")
    with pytest.raises(ConfigError, match="unset"):
        build(slack, Script(), database)


# Health, also when other things fail


def test_health_needs_no_signature(shared: RunningBot) -> None:
    assert get(shared.send.port, "/health").body == "ok"


def test_readiness_says_whether_the_database_answers(running: RunningBot) -> None:
    assert get(running.send.port, "/ready").status == 200
    running.is_ready = False
    assert get(running.send.port, "/ready").status == 503
    assert get(running.send.port, "/health").status == 200


@pytest.mark.slow
def test_health_is_answered_while_the_database_is_locked_and_every_thread_waits_for_it(
    running: RunningBot, database_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.wsgi._PATIENCE", 0.3)
    with locked(database_file), ThreadPoolExecutor(40) as pool:  # more than the server's threads
        sent = [pool.submit(running.send.event, mention(n)) for n in range(40)]
        while not all(one.done() for one in sent):
            assert get(running.send.port, "/health").status == 200
        # They are answered while the database is still locked, so Slack does not wait.
        assert {one.result().status for one in sent} <= {200, 503}
        assert running.questions.unfinished() == []


def test_half_open_and_slow_connections_do_not_block_others(running: RunningBot) -> None:
    begun = [b"", b"POST /slack/events HTTP/1.1\r\nContent-Length: 9\r\n\r\n{", b"GET /hea"]
    with ExitStack() as stack:
        for n in range(420):  # more than the server allows
            client = stack.enter_context(socket.create_connection(("127.0.0.1", running.send.port)))
            client.sendall(begun[n % 3])
            if n % 60 == 0:
                assert get(running.send.port, "/health").status == 200
        assert get(running.send.port, "/health").status == 200
        assert running.send.event(payload("url_verification")).status == 200


def talk(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(sent)
        return client.recv(1000)


def test_main_loop_marks_that_it_goes_on(slack: SlackDouble, database: Database) -> None:
    bot, stop = build(slack, Script(), database).bot, Event()
    run_http(bot, "s3cret", stop, port=0, mark=stop.set, grace=1)
    assert stop.is_set()


def test_what_it_marks_first_holds_up_no_event(slack: SlackDouble, database: Database) -> None:
    """The bot looks for garbage at its first mark: 80 ms in which every thread stands still."""
    bot, stop, marks = build(slack, Script(), database).bot, Event(), list[str]()

    def ready(_: int) -> None:
        marks.append("ready")
        stop.set()

    run_http(bot, "s3cret", stop, port=0, mark=lambda: marks.append("mark"), ready=ready, grace=1)
    assert marks[:2] == ["mark", "ready"]
