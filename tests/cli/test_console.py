"""`phi3 console` as a process: its links, its port, and its end."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import httpx
import pytest

from cli import sleeper
from records.tables import SCHEMA
from tests.cli.console_process import LINK, children, is_asleep, own_memory, running, until
from tests.cli.test_app import ROOT, phi3
from tests.ports import free_port


@pytest.mark.slow
def test_the_console_prints_a_link_that_signs_in_and_another_while_it_runs(
    tmp_path: Path, template: Path
) -> None:
    copyfile(template, tmp_path / "phi3.db")
    port = free_port()
    with running(tmp_path, port) as (process, link), httpx.Client(follow_redirects=True) as client:
        answer = client.post(link)
        assert "<h1>Today</h1>" in answer.text
        assert "reader" in answer.text
        done = phi3("console", "--link", home=tmp_path, PHI3_CONSOLE_PORT=str(port))
        assert done.stderr == ""
        assert LINK.fullmatch(done.stdout.strip())
        assert "as <strong>admin</strong>" in client.get(done.stdout.strip()).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which memory is its own")
def test_a_console_that_waits_takes_little_memory(tmp_path: Path, template: Path) -> None:
    copyfile(template, tmp_path / "phi3.db")
    with running(tmp_path, free_port()) as (process, link):
        assert httpx.get(link).is_success  # it serves
        # 60 MB, and some for other versions of the libraries.
        assert own_memory(process.pid) < 63


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which memory is its own")
def test_a_console_that_answered_a_question_takes_little_more(
    tmp_path: Path, template: Path
) -> None:
    copyfile(template, tmp_path / "phi3.db")
    with (
        running(tmp_path, free_port()) as (process, link),
        httpx.Client(
            base_url=link.partition("/sign-in")[0], follow_redirects=True, timeout=60
        ) as client,
    ):
        client.post(link)
        token = client.get("/ask").text.split('name="csrf" value="')[1].split('"')[0]
        asked = client.post("/ask", data={"csrf": token, "text": "How long is the warranty?"})
        client.get(f"{asked.url}/words")  # until it is answered
        answered = client.get(str(asked.url))
        assert "/answers/" in str(answered.url), answered.text
        [worker] = children(process.pid)
        assert own_memory(process.pid) < 70
        assert own_memory(worker) > 80  # here is what needs much
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert not Path(f"/proc/{worker}").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which memory is its own")
def test_a_console_that_nobody_uses_sleeps_until_the_next_request(
    tmp_path: Path, template: Path
) -> None:
    copyfile(template, tmp_path / "phi3.db")
    with (
        running(tmp_path, free_port(), idle=3.0) as (process, link),
        httpx.Client(
            base_url=link.partition("/sign-in")[0],
            headers={"Connection": "close"},  # a connection that is kept is in use
            follow_redirects=True,
            timeout=60,
        ) as client,
    ):
        client.post(link)
        client.get("/ask")  # its worker ends with it
        until(lambda: is_asleep(process.pid))
        until(lambda: not children(process.pid))
        assert own_memory(process.pid) < 12
        assert "<h1>Sources</h1>" in client.get("/sources").text
        assert not is_asleep(process.pid)
        until(lambda: is_asleep(process.pid))
        # While the database cannot be used, who wakes it waits.
        _set_version(tmp_path / "phi3.db", "9999")
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(client.get, "/sources")
            until(lambda: not is_asleep(process.pid))
            until(lambda: is_asleep(process.pid))
            assert not waiting.done()
            _set_version(tmp_path / "phi3.db", SCHEMA)
            assert "<h1>Sources</h1>" in waiting.result().text
        until(lambda: is_asleep(process.pid))
        assert process.stdout
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""  # no other link
        assert process.wait(60) == -signal.SIGTERM


def _set_version(database: Path, version: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [version])


@pytest.mark.slow
def test_a_console_that_sleeps_ends_with_its_parent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-c", "print('awake')"]
        sleeping = [sys.executable, "-I", "-S", str(sleeper.__file__), "1", *command]
        done = subprocess.run(
            ["sh", "-c", 'exec 3<&0; exec "$@"', "sh", *sleeping],
            stdin=listener.fileno(),
            stdout=subprocess.PIPE,
            timeout=60,
            check=True,
        )
    assert done.stdout == b""


@pytest.mark.slow
def test_a_link_without_a_console_says_that_none_answers(tmp_path: Path, template: Path) -> None:
    copyfile(template, tmp_path / "phi3.db")
    done = phi3("console", "--link", home=tmp_path, PHI3_CONSOLE_PORT=str(free_port()))
    assert "No console answers on this machine" in done.stderr
    assert LINK.fullmatch(done.stdout.strip())


@pytest.mark.slow
def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = phi3("console", home=tmp_path, PHI3_CONSOLE_PORT=str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert "another program listens there" in done.stderr
    assert "PHI3_CONSOLE_PORT" in done.stderr
    assert done.stderr.count(os.linesep) == 1


@pytest.mark.slow
def test_other_machines_need_an_address_to_open_it_by(tmp_path: Path) -> None:
    done = phi3("console", home=tmp_path, PHI3_CONSOLE_HOST="0.0.0.0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "set PHI3_CONSOLE_URL" in done.stderr


BROWSER = """#!/bin/sh
echo "$1" > "$PHI3_TEST_OPENED"
"""


@pytest.mark.slow
def test_up_opens_the_console_in_the_browser_once_it_answers(
    tmp_path: Path, template: Path
) -> None:
    copyfile(template, tmp_path / "phi3.db")
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    environment = {
        "PHI3_HOME": str(tmp_path),
        "PHI3_CONSOLE_PORT": str(free_port()),
        "PHI3_SERVER_URL": "http://127.0.0.1:9/v1",
        "PHI3_TEST_OPENED": str(opened),
        "DISPLAY": ":9",
        "BROWSER": f"{browser} %s",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
    }
    up = subprocess.Popen(
        [sys.executable, "-m", "cli.app", "up", "--open"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while not (opened.exists() and opened.read_text()) and time.monotonic() < until:
            time.sleep(0.2)
        link = opened.read_text().strip()
        assert LINK.fullmatch(link)
        with httpx.Client(follow_redirects=True) as client:
            assert "<h1>Today</h1>" in client.post(link).text
    finally:
        up.terminate()
        up.wait(60)
