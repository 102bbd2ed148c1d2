from http.client import IncompleteRead, RemoteDisconnected
from itertools import count
from urllib.error import URLError

import pytest
import slack_sdk.errors
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.client import Me, SlackClient
from bot.slack.errors import translated
from domain.errors import ConfigError, MessengerError, MessengerRefused, MessengerUnavailable
from tests.slack_double import BOT_TOKEN, SlackDouble


def family(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(family(child) for child in kind.__subclasses__()))


def every_exception_of_the_sdk() -> set[type[Exception]]:
    named = {
        value
        for value in vars(slack_sdk.errors).values()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    return named | family(SlackClientError)


@pytest.mark.parametrize("kind", sorted(every_exception_of_the_sdk(), key=str), ids=str)
def test_every_exception_of_the_sdk_is_translated(kind: type[Exception]) -> None:
    response = [{"error": "no", "status": 200}] if kind is SlackApiError else []
    error = kind("no", *response)

    with pytest.raises(MessengerError), translated("to test"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        URLError("refused"),
        ConnectionResetError(),
        TimeoutError(),
        RemoteDisconnected(),  # type: ignore[call-arg]  # it takes none; the stubs say otherwise
        IncompleteRead(b""),
        ValueError("no JSON"),
    ],
    ids=repr,
)
def test_every_exception_of_the_network_is_translated(error: Exception) -> None:
    with pytest.raises(MessengerUnavailable), translated("to test"):
        raise error


def test_bolt_raises_only_its_own_exceptions() -> None:
    assert all(issubclass(kind, BoltError) for kind in family(BoltError))


@pytest.mark.parametrize("body", [{"status": 502, "body": "<html>"}, {"status": 503}])
def test_broken_server_is_an_outage_and_not_a_refusal(body: dict[str, object]) -> None:
    with pytest.raises(MessengerUnavailable, match="HTTP 50"), translated("to test"):
        raise SlackApiError("no", body)  # type: ignore[no-untyped-call]


def test_too_many_requests_are_a_refusal_with_its_code(slack: SlackDouble) -> None:
    slack.busy["views.open"] = 1
    with pytest.raises(MessengerRefused) as caught:
        SlackClient(BOT_TOKEN, slack.url).open_view("trigger", {})
    assert caught.value.code == "ratelimited"


def test_bot_knows_who_it_is(slack: SlackDouble) -> None:
    assert SlackClient(BOT_TOKEN, slack.url).me() == Me("T1", "UBOT", slack.workspace)


def test_wrong_token_is_one_clear_line(slack: SlackDouble) -> None:
    with pytest.raises(ConfigError) as caught:
        SlackClient("xoxb-wrong", slack.url).me()
    assert "SLACK_BOT_TOKEN (invalid_auth)" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_slack_that_does_not_answer_is_an_outage() -> None:
    with pytest.raises(MessengerUnavailable):
        SlackClient(BOT_TOKEN, "http://127.0.0.1:9/api/", timeout=2).me()


@pytest.mark.slow
def test_calls_wait_for_the_end_of_a_rate_limit(slack: SlackDouble) -> None:
    slack.busy["chat.postMessage"] = 2
    numbers = count()
    ts = SlackClient(BOT_TOKEN, slack.url).post("C1", f"text {next(numbers)}")
    assert slack.public()[0].ts == ts


@pytest.mark.slow
def test_bot_that_starts_while_slack_is_busy_waits_and_blames_no_token(slack: SlackDouble) -> None:
    slack.busy["auth.test"] = 2
    assert SlackClient(BOT_TOKEN, slack.url).me().user == "UBOT"
    slack.busy["auth.test"] = 99
    with pytest.raises(MessengerRefused) as caught:
        SlackClient(BOT_TOKEN, slack.url).me()
    assert caught.value.code == "ratelimited"
