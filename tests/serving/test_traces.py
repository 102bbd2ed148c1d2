"""The model server continues the trace of whoever asks it."""

import pytest

from cli.tracing import sending_traces, trace_id_of
from domain.questions import Message
from domain.spans import span
from serving.client import ServerClient
from tests.collector import attributes, collector
from tests.serving.asking import chat
from tests.serving.conftest import Running

ASKED = (Message("user", "hello"),)


def test_the_servers_step_belongs_to_the_call_of_the_model(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ServerClient(server.url)
    with collector() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.url)
        with sending_traces("phi3-server"):
            with span("model", "a0123456789abcdef"):
                assert [*client.stream(ASKED, adapter=None, max_tokens=4)]
            chat(server.url)
    client.close()
    of_question, alone = [one for one in received.spans() if one.name == "generate"]
    assert of_question.trace_id.hex() == trace_id_of("a0123456789abcdef")
    assert of_question.parent_span_id == received.one("model").span_id
    assert [event.name for event in of_question.events] == ["first token"]
    assert attributes(of_question)["phi3.tokens"] == 4
    # Who sends no trace gets one of its own.
    assert alone.trace_id != of_question.trace_id
    assert not alone.parent_span_id
