"""The console's worker: it is called, ends when it is not needed, and is replaced if it breaks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from cli.settings import Settings
from cli.worker.process import Worker
from domain.errors import EmptyAnswer, NotFound, Phi3Error, Stopped
from tests.cli import worker_calls
from tests.cli.test_app import ROOT

pytestmark = pytest.mark.slow

OWNER = """
import sys
from pathlib import Path
from cli.settings import Settings
from cli.worker.process import Worker
from tests.cli import worker_calls
worker = Worker(Settings(_env_file=None, home=Path(sys.argv[1])))
print(worker.run(worker_calls.pid), flush=True)
worker.run(worker_calls.slow, 60.0, Path(sys.argv[1]) / "begun")
"""


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Worker]:
    return partial(Worker, Settings(_env_file=None, home=tmp_path))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def worker(home: Path) -> Iterator[Worker]:
    with closing(Worker(Settings(_env_file=None, home=home))) as made:
        yield made


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_results_pieces_and_errors_come_back(worker: Worker, home: Path) -> None:
    assert worker.run(worker_calls.home) == home
    heard: list[str] = []
    words = [f"{n} " for n in range(500)]
    assert worker.run(worker_calls.spoken, words, listener=heard.append) == 500
    assert heard == words
    with pytest.raises(NotFound) as found:
        worker.run(worker_calls.missing)
    assert (found.value.public, found.value.detail) == ("There is no such gap.", "gap 7")
    with pytest.raises(EmptyAnswer):
        worker.run(worker_calls.empty)
    with pytest.raises(Phi3Error) as other:
        worker.run(worker_calls.broken)
    assert "secret" not in str(other.value)
    assert worker.run(worker_calls.pid) == worker.pid  # and still the same one


def test_many_calls_share_one_process(worker: Worker) -> None:
    words = [f"{n} " for n in range(50)]
    with ThreadPoolExecutor(16) as threads:
        heard: list[list[str]] = [[] for _ in range(16)]
        ended = [
            threads.submit(worker.run, worker_calls.spoken, words, listener=each.append)
            for each in heard
        ]
        pids = {threads.submit(worker.run, worker_calls.pid).result() for _ in range(16)}
        assert [each.result() for each in ended] == [50] * 16
    assert heard == [words] * 16
    assert pids == {worker.pid}


def test_a_worker_that_is_killed_fails_what_it_did_and_the_next_call_has_another(
    worker: Worker,
) -> None:
    first = worker.run(worker_calls.pid)
    with pytest.raises(Phi3Error, match="try again"):
        worker.run(worker_calls.killed)
    second = worker.run(worker_calls.pid)
    assert second != first
    os.kill(second, signal.SIGKILL)  # between two calls nobody notices
    until(lambda: worker.pid is None)
    assert worker.run(worker_calls.pid) not in (first, second)


def test_who_does_not_listen_any_more_ends_the_work(worker: Worker) -> None:
    def left(_piece: str) -> None:
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        worker.run(worker_calls.endless, listener=left)
    assert worker.run(worker_calls.pid) == worker.pid


def test_who_stops_the_work_gets_what_it_made_of_the_pieces_before(worker: Worker) -> None:
    heard: list[str] = []

    def enough(piece: str) -> None:
        if len(heard) == 3:
            raise Stopped
        heard.append(piece)

    assert worker.run(worker_calls.until_stopped, listener=enough) == 3


def test_it_ends_once_it_is_idle_and_not_while_it_works(
    make: Callable[..., Worker], tmp_path: Path
) -> None:
    with closing(make(idle_seconds=2.0)) as worker:
        first = worker.run(worker_calls.pid)
        worker.run(worker_calls.slow, 4.0, tmp_path / "begun")
        assert worker.pid == first
        until(lambda: not is_running(first))
        assert worker.run(worker_calls.pid) != first


def test_nothing_is_started_before_it_is_needed_and_closing_ends_what_it_does(
    make: Callable[..., Worker], tmp_path: Path
) -> None:
    worker, begun = make(), tmp_path / "begun"
    assert worker.pid is None
    with ThreadPoolExecutor() as threads:
        called = threads.submit(worker.run, worker_calls.slow, 60.0, begun)
        until(begun.exists)
        worker.close()
        assert isinstance(called.exception(60), Phi3Error)
    assert worker.pid is None
    with pytest.raises(Phi3Error):
        worker.run(worker_calls.pid)


def test_it_ends_with_a_console_that_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout
    pid = int(owner.stdout.readline())
    until((tmp_path / "begun").exists)
    assert is_running(pid)
    owner.kill()
    owner.communicate()
    until(lambda: not is_running(pid))
