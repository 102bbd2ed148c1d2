"""What the console is given of the other packages, on a real home."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from socket import gethostname

import pytest

from cli.alive import Role, marking
from cli.console_parts import console_parts
from cli.retention import delete_expired
from cli.run_console import address_of
from cli.settings import Settings
from cli.wiring import Container
from console.parts import Parts
from domain.console import ConsoleRole
from domain.errors import NotFound
from records.person_data import PersonData
from tests.records.makers import answer, question


@pytest.fixture
def container(tmp_path: Path, template: Path) -> Iterator[Container]:
    copyfile(template, tmp_path / "phi3.db")
    with Container(
        Settings(_env_file=None, home=tmp_path, server_url="http://127.0.0.1:9/v1")
    ) as built:
        yield built


@pytest.fixture
def parts(container: Container) -> Parts:
    return console_parts(container, address_of(container.settings))


def test_a_person_is_forgotten_everywhere(container: Container, parts: Parts) -> None:
    asked = question(asked_by="U5")
    container.answers.ask(asked)
    container.answers.record(answer(asked))
    parts.sessions.begin(ConsoleRole.READER, team="T1", person="U5")
    parts.audit.add("U5", "kept out of training", "U5")
    assert "1 questions" in parts.people.forget("U5")
    assert PersonData(container.database).in_numbers("U5").is_nothing
    [entry] = parts.audit.latest(2)
    assert (entry.by, entry.did, entry.to) == ("", "kept out of training", "")
    with pytest.raises(NotFound):
        parts.people.forget("U5")


def test_the_audit_log_is_kept_for_ever_or_as_long_as_the_setting_says(
    container: Container, parts: Parts
) -> None:
    assert ("The audit log", "for ever (PHI3_KEEP_AUDIT_DAYS)") in parts.people.kept
    parts.audit.add("U1", "added", "https://a.example/")
    later = datetime.now(UTC) + timedelta(days=400)
    delete_expired(container, later)
    assert len(parts.audit.latest(2)) == 1
    container.settings = container.settings.model_copy(update={"keep_audit_days": 365})
    delete_expired(container, later)
    assert parts.audit.latest(2) == []


def test_what_runs_with_this_home_is_told_with_its_machine(parts: Parts, tmp_path: Path) -> None:
    with marking(tmp_path, Role.SCHEDULE):
        states = {role.name: role for role in parts.today.roles()}
    assert states.keys() == {"serve", "schedule", "sync"}
    assert states["schedule"].runs
    assert gethostname() in states["schedule"].says
    assert not states["sync"].runs
    assert "No model answers" in states["serve"].says


def test_the_address_is_that_of_the_proxy_if_one_is_set() -> None:
    own = address_of(Settings(_env_file=None))
    assert own.url == "http://127.0.0.1:8050"
    proxied = address_of(Settings(_env_file=None, console_url="https://phi3.example.com/"))
    assert (proxied.url, proxied.is_https) == ("https://phi3.example.com", True)
    assert proxied.names == {"127.0.0.1", "phi3.example.com"}
