"""Events of a soak are sent again as Slack does it."""

from bench.soak.delivery import LONGEST, Deliveries
from tests.slack_double import SlackDouble


class Listening(SlackDouble):
    """Notes what is sent instead of sending it; without ``is_connected`` nothing can be."""

    is_connected = True

    def send(self, payload: dict[str, object], kind: str = "events_api", **retry: object) -> str:
        if not self.is_connected:
            raise OSError("no connection")
        self.got = [*getattr(self, "got", []), (payload["n"], kind, retry)]
        return f"e{len(self.got)}"


def test_an_event_is_sent_until_it_is_acknowledged() -> None:
    slack = Listening()
    sending = Deliveries(slack)
    sending.event("q", {"n": 1}, now=0)
    sending.go_on(2)
    sending.go_on(4)
    assert slack.got == [(1, "events_api", {}), (1, "events_api", {"retry_attempt": 1})]
    slack.acknowledged.append("e1")
    sending.go_on(5)
    assert (sending.open, sending.acknowledged, sending.lost) == (0, {"q"}, set())


def test_an_event_that_nobody_takes_is_lost_after_four_tries() -> None:
    slack = Listening()
    sending = Deliveries(slack)
    sending.event("q", {"n": 1}, now=0)
    for second in range(int(LONGEST) + 2):
        sending.go_on(second)
    assert len(slack.got) == 4
    assert (sending.open, sending.lost) == (0, {"q"})


def test_an_event_reaches_who_connects_later_and_a_press_does_not() -> None:
    slack = Listening()
    slack.is_connected = False
    sending = Deliveries(slack)
    sending.event("q", {"n": 1}, now=0)
    sending.press("thumb", {"n": 2}, now=0)
    slack.is_connected = True
    sending.go_on(4)
    assert slack.got == [(1, "events_api", {"retry_attempt": 1})]
    assert sending.lost == {"thumb"}
