"""How much one question asks of Slack and of the database: more would make many at once slower."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.answers import reply
from tests.bot.running_bot import http_bot
from tests.payloads import mention
from tests.slack_double import SlackDouble


def test_question_writes_six_times_and_calls_slack_for_what_people_see(
    slack: SlackDouble, database_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long it takes, no second piece is due, and no lease is renewed.
    monkeypatch.setattr(reply, "_STREAM_PACE", 3600.0)
    with http_bot(slack, database_file, lease=timedelta(days=1)) as running:
        running.send.event(mention(1))
        running.answered()  # now it is known who reads the channel, and who asks
        statements = list[str]()
        event.listen(
            running.database._engine,
            "before_cursor_execute",
            lambda _, __, statement, *___: statements.append(statement),
        )
        running.slack.calls.clear()

        running.send.event(mention(2))
        running.slack.wait_for(lambda: not running.open_jobs())

        assert Counter(method for method, _ in running.slack.calls) == {
            "assistant.threads.setStatus": 1,
            "chat.startStream": 1,
            "chat.stopStream": 1,
            "chat.update": 1,
        }
        # The claim, the start of the job, who reads the answer, where it stands, the answer,
        # the end.
        assert statements.count("BEGIN IMMEDIATE") == 6
