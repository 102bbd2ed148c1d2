"""A question that arrives while the database is locked is answered later, once."""

from collections.abc import Iterator
from pathlib import Path
from time import time

import pytest

from records.database import Database
from tests.bot.running_bot import RunningBot, Script, build, locked
from tests.bot.test_socket_mode import connected
from tests.payloads import mention, payload
from tests.slack_double import SlackDouble

WHOLE = "[1] New laptops arrive within five days. [1]"
INGEST = mention(1, text="ingest https://docs.example.com/1")


@pytest.fixture
def impatient(database_file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{database_file}", wait=0.5)
    yield database
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (mention(), WHOLE),
        (payload("message_im"), WHOLE),
        (INGEST, "Laptops: 3 passages."),
    ],
    ids=["mention", "direct message", "ingest"],
)
def test_event_that_came_during_a_lock_is_sent_again_and_answered_once(
    running: RunningBot,
    database_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    event: dict[str, object],
    shown: str,
) -> None:
    with monkeypatch.context() as patched, locked(database_file):
        patched.setattr("bot.slack.wsgi._PATIENCE", 0.05)
        assert running.send.event(event).status == 503
        assert running.send.event(event, X_Slack_Retry_Num="1").status == 503
    assert running.slack.messages == []
    for again in ("2", "3"):
        assert running.send.event(event, X_Slack_Retry_Num=again).status == 200
    running.slack.wait_for(lambda: running.slack.public() and not running.open_jobs())

    [message] = running.slack.public()
    assert shown in message.words


@pytest.mark.slow
def test_event_that_no_process_could_store_is_answered_by_the_next_one(
    slack: SlackDouble, impatient: Database, database: Database, database_file: Path
) -> None:
    killed, event = build(slack, Script(), impatient), mention(asked=time())
    with locked(database_file):
        assert not killed.receive(event)
    following = build(slack, Script(), database)
    for retry in (1, 2):
        assert following.receive(event, retry)
    following.answered()

    [message] = slack.public()
    assert WHOLE in message.words
    for each in (killed, following):
        each.bot.close(5)


@pytest.mark.slow
def test_socket_mode_acknowledges_only_stored_events(
    slack: SlackDouble,
    impatient: Database,
    database_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connected(slack, impatient) as running:
        with locked(database_file):
            first = slack.send(mention())
            other = slack.send(payload("user_change"))
            slack.wait_for(lambda: other in slack.acknowledged)
            slack.wait_for(lambda: "Failed to run listener" in caplog.text)
        again = slack.send(mention())
        slack.wait_for(lambda: again in slack.acknowledged)
        running.answered()

        assert first not in slack.acknowledged
        [message] = slack.public()
        assert WHOLE in message.words
