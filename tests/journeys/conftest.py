"""The whole application, wired as in the program: real SQLite, LanceDB, embeddings, small Phi-3."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

import pytest

from bot.slack.http import run_http
from cli.settings import Settings
from cli.wiring import Container
from domain.questions import Answer
from tests.bot.sender import Sender
from tests.models import smollm2_home
from tests.serving.conftest import Running, running
from tests.slack_double import BOT_TOKEN, SECRET, SlackDouble, slack_double
from tests.tiny_phi3 import build_tiny_phi3

__all__ = ["smollm2_home"]


@dataclass
class Office:
    """A workspace with the bot, its documents, and a website that it may read."""

    container: Container
    slack: SlackDouble
    send: Sender
    documents: Path
    website: str
    questions_ended: Callable[[], bool] = field(init=False)

    def __post_init__(self) -> None:
        self.questions_ended = lambda: not self.container.questions.unfinished()

    def answered(self) -> Answer:
        """Waits until every question is finished, and returns the latest answer."""
        self.slack.wait_for(self.questions_ended, 120)
        return self.container.answers.recent(1)[0].answer


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def website(folder: Path) -> Iterator[str]:
    """The files of ``folder`` at an address on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_phi3(tmp_path_factory.mktemp("models") / "tiny-phi3")


@pytest.fixture(scope="module")
def server(model: Path) -> Iterator[Running]:
    with running(model) as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, server: Running, model: Path) -> Iterator[Office]:
    with opened(tmp_path, server.url, model) as office:
        yield office


@contextmanager
def opened(folder: Path, server_url: str, model: Path, adapters: str = "") -> Iterator[Office]:
    """The home and the documents are in ``folder``."""
    documents = folder / "documents"
    documents.mkdir()
    with slack_double() as slack, website(documents) as address:
        settings = Settings(
            _env_file=None,
            home=folder / "home",
            model=str(model),
            server_url=f"{server_url}/v1",
            adapters=adapters,
            max_tokens=12,
            show_unsupported=True,  # its model has random weights
            slack_bot_token=BOT_TOKEN,
            slack_signing_secret=SECRET,
            slack_api_url=slack.url,
            ingest_allowed="U1",
            ingest_private_hosts="127.0.0.1",
        )
        with Container(settings) as container:
            stop, ports = Event(), SimpleQueue[int]()
            options = {"port": 0, "ready": ports.put, "grace": 5}
            thread = Thread(target=run_http, args=(container.bot, SECRET, stop), kwargs=options)
            thread.start()
            try:
                sender = Sender(ports.get(timeout=60), SECRET)
                yield Office(container, slack, sender, documents, address)
            finally:
                stop.set()
                thread.join(60)
