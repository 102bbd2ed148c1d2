"""How much memory the console has: at its start, in use, while it answers, and asleep."""

from pathlib import Path
from time import perf_counter

import httpx

from bench import HANDBOOK, Figure
from cli.local_server import free_port
from console.pages import PAGES
from tests.cli.console_process import children, is_asleep, own_memory, running, until
from tests.cli.test_app import phi3

_IDLE_SECONDS = 8.0
_QUESTION = "How long is the warranty on a frame?"
_LIMIT = "under 60 MB"


def measure(folder: Path) -> list[Figure]:
    """Measures a console of its own, on Linux; no model answers, so that passages are quoted."""
    home = folder / "console"
    phi3("ingest", str(HANDBOOK), home=home).check_returncode()
    with (
        running(home, free_port(), _IDLE_SECONDS, role="admin") as (process, link),
        httpx.Client(
            base_url=link.partition("/sign-in")[0],
            headers={"Connection": "close"},
            follow_redirects=True,
            timeout=60,
        ) as client,
    ):
        client.get(link)  # it serves
        start = own_memory(process.pid)
        client.post(link)
        for page in PAGES:
            if page.is_listed and page.path != "/ask":
                client.get(page.path).raise_for_status()
        visited = own_memory(process.pid)
        seconds = [_ask(client) for _ in range(2)]
        answered, worker = own_memory(process.pid), own_memory(children(process.pid)[0])
        until(lambda: is_asleep(process.pid))
        asleep = own_memory(process.pid)
    times = f"the first answer {seconds[0]:.1f} s, the next {seconds[1]:.2f} s"
    return [
        Figure("memory of the console at its start", f"{start} MB", "–", "–", _LIMIT),
        Figure("… after a visit to each page", f"{visited} MB", "–", "–", "–"),
        Figure("… after two questions", f"{answered} MB", f"its worker: {worker} MB", times, "–"),
        Figure("… while nobody uses it", f"{asleep} MB", "–", "–", _LIMIT),
    ]


def _ask(client: httpx.Client) -> float:
    """How many seconds it takes until the answer is on its page."""
    token = client.get("/ask").text.split('name="csrf" value="')[1].split('"')[0]
    began = perf_counter()
    asked = client.post("/ask", data={"csrf": token, "text": _QUESTION})
    client.get(f"{asked.url}/words")
    client.get(str(asked.url)).raise_for_status()
    return perf_counter() - began
