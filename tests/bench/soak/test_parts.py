"""What a soak uses: a Slack that a later run goes on with, a way to a server that can be cut, a
disk that can be full.
"""

import errno
import os
from contextlib import closing
from pathlib import Path
from socket import create_connection, socket
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from bench.soak.disk import Disk
from bench.soak.journal import Journal
from bench.soak.memory import growth
from bench.soak.relay import Relay
from bench.soak.slack import RecordedSlack
from tests.slack_double import BOT_TOKEN


def test_a_later_run_has_the_messages_as_they_were_shown_last(tmp_path: Path) -> None:
    file = tmp_path / "slack.jsonl"
    with closing(RecordedSlack(file=file)) as slack:
        posted = slack.answer("chat.postMessage", {"channel": "C1", "text": "Wait …"}, BOT_TOKEN)
        slack.answer("chat.update", posted | {"text": "Five days."}, BOT_TOKEN)
        deleted = slack.answer("chat.postMessage", {"channel": "C1", "text": "Oh"}, BOT_TOKEN)
        slack.answer("chat.delete", deleted, BOT_TOKEN)
    with file.open("a") as half:
        half.write('{"channel": "C1"')

    with closing(RecordedSlack(file=file)) as slack:
        assert [message.text for message in slack.messages] == ["Five days."]
        assert [message.text for message in slack.gone] == ["Oh"]
        new = slack.answer("chat.postMessage", {"channel": "C1", "text": "New"}, BOT_TOKEN)
    assert float(new["ts"]) > float(deleted["ts"])


def test_a_line_that_a_kill_cut_off_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    with closing(Journal(file)) as journal:
        journal.add("asked", 1.5, channel="C1")
    with file.open("a") as half:
        half.write('{"what": "as')
    with closing(Journal(file)) as journal:
        journal.add("asked", 2.5, channel="C2")
    with closing(Journal(file)) as journal:
        assert [line["channel"] for line in journal.all("asked")] == ["C1", "C2"]
        assert journal.seconds == 2.5


def test_a_cut_relay_ends_connections_and_a_mended_one_takes_new_ones() -> None:
    with ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        Thread(target=server.serve_forever, args=(0.02,)).start()
        relay = Relay("127.0.0.1", server.server_address[1])
        with create_connection(("127.0.0.1", relay.port)) as connection:
            connection.sendall(b"1")
            assert connection.recv(1) == b"1"
            relay.cut()
            assert _is_ended(connection)
        with create_connection(("127.0.0.1", relay.port)) as refused:
            assert _is_ended(refused)
        relay.mend()
        with create_connection(("127.0.0.1", relay.port)) as again:
            again.sendall(b"2")
            assert again.recv(1) == b"2"
        relay.close()
        server.shutdown()


class _Echo(BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(1):
            self.request.sendall(data)


def _is_ended(connection: socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_full_disk_takes_nothing_until_it_is_emptied(tmp_path: Path) -> None:
    try:
        disk = Disk(tmp_path)
    except OSError as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    try:
        (disk.root / "before").write_bytes(b"1")
        disk.fill()
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            (disk.root / "file").write_bytes(bytes(1 << 20))
        disk.empty()
        (disk.root / "file").write_bytes(bytes(1 << 20))
        disk.slow_down()
        (disk.root / "slow").write_bytes(bytes(1 << 10))
        disk.speed_up()
    finally:
        disk.close()
    again = Disk(tmp_path)
    assert (again.root / "before").read_bytes() == b"1"
    again.close()


def test_memory_that_grows_is_seen_and_memory_that_fills_at_first_is_not() -> None:
    samples = [
        {"at": float(n), "memory": {"bot": [1, 100.0 + n / 10], "serve": [2, 200.0 + min(n, 200)]}}
        for n in range(0, 900, 5)
    ]
    found = growth(samples)
    assert found["bot"]["slope"] == pytest.approx(360)
    assert (found["bot"]["is_flat"], found["serve"]["is_flat"]) == (False, True)
    assert found["serve"]["slope"] == 0
    short = growth(samples[:60])
    assert (short["bot"]["is_flat"], short["serve"]["is_flat"]) == (None, None)
