"""Requests of Slack go before other work, but other work goes on too."""

from threading import Event, Thread

import pytest

from bot.jobs.workers import Workers
from bot.slack import arrivals
from bot.slack.arrivals import Arrivals


def passed(waiting: Arrivals) -> Event:
    """Is set as soon as a thread has let the requests pass."""
    done = Event()

    def let_pass() -> None:
        waiting.let_pass()
        done.set()

    Thread(target=let_pass, daemon=True).start()
    return done


def test_work_waits_until_the_last_request_is_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "_LONGEST", 60.0)
    handled = Arrivals()
    assert passed(handled).wait(60)
    with handled:
        with handled:
            done = passed(handled)
        assert not done.wait(0.05)
    assert done.wait(60)


def test_work_waits_for_requests_that_come_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrivals, "_LONGEST", 60.0)
    monkeypatch.setattr(arrivals, "_QUIET", 30.0)
    handled = Arrivals()
    with handled:
        pass
    assert not passed(handled).wait(0.05)


def test_work_goes_on_while_requests_arrive_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "_LONGEST", 0.01)
    handled = Arrivals()
    with handled:
        assert passed(handled).wait(60)


def test_request_that_fails_is_over_too() -> None:
    handled = Arrivals()
    with pytest.raises(ValueError, match="broken"), handled:
        raise ValueError("broken")
    assert passed(handled).wait(60)


def test_workers_let_requests_pass_before_each_piece_of_work() -> None:
    order, done = list[str](), Event()
    workers = Workers("test", 1, before=lambda: order.append("before"))
    for n in range(2):
        workers.submit(lambda n=n: order.append(str(n)), lambda _: None)  # type: ignore[misc]
    workers.submit(done.set, lambda _: None)
    assert done.wait(60)
    assert order == ["before", "0", "before", "1", "before"]
    workers.close(60)


def test_what_takes_longer_waits_until_all_first_signs_have_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.jobs.workers._LONGEST", 60.0)
    signs, go_on, order, done = Workers("sign", 1), Event(), list[str](), Event()
    answers = Workers("answer", 1, signs.let_begin)
    signs.submit(lambda: go_on.wait(60), lambda _: None)
    signs.submit(lambda: order.append("sign"), lambda _: None)
    answers.submit(lambda: order.append("answer"), lambda _: None)
    answers.submit(done.set, lambda _: None)
    assert not done.wait(0.05)
    go_on.set()
    assert done.wait(60)
    signs.close(60)
    answers.close(60)
    assert order == ["sign", "answer"]
