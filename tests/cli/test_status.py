"""Each role answers /metrics, /live and /ready on a port of its own, if one is set."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from signal import SIGTERM
from threading import Event

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.slack.http_server import serving
from cli.alive import SILENCE, Role, marking
from cli.readiness import Readiness
from cli.run_console import check_answers
from cli.settings import Settings
from cli.status import PORTS, StatusApp, telling_status
from domain.errors import ConfigError, DatabaseUnavailable, Phi3Error
from tests.collector import collector
from tests.payloads import mention
from tests.ports import free_port
from tests.slack_double import APP_TOKEN, BOT_TOKEN, SlackDouble, slack_double

ROOT = Path(__file__).parents[2]


def fine() -> None: ...


def away() -> None:
    raise DatabaseUnavailable("The database does not answer.", "postgresql://db.internal/phi3")


@contextmanager
def status(live: Callable[[], None] = fine, ready: Callable[[], None] = fine) -> Iterator[str]:
    with serving(StatusApp(live, ready), Event(), "127.0.0.1", 0, threads=2) as port:
        yield f"http://127.0.0.1:{port}"


def free_base(role: Role) -> int:
    """A value of PHI3_METRICS_PORT with which the role's port is free."""
    return free_port() - PORTS[role]


def test_probes_say_in_their_status_whether_a_role_works() -> None:
    with status(ready=away) as url:
        live, ready = httpx.get(f"{url}/live"), httpx.get(f"{url}/ready")
    assert (live.status_code, live.text) == (200, "ok\n")
    # Whoever asks need not be one of the team, so no address is told.
    assert (ready.status_code, ready.text) == (503, "The database does not answer.\n")


def test_figures_are_in_the_format_that_prometheus_asks_for() -> None:
    with status() as url:
        plain = httpx.get(f"{url}/metrics")
        newer = httpx.get(f"{url}/metrics", headers={"accept": "application/openmetrics-text"})
    assert plain.headers["content-type"].startswith("text/plain")
    assert newer.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in text_string_to_metric_families(plain.text)}
    assert {"process_cpu_seconds", "phi3_database_errors"} <= names


def test_other_paths_and_methods_are_refused() -> None:
    with status() as url:
        assert httpx.get(f"{url}/metrics/..%2f/etc").status_code == 404
        assert httpx.get(f"{url}/").text == "Here are /metrics, /live and /ready.\n"
        for path in ("metrics", "live", "ready"):
            assert httpx.post(f"{url}/{path}", content=b"x" * 1000).status_code == 405


def test_a_bot_is_ready_while_the_database_answers_and_slack_is_heard() -> None:
    socket = Readiness(fine, is_socket=True)
    with pytest.raises(Exception, match="Slack is not connected"):
        socket.check()
    socket.heard(1)
    socket.check()
    socket.heard(0)
    with pytest.raises(Exception, match="Slack is not connected"):
        socket.check()
    Readiness(fine, is_socket=False).check()
    with pytest.raises(DatabaseUnavailable):
        Readiness(away, is_socket=False).check()


def test_without_a_port_nothing_listens_and_a_taken_one_is_named(tmp_path: Path) -> None:
    with telling_status(Settings(_env_file=None, home=tmp_path), Role.BOT, fine):
        pass
    with status() as url:
        port = int(url.rpartition(":")[2])
        settings = Settings(_env_file=None, home=tmp_path, metrics_port=port)
        with (
            pytest.raises(ConfigError, match="check PHI3_METRICS_HOST and PHI3_METRICS_PORT"),
            telling_status(settings, Role.BOT, fine),
        ):
            pass


def test_a_role_whose_main_loop_hangs_is_not_live(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path, metrics_port=free_base(Role.SYNC))
    url = f"http://127.0.0.1:{(settings.metrics_port or 0) + PORTS[Role.SYNC]}/live"
    with marking(tmp_path, Role.SYNC), telling_status(settings, Role.SYNC, fine):
        assert httpx.get(url).status_code == 200
        [file] = (tmp_path / "alive").iterdir()
        then = time.time() - SILENCE - 20
        os.utime(file, (then, then))
        assert httpx.get(url).status_code == 503


@contextmanager
def role(name: Role, home: Path, **environment: str) -> Iterator[str]:
    """`phi3 ROLE` as a process; gives the address of its status once that answers."""
    base = free_base(name)
    given = {"PHI3_HOME": str(home), "PYTHONPATH": str(ROOT), "PHI3_METRICS_PORT": str(base)}
    url = f"http://127.0.0.1:{base + PORTS[name]}"
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.app", name],
            env=os.environ | given | environment,
            cwd=home,
            stderr=log,
        )
    try:
        wait_for(lambda: reached(f"{url}/live") == 200)
        yield url
    finally:
        process.send_signal(SIGTERM)
        process.wait(60)


def reached(url: str) -> int:
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return 0


def wait_for(is_so: Callable[[], bool], seconds: float = 90) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.1)


def figures(url: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = httpx.get(f"{url}/metrics").text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def series(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.mark.slow
def test_the_scheduler_tells_of_the_database(tmp_path: Path) -> None:
    with role(Role.SCHEDULE, tmp_path, PHI3_LOG_FORMAT="json") as url:
        assert reached(f"{url}/ready") == 200
        told = figures(url)
        assert told[series("phi3_database_up")] == 1
        assert told[series("phi3_jobs", kind="question", state="quarantined")] == 0
        with closing(sqlite3.connect(tmp_path / "phi3.db", isolation_level=None)) as spoilt:
            spoilt.execute("UPDATE alembic_version SET version_num = '0001'")
            spoilt.execute("ALTER TABLE jobs RENAME TO gone")
        wait_for(lambda: figures(url)[series("phi3_database_up")] == 0)
        assert reached(f"{url}/ready") == 503
        assert reached(f"{url}/live") == 200
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert {line["role"] for line in log} == {"schedule"}
    assert {"info", "warning"} <= {line["level"] for line in log}


@pytest.mark.slow
def test_the_bot_tells_of_slack_and_of_a_question(tmp_path: Path, slack: SlackDouble) -> None:
    tokens = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "PHI3_SLACK_API_URL": slack.url,
        "PHI3_SERVER_URL": "http://127.0.0.1:9/v1",
    }
    taken = series("phi3_slack_events_total", kind="app_mention", outcome="taken")
    refused = series("phi3_questions_total", outcome="refused")
    endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
    with collector() as traces, role(Role.BOT, tmp_path, **tokens, **{endpoint: traces.url}) as url:
        wait_for(lambda: reached(f"{url}/ready") == 200)
        assert figures(url)[series("phi3_slack_connections", mode="socket")] == 2
        slack.send(mention())
        # Nothing was read yet, so the documents do not say it.
        wait_for(lambda: figures(url)[refused] == 1)
        told = figures(url)
        assert told[taken] == 1
        assert told[series("phi3_answer_seconds_count")] == 1
        assert told[series("phi3_question_step_seconds_count", step="search.index")] == 1
    assert traces.services() == {"phi3-bot"}
    search = traces.one("search")
    assert traces.one("search.embed").parent_span_id == search.span_id
    assert traces.one("search.index").parent_span_id == traces.one("search.candidates").span_id


@pytest.mark.slow
def test_the_console_lives_while_it_answers(tmp_path: Path) -> None:
    port = free_port()
    with role(Role.CONSOLE, tmp_path, PHI3_CONSOLE_PORT=str(port)) as url:
        assert reached(f"{url}/ready") == 200
        assert reached(f"http://127.0.0.1:{port}/health") == 200
        answered = series("phi3_console_request_seconds_count", page="/health", status="2xx")
        assert figures(url)[answered] >= 2
    with pytest.raises(Phi3Error, match="The console does not answer"):
        check_answers(Settings(_env_file=None, home=tmp_path, console_port=port))


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        yield double
