"""A console that runs in a thread, on a database of its own, and who signs in to it."""

import html
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx

from cli.console_gaps import gap_needs
from cli.console_sources import source_needs
from cli.wiring import Container
from console.app import build_app
from console.needs.health import HealthNeeds
from console.needs.nights import NightNeeds
from console.needs.people import PeopleNeeds
from console.needs.today import RoleState, TodayNeeds
from console.parts import Address, Parts
from console.serve import server_of
from domain.console import ConsoleRole
from domain.findings import Finding
from records.adapter_changes import AdapterChanges
from records.database import Database
from records.sources import Sources
from tests.console.small_expert import SmallExpert

_CSRF = re.compile(r'name="csrf" value="(\w+)"')


@dataclass
class RunningConsole:
    url: str
    parts: Parts

    @property
    def database(self) -> Database:
        return self.parts.database

    def link(self, role: ConsoleRole = ConsoleRole.ADMIN) -> str:
        return self.parts.address.link(self.parts.sessions.make_link(role))

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A browser's stand-in that is not signed in."""
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=60) as client:
            yield client

    @contextmanager
    def signed_in(self, role: ConsoleRole = ConsoleRole.ADMIN) -> Iterator[httpx.Client]:
        with self.client() as client:
            assert client.post(self.link(role)).status_code == 200
            yield client


def seen_on(client: httpx.Client, path: str) -> str:
    """What a form of this page says of what it shows, so that a change since is noticed."""
    found = re.search('name="seen" value="([^"]*)"', client.get(path).text)
    assert found
    return html.unescape(found[1])


def post(client: httpx.Client, path: str, on: str = "/you", **fields: str) -> httpx.Response:
    """Sends a form of the page ``on`` with its CSRF token."""
    found = _CSRF.search(client.get(on).text)
    assert found
    return client.post(path, data={"csrf": found[1], **fields})


def needs(database: Database) -> dict[str, object]:
    """What cli gives to the pages, as small fakes."""
    expert = SmallExpert(database)
    # Only what the pages show needs; adding and finding need a real one (test_sources_page.py).
    settings = SimpleNamespace(home=Path("/nowhere"))
    made = SimpleNamespace(database=database, sources=Sources(database), settings=settings)
    container = cast("Container", made)
    findings = [Finding("home", True, "/home/phi3"), Finding("model server", False, "Start it.")]
    return {
        "today": TodayNeeds(roles=lambda: [RoleState("serve", True, "")]),
        "people": PeopleNeeds(lambda person: f"Deleted {person}.", [("Logs", "30 days")]),
        "asking": expert.needs,
        "nights": NightNeeds(AdapterChanges(database, lambda _: None), lambda _: None),
        "sources": source_needs(container),
        "gaps": gap_needs(container),
        "health": HealthNeeds(lambda: findings, lambda: [("Python", "3.11")], list),
    }


@contextmanager
def running(database: Database, **changed: object) -> Iterator[RunningConsole]:
    """A console over ``database``; ``changed`` are fields of its `Parts`."""

    def make(url: str) -> Parts:
        fields = {"database": database, "address": Address(url), **needs(database), **changed}
        return Parts(**fields)  # type: ignore[arg-type]

    with serving_parts(make) as started:
        yield started


@contextmanager
def serving_parts(make: Callable[[str], Parts]) -> Iterator[RunningConsole]:
    """A console of the parts that ``make`` gives for its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        parts = make(url)
        server = server_of(build_app(parts))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield RunningConsole(url, parts)
        finally:
            server.should_exit = True
            thread.join()
