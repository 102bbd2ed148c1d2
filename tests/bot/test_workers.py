from threading import Event, current_thread

from bot.jobs.workers import Workers


def test_failed_work_is_reported_and_the_next_is_done() -> None:
    workers, reported, done = Workers("test", 1), list[str](), Event()

    def breaks() -> None:
        raise ValueError("broken")

    workers.submit(breaks, lambda error: reported.append(str(error)))
    workers.submit(done.set, lambda _: None)
    assert done.wait(60)
    assert reported == ["broken"]
    assert workers.close(60)


def test_thread_continues_if_a_failure_cannot_be_reported() -> None:
    workers, done = Workers("test", 1), Event()

    def breaks(*_: object) -> None:
        raise ValueError("broken")

    workers.submit(breaks, breaks)
    workers.submit(done.set, breaks)
    assert done.wait(60)
    assert workers.close(60)


def test_close_waits_for_accepted_work_but_no_longer_than_the_grace_period() -> None:
    workers, go_on, begun = Workers("test", 1), Event(), Event()

    def slow() -> None:
        begun.set()
        go_on.wait(60)

    workers.submit(slow, lambda _: None)
    begun.wait(60)
    assert not workers.close(0.05)
    go_on.set()
    assert workers.close(60)


def test_no_work_is_accepted_after_close() -> None:
    workers, names = Workers("test", 1), list[str]()
    workers.close(1)
    workers.submit(lambda: names.append(current_thread().name), lambda _: None)
    assert names == []
