"""Gives the console what its pages need of the other packages."""

import json
import platform
import subprocess
from http.client import HTTPException
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.request import urlopen

from cli.adapter_check import check_adapter
from cli.alive import Role, running_roles
from cli.console_gaps import gap_needs
from cli.console_slack import slack_sign_in
from cli.console_sources import source_needs
from cli.console_work import (
    Work,
    WorkHere,
    answer,
    explain,
    forget_person,
    prepare_to_answer,
)
from cli.local_server import own_url
from cli.processes import PROGRAM
from console.needs.asking import AskingNeeds
from console.needs.health import HealthNeeds
from console.needs.nights import NightNeeds
from console.needs.people import PeopleNeeds
from console.needs.today import RoleState, TodayNeeds
from console.parts import Address, Parts
from domain.findings import Finding
from records.adapter_changes import AdapterChanges
from records.tables import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.settings import Settings
    from cli.wiring import Container
    from domain.adapters import TrainingRun


_SECONDS = 2.0


def console_parts(container: "Container", address: Address, work: "Work | None" = None) -> Parts:
    """``work`` does what needs the index or a model, by default in this process.

    Raises DatabaseUnavailable.
    """
    work = work or WorkHere(container)
    return Parts(
        database=container.database,
        address=address,
        today=TodayNeeds(lambda: list(_roles(container)), container.settings.time_zone),
        health=_health(container),
        asking=AskingNeeds(
            lambda question, listener: work.run(answer, question, listener=listener),
            lambda question: work.run(explain, question),
            lambda: work.begin(prepare_to_answer),
        ),
        nights=NightNeeds(
            AdapterChanges(
                container.database,
                lambda adapter: work.run(check_adapter, adapter),
                container.chosen_base,
            ),
            _page_of,
        ),
        sources=source_needs(container, work),
        gaps=gap_needs(container, work),
        people=_people(container.settings, work),
        slack=slack_sign_in(container),
        admins_read_all=container.settings.console_admins_read_all,
    )


def _page_of(run: "TrainingRun") -> "Path | None":
    from training.report.files import page_of

    return page_of(run)


def _people(chosen: "Settings", work: Work) -> PeopleNeeds:
    return PeopleNeeds(
        lambda person: work.run(forget_person, person),
        [
            ("Questions, answers and ratings", _days(chosen.keep_questions_days, "QUESTIONS")),
            ("Jobs and rows of nights", _days(chosen.keep_jobs_days, "JOBS")),
            ("Log files", _days(chosen.keep_logs_days, "LOGS")),
            ("The audit log", _days(chosen.keep_audit_days, "AUDIT")),
        ],
    )


def _days(days: int | None, what: str) -> str:
    kept = "for ever" if days is None else f"{days:,} days"
    return f"{kept} (PHI3_KEEP_{what}_DAYS)"


def _health(container: "Container") -> HealthNeeds:
    return HealthNeeds(_doctor, lambda: list(_versions(container)), lambda: _memory(container))


def _doctor() -> list[Finding]:
    """What `phi3 doctor` finds, in a process of its own: it loads the models that it tries."""
    done = subprocess.run(
        [*PROGRAM, "doctor", "--json"], capture_output=True, text=True, check=False
    )
    try:
        return [Finding(**each) for each in json.loads(done.stdout)["findings"]]
    except ValueError:
        lines = done.stderr.strip().splitlines()
        return [Finding("doctor", False, lines[-1] if lines else "It ended without a word.")]


def _versions(container: "Container") -> "Iterator[tuple[str, str]]":
    yield "phi3-expert", version("phi3-expert")
    yield "Python", platform.python_version()
    yield "Tables of the database", SCHEMA
    yield "Base model", container.base_name


def _memory(container: "Container") -> "list[tuple[str, str]]":
    from cli.memory import HEADINGS, memory_plan, rows

    settings = container.settings
    if settings.server_url != own_url(settings.server_port, settings.server_host):
        return []  # another server's memory is not ours to plan
    [row] = rows([memory_plan(settings)])
    return list(zip(HEADINGS, row, strict=True))


def _roles(container: "Container") -> "Iterator[RoleState]":
    """The model server, and what else `phi3 up` runs, on this machine or another with this home."""
    yield _server_state(container)
    running = running_roles(container.settings.home)
    for role in (Role.SCHEDULE, Role.BOT if container.settings.slack_mode else Role.SYNC):
        hosts = [name.partition("@")[2] for name in running if name.startswith(f"{role}@")]
        says = f"on {', '.join(hosts)}" if hosts else "No machine with this home runs it."
        yield RoleState(role, bool(hosts), says)


def _server_state(container: "Container") -> RoleState:
    """As `ServerClient.healthy`, without its libraries, which take 25 MB and a second to load."""
    root = container.settings.server_url.removesuffix("/").removesuffix("/v1")
    try:
        urlopen(f"{root}/health", timeout=_SECONDS).close()  # noqa: S310 - a setting, of http
        well = True
    except (OSError, HTTPException, ValueError):
        well = False
    says = "" if well else "No model answers; until then the best passages are quoted."
    return RoleState("serve", well, says)
