"""What Prometheus and Grafana are given names what the program offers, in the form they read."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import REGISTRY

import migrations
from bot.slack.http_server import serving
from cli.alive import Role
from cli.status import PORTS, StatusApp
from records.database import Database
from records.figure_metrics import DatabaseFigures
from tests.deploy.files import DEPLOY, compose, is_a_command
from tests.figures import offered
from tests.ports import free_port

DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/dashboard.json").read_text())
PROMETHEUS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())
WATCH: dict[str, Any] = yaml.safe_load((DEPLOY / "watch.yaml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]

SERIES = {series: one for name, one in offered().items() for series in one.series(name)}
FOREIGN = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""Those of Prometheus and of its client library."""
GIVEN = {"job", "instance", "le"}
WORDS = {"sum", "by", "rate", "increase", "max", "min", "time", "histogram_quantile", "and"}
USED = re.compile(r"([a-z_:][a-z0-9_:]*)(?:\{([^}]*)\})?")


def panels(found: list[dict[str, Any]] = DASHBOARD["panels"]) -> Iterator[dict[str, Any]]:
    for panel in found:
        yield panel
        yield from panels(panel.get("panels", []))


def expressions() -> dict[str, str]:
    """By what has them."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in panels()
        for target in panel.get("targets", ())
    } | {rule["alert"]: rule["expr"] for rule in RULES}


def used(expression: str) -> dict[str, set[str]]:
    """The series that an expression reads, with the labels by which it chooses or groups them."""
    grouped = {
        label.strip()
        for names in re.findall(r"by \(([^)]*)\)", expression)
        for label in names.split(",")
    }
    plain = re.sub(r"by \([^)]*\)|\[[^\]]*\]", "", expression)
    found: dict[str, set[str]] = {}
    for name, chosen in USED.findall(re.sub(r"\$__\w+", "", plain)):
        if name not in WORDS:
            found[name] = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", chosen)) | grouped
    return found


@pytest.mark.parametrize("where", expressions())
def test_every_series_that_is_read_is_offered_with_its_labels(where: str) -> None:
    read = used(expressions()[where])
    assert read
    for name, labels in read.items():
        assert name in SERIES.keys() | FOREIGN, name
        has = set(SERIES[name].labels) if name in SERIES else set()
        assert labels <= has | GIVEN, (name, labels)


def test_series_are_told_from_functions_and_labels() -> None:
    read = used('histogram_quantile(0.9, sum by (le, a) (rate(x_bucket{b="c", d!~"e"}[5m]))) > 2')
    assert read == {"x_bucket": {"le", "a", "b", "d"}}


def test_the_dashboard_shows_every_metric() -> None:
    """What nobody looks at need not be counted."""
    shown = {name for expression in expressions().values() for name in used(expression)}
    names = {name for name, one in offered().items() if not one.series(name) & shown}
    assert names == {
        "phi3_build_info",
        "phi3:adapters_loaded",
        "phi3:requests_unfinished",
        "vllm:request_success",
    }


def test_the_dashboard_has_the_form_that_grafana_loads() -> None:
    assert DASHBOARD["uid"] == "phi3-expert"
    assert DASHBOARD["schemaVersion"] >= 36
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))
    [variable] = DASHBOARD["templating"]["list"]
    assert (variable["name"], variable["type"]) == ("datasource", "datasource")
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        assert panel["title"]
        assert 0 <= at["x"] < at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] == "row":
            continue
        assert panel["type"] in ("stat", "timeseries", "state-timeline")
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["fieldConfig"]["defaults"]["unit"] in ("short", "s", "percentunit", "bytes")
        refs = [target["refId"] for target in panel["targets"]]
        assert refs
        assert len(refs) == len(set(refs))


def test_alerts_have_the_form_of_rules_and_say_what_to_do() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"Phi3[A-Z]\w+", rule["alert"])
        assert re.fullmatch(r"\d+[smh]", rule["for"])
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"].keys() == {"summary", "description"}
        assert re.search(r" [<>=]=? [\d.]+", rule["expr"])
        for line in re.findall(r"`phi3 ([^`]*)`", str(rule["annotations"])):
            assert is_a_command(line.split()) or is_a_command([*line.split(), "1"]), line


def test_prometheus_asks_the_ports_at_which_the_roles_answer() -> None:
    targets = {
        job["job_name"]: [target for each in job["static_configs"] for target in each["targets"]]
        for job in PROMETHEUS["scrape_configs"]
    }
    base = int(compose()["services"]["bot"]["environment"]["PHI3_METRICS_PORT"])
    assert targets == {
        "phi3-bot": [f"bot:{base + PORTS[Role.BOT]}"],
        "phi3-scheduler": [f"scheduler:{base + PORTS[Role.SCHEDULE]}"],
        "phi3-server": ["server:8040"],
    }
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]


def test_what_is_mounted_for_them_exists_and_only_loopback_is_published() -> None:
    secrets, networks = compose()["secrets"], compose()["networks"]
    for service in WATCH["services"].values():
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            here = (
                (DEPLOY / source).exists() if source.startswith(".") else source in WATCH["volumes"]
            )
            assert here, mount
        assert set(service.get("secrets", ())) <= secrets.keys()
        assert set(service["networks"]) <= networks.keys()
        assert service["cap_drop"] == ["ALL"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    [provider] = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/phi3.yaml").read_text())[
        "providers"
    ]
    mounts = WATCH["services"]["grafana"]["volumes"]
    assert any(mount.split(":")[1].startswith(provider["options"]["path"]) for mount in mounts)


@pytest.mark.parametrize("kind", ["rules", "config"])
def test_promtool_accepts_it(kind: str) -> None:
    if not (promtool := shutil.which("promtool")):
        pytest.skip("promtool is not here")
    file = {"rules": "alerts.yml", "config": "prometheus.yml"}[kind]
    options = ["--syntax-only"] if kind == "config" else []
    command = [promtool, "check", kind, *options, str(DEPLOY / "prometheus" / file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[str]:
    """A real one that asks ``target`` every second; gives its address."""
    if not (program := shutil.which("prometheus")):
        pytest.skip("prometheus is not here")
    jobs = [
        job | {"static_configs": [{"targets": [target]}]} for job in PROMETHEUS["scrape_configs"]
    ]
    written = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(DEPLOY / "prometheus/alerts.yml")],
        "scrape_configs": [
            {name: value for name, value in job.items() if name != "authorization"} for job in jobs
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(written))
    port = free_port()
    command = [program, f"--config.file={folder / 'prometheus.yml'}"]
    command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            yield f"http://127.0.0.1:{port}/api/v1"
        finally:
            process.terminate()


def asked(url: str, path: str, **query: str) -> Any:
    """What Prometheus answers; None while it starts."""
    try:
        reply = httpx.get(f"{url}/{path}", params=query).json()
    except (httpx.TransportError, ValueError):
        return None
    assert reply["status"] == "success", reply
    return reply["data"]


@pytest.mark.slow
def test_a_real_prometheus_answers_every_query_of_the_dashboard_and_every_alert(
    tmp_path: Path,
) -> None:
    database = f"sqlite:///{tmp_path / 'phi3.db'}"
    migrations.upgrade(database)
    figures = DatabaseFigures(Database(database))
    REGISTRY.register(figures)
    try:
        app = StatusApp(lambda: None, lambda: None)
        with (
            serving(app, Event(), "127.0.0.1", 0, threads=2) as port,
            prometheus(tmp_path, f"127.0.0.1:{port}") as url,
        ):
            wait_for(
                lambda: (asked(url, "query", query="sum(phi3_database_up)") or {}).get("result")
            )
            for where, expression in expressions().items():
                query = re.sub(r"\$__rate_interval", "1m", expression)
                assert asked(url, "query", query=query) is not None, where
            known = {"phi3-bot", "phi3-scheduler", "phi3-server"}
            assert {
                one["metric"]["job"] for one in asked(url, "query", query="up")["result"]
            } == known
            wait_for(lambda: health(url) == {"ok"})
    finally:
        REGISTRY.unregister(figures)


def health(url: str) -> set[str]:
    [group] = asked(url, "rules")["groups"]
    assert len(group["rules"]) == len(RULES)
    return {rule["health"] for rule in group["rules"]}


def wait_for(is_so: Callable[[], object], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.1)
