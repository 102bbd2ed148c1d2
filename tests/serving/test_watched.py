"""Calls of the model server are counted and timed, over the real client and server."""

import pytest

from domain.errors import AdapterNotLoaded, ServerUnavailable
from domain.questions import Message
from serving.client import ServerClient
from serving.watched import WatchedGenerator
from tests.figures import Counted
from tests.serving.conftest import Running

ASKED = (Message("user", "hello"),)


def test_a_whole_answer_is_a_good_call_and_its_pieces_are_unchanged(server: Running) -> None:
    counted, client = Counted(), ServerClient(server.url)
    plain = [*client.stream(ASKED, adapter=None, max_tokens=4)]
    watched = WatchedGenerator(client)
    assert [*watched.stream(ASKED, adapter=None, max_tokens=4)] == plain
    assert watched.model == client.model
    assert counted("phi3_model_calls_total", outcome="ok") == 1
    assert counted("phi3_model_first_token_seconds_count") == 1
    assert counted("phi3_model_answer_seconds_count") == 1
    client.close()


def test_calls_that_fail_are_counted_by_why(server: Running) -> None:
    counted, client = Counted(), ServerClient(server.url)
    with pytest.raises(AdapterNotLoaded):
        [*WatchedGenerator(client).stream(ASKED, adapter="nowhere", max_tokens=4)]
    away = ServerClient("http://127.0.0.1:9", "tiny")
    with pytest.raises(ServerUnavailable):
        [*WatchedGenerator(away).stream(ASKED, adapter=None, max_tokens=4)]
    for outcome in ("adapter_not_loaded", "unavailable"):
        assert counted("phi3_model_calls_total", outcome=outcome) == 1, outcome
    assert counted("phi3_model_answer_seconds_count") == 0
    client.close()
    away.close()


def test_a_call_that_nobody_reads_to_its_end_was_stopped(server: Running) -> None:
    counted, client = Counted(), ServerClient(server.url)
    pieces = WatchedGenerator(client).stream(ASKED, adapter=None, max_tokens=200)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert counted("phi3_model_calls_total", outcome="stopped") == 1
    client.close()
