"""A question leaves a trace at an OpenTelemetry collector, found by its reference."""

from collections.abc import Iterator

import pytest

from cli.traces import traces_if_wanted
from cli.tracing import REF, sending_traces, trace_id_of
from domain.errors import GenerationError
from domain.spans import span, trace_headers
from tests.bot.running_bot import RunningBot
from tests.collector import Collector, attributes, collector
from tests.payloads import mention

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as found:
        monkeypatch.setenv(ENDPOINT, found.url)
        yield found


def ask(running: RunningBot, n: int = 0, text: str = "How do I get a new laptop?") -> str:
    running.send.event(mention(n, text=text, user="UZANZIBAR"))
    answer = running.answered()
    running.slack.wait_for(lambda: not running.open_jobs())
    return answer.id


def test_a_question_is_one_trace_with_every_step(running: RunningBot, received: Collector) -> None:
    with sending_traces("phi3-bot"):
        ref = ask(running)
    assert received.services() == {"phi3-bot"}
    spans = received.spans()
    assert {one.trace_id.hex() for one in spans} == {trace_id_of(ref)}

    root, attempt = received.one("taken"), received.one("job.question")
    assert not root.parent_span_id
    assert attempt.parent_span_id == root.span_id
    assert received.one("sign").parent_span_id == root.span_id
    for one in (root, attempt, received.one("sign")):
        assert attributes(one)[REF] == ref
    steps = ["search", "prompt", "model", "check", "send"]
    inner = [one for one in spans if one.parent_span_id == attempt.span_id]
    assert [one.name for one in inner] == steps
    for one in inner:
        assert attempt.start_time_unix_nano <= one.start_time_unix_nano
        assert one.end_time_unix_nano <= attempt.end_time_unix_nano
    model = received.one("model")
    assert [event.name for event in model.events] == ["first token", "last token"]
    assert attributes(received.one("search")) == {"phi3.passages": 1, "phi3.sufficient": True}


def test_each_question_has_a_trace_of_its_own(running: RunningBot, received: Collector) -> None:
    with sending_traces("phi3-bot"):
        refs = {ask(running, n) for n in range(3)}
    assert {one.trace_id.hex() for one in received.spans()} == {*map(trace_id_of, refs)}
    assert len({one.span_id for one in received.spans()}) == len(received.spans())


def test_no_words_and_no_person_are_in_a_trace(running: RunningBot, received: Collector) -> None:
    running.script.words = ["marzipan ", "everywhere."]
    with sending_traces("phi3-bot"):
        ask(running, text="Where is the quetzal?")
        running.script.error = GenerationError("The quetzal broke it.")
        running.send.event(mention(1, text="Where is the quetzal?", user="UZANZIBAR"))
        running.slack.wait_for(lambda: not running.questions.unfinished())
        running.slack.wait_for(lambda: not running.open_jobs())
    sent = b"".join(received.bodies)
    assert sent
    for private in (b"quetzal", b"marzipan", b"ZANZIBAR", b"laptop"):
        assert private not in sent, private


def test_a_step_that_failed_says_with_which_error(running: RunningBot, received: Collector) -> None:
    running.script.error = GenerationError("It broke.")
    with sending_traces("phi3-bot"):
        running.send.event(mention())
        running.slack.wait_for(lambda: not running.open_jobs())
    model = received.one("model")
    assert (model.status.code, model.status.message) == (2, "GenerationError")
    assert [event.name for event in model.events] == ["first token"]
    assert received.one("search").status.code == 0


@pytest.mark.parametrize(
    ("sampler", "argument"), [("always_off", ""), ("parentbased_traceidratio", "0")]
)
def test_what_is_not_sampled_is_not_sent(
    running: RunningBot,
    received: Collector,
    monkeypatch: pytest.MonkeyPatch,
    sampler: str,
    argument: str,
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", argument)
    with sending_traces("phi3-bot"):
        ask(running)
    assert received.spans() == []


def test_without_the_standard_variables_there_is_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    with traces_if_wanted("phi3-bot"), span("search", "a0"):
        assert trace_headers() == {}


def test_the_standard_variables_switch_traces_on(received: Collector) -> None:
    with traces_if_wanted("phi3-bot"), span("search", "a0"):
        parent = trace_headers()["traceparent"]
    assert parent.split("-")[1] == trace_id_of("a0")
    assert received.one("search").span_id.hex() == parent.split("-")[2]


@pytest.mark.slow
def test_answers_are_given_also_while_no_collector_is_there(
    running: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    with sending_traces("phi3-bot"):
        assert ask(running)
