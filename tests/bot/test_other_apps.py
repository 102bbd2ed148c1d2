"""Other apps are not answered, so that two bots never talk to each other without end."""

from time import time
from typing import Any

import pytest

from domain.jobs import JobState
from tests.bot.running_bot import RunningBot
from tests.payloads import mention, payload

NOW = time()
ASKED = mention(asked=NOW)
THREAD = ASKED["event"]["ts"]


def reply(**fields: Any) -> dict[str, Any]:
    """A line in the thread in which the bot has answered."""
    ts = f"{int(NOW) + 30}.000200"
    return payload("message_in_thread", ts=ts, event_ts=ts, thread_ts=THREAD, **fields)


BY_APPS = {
    "a mention by an app": mention(1, asked=NOW, bot_id="B2"),
    "a mention by an app with a name of its own": mention(
        1, asked=NOW, subtype="bot_message", bot_id="B2", username="Deploys"
    ),
    "a mention by a workflow": mention(1, asked=NOW, bot_id="B3", workflow_id="Wf1"),
    "an answer of another bot in the thread": reply(bot_id="B2", user="UBOT2"),
    "a mention in the thread": reply(bot_id="B2", user="UBOT2", text="<@UBOT> and how long?"),
    "a line by Slackbot": reply(user="USLACKBOT"),
    "the bot's own answer": reply(bot_id="BBOT", user="UBOT"),
    "a direct message of an app": payload("message_im", bot_id="B2", ts=f"{int(NOW)}.000300"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_APPS)
def test_app_is_acknowledged_and_not_answered(running: RunningBot, name: str) -> None:
    running.send.event(ASKED)
    running.answered()
    assert running.send.event(BY_APPS[name]).status == 200
    running.send.event(mention(2, asked=NOW))
    running.answered()

    assert len(running.slack.public()) == 2
    assert len(running.jobs.in_states(JobState)) == 2
