from datetime import UTC, datetime
from time import sleep, time
from typing import Any

from bot.slack.events import click, reaction
from tests.payloads import click as pressed
from tests.payloads import payload


def reacted_at(ts: str) -> datetime:
    found = reaction(payload("reaction_added", event_ts=ts)["event"])
    assert found
    return found.at


def pressed_at(ts: str) -> datetime:
    body: dict[str, Any] = pressed("a1", "up")
    body["actions"][0]["action_ts"] = ts
    found = click(body)
    assert found
    return found.at


def test_part_of_a_second_tells_which_of_two_inputs_came_first() -> None:
    assert pressed_at("1763900020.100200") < reacted_at("1763900020.649229")
    assert reacted_at("1763900020.649229") < pressed_at("1763900020.900000")


def test_reaction_with_a_counter_is_later_than_a_press_before_it() -> None:
    while not 0.1 < time() % 1 < 0.9:
        sleep(0.05)
    now = time()
    press = pressed_at(f"{int(now)}.050000")
    assert press < reacted_at(f"{int(now)}.000006") <= datetime.fromtimestamp(int(now) + 1, UTC)


def test_counters_keep_their_order_and_their_second() -> None:
    found = [reacted_at(f"17639000{second}.00000{n}") for second in (20, 21) for n in (1, 2)]
    assert found == sorted(found)
    assert [int(at.timestamp()) for at in found] == [1763900020] * 2 + [1763900021] * 2
