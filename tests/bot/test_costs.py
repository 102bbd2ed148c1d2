"""How much one question asks of Slack and of the database: more would make many at once slower."""

from collections import Counter

from sqlalchemy import event

from tests.bot.running_bot import RunningBot
from tests.payloads import mention


def test_question_writes_six_times_and_calls_slack_for_what_people_see(
    running: RunningBot,
) -> None:
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
    # The claim, the start of the job, who reads the answer, where it stands, the answer, the end.
    assert statements.count("BEGIN IMMEDIATE") == 6
