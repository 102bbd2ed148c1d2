"""How an answer gets into Slack on the days when Slack is difficult."""

from time import time

import pytest

from domain.errors import DatabaseUnavailable
from tests.bot.house import House
from tests.bot.sender import acknowledgements
from tests.payloads import mention

WHOLE = "[1] New laptops arrive within five days. [1]"


def only_answer(house: House) -> str:
    house.answered(20)
    (message,) = house.slack.public()
    assert not message.streaming
    assert message.blocks[-1]["type"] == "context_actions"
    return message.words


def test_without_streams_one_message_is_posted_and_updated(house: House) -> None:
    house.slack.refusals["chat.startStream"] = "unknown_method"
    house.send.event(mention())

    assert WHOLE in only_answer(house)
    assert house.slack.count("chat.postMessage") == 1


def test_what_is_unknown_here_is_not_tried_again(house: House) -> None:
    house.slack.refusals["chat.startStream"] = "unknown_method"
    house.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    for n in range(3):
        house.send.event(mention(n))
        house.answered()

    assert house.slack.count("chat.startStream") == 0 < house.slack.count("chat.update")
    assert house.slack.count("assistant.threads.setStatus") == 1


def test_without_a_status_a_placeholder_becomes_the_answer(house: House) -> None:
    house.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    house.script.go_on.clear()
    house.send.event(mention())
    house.slack.wait_for(lambda: house.slack.public())
    assert "Reading the documents" in house.slack.public()[0].text
    house.script.go_on.set()

    assert WHOLE in only_answer(house)


def test_too_many_streams_become_posts(house: House) -> None:
    house.slack.busy["chat.startStream"] = 100
    house.send.event(mention())

    assert WHOLE in only_answer(house)
    assert house.slack.count("chat.postMessage") == 1


def test_stream_that_dies_is_finished_by_an_update(house: House) -> None:
    house.script.go_on.clear()
    house.send.event(mention())
    house.slack.wait_for(lambda: house.slack.public())
    house.slack.kill_streams()
    house.script.go_on.set()

    assert WHOLE in only_answer(house)


def test_stream_that_dies_in_the_middle_is_finished_by_an_update(house: House) -> None:
    house.slack.refusals["chat.appendStream"] = "message_not_in_streaming_state"
    house.script.pause = 0.06
    house.send.event(mention())

    assert WHOLE in only_answer(house)
    assert house.slack.count("chat.postMessage") == 0


def test_too_many_pieces_lose_no_word(house: House) -> None:
    house.slack.busy["chat.appendStream"] = 1
    house.script.pause = 0.06
    house.send.event(mention())

    assert WHOLE in only_answer(house)


def test_failing_progress_does_not_fail_the_answer(house: House) -> None:
    house.slack.broken["chat.startStream"] = 1
    house.script.pause = 0.1
    house.send.event(mention())

    assert WHOLE in only_answer(house)


@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_last_update_is_tried_again(house: House, trouble: str) -> None:
    house.slack.refusals["chat.startStream"] = "unknown_method"
    house.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    getattr(house.slack, trouble)["chat.update"] = 1
    house.send.event(mention())

    assert WHOLE in only_answer(house)


@pytest.mark.parametrize("code", ["ratelimited", "token_revoked", "some_new_error"])
def test_refusal_that_may_pass_leaves_the_question_to_be_taken_up_again(
    house: House, code: str
) -> None:
    house.slack.refusals |= {"chat.startStream": code, "chat.postMessage": code}
    house.send.event(mention(asked=time()))
    house.slack.wait_for(lambda: house.slack.count("chat.postMessage"))
    house.slack.wait_for(lambda: house.bot.asking.is_idle)
    assert len(house.questions.unfinished()) == 1

    house.slack.refusals.clear()
    house.bot.resume()
    assert WHOLE in only_answer(house)


def test_outage_of_slack_leaves_the_question_to_be_taken_up_again(house: House) -> None:
    house.slack.refusals["chat.startStream"] = "unknown_method"
    house.slack.broken["chat.postMessage"] = 100
    house.send.event(mention(asked=time()))
    house.slack.wait_for(lambda: house.slack.count("chat.postMessage"))
    house.slack.wait_for(lambda: house.bot.asking.is_idle)
    assert house.slack.public() == []
    assert len(house.questions.unfinished()) == 1

    house.slack.broken.clear()
    house.bot.resume()
    assert WHOLE in only_answer(house)


def test_channel_that_no_longer_exists_is_not_tried_for_ever(house: House) -> None:
    for method in ("chat.startStream", "chat.postMessage", "assistant.threads.setStatus"):
        house.slack.refusals[method] = "is_archived"
    house.send.event(mention())

    house.slack.wait_for(lambda: house.slack.count("chat.postMessage"))
    house.slack.wait_for(lambda: not house.questions.unfinished())
    assert house.slack.public() == []


def test_placeholder_that_somebody_deleted_is_posted_anew(house: House) -> None:
    house.slack.refusals["assistant.threads.setStatus"] = "unknown_method"
    house.script.go_on.clear()
    house.send.event(mention())
    house.slack.wait_for(lambda: house.slack.public())
    house.slack.messages.clear()
    house.script.go_on.set()

    assert WHOLE in only_answer(house)


def test_blocks_that_slack_refuses_become_plain_text(house: House) -> None:
    house.script.go_on.clear()
    house.send.event(mention())
    house.slack.wait_for(lambda: house.slack.public())
    house.slack.refuse_blocks = True
    house.script.go_on.set()

    house.answered()
    (message,) = house.slack.public()
    assert message.blocks == []
    assert WHOLE in message.text


def test_very_long_answer_is_cut_with_a_note(house: House) -> None:
    house.script.words = [f"word{n}" for n in range(4_000)]
    house.send.event(mention())

    words = only_answer(house)
    assert "cut here: the answer is longer than a message" in words
    assert len(words) < 13_000


def test_fifty_mentions_at_once_are_acknowledged_and_answered_once_each(house: House) -> None:
    house.script.pause = 0.02
    done = acknowledgements(house.send, [mention(n) for n in range(50)])
    assert {each.status for each in done} == {200}

    house.answered(60)
    assert len(house.slack.public()) == 50
    assert len({message.thread for message in house.slack.public()}) == 50
    assert max(each.seconds for each in done) < 3


def test_database_that_is_away_for_a_moment_does_not_stop_the_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, troubles = house.questions.set_reply, ["locked"]

    def now_and_then(question_id: str, reply: str) -> None:
        if troubles:
            raise DatabaseUnavailable(troubles.pop())
        keep(question_id, reply)

    monkeypatch.setattr(house.questions, "set_reply", now_and_then)
    house.send.event(mention())

    assert WHOLE in only_answer(house)
    (message,) = house.slack.public()
    assert house.questions.answer_at(f"slack:T1:C1:{message.ts}") is not None
